"""Parsing phone numbers as people type them into E.164."""

import re
from collections.abc import Callable
from functools import cache

import phonenumbers
from flask_babel import lazy_gettext as _l

from app.data.imports.cell_rules import CellProblem, Value, as_text

# Words that phone systems write when the caller's number was withheld or is unknown.
_WITHHELD = frozenset(
    {"anonymous", "blocked", "no caller id", "private", "restricted", "unavailable", "unknown", "withheld"}
)
#: A number that services call and text from; it is dialed as is.
SHORT_CODE = re.compile(r"[1-9][0-9]{2,5}")
# `"John Smith" <+1 212 555 0101>`, `John Smith (212) 555-0101`
_WITH_NAME = re.compile(
    r"""["']?(?P<name>[^"<>+(0-9]*[^\W\d_][^"<>+(0-9]*)["']?\s*<?(?:tel:)?(?P<number>[+(0-9][-+().\s0-9]{6,})>?"""
)
_NO_NAMES = frozenset({"tel:", "sip:", "callto:", "phone:", "ph:", "p:", "m:", "t:"})
_SEPARATORS = re.compile(r"[;,/|\n]+|:::")
#: North American numbers in their usual formats. All of them are possible numbers that fit the numbering plan.
_NORTH_AMERICAN = re.compile(
    r"(?:(?P<code>\+?1)[ .-]?)?(?:\((?P<area>[2-9][0-9]{2})\) ?|(?P<plain_area>[2-9][0-9]{2})[ .-]?)"
    r"(?P<office>[0-9]{3})[ .-]?(?P<line>[0-9]{4})"
)
_NORTH_AMERICA = frozenset(phonenumbers.region_codes_for_country_code(1))


def phone_parser(country: str) -> Callable[[Value], str]:
    """Return a parser for a phone number; one without a prefix is in `country` (ISO 3166-1 alpha-2)."""
    is_north_american = country in _NORTH_AMERICA

    def parse(value: Value) -> str:
        text = as_text(value)
        # The library takes ten times as long for the same result.
        usual = _NORTH_AMERICAN.fullmatch(text)
        if usual and (is_north_american or text.startswith("+")):
            return "+1" + "".join(filter(None, usual.group("area", "plain_area", "office", "line")))
        try:
            number = phonenumbers.parse(text, country)
        except phonenumbers.NumberParseException:
            raise CellProblem(_l("It isn’t a phone number.")) from None
        # Possible, not valid: the ranges in use change faster than the library's list of them. A number that can only
        # be dialed locally (without an area code) is refused, since its area is unknown.
        if phonenumbers.is_possible_number_with_reason(number) != phonenumbers.ValidationResult.IS_POSSIBLE:
            raise CellProblem(_l("It isn’t a phone number: it has too few or too many digits."))
        if not _can_exist(number):
            raise CellProblem(_l("It isn’t a valid phone number in its country."))
        return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)

    return parse


def caller_parser(country: str) -> Callable[[Value], str | None]:
    """Return a parser for a caller's number that returns None for words like "withheld".

    Short codes are returned unchanged. A name before the number is a CellProblem whose `rest` is the number.
    """
    parse_phone = phone_parser(country)

    def parse(value: Value) -> str | None:
        text = as_text(value)
        if text.casefold() in _WITHHELD:
            return None
        if SHORT_CODE.fullmatch(text):
            return text
        match = _WITH_NAME.fullmatch(text)
        if match is None or match["name"].strip().casefold() in _NO_NAMES:
            return parse_phone(value)
        raise CellProblem(_l("Only the number is imported, not the name next to it."), parse_phone(match["number"]))

    return parse


def plain_number_parser(country: str) -> Callable[[Value], str | None]:
    """Return a parser like `caller_parser`, which returns None for anything but a number with a country code."""
    parse_caller = caller_parser(country)

    def parse(value: Value) -> str | None:
        try:
            number = parse_caller(value)
        except CellProblem as problem:
            number = problem.rest
        return number if number and number.startswith("+") else None

    return parse


def phones_parser(country: str) -> Callable[[Value], tuple[str, ...]]:
    """Return a parser for several phone numbers in one cell.

    They are separated by semicolons, commas, slashes, bars or line breaks. If one is invalid, the parser raises
    CellProblem with the valid ones as its `rest`.
    """
    parse_phone = phone_parser(country)

    def parse(value: Value) -> tuple[str, ...]:
        good, problem = [], None
        for part in filter(None, (part.strip() for part in _SEPARATORS.split(as_text(value)))):
            try:
                good.append(parse_phone(part))
            except CellProblem as error:
                problem = error
        if problem is not None:
            raise CellProblem(problem.reason, tuple(good) or None)
        return tuple(good)

    return parse


@cache
def _pattern_of(region: str) -> re.Pattern[str] | None:
    metadata = phonenumbers.PhoneMetadata.metadata_for_region(region, None)
    general = metadata.general_desc.national_number_pattern if metadata and metadata.general_desc else None
    return re.compile(general) if general else None


def _can_exist(number: phonenumbers.PhoneNumber) -> bool:
    """Return whether the number fits the numbering plan of its country, in use or not."""
    patterns = [_pattern_of(one) for one in phonenumbers.region_codes_for_country_code(number.country_code or 0)]
    national = phonenumbers.national_significant_number(number)
    return any(pattern is None or pattern.fullmatch(national) for pattern in patterns)
