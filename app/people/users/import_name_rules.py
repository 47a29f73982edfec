"""Words of an imported file that stand for people."""

from collections.abc import Callable

from app.data.imports.cell_rules import Value, text_parser

_AGENT = "Agent"


def person_parser(longest: int) -> Callable[[Value], str]:
    """Return a parser for the name of a person of up to `longest` characters; a single character becomes a name."""
    text = text_parser(longest)
    return lambda value: name_for_word(text(value))


def name_for_word(word: str) -> str:
    """Return the name of the person that a word stands for.

    One character is no name: "7" becomes "Agent 7".
    """
    return f"{_AGENT} {word}" if len(word) == 1 else word


def word_for_name(name: str) -> str | None:
    """Return the one character that became this name by `name_for_word`, or None."""
    before, _space, word = name.partition(" ")
    return word if before == _AGENT and len(word) == 1 else None
