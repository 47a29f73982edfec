"""Phone numbers as people type them, made into E.164."""

import re
from collections.abc import Callable
from functools import cache

import phonenumbers
from flask_babel import lazy_gettext as _l

from app.data.imports.cell_rules import CellProblem, Value, as_text

# What call systems write where the caller's number was withheld or is not known.
_WITHHELD = frozenset(
    {"anonymous", "blocked", "no caller id", "private", "restricted", "unavailable", "unknown", "withheld"}
)
#: What services call and send texts from; it is dialled as it is.
SHORT_CODE = re.compile(r"[1-9][0-9]{2,5}")
# `"John Smith" <+1 212 555 0101>`, `John Smith (212) 555-0101`
_WITH_NAME = re.compile(
    r"""["']?(?P<name>[^"<>+(0-9]*[^\W\d_][^"<>+(0-9]*)["']?\s*<?(?:tel:)?(?P<number>[+(0-9][-+().\s0-9]{6,})>?"""
)
_NO_NAMES = frozenset({"tel:", "sip:", "callto:", "phone:", "ph:", "p:", "m:", "t:"})
_SEPARATORS = re.compile(r"[;,/|\n]+|:::")
#: Numbers of North America as most files write them. Each is possible, and its plan has others like it.
_NORTH_AMERICAN = re.compile(
    r"(?:(?P<code>\+?1)[ .-]?)?(?:\((?P<area>[2-9][0-9]{2})\) ?|(?P<plain_area>[2-9][0-9]{2})[ .-]?)"
    r"(?P<office>[0-9]{3})[ .-]?(?P<line>[0-9]{4})"
)
_NORTH_AMERICA = frozenset(phonenumbers.region_codes_for_country_code(1))


def phone_parser(country: str) -> Callable[[Value], str]:
    """One number; without an international prefix it is one of `country` (ISO 3166-1 alpha-2)."""
    is_north_american = country in _NORTH_AMERICA

    def parse(value: Value) -> str:
        text = as_text(value)
        # The library takes ten times as long, and would say the same.
        usual = _NORTH_AMERICAN.fullmatch(text)
        if usual and (is_north_american or text.startswith("+")):
            return "+1" + "".join(filter(None, usual.group("area", "plain_area", "office", "line")))
        try:
            number = phonenumbers.parse(text, country)
        except phonenumbers.NumberParseException:
            raise CellProblem(_l("It is not a phone number.")) from None
        # Possible, not valid: whether a range is in use changes faster than the library's list of them. A number that
        # can only be dialled locally (no area code) is refused: no one can tell which area it was.
        if phonenumbers.is_possible_number_with_reason(number) != phonenumbers.ValidationResult.IS_POSSIBLE:
            raise CellProblem(_l("It is not a phone number: it has too few or too many digits."))
        if not _can_exist(number):
            raise CellProblem(_l("There is no such phone number in its country."))
        return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)

    return parse


def caller_parser(country: str) -> Callable[[Value], str | None]:
    """One number, a short code as it is, or None for the words that say that it was withheld. Of a name with a number
    the number is the rest."""
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
        raise CellProblem(_l("Only the number of it is taken, not the name beside it."), parse_phone(match["number"]))

    return parse


def phones_parser(country: str) -> Callable[[Value], tuple[str, ...]]:
    """Several numbers in one cell, between semicolons, commas, slashes, bars or line ends. The good ones are the rest
    of a cell that has a wrong one."""
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
    """Whether the plan of its country has any number like it; which of them are in use is another question."""
    patterns = [_pattern_of(one) for one in phonenumbers.region_codes_for_country_code(number.country_code or 0)]
    national = phonenumbers.national_significant_number(number)
    return any(pattern is None or pattern.fullmatch(national) for pattern in patterns)
