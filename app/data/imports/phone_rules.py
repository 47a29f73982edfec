"""Phone numbers as people type them, made into E.164."""

import re
from collections.abc import Callable

import phonenumbers
from flask_babel import lazy_gettext as _l

from app.data.imports.cell_rules import CellProblem, Value, as_text

# What call systems write where the caller's number was withheld or is not known.
_WITHHELD = frozenset(
    {"anonymous", "blocked", "no caller id", "private", "restricted", "unavailable", "unknown", "withheld"}
)
_SEPARATORS = re.compile(r"[;,/|\n]+")


def phone_parser(country: str) -> Callable[[Value], str]:
    """One number; without an international prefix it is one of `country` (ISO 3166-1 alpha-2)."""

    def parse(value: Value) -> str:
        try:
            number = phonenumbers.parse(as_text(value), country)
        except phonenumbers.NumberParseException:
            raise CellProblem(_l("It is not a phone number.")) from None
        # Possible, not valid: whether a range is in use changes faster than the library's list of them. A number that
        # can only be dialled locally (no area code) is refused: no one can tell which area it was.
        if phonenumbers.is_possible_number_with_reason(number) != phonenumbers.ValidationResult.IS_POSSIBLE:
            raise CellProblem(_l("It is not a phone number: it has too few or too many digits."))
        return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)

    return parse


def caller_parser(country: str) -> Callable[[Value], str | None]:
    """One number, or None for the words that say that it was withheld."""
    parse_phone = phone_parser(country)

    def parse(value: Value) -> str | None:
        return None if as_text(value).casefold() in _WITHHELD else parse_phone(value)

    return parse


def phones_parser(country: str) -> Callable[[Value], tuple[str, ...]]:
    """Several numbers in one cell, between semicolons, commas, slashes, bars or line ends."""
    parse_phone = phone_parser(country)

    def parse(value: Value) -> tuple[str, ...]:
        parts = (part.strip() for part in _SEPARATORS.split(as_text(value)))
        return tuple(parse_phone(part) for part in parts if part)

    return parse
