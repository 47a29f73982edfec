"""Computation of how near each test is to the changes."""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import PurePath

from tests.support.quick.clues import Clues
from tests.support.quick.order import Plan
from tests.support.quick.tests import TestFile, TestFunction
from tests.support.quick.words import Weights, words_of
from tests.support.reach_record import Record

#: Weight of a word in a test's file, outside of all its tests, relative to one in the test itself.
_IN_FILE = 0.35
#: Bonus for a test in the folder of tests for the changed file, or in one above it.
_BY_DISTANCE = (12.0, 6.0, 2.0)
#: Bonus for a test that has changed itself.
_CHANGED = 200.0
#: Weight of all parts that a test reaches, except the strongest.
_OTHER_PARTS = 0.2
#: Factor for a recorded test that reaches nothing that has changed. Records don't see functions that send no queries,
#: nor other processes.
_NOT_REACHING = 0.2
#: The nearest test has nearness 1; one below this has almost nothing to do with the change.
_FARTHEST = 0.03


def make_plan(changes: Iterable[Clues], tests: Sequence[TestFunction], record: Record | None) -> Plan:
    """Rate how near each test is to the changes.

    The nearest test of each change has nearness 1.
    """
    nearness: dict[str, float] = {}
    for clues in changes:
        scores = _scores(clues, tests, record or Record())
        highest = max(scores.values(), default=0.0)
        for test, score in scores.items():
            if score > _FARTHEST * highest:
                nearness[test] = max(round(score / highest, 3), nearness.get(test, 0.0))
    seconds = {test.node: test.file.usual_seconds for test in tests if test.node in nearness}
    if record is not None:
        seconds |= {test: record.seconds_of(test) for test in nearness.keys() & record.tests.keys()}
    return Plan(nearness, seconds)


def _scores(clues: Clues, tests: Sequence[TestFunction], record: Record) -> dict[str, float]:
    """Return the score of each test function, or of each of its cases if they have been recorded."""
    rarity = _rarity(clues.words, [test.words for test in tests])
    of_files = {file: _score_of_file(file, clues, rarity) for file in {test.file for test in tests}}
    of_functions = {
        test.node: of_files[test.file]
        + _sum(test.words, rarity)
        + _CHANGED * bool({test.node, test.file.path} & clues.tests)
        for test in tests
    }
    reached = _scores_of_reach(clues.parts, record)
    changed = {record.numbers[part] for part in clues.changed & record.numbers.keys()}
    of_cases = {}
    for test, reach in record.tests.items():
        function, _, parameters = test.partition("[")
        if function in of_functions:
            score = of_functions[function] + _sum(words_of(parameters), rarity) + reached[test]
            of_cases[test] = score * (_NOT_REACHING if changed and changed.isdisjoint(reach.parts) else 1)
    known = {test.partition("[")[0] for test in of_cases}
    return of_cases | {test: score for test, score in of_functions.items() if test not in known}


def _rarity(weights: Weights, all_words: Sequence[frozenset[str]]) -> dict[str, float]:
    """Return the weight of each word, which is higher for rare words.

    Words in more than a quarter of the tests are excluded.
    """
    wanted = weights.keys()
    times = Counter(word for words in all_words for word in words & wanted)
    total = len(all_words)
    most = max(total / 4, 1)
    return {word: weights[word] * math.log2(total / count) for word, count in times.items() if count <= most}


def _sum(words: frozenset[str], values: Mapping[str, float]) -> float:
    return sum(values[word] for word in words & values.keys())


def _score_of_file(file: TestFile, clues: Clues, rarity: Mapping[str, float]) -> float:
    here = PurePath(file.path).parent
    folders = () if clues.folder is None else (clues.folder, *clues.folder.parents)
    around = [folder for folder in folders if len(folder.parts) > 1]
    near = (value for folder, value in zip(around, _BY_DISTANCE, strict=False) if here.is_relative_to(folder))
    return next(near, 0.0) + _sum(file.path_words, rarity) + _sum(file.words, rarity) * _IN_FILE


def _scores_of_reach(parts: Weights, record: Record) -> dict[str, float]:
    """Return the score of each recorded test for the `parts` that it reaches.

    The strongest part counts fully, and the others a little.
    """
    wanted = {number: parts[name] for name, number in record.numbers.items() if name in parts}
    reached = {test: [number for number in reach.parts if number in wanted] for test, reach in record.tests.items()}
    times = Counter(number for numbers in reached.values() for number in numbers)
    value = {number: wanted[number] * (1 + math.log2(len(reached) / count)) for number, count in times.items()}
    return {test: _strongest([value[number] for number in numbers]) for test, numbers in reached.items()}


def _strongest(values: Sequence[float]) -> float:
    highest = max(values, default=0.0)
    return highest + _OTHER_PARTS * (sum(values) - highest)
