"""Street addresses of a person in text: a house number with a street, in the usual spellings. Pure.

The patterns are for PostgreSQL and Python alike. An address without a house number has none: others live in the street.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import chain

from app.declarations.personal import KnownAddress

#: Turns a word into a pattern: `word_in_text` or `word_in_bytes`.
Spell = Callable[[str], str]

#: Between the words of an address, as typed, in JSON and in URL encoding.
_BETWEEN = r"(?:[\s.,;]|\+|%20|%2C|\\[nrt]){1,4}"
#: Before a house number: no part of a longer one.
BEFORE_ADDRESS = r"(?<![\w/])(?<![0-9]-)|(?<=%[02][0AC])"
_END, _END_OF_NUMBER = r"(?!\w)", r"(?![\w/])(?!-[0-9])"

#: Spellings with the same meaning; a word can be in several groups, such as “St”.
_GROUPS = tuple(
    tuple(group.split())
    for group in (
        "street st str", "saint st", "avenue ave av", "road rd", "crescent cres cresc cr", "drive dr drv", "lane ln",
        "boulevard blvd boul", "court ct crt", "place pl", "terrace ter terr", "circle cir circ", "square sq",
        "highway hwy", "parkway pkwy pky", "trail trl", "cove cv", "crossing xing", "alley aly", "mount mt", "fort ft",
        "heights hts", "point pt", "ridge rdg", "route rte", "way wy",
        "north n", "south s", "east e", "west w", "northeast ne", "northwest nw", "southeast se", "southwest sw",
        "улица улице улицу улицы ул", "проспект проспекте проспекта пр пр-т просп", "переулок переулке переулка пер",
        "бульвар бульваре бульвара б-р бул", "шоссе ш", "площадь площади пл", "проезд проезде пр-д",
        "набережная набережной наб", "микрорайон микрорайоне мкр", "корпус корп",
        "ko'chasi ko'cha ko'chasida", "prospekti prospekt prospektida", "mahallasi mahalla mahallasida",
        "кўчаси кўча кўчасида", "проспекти проспект проспектида", "маҳалласи маҳалла маҳалласида",
    )
)  # fmt: skip
_SPELLINGS = {
    word: tuple(dict.fromkeys(chain.from_iterable(others for others in _GROUPS if word in others)))
    for group in _GROUPS
    for word in group
}
#: Words before or after the number of a house, which are often left out.
_HOUSE = frozenset({"house", "bldg", "building", "дом", "д", "uy", "уй", "№"})
#: Words before the number of a part of a house.
_UNITS = frozenset({
    "apartment", "apt", "unit", "suite", "ste", "room", "rm", "floor", "fl", "lot", "number", "no", "#", "квартира",
    "кв", "офис", "оф", "xonadon", "kvartira", "хонадон",
})  # fmt: skip
_BY_HOUSE = "(?:дом|д|№|uy|уй)"
_BY_UNIT = f"(?:{'|'.join(sorted({*_UNITS, 'bldg', 'building'} - {'#'}))})"
_NUMBER = re.compile(r"(\d{1,6})([^\W\d_]?)(?:([-/–])(\d{1,4})([^\W\d_]?))?(?:-?(?:uy|уй|dom|дом))?", re.IGNORECASE)
_SHORTEST_NAME = 3


@dataclass(frozen=True, slots=True)
class AddressParts:
    """The words of an address: of the house, of the part of the house, and what follows on the same line."""

    street: Sequence[str]
    unit: Sequence[str] = ()
    rest: Sequence[str] = ()

    @property
    def search_words(self) -> str:
        """The words that have only one spelling, by which addresses are searched."""
        numbers = ((word, _NUMBER.fullmatch(word)) for word in self.street if _kind(word) not in _SPELLINGS)
        return " ".join(number[1] if number else word for word, number in numbers)


def parse_address(address: KnownAddress) -> AddressParts | None:
    """Return the parts of an address, or None if it lacks a house number or the name of a street."""
    lines = [_words(piece) for piece in re.split(r"[,;\n]+", address.line_1 or "")]
    street: list[str] = []
    while lines and not _is_house(street):
        street += lines.pop(0)
    if not _is_house(street):
        return None
    at = next((place for place, word in enumerate(street) if _is_unit(word) and _is_house(street[:place])), len(street))
    unit = street[at:] or (
        lines.pop(0) if lines and lines[0] and _is_unit(lines[0][0]) else _words(address.line_2 or "")
    )
    rest = [word for line in lines for word in line]
    return AddressParts(street[:at], [part for word in unit if (part := _without_unit(word))], rest)


def address_pattern(address: KnownAddress, spell: Spell) -> str | None:
    """Return the pattern for an address, to follow BEFORE_ADDRESS; None if it identifies no house.

    It includes what the person's address has behind the house, if that is in the text too. If only the part of the
    house tells the person from others, the text must have it.
    """
    parts = parse_address(address)
    if parts is None or (address.needs_unit and not parts.unit):
        return None
    house = _joined((_word(word, spell, is_first=not at) for at, word in enumerate(parts.street)))
    house += _END_OF_NUMBER if _NUMBER.fullmatch(parts.street[-1]) else _END
    if parts.unit:
        # A bare number can belong to the next words: “77 Ptarmigan Crescent. 4 windows”.
        by = rf"(?:{_BY_UNIT}\.?\s?\#?|\#)" + ("" if "".join(parts.unit).isdigit() else "?")
        unit = rf"(?:{_BETWEEN})?{by}\s?{_plain(parts.unit, spell)}"
        house += unit if address.needs_unit else f"(?:{unit})?"
    tail = ""
    for word in reversed(parts.rest):
        tail = f"(?:{_BETWEEN}{spell(word)}{_END}{tail})?"
    return house + tail + _place(address, spell)


def certain_words(address: KnownAddress) -> list[str]:
    """Return words, in lowercase, that every text with the address has, in any encoding: few texts have them all."""
    parts = parse_address(address)
    words = parts.search_words.lower().split() if parts else []
    names = [word for word in words if re.fullmatch("[a-z]{2,}", word)]
    numbers = [word for word in words if word.isdecimal() and word.isascii()]
    return [*sorted(names, key=len)[-1:], *numbers]


def _place(address: KnownAddress, spell: Spell) -> str:
    """Return a pattern for the city, state and ZIP code that can follow; a state alone can be a word, like “in”."""
    city, state, postcode = (_words(part or "") for part in (address.city, address.state, address.zip))
    region = f"(?:{_BETWEEN}{_plain(state, spell)})?" if state else ""
    of_city = f"(?:{_BETWEEN}{_plain(city, spell)}{region})?" if city else ""
    return of_city + (f"(?:{region}{_BETWEEN}{_plain(postcode, spell)}(?:-[0-9]{{4}})?)?" if postcode else "")


def _plain(words: Sequence[str], spell: Spell) -> str:
    return _joined(map(spell, words)) + _END


def _joined(patterns: Iterable[str]) -> str:
    return _BETWEEN.join(patterns)


def _word(word: str, spell: Spell, *, is_first: bool) -> str:
    number = _NUMBER.fullmatch(word)
    if number is None:
        return _any_spelling(word, spell)
    digits, letter, separator, others, last = number.groups(default="")
    pattern = digits + _letter(letter, spell)
    if separator:
        pattern += ("/" if separator == "/" else "[-–]") + others + _letter(last, spell)
    if is_first:
        return pattern
    return rf"(?:{_BY_HOUSE}(?:{_BETWEEN})?)?{pattern}(?:-?\s?(?:uy|уй)(?:da|да)?)?"


def _letter(letter: str, spell: Spell) -> str:
    return rf"[\s-]?{spell(letter)}" if letter else ""


def _any_spelling(word: str, spell: Spell) -> str:
    spellings = _SPELLINGS.get(_kind(word))
    return f"(?:{'|'.join(map(spell, spellings))})" if spellings else spell(word)


def _words(line: str) -> list[str]:
    """Return the words of a line; the word for “house” isn't one, since it is often left out."""
    words = re.findall(r"#?[^\s.,;#]+|#", line)
    return [word for word in words if _kind(word) not in _HOUSE]


def _is_house(words: Sequence[str]) -> bool:
    """Return whether these words have a house number and the name of a street."""
    at = next((place for place, word in enumerate(words) if _NUMBER.fullmatch(word)), None)
    if at is None:
        return False
    others = [_kind(word) for place, word in enumerate(words) if place != at]
    names = [word for word in others if word not in _SPELLINGS and not _is_unit(word)]
    return any(len(word) >= _SHORTEST_NAME and not word.isdigit() for word in names) or (
        bool(names) and len(names) < len(others)
    )


def _is_unit(word: str) -> bool:
    return word.startswith("#") or _kind(word) in _UNITS


def _without_unit(word: str) -> str:
    return "" if _kind(word) in _UNITS else word.lstrip("#")


def _kind(word: str) -> str:
    """Return the word as the lists above have it."""
    return re.sub("[\u2018\u2019\u02bb\u02bc`\u00b4]", "'", word.casefold())
