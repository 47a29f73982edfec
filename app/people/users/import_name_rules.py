"""Words of an imported file that stand for people."""

import re
from collections.abc import Callable

from flask_babel import lazy_gettext as _l

from app.data.imports.cell_rules import CellProblem, Value, as_text, text_parser

_AGENT = "Agent"
_BETWEEN_PEOPLE = re.compile(r"\s*[,;]\s*")


def person_parser(longest: int) -> Callable[[Value], str]:
    """Return a parser for the name of a person of up to `longest` characters; a single character becomes a name."""
    text = text_parser(longest)
    return lambda value: name_for_word(text(value))


def name_for_word(word: str) -> str:
    """Return the name of the person that a word stands for.

    One character is no name: "7" becomes "Agent 7".
    """
    return f"{_AGENT} {word}" if len(word) == 1 else word


def first_person_parser(longest: int) -> Callable[[Value], str]:
    """Return a parser like `person_parser` for cells that can name several people.

    Raises CellProblem for several, with the first to be used.
    """
    person = person_parser(longest)

    def parse(value: Value) -> str:
        word = as_text(value)
        first = first_person(word)
        name = person(first)
        if first != word:
            raise CellProblem(_l("Only the first of these people is assigned."), name)
        return name

    return parse


def first_person(word: str) -> str:
    """Return the first of several people: `Ann Lee` in `Ann Lee, Bob Ray`, but all of `Lee, Ann`."""
    people = list(filter(None, _BETWEEN_PEOPLE.split(word)))
    are_several = len(people) > 1 and (";" in word or all(" " in one for one in people))
    return people[0] if are_several else word


def word_for_name(name: str) -> str | None:
    """Return the one character that became this name by `name_for_word`, or None."""
    before, _space, word = name.partition(" ")
    return word if before == _AGENT and len(word) == 1 else None
