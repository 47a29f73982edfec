"""Calls as a file for spreadsheets: the columns of the list, in the reader's words and on the organization's clocks."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from enum import StrEnum
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import Double, Integer, Text, cast, func

from app.calls.filters import CallFilters
from app.calls.queries import call_list
from app.db.lists import ListQuery
from app.models import BookingStatus, CallOutcome, CallStatus, CallType, Direction, Sentiment
from app.security.actor import Actor
from app.web.labels import LABELS


def file_of_calls(actor: Actor, filters: CallFilters) -> ListQuery:
    """The list of calls with the columns that a line is made of, in its order.

    The database writes moments and ids as text and counts the seconds of the wait: in Python that is a third of the
    time that a file takes.
    """
    query = call_list(actor, filters)
    known = query.rows.selected_columns
    local = func.timezone(actor.timezone, known.started_at)
    wait = cast(func.extract("epoch", known.answered_at - known.started_at), Double)
    columns = (
        func.to_char(local, "YYYY-MM-DD HH24:MI:SS"),
        known.contact_name,
        known.company_name,
        known.number,
        known.direction,
        known.call_type,
        known.status,
        known.csr_name,
        known.topic,
        cast(func.round(wait), Integer),
        known.duration_seconds,
        known.outcome,
        known.booking_status,
        known.sentiment,
        known.call_quality,
        cast(known.id, Text),
    )
    return replace(query, rows=query.rows.with_only_columns(*columns, maintain_column_froms=True))


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


def lines(rows: Iterable[Any]) -> Iterator[list[Any]]:
    """A line for each row of `file_of_calls`, in the reader's words; what is not known is empty."""
    words = [_words(kind) for kind in (Direction, CallType, CallStatus, CallOutcome, BookingStatus, Sentiment)]
    directions, kinds, statuses, outcomes, bookings, sentiments = words
    for row in rows:
        started, name, company, number, direction, kind, status, csr, topic, wait, talk, *rest = row
        outcome, booking, sentiment, rating, call_id = rest
        yield [
            started,
            name,
            company,
            number,
            directions[direction],
            kinds[kind],
            statuses[status],
            csr,
            topic,
            wait,
            talk,
            outcomes[outcome],
            bookings[booking],
            sentiments[sentiment],
            rating,
            call_id,
        ]


def _words(kind: type[StrEnum]) -> dict[str | None, str]:
    """Looked up once a file: a translation costs more than the rest of a row."""
    return {None: "", **{str(value): str(text) for value, text in LABELS[kind].items()}}
