"""Clues to the tests near a changed file: its words, the affected parts, and its test folder."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from itertools import chain
from pathlib import PurePath

from tests.support.quick.changes import Change
from tests.support.quick.project import Definition, Project, definitions_at, module_of, names_around, text_around
from tests.support.quick.words import Weights, weigh

#: Weights of a word by its place: the name of a changed definition, a changed line, the file's path, a nearby line.
_NAME, _LINE, _PATH, _BESIDE = 4.0, 3.0, 2.0, 0.6
#: Weights of a changed part, and of parts that lead to one in one step and in two.
_ITSELF, _BY_STEPS = 6.0, (3.0, 1.5)
#: Weight of a word in the name of a part, relative to the part.
_WORD = 0.5
#: Number of lines that are read of a file with many changes.
_MAX_LINES = 30
#: Names that more definitions or templates mention are too common to be a clue.
_MAX_USERS, _MAX_TEMPLATES = 25, 12
#: Words in most paths.
_LAYERS = {"app", "templates", "static", "migrations", "versions", "tests", "service", "views", "queries", "rules"}


@dataclass(slots=True)
class Clues:
    """Features by which near tests are found, with their weights; a higher weight counts more."""

    words: Weights = field(default_factory=dict)
    #: Weights by the name in the record of a full run, such as `template work/calls/show.html`.
    parts: Weights = field(default_factory=dict)
    #: The parts that have changed themselves.
    changed: set[str] = field(default_factory=set)
    #: The folder of tests for such files.
    folder: PurePath | None = None
    #: Tests that have changed themselves: a file, or node ids in it.
    tests: set[str] = field(default_factory=set)

    def lead_to(self, part: str, weight: float) -> None:
        """Give weight to tests that reach a part of the product or mention its name."""
        self.parts[part] = max(self.parts.get(part, 0.0), weight)
        weigh(re.split(r"[ :]", part)[-1], weight * _WORD, self.words)

    def lead_to_changed(self, part: str) -> None:
        """Give weight to tests that reach a changed part, and thereby less to all others."""
        self.lead_to(part, _ITSELF)
        self.changed.add(part)


def clues_of(change: Change, project: Project) -> Clues:
    """Collect the clues of one changed file."""
    source = project.text(change.path)
    change = replace(change, numbers=change.numbers[:_MAX_LINES])
    clues = Clues(folder=_folder_of_tests(change.path))
    weigh(" ".join(set(re.split(r"[/.]", change.path)) - _LAYERS), _PATH, clues.words)
    for number in change.numbers:
        weigh(text_around(change.path, source, number), _BESIDE, clues.words)
        weigh(" ".join(names_around(change.path, source, number)), _NAME, clues.words)
    weigh("\n".join(change.lines), _LINE, clues.words)
    for beginning, add in _KINDS.items():
        if change.path.startswith(beginning):
            add(_Reading(clues, change, source, project))
    return clues


@dataclass(frozen=True, slots=True)
class _Reading:
    clues: Clues
    change: Change
    source: str
    project: Project

    @property
    def definitions(self) -> list[Definition]:
        """The innermost definitions with changed lines."""
        path, source = self.change.path, self.source
        innermost = (definitions_at(path, source, number)[-1:] for number in self.change.numbers)
        return list(dict.fromkeys(chain.from_iterable(innermost)))

    @property
    def names(self) -> list[str]:
        """Names of the definitions around the changed lines."""
        path, source = self.change.path, self.source
        return [name for number in self.change.numbers for name in names_around(path, source, number)]

    def follow(self, definitions: Iterable[Definition], weight: float) -> None:
        """Give weight to definitions that use a changed one, and less to those that use them in turn."""
        users = list(dict.fromkeys(definitions))[:_MAX_USERS]
        for user in users:
            self.clues.lead_to(user.part, weight)
        if weight > _BY_STEPS[-1]:
            self.follow(chain.from_iterable(map(self.project.users, users)), _BY_STEPS[-1])


def _add_of_module(reading: _Reading) -> None:
    weigh(module_of(reading.change.path), _LINE, reading.clues.words)
    for definition in reading.definitions:
        reading.clues.lead_to_changed(definition.part)
        reading.follow(reading.project.users(definition), _BY_STEPS[0])


def _add_of_template(reading: _Reading) -> None:
    name = reading.change.path.removeprefix("templates/")
    reading.clues.lead_to_changed(f"template {name}")
    reading.follow(reading.project.mentioning(name), _BY_STEPS[0])
    _add_templates(reading, reading.names)


def _add_of_static(reading: _Reading) -> None:
    name = reading.change.path.removeprefix("static/")
    reading.clues.lead_to_changed(f"static {name}")
    around = [text_around(reading.change.path, reading.source, number) for number in reading.change.numbers]
    hooks = {name for found in _HOOK.findall("\n".join([*reading.change.lines, *around])) for name in found if name}
    dashed = (re.sub(r"(?<=[a-z])([A-Z])", lambda upper: f"-{upper[1].lower()}", hook) for hook in hooks)
    _add_templates(reading, [*hooks, *(f"data-{hook}" for hook in dashed)])


#: Connections between a script and templates: an attribute, a class or an id.
_HOOK = re.compile(r"dataset\.(\w+)|\b(data-[\w-]+)|[\"'`(,] *[\w:]*[.#]([a-z][\w-]+)|getElementById\([\"']([\w-]+)")


def _add_templates(reading: _Reading, words: Iterable[str]) -> None:
    for word in words:
        templates = reading.project.templates_with(word)
        if len(templates) <= _MAX_TEMPLATES:
            for template in templates:
                reading.clues.lead_to(f"template {template}", _BY_STEPS[0])


def _add_of_migration(reading: _Reading) -> None:
    weigh("migrations schema upgrade downgrade differences", _BY_STEPS[-1], reading.clues.words)
    text = "\n".join([*reading.change.lines, *reading.names])
    for name in set(re.findall(r"\w+", text)) & reading.project.tables:
        weight = _ITSELF if name in reading.names else _BY_STEPS[0]
        for table in {name, *reading.project.tables_of_trigger(name)}:
            reading.clues.lead_to(f"table {table}", weight)
        reading.follow(reading.project.mentioning(name), _BY_STEPS[-1])


def _add_of_tests(reading: _Reading) -> None:
    path, definitions = reading.change.path, reading.definitions
    weigh(module_of(path), _LINE, reading.clues.words)
    reading.clues.tests = {f"{path}::{one.name.replace('.', '::')}" for one in definitions} or {path}


_KINDS: dict[str, Callable[[_Reading], None]] = {
    "app/": _add_of_module,
    "demo/": _add_of_module,
    "templates/": _add_of_template,
    "static/": _add_of_static,
    "migrations/": _add_of_migration,
    "tests/": _add_of_tests,
}
_FOLDERS = {"migrations": "db", "static": "browser", "demo": "demo", "bench": "bench"}


def _folder_of_tests(path: str) -> PurePath | None:
    """Return the folder of tests for a file, such as `tests/work/calls` for `app/work/calls/service.py`."""
    first, *others = PurePath(path).parts
    if first in ("app", "templates", "tests"):
        return PurePath("tests", *others[:-1])
    return PurePath("tests", _FOLDERS[first]) if first in _FOLDERS else None
