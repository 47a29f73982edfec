"""Time zones in the names of columns: `Start (UTC)`, `started_at_utc`, `StartTimeUTC`, `Time [GMT+2]`, `Start EST`.

A zone is only read where a name can't mean anything else: `Outcome`, `Mgmt date`, `Est. start` and `PST Amount`, a tax,
have none.
"""

import re
from collections.abc import Mapping as Fields
from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

from app.zones import timezones

_WORD_STARTS = re.compile(r"(?<=[a-z])(?=[A-Z])|_")
_EASTERN, _CENTRAL, _MOUNTAIN, _PACIFIC = (
    "America/New_York",
    "America/Chicago",
    "America/Denver",
    "America/Los_Angeles",
)
#: Mountain time without daylight saving time.
_ARIZONA = "America/Phoenix"
#: Abbreviations of time zones; those that mean several zones are left out, apart from the American ones.
_ABBREVIATIONS: Fields[str, str] = {
    **dict.fromkeys(("EST", "EDT"), _EASTERN),
    **dict.fromkeys(("CST", "CDT"), _CENTRAL),
    **dict.fromkeys(("MST", "MDT"), _MOUNTAIN),
    **dict.fromkeys(("PST", "PDT"), _PACIFIC),
    **dict.fromkeys(("AKST", "AKDT"), "America/Anchorage"),
    "HST": "Pacific/Honolulu",
    **dict.fromkeys(("CET", "CEST"), "Europe/Berlin"),
    **dict.fromkeys(("EET", "EEST"), "Europe/Athens"),
    **dict.fromkeys(("MSK", "МСК"), "Europe/Moscow"),  # noqa: RUF001 - Russian
    "JST": "Asia/Tokyo",
    **dict.fromkeys(("AEST", "AEDT"), "Australia/Sydney"),
}
#: Abbreviations that are too short to be read anywhere.
_LETTERS: Fields[str, str] = {"ET": _EASTERN, "CT": _CENTRAL, "MT": _MOUNTAIN, "PT": _PACIFIC, "Z": "UTC"}
#: Names that are also words of their own.
_WORDS: Fields[str, str] = {
    "eastern": _EASTERN,
    "central": _CENTRAL,
    "mountain": _MOUNTAIN,
    "pacific": _PACIFIC,
    "arizona": _ARIZONA,
}
#: Zones of offsets that are no whole hours, without daylight saving time.
_BETWEEN_HOURS: Fields[str, str] = {
    "+03:30": "Asia/Tehran",
    "+04:30": "Asia/Kabul",
    "+05:30": "Asia/Kolkata",
    "+05:45": "Asia/Kathmandu",
    "+06:30": "Asia/Yangon",
    "+09:30": "Australia/Darwin",
    "-09:30": "Pacific/Marquesas",
}
_EARLIEST, _LATEST = -12, 14

_REGION = re.compile(r"(?<![A-Za-z/])[A-Za-z]+(?:/[A-Za-z_ ]+){1,2}(?:[+\-]\d+)?")
_OFFSET = re.compile(
    r"(?:\b(?:UTC|GMT) ?|(?<=[(\[])(?=.\d{2}:?\d{2}[)\]]))"
    r"(?P<sign>[+\-−]) ?(?P<hours>\d{1,2})(?::?(?P<minutes>\d{2}))?(?![.,:]?\d)",
    re.IGNORECASE,
)
#: Text after `UTC` or `GMT` with which it isn't that zone: `UTC+5.5`, `UTC offset`, `GMT Standard Time`, of London.
_NO_UTC = re.compile(r"\s*[+\-−]\s*\d|\s+(?:offset|standard|summer|daylight)\b", re.IGNORECASE)
_IN_BRACKETS = re.compile(r"[(\[]([^()\[\]]*)[)\]]")
_PART = re.compile(r"[^,;/|]+")
#: A part of a name that may be a zone, though it isn't clear which: `BST`, `UTC+5.5`, `Central European Time`.
_MAYBE_ZONE = re.compile(
    r"[A-Z]{1,3}T|(?i:[A-Z][SD]T)|(?i:(?:utc|gmt)\b(?!.*\boffset\b).*)|[+\-−]\d{1,2}(?:[.,:]?\d{1,2})?"
    r"|(?i:.*\b(?:standard|daylight|summer|european) time)"
)
_WORD = re.compile(r"[^\W\d_]+")
_UTC = ("utc", "gmt")
#: Words after which a zone can stand without brackets.
_TIMES = frozenset({
    "time", "date", "datetime", "timestamp", "stamp", "at", "on", "start", "started", "begin", "began", "when", "hour",
    "starttime", "callstart", "calltime", "время", "дата", "начало", "vaqt", "vaqti", "sana",
})  # fmt: skip
#: Other words of names of times, beside which a zone stands in brackets.
_OF_TIMES = frozenset({
    "answered", "begins", "booked", "called", "canceled", "cancelled", "closed", "completed", "connected", "created",
    "day", "end", "ended", "ends", "finish", "finished", "modified", "received", "scheduled", "starts", "updated",
    "visit", "конец", "окончание", "создан", "завершён", "sanasi", "boshlanishi", "tugashi", "yaratilgan",
})  # fmt: skip
_GLUED_AFTER = ("time", "date", "at", "start", "started", "stamp", "begin", "on")
_GLUED_BEFORE = ("time", "date", "start", "stamp")


class NamedZone(NamedTuple):
    """A time zone in the name of a column (IANA), and the name without it."""

    zone: str
    rest: str


def zone_in(column: str) -> str | None:
    """Return the time zone stated in a column name, as in `Date/Time Start (UTC)`, or None."""
    named = _named_zone(column)
    return named.zone if named else None


def without_zone(column: str) -> str:
    """Return a column name without the time zone that it states."""
    named = _named_zone(column)
    return named.rest if named and _WORD.search(named.rest) else column


def has_unclear_zone(column: str) -> bool:
    """Return whether the name of a time column seems to state a time zone, but not which: `Start (BST)`."""
    return zone_in(column) is None and any(map(_may_be_zone, _IN_BRACKETS.findall(column)))


def _may_be_zone(text: str) -> bool:
    area, slash, _place = text.strip().casefold().partition("/")
    return bool(slash and area in _areas()) or any(_MAYBE_ZONE.fullmatch(part.strip()) for part in _PART.findall(text))


def _named_zone(column: str) -> NamedZone | None:
    return _region(column) or _in_text(_WORD_STARTS.sub(" ", column))


def _region(column: str) -> NamedZone | None:
    """Return the zone of an IANA name, in which spaces may stand for underscores."""
    for match in _REGION.finditer(column):
        name = match[0].rstrip()
        while name:
            if zone := _regions().get(name.replace(" ", "_").casefold()):
                return _without(column, match.start(), match.start() + len(name), zone)
            name = name.rpartition(" ")[0]
    return None


def _in_text(text: str) -> NamedZone | None:
    """Return the zone in a text; names come first, since an offset beside one is that of winter."""
    words = [*_WORD.finditer(text)]
    for place in range(len(words)):
        if named := _abbreviated(text, words, place) or _in_words(text, words, place):
            return named
    if (offset := _OFFSET.search(text)) and (zone := _zone_of(offset)):
        return _without(text, offset.start(), offset.end(), zone)
    return next(filter(None, (_utc(text, word) for word in words)), None)


def _utc(text: str, word: re.Match[str]) -> NamedZone | None:
    name = word[0].casefold()
    if _NO_UTC.match(text, word.end()):
        return None
    if name in _UTC:
        return _without(text, word.start(), word.end(), "UTC")
    if name.endswith(_UTC) and name[:-3].endswith(_GLUED_AFTER):
        return _without(text, word.end() - 3, word.end(), "UTC")
    if name.startswith(_UTC) and name[3:].startswith(_GLUED_BEFORE):
        return _without(text, word.start(), word.start() + 3, "UTC")
    return None


def _abbreviated(text: str, words: Sequence[re.Match[str]], place: int) -> NamedZone | None:
    """Return the zone of an abbreviation.

    `Est. start` and `EST START` are estimated, so only capitals among other letters are read anywhere in the name of a
    time.
    """
    word = words[place]
    name = word[0].upper()
    zone = _ABBREVIATIONS.get(name)
    is_clear = zone is not None and word[0].isupper() and any(map(str.islower, text))
    zone = zone or _LETTERS.get(name)
    if zone is None or text.startswith(".", word.end()) or not _is_beside_time(words, place):
        return None
    if not is_clear and not _is_placed(text, words, place):
        return None
    if zone == _MOUNTAIN and any(_WORDS.get(other[0].casefold()) == _ARIZONA for other in words):
        zone = _ARIZONA
    return _without(text, word.start(), word.end(), zone)


def _in_words(text: str, words: Sequence[re.Match[str]], place: int) -> NamedZone | None:
    """Return the zone of a name such as “Eastern”, “US Eastern”, “Eastern Time” or “Eastern Standard Time”."""
    zone = _WORDS.get(words[place][0].casefold())
    if zone is None:
        return None
    after = [word[0].casefold() for word in words[place + 1 : place + 3]]
    size = 1 if after[:1] == ["time"] else 2 if after in (["standard", "time"], ["daylight", "time"]) else 0
    if not size and not (_is_placed(text, words, place) and _is_beside_time(words, place)):
        return None
    return _without(text, words[place].start(), words[place + size].end(), zone)


def _is_beside_time(words: Sequence[re.Match[str]], place: int) -> bool:
    """Return whether another word is one of a time, so that one of two meanings is a zone: `PST Amount` has a tax."""
    others = (word[0].casefold() for index, word in enumerate(words) if index != place)
    return any(other in _TIMES or other in _OF_TIMES for other in others)


def _is_placed(text: str, words: Sequence[re.Match[str]], place: int) -> bool:
    """Return whether a word is a whole part of a text in brackets, or the last one after a word for a time."""
    word = words[place]
    if any(
        inside.start(1) + part.start() <= word.start() < inside.start(1) + part.end()
        and part[0].strip().casefold().removeprefix("us ") == word[0].casefold()
        for inside in _IN_BRACKETS.finditer(text)
        for part in _PART.finditer(inside[1])
    ):
        return True
    return place > 0 and place == len(words) - 1 and words[place - 1][0].casefold() in _TIMES


def _zone_of(offset: re.Match[str]) -> str | None:
    """Return the zone of an offset from UTC, or None if there is none without daylight saving time."""
    sign = "+" if offset["sign"] == "+" else "-"
    hours, minutes = int(offset["hours"]), int(offset["minutes"] or 0)
    if minutes:
        return _BETWEEN_HOURS.get(f"{sign}{hours:02}:{minutes:02}")
    ahead = hours if sign == "+" else -hours
    if not _EARLIEST <= ahead <= _LATEST:
        return None
    # The names of these zones have the opposite sign.
    return f"Etc/GMT{'-' if ahead > 0 else '+'}{hours}" if ahead else "UTC"


def _without(text: str, start: int, end: int, zone: str) -> NamedZone:
    return NamedZone(zone, f"{text[:start]} {text[end:]}")


@cache
def _areas() -> frozenset[str]:
    """Return the first parts of IANA names: `america`, `europe`."""
    return frozenset(name.partition("/")[0] for name in _regions())


@cache
def _regions() -> Fields[str, str]:
    return {name.casefold(): name for name in timezones() if "/" in name}
