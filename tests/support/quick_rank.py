"""How near each test is to what has changed."""

import math
import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import PurePath

from tests.support.quick_clues import Clues
from tests.support.quick_plan import USUAL_SECONDS, Plan, function_of, parameters_of
from tests.support.quick_tests import TestFile, TestFunction
from tests.support.quick_words import words_of
from tests.support.reach_record import Record

#: What a word counts in the rest of a test's file and in its path, in relation to one in the test itself.
_IN_FILE, _IN_PATH = 0.35, 1.0
#: A phrase counts as a word that so many times fewer tests have.
_RARITY_OF_PHRASE = 10.0
#: What a test gets for standing in the mirrored folder, or so many folders away from it.
_BY_DISTANCE = (12.0, 6.0, 2.0)
#: And for being called like the changed file there.
_SAME_NAME = 6.0
#: Of all but the strongest part that a test reaches.
_OTHER_PARTS = 0.2
#: Of a test that is known not to reach a changed template, or function. Of functions only those are known that ask the
#: database for something, or call one that does.
_NOT_RENDERING, _NOT_CALLING = 0.05, 0.3
#: Of a test that runs no scripts, where scripts have changed.
_WITHOUT_SCRIPTS = 0.1
#: Of all but the change that a test is nearest to.
_OTHER_CHANGES = 0.3
#: From this weight on a word tells cases of one function apart.
_WORD_OF_CASE = 1.5
#: The nearest test has nearness 1; one that is further away than this has next to nothing to do with the change.
_FARTHEST = 0.03
#: Seconds that a test takes which no record knows, by its folder.
_SECONDS = {"browser": 3.0, "cli": 0.8, "demo": 2.0, "faults": 8.0, "howto": 40.0, "server": 4.0}
_SECONDS_IN_BROWSER = 2.5
#: The same of a test in `tests/contract` that asks for all pages or sends all forms, by its name.
_WALK = re.compile(r"test_(?:no|every|each|any|pages)_|_(?:every|all)_")
_SECONDS_OF_WALK = 15.0


def make_plan(changes: Iterable[Clues], tests: Sequence[TestFunction], record: Record | None) -> Plan:
    """Weigh all tests against all changes; the nearest test of each change gets 1 for it."""
    found: dict[str, list[float]] = {}
    words: set[str] = set()
    for clues in changes:
        scores = _scores(clues, tests, record or Record())
        highest = max(scores.values(), default=0.0)
        words |= {word for word, weight in clues.words.items() if weight >= _WORD_OF_CASE}
        for test, score in scores.items():
            if score > 0:
                found.setdefault(test, []).append(score / highest)
    nearness = {test: _combined(each) for test, each in found.items()}
    highest = max(nearness.values(), default=1.0)
    near = {test: round(value / highest, 3) for test, value in nearness.items() if value >= highest * _FARTHEST}
    seconds = {test.node: _usual_seconds(test) for test in tests if test.node in near}
    if record is not None:
        seconds |= {test: record.seconds_of(test) for test in near.keys() & record.tests.keys()}
    return Plan(near, seconds, frozenset(words))


def _usual_seconds(test: TestFunction) -> float:
    folder = PurePath(test.file.path).parts[1]
    if folder == "contract" and _WALK.search(test.name):
        return _SECONDS_OF_WALK
    return _SECONDS.get(folder, _SECONDS_IN_BROWSER if test.in_browser else USUAL_SECONDS)


def _combined(each: Sequence[float]) -> float:
    nearest = max(each)
    return nearest + _OTHER_CHANGES * (sum(each) - nearest)


def _scores(clues: Clues, tests: Sequence[TestFunction], record: Record) -> dict[str, float]:
    by_parts = _scores_by_parts(clues.parts, record)
    by_case = _scores_by_case(clues.words, record)
    away = _not_reaching(clues.itself, record)
    less_away = _NOT_CALLING if any(part.startswith("function ") for part in clues.itself) else _NOT_RENDERING
    runs_scripts = {test.node: test.runs_scripts for test in tests}
    known: dict[str, list[str]] = {}
    for test in record.tests:
        known.setdefault(function_of(test), []).append(test)
    scores = {}
    for node, words in _scores_by_words(clues, tests).items():
        less = _WITHOUT_SCRIPTS if clues.is_script and not runs_scripts[node] else 1.0
        # Under its own name for cases that are new.
        for test in (node, *known.get(node, ())):
            said = (words + by_case.get(test, 0.0)) * (less_away if test in away else 1.0)
            scores[test] = (said + by_parts.get(test, 0.0)) * less
    return scores


def _scores_by_words(clues: Clues, tests: Sequence[TestFunction]) -> dict[str, float]:
    files = list({test.file.path: test.file for test in tests}.values())
    # A word that is rare elsewhere may be in every test that runs scripts.
    telling = [test for test in tests if test.runs_scripts or not clues.is_script] or tests
    telling_files = list({test.file.path: test.file for test in telling}.values())
    in_tests = _rarity(clues.words, [test.words for test in telling])
    in_files = _rarity(clues.words, [file.words for file in telling_files])
    in_paths = _rarity(clues.words, [file.path_words for file in telling_files])
    usual = sum(len(test.words) for test in tests) / max(len(tests), 1)
    of_path = {file.path: _sum(file.path_words, in_paths) * _IN_PATH + _by_place(file, clues) for file in files}
    return {
        test.node: of_path[test.file.path]
        + _sum(test.words, in_tests) / _length(test, usual)
        + _sum(test.file.words - test.words, in_files) * _IN_FILE
        + sum(weight for phrase, weight in clues.phrases.items() if phrase in test.text) * _RARITY_OF_PHRASE
        + (clues.tests.get(test.node, 0.0) + clues.tests.get(test.file.path, 0.0)) * _RARITY_OF_PHRASE
        for test in tests
    }


def _scores_by_case(weights: Mapping[str, float], record: Record) -> dict[str, float]:
    """Return what the words in the parameters of each recorded test count."""
    words = {test: words_of(parameters_of(test)) & weights.keys() for test in record.tests if "[" in test}
    values = _rarity(weights, list(words.values()))
    return {test: _sum(found, values) for test, found in words.items() if found}


def _length(test: TestFunction, usual: float) -> float:
    """Return what to divide by, so that a long test is not near to everything: it has many words."""
    return 0.5 + 0.5 * len(test.words) / usual


def _rarity(weights: Mapping[str, float], all_words: Sequence[frozenset[str]]) -> dict[str, float]:
    """Return what each word counts, the more the fewer have it; those that a quarter has are left out."""
    wanted = weights.keys()
    times = Counter(word for words in all_words for word in words & wanted)
    total = len(all_words)
    most = max(total / 4, 1)
    return {word: weights[word] * math.log2(total / count) for word, count in times.items() if count <= most}


def _sum(words: frozenset[str], values: Mapping[str, float]) -> float:
    return sum(values[word] for word in words & values.keys())


def _by_place(file: TestFile, clues: Clues) -> float:
    if clues.folder is None:
        return 0.0
    here = PurePath(file.path).parent
    for folder, value in zip((clues.folder, *clues.folder.parents), _BY_DISTANCE, strict=False):
        if len(folder.parts) > 1 and here.is_relative_to(folder):
            is_alike = folder == clues.folder and not clues.stem.isdisjoint(words_of(PurePath(file.path).stem))
            return value + (_SAME_NAME if is_alike else 0.0)
    return 0.0


def _scores_by_parts(parts: Mapping[str, float], record: Record) -> dict[str, float]:
    """Return what each test of the record reaches of `parts`: the strongest, and a little of the others."""
    wanted = {number: parts[name] for name, number in record.numbers.items() if name in parts}
    sets = {reach.parts for reach in record.tests.values()}
    reached = {one: [number for number in one if number in wanted] for one in sets}
    times = Counter(number for reach in record.tests.values() for number in reached[reach.parts])
    total = len(record.tests)
    value = {number: wanted[number] * (1 + math.log2(total / count)) for number, count in times.items()}
    of_set = {one: _strongest([value[number] for number in numbers]) for one, numbers in reached.items()}
    return {test: of_set[reach.parts] for test, reach in record.tests.items()}


def _not_reaching(parts: Collection[str], record: Record) -> set[str]:
    """Return the recorded tests that reach none of `parts`; no test where all are like that."""
    numbers = {number for name, number in record.numbers.items() if name in parts}
    away = {test for test, reach in record.tests.items() if numbers.isdisjoint(reach.parts)}
    return away if len(away) < len(record.tests) else set()


def _strongest(values: Sequence[float]) -> float:
    highest = max(values, default=0.0)
    return highest + _OTHER_PARTS * (sum(values) - highest)
