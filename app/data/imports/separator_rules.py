"""Detection of the decimal and thousands separators of a file."""

import re
from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import cache

from babel import Locale, UnknownLocaleError

from app.data.imports.currency_rules import without_any_sign, without_signs

_NUMBER = re.compile(r"[+-]?[0-9]+(?:[.,'’\s][0-9]+)*")
_MARK = re.compile(r"[^0-9+-]")
_PLAIN = {"’": "'", "\u00a0": " ", "\u202f": " "}
_GROUP = 3


@dataclass(frozen=True, slots=True)
class Separators:
    """The decimal separator and the thousands separator of numbers; the latter can be "" for none."""

    decimal: str = "."
    thousands: str = ""


@cache
def usual_separators(country: str) -> Separators:
    """Return the separators of a country (ISO 3166-1 alpha-2)."""
    try:
        symbols = Locale.parse(f"und_{country}").number_symbols
    except UnknownLocaleError:
        return Separators(".", ",")
    of_digits = symbols.get("latn", symbols)
    decimal, group = of_digits.get("decimal", "."), of_digits.get("group", ",")
    return Separators(decimal, _PLAIN.get(group, group))


def find_separators(texts: Iterable[str], country: str, signs: Collection[str] = ()) -> Separators:
    """Return the separators of these numbers.

    They are those of the country, unless the numbers prove otherwise: 1,5 and 1,234.50 can be read in one way only,
    1,234 in two. Text that isn't a number is ignored, and so are currency signs, of which `signs` are the
    organization's own (casefolded).
    """
    usual = usual_separators(country)
    decimals, groups, either = Counter[str](), Counter[str](), Counter[str]()
    for text in texts:
        _count(without_signs(without_any_sign(text), signs), decimals, groups, either)
    votes = {".": decimals["."] + groups[","], ",": decimals[","] + groups["."]}
    if votes["."] != votes[","]:
        decimal = max(votes, key=votes.__getitem__)
    else:
        # A mark that the country doesn't use at all can only be the decimal separator.
        decimal = next((one for one in either if one not in {usual.decimal, usual.thousands}), usual.decimal)
    groups += either
    seen = next((one for one, _count_of in groups.most_common() if one != decimal), None)
    other = "," if decimal == "." else "."
    return Separators(decimal, seen or (usual.thousands if usual.thousands != decimal else other))


def _count(text: str, decimals: Counter[str], groups: Counter[str], either: Counter[str]) -> None:
    """Count the marks of a number as decimal separator, as thousands separator, or as either of them."""
    if not _NUMBER.fullmatch(text):
        return
    marks = [_PLAIN.get(one, one) for one in _MARK.findall(text)]
    parts = _MARK.split(text.lstrip("+-"))
    if not marks:
        return
    last, is_grouped = marks[-1], len(parts[-1]) == _GROUP and len(parts[0]) <= _GROUP and parts[0] != "0"
    if len({*marks}) > 1:
        decimals[last] += last in {".", ","}
        groups[marks[0]] += 1
    elif len(marks) > 1 or last not in {".", ","}:
        groups[last] += is_grouped
    elif is_grouped:
        either[last] += 1
    else:
        decimals[last] += 1
