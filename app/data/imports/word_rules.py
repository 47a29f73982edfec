"""Parsers for words of a file that stand for yes and no or for values of an enumeration."""

import re
from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum
from typing import TypeVar

from flask_babel import lazy_gettext as _l

from app.data.imports.cell_rules import CellProblem, RowUnwanted, Value, as_text

E = TypeVar("E", bound=StrEnum)
T = TypeVar("T")

#: Meanings of a word besides the values: leave the field empty, or reject the row.
LEAVE_EMPTY, TURN_AWAY = "leave_empty", "turn_away"
#: The values of yes and no, by the words that mappings use for them.
FLAGS: Mapping[str, bool] = {"yes": True, "no": False}

_BETWEEN_WORDS = re.compile(r"[\s_-]+")


def flag_parser(yes_words: Iterable[str], no_words: Iterable[str]) -> Callable[[Value], bool]:
    """Return a parser for yes and no by these words, ignoring case.

    A spreadsheet's own TRUE and FALSE are always accepted.
    """
    meanings = dict.fromkeys(map(str.casefold, yes_words), True) | dict.fromkeys(map(str.casefold, no_words), False)

    def parse(value: Value) -> bool:
        if isinstance(value, bool):
            return value
        meaning = meanings.get(as_text(value).casefold())
        if meaning is None:
            raise CellProblem(_l("It isn’t a yes or no value."))
        return meaning

    return parse


def choice_parser(choices: Iterable[E], synonyms: Mapping[str, E]) -> Callable[[Value], E]:
    """Return a parser for `choices`, by name or synonym (spaces and hyphens as _)."""
    names = {str(choice): choice for choice in choices}
    known = {**synonyms, **names}

    def parse(value: Value) -> E:
        choice = known.get(_BETWEEN_WORDS.sub("_", as_text(value).casefold()))
        if choice is None:
            raise CellProblem(_l("It isn’t one of: %(choices)s.", choices=", ".join(names)))
        return choice

    return parse


def renamed(parse: Callable[[Value], str], own: Mapping[str, str]) -> Callable[[Value], str | None]:
    """Return a parser for text that replaces words as the mapping specifies.

    `own` maps words to their replacements: other text, LEAVE_EMPTY or TURN_AWAY.
    """
    return own_words(parse, own, {meaning: meaning for meaning in own.values()})


def own_words(
    parse: Callable[[Value], T], own: Mapping[str, str], values: Mapping[str, T]
) -> Callable[[Value], T | None]:
    """Return a parser that extends `parse` by the words that the mapping explains.

    `own` maps words to their meanings: a name in `values`, LEAVE_EMPTY or TURN_AWAY.
    """
    meanings = {word.casefold(): name for word, name in own.items()}

    def read(value: Value) -> T | None:
        meaning = meanings.get(as_text(value).casefold()) if meanings else None
        if meaning is None:
            return parse(value)
        if meaning == TURN_AWAY:
            raise RowUnwanted(_l("You chose to skip rows with this value."))
        return None if meaning == LEAVE_EMPTY else values[meaning]

    return read
