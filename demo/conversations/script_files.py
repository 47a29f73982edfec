"""Reading of scripts from their files (see `schema` for the format), with references to parts resolved."""

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from string import Formatter
from typing import Any

from pydantic import ValidationError

from demo.conversations.schema import FileData, ItemData, ScenarioData
from demo.conversations.script import Ending, Exchange, Line, OneOf, Passage, Scenario
from demo.conversations.slots import SLOTS

SHARED = "parts"


class ScriptError(Exception):
    """An error in a script file; each line of the message names the file, the entry and the problem."""


def read_scripts(folder: Path) -> dict[str, tuple[Scenario, ...]]:
    """Return the scenarios of each file in `folder` by the file's name, without `.toml`. Raises ScriptError."""
    files = {path.stem: _read(path) for path in sorted(folder.glob("*.toml"))}
    shared = files[SHARED].part if SHARED in files else {}
    found = {name: tuple(_scenarios(name, data, shared)) for name, data in files.items()}
    _refuse_twice(found)
    return found


def _read(path: Path) -> FileData:
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ScriptError(f"{path.name}: {error}") from None
    try:
        return FileData.model_validate(data)
    except ValidationError as error:
        wrong = [(_entry(data, one["loc"]), one["msg"].removeprefix("Value error, ")) for one in error.errors()]
        raise ScriptError("\n".join(f"{path.name}, {entry}: {what}" for entry, what in wrong)) from None


def _entry(data: Mapping[str, Any], place: tuple[int | str, ...]) -> str:
    """Describe a location from pydantic, for example `scenario “no_heat”, ending 2, body 1, lines 3`.

    Pydantic counts from 0, the result from 1.
    """
    words: list[str] = []
    for step, key in enumerate(place):
        if step == 1:
            words[-1] += f" “{_name(data, key)}”"
        elif isinstance(key, int):
            words[-1] += f" {key + 1}"
        else:
            words.append(key)
    return ", ".join(words)


def _name(data: Mapping[str, Any], key: int | str) -> str:
    """Return the name of a part or a scenario; a scenario without a name is identified by its number."""
    if isinstance(key, str):
        return key
    scenario = data["scenario"][key]
    return str(scenario.get("name", key + 1)) if isinstance(scenario, dict) else str(key + 1)


def _scenarios(file: str, data: FileData, shared: Mapping[str, tuple[ItemData, ...]]) -> Iterator[Scenario]:
    for name in data.part:
        if file != SHARED and name in shared:
            raise ScriptError(f"{file}.toml, part “{name}”: {SHARED}.toml has a part of that name")
    parts = _Parts({**shared, **data.part})
    for name in data.part:
        parts.check(f"{file}.toml, part “{name}”", name)
    for scenario in data.scenario:
        where = f"{file}.toml, scenario “{scenario.name}”"
        built = _scenario(where, scenario, parts)
        _check_slots(where, built)
        yield built


def _scenario(where: str, data: ScenarioData, parts: "_Parts") -> Scenario:
    endings = tuple(
        Ending(
            parts.passage(f"{where}, ending {number}", ending.body),
            ending.summary,
            ending.booking,
            ending.outcome,
            ending.qualification,
            ending.reason,
            ending.sentiment,
            tuple(action.build() for action in ending.actions),
            ending.risks,
        )
        for number, ending in enumerate(data.ending, start=1)
    )
    return Scenario(data.name, data.topic, parts.passage(where, data.body), endings, data.odds, data.choices)


class _Parts:
    """Named passages that a file can use."""

    def __init__(self, parts: Mapping[str, tuple[ItemData, ...]]) -> None:
        self._parts = parts

    def check(self, where: str, name: str) -> None:
        """Raise ScriptError if a part cannot be assembled, whether or not it is used."""
        self._part(where, name, ())

    def passage(self, where: str, items: Iterable[ItemData], within: tuple[str, ...] = ()) -> Passage:
        """Return the passage that `items` describe. `within` names the enclosing parts."""
        return tuple(piece for item in items for piece in self._pieces(where, item, within))

    def _pieces(self, where: str, item: ItemData, within: tuple[str, ...]) -> Iterator[Exchange | OneOf]:
        for name in item.parts:
            yield from self._part(where, name, within)
        if item.one_of:
            yield OneOf(tuple(self._exchanges(where, name, within) for name in item.one_of))
        if item.lines:
            yield _exchange(item)

    def _part(self, where: str, name: str, within: tuple[str, ...]) -> Passage:
        if name not in self._parts:
            raise ScriptError(f"{where}: there is no part “{name}”")
        if name in within:
            raise ScriptError(f"{where}: the part “{name}” contains itself")
        return self.passage(where, self._parts[name], (*within, name))

    def _exchanges(self, where: str, name: str, within: tuple[str, ...]) -> tuple[Exchange, ...]:
        passage = self._part(where, name, within)
        exchanges = tuple(piece for piece in passage if isinstance(piece, Exchange))
        if len(exchanges) != len(passage):
            raise ScriptError(f"{where}: the part “{name}” is in a `one_of` and has one itself")
        return exchanges


def _exchange(item: ItemData) -> Exchange:
    return Exchange(
        lines=tuple(line.build() for line in item.lines),
        stage=item.stage,
        finding=item.finding.build() if item.finding else None,
        missed=tuple(line.build() for line in item.missed),
        lapse=item.lapse.build() if item.lapse else None,
        chance=item.chance,
        when=item.when,
    )


def _refuse_twice(found: Mapping[str, tuple[Scenario, ...]]) -> None:
    files: dict[str, str] = {}
    for file, scenarios in found.items():
        for scenario in scenarios:
            if scenario.name in files:
                raise ScriptError(f"{file}.toml, scenario “{scenario.name}”: {files[scenario.name]}.toml has it too")
            files[scenario.name] = file


def _check_slots(where: str, scenario: Scenario) -> None:
    choices = [text for variants in scenario.choices.values() for text in variants]
    for texts, known in ((choices, SLOTS), (_texts(scenario), SLOTS | set(scenario.choices))):
        for text in texts:
            for _text, name, _spec, _conversion in Formatter().parse(text):
                if name is not None and name not in known:
                    raise ScriptError(f"{where}: there is no slot {{{name}}} for “{text}”")


def _texts(scenario: Scenario) -> Iterator[str]:
    """Yield every text that is filled with the facts of the call."""
    for passage in (scenario.items, *(ending.items for ending in scenario.endings)):
        for line in _lines(passage):
            yield from line.variants
    for ending in scenario.endings:
        yield from (ending.summary, ending.reason or "", *(action.text for action in ending.actions))


def _lines(passage: Passage) -> Iterator[Line]:
    for item in passage:
        for exchange in [item] if isinstance(item, Exchange) else [one for some in item.passages for one in some]:
            yield from (*exchange.lines, *exchange.missed)
