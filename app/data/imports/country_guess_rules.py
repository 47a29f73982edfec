"""Guessing the country of a file's phone numbers."""

from collections import Counter
from collections.abc import Iterable
from itertools import islice

import phonenumbers

from app.data.imports.cell_rules import CellProblem
from app.data.imports.phone_rules import phone_parser

_ENOUGH = 200
#: Numbers that are compared with the plan of every country.
_COMPARED = 30
_MIN_DIGITS = 7
#: The share of numbers that a country must explain if no number names its country.
_TELLING_SHARE = 0.9


def other_country(texts: Iterable[str], country: str) -> str | None:
    """Return the country (ISO 3166-1 alpha-2) of most of these numbers if it isn't `country`, or None.

    Numbers with a country code count for their country, and so do numbers without one that are possible in `country`.
    If most are impossible there, it is the only country in which nearly all of them are valid.
    """
    numbers = [*islice((text for text in sorted(texts) if sum(map(str.isdigit, text)) >= _MIN_DIGITS), _ENOUGH)]
    named = Counter(region for text in numbers if text.startswith("+") and (region := _named_country(text)))
    plain = [text for text in numbers if not text.startswith("+")]
    here = _possible(plain, country)
    if named:
        region, count = named.most_common(1)[0]
        is_most = count * 2 > named.total() + here
        return region if is_most and not _is_alike(region, country) and _possible(plain, region) >= here else None
    if not plain or here * 2 > len(plain):
        return None
    some = plain[:_COMPARED]
    found = [one for one in phonenumbers.SUPPORTED_REGIONS if _valid(some, one) >= len(some) * _TELLING_SHARE]
    return found[0] if len(found) == 1 and not _is_alike(found[0], country) else None


def _named_country(text: str) -> str | None:
    try:
        number = phonenumbers.parse(text)
    except phonenumbers.NumberParseException:
        return None
    region = phonenumbers.region_code_for_number(number)
    return region or phonenumbers.region_code_for_country_code(number.country_code or 0)


def _is_alike(region: str, country: str) -> bool:
    """Return whether two countries share a calling code, so that their numbers are read alike."""
    codes = {phonenumbers.country_code_for_region(one) for one in (region, country)}
    return len(codes) == 1


def _possible(texts: Iterable[str], country: str) -> int:
    parse = phone_parser(country)

    def is_possible(text: str) -> bool:
        try:
            parse(text)
        except CellProblem:
            return False
        return True

    return sum(map(is_possible, texts))


def _valid(texts: Iterable[str], country: str) -> int:
    def is_valid(text: str) -> bool:
        try:
            return phonenumbers.is_valid_number_for_region(phonenumbers.parse(text, country), country)
        except phonenumbers.NumberParseException:
            return False

    return sum(map(is_valid, texts))
