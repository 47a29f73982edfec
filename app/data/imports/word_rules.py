"""Words of a file that stand for one of a few values: yes and no, and the product's enumerations."""

import re
from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum
from typing import TypeVar

from flask_babel import lazy_gettext as _l

from app.data.imports.cell_rules import CellProblem, Value, as_text

E = TypeVar("E", bound=StrEnum)

_BETWEEN_WORDS = re.compile(r"[\s_-]+")


def flag_parser(yes_words: Iterable[str], no_words: Iterable[str]) -> Callable[[Value], bool]:
    """True or false by these words, whatever their case; a sheet's own TRUE and FALSE always."""
    meanings = dict.fromkeys(map(str.casefold, yes_words), True) | dict.fromkeys(map(str.casefold, no_words), False)

    def parse(value: Value) -> bool:
        if isinstance(value, bool):
            return value
        meaning = meanings.get(as_text(value).casefold())
        if meaning is None:
            raise CellProblem(_l("It is neither a word for yes nor one for no."))
        return meaning

    return parse


def choice_parser(choices: Iterable[E], synonyms: Mapping[str, E], own_words: Mapping[str, E]) -> Callable[[Value], E]:
    """One of `choices`: by `own_words` of the file first, then by its name or a synonym (spaces and hyphens as _)."""
    names = {str(choice): choice for choice in choices}
    known = {**synonyms, **names}
    own = {word.casefold(): choice for word, choice in own_words.items()}

    def parse(value: Value) -> E:
        text = as_text(value).casefold()
        choice = own.get(text) or known.get(_BETWEEN_WORDS.sub("_", text))
        if choice is None:
            raise CellProblem(_l("It is none of: %(choices)s.", choices=", ".join(names)))
        return choice

    return parse
