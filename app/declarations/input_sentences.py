"""Sentences about values that an `Input` does not take, by pydantic's name of the error."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from flask_babel import lazy_gettext as _l
from pydantic_core import ErrorDetails

from app.characters import HALF_A_CHARACTER
from app.errors import INVALID_INPUT, MISSING_REQUIRED_FIELD, Sentence


class Bounds(NamedTuple):
    """The least and the most of a number, or of the characters of a text."""

    least: int | None = None
    most: int | None = None

    def hold(self, number: int) -> bool:
        """Return True for a number within both."""
        return self.least is not None and self.most is not None and self.least <= number <= self.most


class Wrong(NamedTuple):
    """A value that is not taken: its name, its bounds, and what pydantic tells of it."""

    name: str
    bounds: Bounds
    context: Mapping[str, Any]


def length_sentence(bounds: Bounds) -> Sentence:
    """Say how long a text may be."""
    least, most = bounds
    if least is None or least < 2:
        return _l("Use %(most)s characters at most.", most=most)
    return _l("Use %(least)s to %(most)s characters.", least=least, most=most)


def _length(wrong: Wrong) -> Sentence:
    return length_sentence(wrong.bounds)


def _number(wrong: Wrong) -> Sentence:
    least, most = wrong.bounds
    return _l("Enter a whole number from %(least)s to %(most)s.", least=least, most=most)


def _unknown(wrong: Wrong) -> Sentence:
    return _l("There is no field “%(name)s” here.", name=wrong.name)


def _always(sentence: Sentence) -> Callable[[Wrong], Sentence]:
    return lambda _wrong: sentence


_MISSING = _l("Fill this in.")
_NOT_OFFERED = _always(_l("Choose one of the values offered."))
_NO_ID = _always(_l("Give the ID of a record."))
_NO_MOMENT = _always(_l("Give a date and a time with its offset, such as 2026-11-20T09:30:00Z, between 1990 and 2199."))
_NO_OBJECT = _always(_l("Give an object with fields."))

#: Out of bounds: an input may have its own words for it.
_BOUNDS: Mapping[str, Callable[[Wrong], Sentence]] = {
    "string_too_short": _length,
    "string_too_long": _length,
    "int_type": _number,
    "greater_than_equal": _number,
    "less_than_equal": _number,
}

#: Every other error that an input can raise, but for what is missing.
_SENTENCES: Mapping[str, Callable[[Wrong], Sentence]] = {
    "extra_forbidden": _unknown,
    "invalid_key": _unknown,
    "string_type": _always(_l("Give a text.")),
    "bool_type": _always(_l("Give yes or no: true or false.")),
    "enum": _NOT_OFFERED,
    "uuid_type": _NO_ID,
    "uuid_parsing": _NO_ID,
    "moment": _NO_MOMENT,
    "model_type": _NO_OBJECT,
    "unstorable": lambda wrong: wrong.context["why"],
    # Of a name: texts are looked through before.
    "string_unicode": _always(HALF_A_CHARACTER),
}


def sentence_of(
    problem: ErrorDetails, name: str, bounds: Bounds, *, missing: Sentence | None, wrong: Sentence | None
) -> Sentence:
    """Say what is wrong, in the words that an input has for what is `missing` or out of bounds, where it has some."""
    if _is_missing(problem):
        return missing or _MISSING
    kind = problem["type"]
    if kind in _BOUNDS:
        return wrong or _BOUNDS[kind](Wrong(name, bounds, {}))
    return _SENTENCES[kind](Wrong(name, bounds, problem.get("ctx", {})))


def is_unknown(problem: ErrorDetails) -> bool:
    """Return True where the name itself is not known."""
    return problem["type"] in {"extra_forbidden", "invalid_key"}


def code_of(problem: ErrorDetails) -> str:
    """Return the code for programs."""
    return MISSING_REQUIRED_FIELD if _is_missing(problem) else INVALID_INPUT


def _is_missing(problem: ErrorDetails) -> bool:
    """Return True where a required value was not given."""
    kind, given = problem["type"], problem["input"]
    if kind == "string_too_short":
        return bool(given == "")
    return kind == "missing" or (given is None and kind != "model_type" and not is_unknown(problem))
