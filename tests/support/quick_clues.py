"""What tells the tests near a changed file from others: words, parts of the product that they reach, their folder."""

import math
import re
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from itertools import chain
from pathlib import PurePath

from tests.support.quick_changes import Change
from tests.support.quick_places import Definition, Place, definitions_at, place_of
from tests.support.quick_project import Project, module_of, routes_of
from tests.support.quick_words import Weights, quoted_phrases, weigh, words_of

#: How much a word counts, by where it stands: in a changed line, in a name around it, in what is said of that, beside
#: the line, in the file's path.
_LINE, _NAME, _NOTE, _BESIDE, _PATH = 3.0, 4.0, 1.5, 0.6, 2.0
#: Names of modules and templates that most features have.
_LAYERS = re.compile(
    r"\b(app|templates|static|js|css|py|html|migrations|versions|service|views|queries|rules|page|forms|resource|jobs|"
    r"feature|filters|index|show|new|edit)\b"
)
#: How much the changed part itself counts, and what leads to it in so many steps.
_ITSELF = 6.0
_BY_HOPS = (0.0, 3.0, 1.5, 0.8)
#: What a word of a caller counts, in relation to the caller.
_WORD = 0.6
_PHRASE = 1.0
_IMPORT = 5.0
_MOST_PLACES = 30
#: Characters of a comment or docstring that says what a file is for.
_LONGEST_HEADING = 400
#: Of fewer files no word is common.
_FEWEST_SOURCES = 8
#: A hook of a script that more templates have than this is found everywhere.
_MOST_TEMPLATES = 12


@dataclass(slots=True)
class Clues:
    """Weights of what a near test has; the higher one is, the more it counts."""

    words: Weights = field(default_factory=dict)
    #: Texts that a test has literally.
    phrases: Weights = field(default_factory=dict)
    parts: Weights = field(default_factory=dict)
    #: The parts that have changed themselves.
    itself: set[str] = field(default_factory=set)
    #: Node ids and paths of tests that were changed themselves.
    tests: Weights = field(default_factory=dict)
    #: The folder of tests that mirrors that of the file, and the words of the file's own name.
    folder: PurePath | None = None
    stem: frozenset[str] = frozenset()
    #: Whether only tests that run the scripts of pages can tell.
    is_script: bool = False

    def lead_to(self, part: str, weight: float) -> None:
        """Let tests count that reach a part."""
        self.parts[part] = max(self.parts.get(part, 0.0), weight)

    def is_at(self, part: str, weight: float = _ITSELF) -> None:
        """Let tests count that reach what has changed itself, and others the less."""
        self.lead_to(part, weight)
        self.itself.add(part)


def clues_of(change: Change, project: Project) -> Clues:
    """Read what is known of one changed file."""
    source = project.text(change.path)
    places = list(dict.fromkeys(place_of(change.path, source, number) for number in change.numbers[:_MOST_PLACES]))
    clues = Clues(folder=_mirror(change.path), stem=words_of(PurePath(change.path).stem))
    weigh(_LAYERS.sub(" ", re.sub(r"[/_.]", " ", change.path)), _PATH, clues.words)
    for place in places:
        weigh(place.text, _BESIDE, clues.words)
        weigh(place.note, _NOTE, clues.words)
    weigh(source.lstrip().partition("\n\n")[0][:_LONGEST_HEADING], _NOTE / 2, clues.words)
    for line in change.lines:
        weigh(line, _LINE, clues.words)
    for name in chain.from_iterable(place.names for place in places):
        weigh(name, _NAME, clues.words)
    clues.phrases.update(dict.fromkeys(quoted_phrases(change.lines), _PHRASE))
    clues.phrases[change.path] = _PHRASE
    for belongs, add in _KINDS.items():
        if change.path.startswith(belongs):
            add(_Reading(clues, change, source, places, project))
            break
    _weaken_common(clues.words, project.files_beside(change.path).values())
    return clues


def _weaken_common(words: Weights, sources: Collection[str]) -> None:
    """Let a word count the less the more files of the same kind have it, such as `row`, `current` or `label`."""
    if len(sources) < _FEWEST_SOURCES:
        return
    times = Counter(word for source in sources for word in words_of(source) & words.keys())
    for word, count in times.items():
        words[word] *= 1 - math.log(count) / math.log(len(sources))


@dataclass(frozen=True, slots=True)
class _Reading:
    clues: Clues
    change: Change
    source: str
    places: list[Place]
    project: Project

    def follow(self, path: str, definition: Definition, weight: float) -> None:
        """Let a definition of the product count, and the routes that it answers."""
        self.clues.lead_to(f"function {module_of(path)}:{definition.name}", weight)
        weigh(definition.name, weight * _WORD, self.clues.words)
        for endpoint, address in routes_of(self.project.text(path), definition):
            self.clues.lead_to(f"endpoint {endpoint}", weight)
            weigh(re.sub(r"<[^>]*>", " ", address), weight * _WORD, self.clues.words)

    def follow_callers(self, path: str, name: str, less: float = 1.0) -> None:
        """Let what leads to a definition count, the less the longer the way is."""
        for caller in self.project.callers(path, name):
            self.follow(caller.path, caller.definition, _BY_HOPS[caller.hops] * less)

    @property
    def definitions(self) -> list[Definition]:
        """The innermost definitions in which lines have changed."""
        found = (definitions_at(self.source, number)[-1:] for number in self.change.numbers[:_MOST_PLACES])
        return list(dict.fromkeys(chain.from_iterable(found)))


def _add_of_module(reading: _Reading) -> None:
    reading.clues.words[module_of(reading.change.path)] = _IMPORT
    for definition in reading.definitions:
        reading.follow(reading.change.path, definition, _ITSELF)
        reading.clues.itself.add(f"function {module_of(reading.change.path)}:{definition.name}")
        reading.follow_callers(reading.change.path, definition.name)


def _add_of_template(reading: _Reading) -> None:
    name = reading.change.path.removeprefix("templates/")
    reading.clues.is_at(f"template {name}")
    _follow_renderers(reading, name, 1.0)
    macros = {one for place in reading.places for one in place.names}
    seen = {name}
    wave = [name]
    for weight in _BY_HOPS[1:]:
        wave = [one for known in wave for one in _includers(reading.project, known, macros) if one not in seen]
        if len(wave) > _MOST_TEMPLATES:
            return  # a component that is everywhere
        seen.update(wave)
        for one in wave:
            reading.clues.lead_to(f"template {one}", weight)
            weigh(one, weight * _WORD, reading.clues.words)
            _follow_renderers(reading, one, weight / _ITSELF)
        macros = set()


def _includers(project: Project, name: str, macros: set[str]) -> list[str]:
    """Return the templates that include or extend a template, or import one of `macros` from it."""
    found = project.templates_with(f'"{name}"')
    calling = {one for macro in macros for one in project.templates_with(macro)}
    return [one for one in found if one in calling] if calling else found


def _follow_renderers(reading: _Reading, name: str, less: float) -> None:
    for path, definition in reading.project.users_of(name):
        reading.follow(path, definition, _BY_HOPS[1] * less)
        reading.follow_callers(path, definition.name, less)


def _add_of_script(reading: _Reading) -> None:
    clues, project = reading.clues, reading.project
    clues.is_script = True
    weigh(_WORDS_OF_SCRIPTS, _BY_HOPS[1], clues.words)
    name = reading.change.path.removeprefix("static/")
    weigh(PurePath(name).stem, _NAME, clues.words)
    clues.is_at(f"static {name}", _BY_HOPS[1])
    for template in project.templates_with(name):
        clues.lead_to(f"template {template}", _BY_HOPS[1])
        weigh(template, _BY_HOPS[1] * _WORD, clues.words)
    for hook, weight in _hooks(reading):
        templates = project.templates_with(hook)
        if len(templates) <= _MOST_TEMPLATES:
            for template in templates:
                clues.lead_to(f"template {template}", weight)
                weigh(template, weight * _WORD, clues.words)


#: What tests of scripts in general say.
_WORDS_OF_SCRIPTS = "scripts"


def _hooks(reading: _Reading) -> Iterator[tuple[str, float]]:
    """Yield what ties changed code to templates, such as `data-lease`, and how much it counts."""
    changed = "\n".join(reading.change.lines)
    for text, weight in (("\n".join(place.text for place in reading.places), _BY_HOPS[2]), (changed, _BY_HOPS[1])):
        for found in _HOOK.finditer(text):
            name = next(filter(None, found.groups()))
            hook = re.sub(r"(?<=[a-z])([A-Z])", lambda upper: f"-{upper[1].lower()}", name)
            yield (f"data-{hook}" if found["dataset"] else hook), weight


_HOOK = re.compile(
    r"dataset\.(?P<dataset>\w+)|\b(data-[\w-]+)|[\"'`(,] *[\w:]*[.#]([a-z][\w-]+)|getElementById\([\"']([\w-]+)"
)


def _add_of_migration(reading: _Reading) -> None:
    project, clues = reading.project, reading.clues
    for revision in re.findall(r'^(?:down_)?revision = "(\w+)"', reading.source, re.MULTILINE):
        clues.phrases[revision] = 2 * _PHRASE
    weigh(_WORDS_OF_MIGRATIONS, _BY_HOPS[1], clues.words)
    places = "\n".join(f"{' '.join(place.names)}\n{place.text}" for place in reading.places)
    for text, weight in (
        (places, _BY_HOPS[2]),
        ("\n".join([*reading.change.lines, *_tables_being_made(reading)]), _BY_HOPS[1]),
        ("\n".join(chain.from_iterable(place.names for place in reading.places)), _ITSELF),
    ):
        names = set(re.findall(r"\w+", text))
        functions = names & project.database_functions
        tables = names & project.tables
        for function in functions:
            tables |= project.tables_of_trigger(function)
            clues.lead_to(f"table {function}", weight)  # as in "SELECT … FROM find_accounts(…)"
            weigh(function, weight, clues.words)
            for path, definition in project.users_of(function):
                reading.follow(path, definition, weight)
                reading.follow_callers(path, definition.name, weight / _ITSELF)
        for table in tables:
            clues.lead_to(f"table {table}", weight / 2)
            weigh(f"{table} {project.models.get(table, '')}", weight * _WORD, clues.words)


#: What tests of migrations and of the schema as a whole say.
_WORDS_OF_MIGRATIONS = "migrations migrate upgrade downgrade schema revision differences"
_MAKES_TABLE = re.compile(r'create_(?:tenant_)?table\(\s*"(\w+)"')


def _tables_being_made(reading: _Reading) -> Iterator[str]:
    """Yield the table whose columns or constraints have changed, for each changed line."""
    made = [(reading.source.count("\n", 0, one.start()) + 1, one[1]) for one in _MAKES_TABLE.finditer(reading.source)]
    for number in reading.change.numbers[:_MOST_PLACES]:
        first = max((one.first for one in definitions_at(reading.source, number)), default=number)
        yield from [table for line, table in made if first <= line <= number][-1:]


def _add_of_tests(reading: _Reading) -> None:
    path, clues = reading.change.path, reading.clues
    clues.folder = PurePath(path).parent
    clues.tests[path] = _ITSELF
    for definition in reading.definitions:
        clues.tests[f"{path}::{definition.name.replace('.', '::')}"] = 3 * _ITSELF
    clues.words[module_of(path)] = _IMPORT


_KINDS: dict[str, Callable[[_Reading], None]] = {
    "app/": _add_of_module,
    "demo/": _add_of_module,
    "templates/": _add_of_template,
    "static/": _add_of_script,
    "migrations/": _add_of_migration,
    "tests/": _add_of_tests,
}


def _mirror(path: str) -> PurePath | None:
    """The folder of tests for a file of the product: `tests/work/calls` for `app/work/calls/service.py`."""
    first, *others = PurePath(path).parts
    if first in ("app", "templates") and len(others) > 1:
        return PurePath("tests", *others[:-1])
    return PurePath("tests", first) if first in ("demo", "bench") else None
