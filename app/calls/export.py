"""Calls as a file for spreadsheets: the columns of the list, in the reader's words and on the organization's clocks."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import gettext as _

from app.models import BookingStatus, CallOutcome, CallStatus, CallType, Direction, Sentiment
from app.web.labels import LABELS


def header(timezone: str) -> list[str]:
    """The first line."""
    return [
        _("Started (%(zone)s)", zone=timezone),
        _("Caller"),
        _("Company"),
        _("Number"),
        _("Direction"),
        _("Kind"),
        _("Status"),
        _("CSR"),
        _("Topic"),
        _("Wait in seconds"),
        _("Talk in seconds"),
        _("Outcome"),
        _("Booking"),
        _("Sentiment"),
        _("Rating"),
        _("Call id"),
    ]


def lines(rows: Iterable[Any], timezone: str) -> Iterator[list[Any]]:
    """A line for each row of the list; what is not known is empty."""
    zone = ZoneInfo(timezone)
    directions, kinds, statuses, outcomes, bookings, sentiments = map(
        _words, (Direction, CallType, CallStatus, CallOutcome, BookingStatus, Sentiment)
    )
    for row in rows:
        yield [
            row.started_at.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S"),
            row.contact_name,
            row.company_name,
            row.number,
            directions[row.direction],
            kinds[row.call_type],
            statuses[row.status],
            row.csr_name,
            row.topic,
            _seconds_between(row.started_at, row.answered_at),
            row.duration_seconds,
            outcomes[row.outcome],
            bookings[row.booking_status],
            sentiments[row.sentiment],
            row.call_quality,
            row.id,
        ]


def _words(kind: type[StrEnum]) -> dict[str | None, str]:
    """Looked up once a file: a translation costs more than the rest of a row."""
    return {None: "", **{value: str(text) for value, text in LABELS[kind].items()}}


def _seconds_between(start: datetime, end: datetime | None) -> int | None:
    return None if end is None else round((end - start).total_seconds())
