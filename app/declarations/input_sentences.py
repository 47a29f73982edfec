"""Error messages for invalid values of an `Input`, by pydantic's error type."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from flask_babel import lazy_gettext as _l
from pydantic_core import ErrorDetails

from app.characters import HALF_A_CHARACTER
from app.errors import INVALID_INPUT, MISSING_REQUIRED_FIELD, LazyText


class Bounds(NamedTuple):
    """Lower and upper bound of a number or of the length of text; None where there is none."""

    least: int | None = None
    most: int | None = None

    def hold(self, number: int) -> bool:
        """Return whether both bounds are set and the number is within them."""
        return self.least is not None and self.most is not None and self.least <= number <= self.most


class Wrong(NamedTuple):
    """An invalid value: its name, its bounds, and pydantic's error context."""

    name: str
    bounds: Bounds
    context: Mapping[str, Any]


def length_sentence(bounds: Bounds) -> LazyText:
    """Return the message for text of the wrong length."""
    least, most = bounds
    if least is None or least < 2:
        return _l("Use up to %(most)s characters.", most=most)
    return _l("Use %(least)s to %(most)s characters.", least=least, most=most)


def _length(wrong: Wrong) -> LazyText:
    return length_sentence(wrong.bounds)


def _number(wrong: Wrong) -> LazyText:
    least, most = wrong.bounds
    return _l("Enter a whole number from %(least)s to %(most)s.", least=least, most=most)


def _unknown(wrong: Wrong) -> LazyText:
    return _l("There’s no field “%(name)s” here.", name=wrong.name)


def _always(sentence: LazyText) -> Callable[[Wrong], LazyText]:
    return lambda _wrong: sentence


_MISSING = _l("Fill this in.")
_NOT_OFFERED = _always(_l("Choose one of the options."))
_NO_ID = _always(_l("Enter the ID of a record."))
_NO_MOMENT = _always(
    _l("Enter a date and time with its UTC offset, such as 2026-11-20T09:30:00Z, between 1990 and 2199.")
)
_NO_LIST = _always(_l("Send a list."))
_NO_OBJECT = _always(_l("Send a JSON object."))

#: Out of bounds; an input can replace these messages with its own.
_BOUNDS: Mapping[str, Callable[[Wrong], LazyText]] = {
    "string_too_short": _length,
    "string_too_long": _length,
    "string_pattern_mismatch": _length,
    "int_type": _number,
    "greater_than_equal": _number,
    "less_than_equal": _number,
}

#: All other errors that an input can raise, except missing values.
_SENTENCES: Mapping[str, Callable[[Wrong], LazyText]] = {
    "extra_forbidden": _unknown,
    "invalid_key": _unknown,
    "string_type": _always(_l("Enter a text value.")),
    "bool_type": _always(_l("Enter true or false.")),
    "enum": _NOT_OFFERED,
    "uuid_type": _NO_ID,
    "uuid_parsing": _NO_ID,
    "moment": _NO_MOMENT,
    "day": _always(_l("Enter a date, such as 2026-11-20, between 1990 and 2199.")),
    "day_or_moment": _always(
        _l("Enter a date, such as 2026-11-20, or a time with its UTC offset, such as 2026-11-20T09:30:00Z.")
    ),
    "money": _always(_l("Enter an amount as text with up to two decimals, such as “1234.50”.")),
    "hours": _always(_l("Enter the hours by weekday, such as [[“08:00”, “17:00”]] for “monday”.")),
    "share": _always(_l("Enter a number from 0 to 1.")),
    "tuple_type": _NO_LIST,
    "too_long": lambda wrong: _l("Send up to %(most)s values.", most=wrong.bounds.most),
    "model_type": _NO_OBJECT,
    "dict_type": _NO_OBJECT,
    "refused": lambda wrong: wrong.context["why"],
    # Only for a name: texts are checked before.
    "string_unicode": _always(HALF_A_CHARACTER),
}


def sentence_of(
    problem: ErrorDetails, name: str, bounds: Bounds, *, missing: LazyText | None, wrong: LazyText | None
) -> LazyText:
    """Return the error message for an invalid value of an input.

    `missing` and `wrong` are the input's own messages, if it has them, for a missing value and for one that is out of
    bounds.
    """
    if _is_missing(problem):
        return missing or _MISSING
    kind = problem["type"]
    if kind in _BOUNDS:
        return wrong or _BOUNDS[kind](Wrong(name, bounds, {}))
    return _SENTENCES[kind](Wrong(name, bounds, problem.get("ctx", {})))


def bounds_broken(problem: ErrorDetails) -> Bounds:
    """Return the bounds of the length that the error names, for a value in a list."""
    context = problem.get("ctx", {})
    return Bounds(context.get("min_length"), context.get("max_length"))


def is_unknown(problem: ErrorDetails) -> bool:
    """Return whether the error is about an unknown name."""
    return problem["type"] in {"extra_forbidden", "invalid_key"}


def code_of(problem: ErrorDetails) -> str:
    """Return the machine-readable error code."""
    return MISSING_REQUIRED_FIELD if _is_missing(problem) else INVALID_INPUT


def _is_missing(problem: ErrorDetails) -> bool:
    """Return whether a required value is missing."""
    kind, given = problem["type"], problem["input"]
    if kind == "string_too_short":
        return bool(given == "")
    return kind == "missing" or (given is None and kind != "model_type" and not is_unknown(problem))
