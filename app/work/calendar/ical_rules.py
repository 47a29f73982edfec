"""Serialization of events for other programs as iCalendar, RFC 5545.

Times are in UTC and whole days are dates without a zone, so that no time zone definitions are needed.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum

_LINE_END = "\r\n"
#: Maximum length of a line without its end; longer lines continue in the next one, which begins with a space.
_MAX_OCTETS = 75
_ESCAPED = str.maketrans({"\\": "\\\\", ";": "\\;", ",": "\\,", "\n": "\\n"})
#: Characters that no text can hold: all control characters but the tab. Line ends are escaped.
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


class IcalStatus(StrEnum):
    """Status of an event as iCalendar names it."""

    CONFIRMED = "CONFIRMED"
    TENTATIVE = "TENTATIVE"
    CANCELLED = "CANCELLED"


@dataclass(frozen=True, slots=True, kw_only=True)
class IcalEvent:
    """One event, from start to end, as times or as dates.

    As in the RFC, the end date is the first day after the event.
    """

    uid: str
    start: datetime | date
    end: datetime | date
    summary: str
    status: IcalStatus
    changed: datetime
    created: datetime
    #: Number of changes.
    sequence: int = 0
    location: str = ""
    description: str = ""
    url: str = ""
    #: True if the time counts as busy.
    is_taking: bool = True


def calendar_text(name: str, events: Sequence[IcalEvent]) -> str:
    """Return the whole calendar as iCalendar text, with CRLF at the end of each line."""
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
    """Return `text` escaped for use as the value of an iCalendar property."""
    return _CONTROLS.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).translate(_ESCAPED)


def folded(line: str) -> Iterator[str]:
    """Yield a line in pieces of at most 75 octets, without splitting a character."""
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
    """Return a time in the iCalendar format for UTC, such as 20261120T154500Z."""
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
