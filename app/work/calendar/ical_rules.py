"""Events as other programs read them: iCalendar, RFC 5545.

Moments are in UTC, whole days are dates without a zone, so that no description of a zone is needed.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum

_LINE_END = "\r\n"
#: Of a line, without its end; what is longer goes on in the next one, which begins with a blank.
_MAX_OCTETS = 75
_ESCAPED = str.maketrans({"\\": "\\\\", ";": "\\;", ",": "\\,", "\n": "\\n"})
#: What no text may hold: all controls but the tab; line ends are written as \n.
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


class IcalStatus(StrEnum):
    """How sure an event is."""

    CONFIRMED = "CONFIRMED"
    TENTATIVE = "TENTATIVE"
    CANCELLED = "CANCELLED"


@dataclass(frozen=True, slots=True, kw_only=True)
class IcalEvent:
    """One event: from–to as moments, or as days, of which the last is the first that is free again."""

    uid: str
    start: datetime | date
    end: datetime | date
    summary: str
    status: IcalStatus
    changed: datetime
    created: datetime
    #: How often it was changed.
    sequence: int = 0
    location: str = ""
    description: str = ""
    url: str = ""
    #: Whether whoever has it is taken then.
    is_taking: bool = True


def calendar_text(name: str, events: Sequence[IcalEvent]) -> str:
    """The whole calendar, with CRLF at the end of each line."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Switchboard//Calendar//EN",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        f"NAME:{escaped(name)}",
        f"X-WR-CALNAME:{escaped(name)}",
        "REFRESH-INTERVAL;VALUE=DURATION:PT1H",
        "X-PUBLISHED-TTL:PT1H",
    ]
    for event in events:
        lines += _event_lines(event)
    lines.append("END:VCALENDAR")
    return "".join(f"{part}{_LINE_END}" for line in lines for part in folded(line))


def escaped(text: str) -> str:
    """A text as a value may hold it."""
    return _CONTROLS.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).translate(_ESCAPED)


def folded(line: str) -> Iterator[str]:
    """A line in pieces of 75 octets at most, none of which breaks a character."""
    piece, octets = "", 0
    for character in line:
        size = len(character.encode())
        if octets + size > _MAX_OCTETS:
            yield piece
            piece, octets = " ", 1
        piece += character
        octets += size
    yield piece


def utc_text(moment: datetime) -> str:
    """A moment as values hold it: 20261120T154500Z."""
    return moment.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def _event_lines(event: IcalEvent) -> Iterable[str]:
    yield "BEGIN:VEVENT"
    yield f"UID:{event.uid}"
    yield f"DTSTAMP:{utc_text(event.changed)}"
    yield f"CREATED:{utc_text(event.created)}"
    yield f"LAST-MODIFIED:{utc_text(event.changed)}"
    yield f"SEQUENCE:{event.sequence}"
    yield f"DTSTART{_moment(event.start)}"
    yield f"DTEND{_moment(event.end)}"
    yield f"SUMMARY:{escaped(event.summary)}"
    yield f"STATUS:{event.status}"
    yield f"TRANSP:{'OPAQUE' if event.is_taking else 'TRANSPARENT'}"
    for name, text in (("LOCATION", event.location), ("DESCRIPTION", event.description)):
        if text:
            yield f"{name}:{escaped(text)}"
    if event.url:
        yield f"URL:{event.url}"
    yield "END:VEVENT"


def _moment(moment: datetime | date) -> str:
    if isinstance(moment, datetime):
        return f":{utc_text(moment)}"
    return f";VALUE=DATE:{moment:%Y%m%d}"
