"""Work that is open for a person: what ends when they are erased, and what has to end before."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, Table, and_, func, literal, null, select, update

from app.db.paging import AnySession
from app.errors import ActiveCalls, Conflict, Sentence
from app.models import (
    AppointmentStatus,
    Base,
    CallStatus,
    EntryStatus,
    ImportStatus,
    LeadStage,
    MessageStatus,
    PendingActionStatus,
    RecordingStatus,
    TaskStatus,
)
from app.privacy.inventory import PLACES
from app.privacy.places import ERASED
from app.privacy.traces import Traces

_RUNNING_IMPORTS = (ImportStatus.QUEUED, ImportStatus.RUNNING)
_TABLES = Base.metadata.tables


@dataclass(frozen=True, slots=True)
class Ending:
    """Rows of a place that are open, and the values that end them."""

    table: str
    words: Sentence
    is_open: ColumnElement[bool]
    values: dict[str, Any]

    def condition(self, traces: Traces) -> ColumnElement[bool]:
        """Which of the person's rows are open."""
        place = next(place for place in PLACES if place.table == self.table)
        return and_(place.condition(traces), self.is_open)


def _table(name: str) -> Table:
    return _TABLES[name]


ENDINGS: tuple[Ending, ...] = (
    Ending(
        "appointments",
        _l("Appointments that are cancelled"),
        _table("appointments").c.status == AppointmentStatus.SCHEDULED,
        {"status": AppointmentStatus.CANCELLED, "cancelled_reason": ERASED},
    ),
    Ending(
        "leads",
        _l("Leads that are closed"),
        _table("leads").c.closed_at.is_(None),
        {"stage": LeadStage.DEAD, "closed_at": func.clock_timestamp(), "dead_reason": ERASED},
    ),
    Ending(
        "missed_call_entries",
        _l("Missed calls that are dismissed"),
        _table("missed_call_entries").c.status.in_((EntryStatus.OPEN, EntryStatus.CLAIMED)),
        {
            "status": EntryStatus.DISMISSED,
            "resolved_at": func.clock_timestamp(),
            "claimed_by": null(),
            "claim_expires_at": null(),
        },
    ),
    # Their tasks follow them, and they follow their tasks: a trigger keeps the two alike.
    Ending(
        "tasks",
        _l("Tasks that are cancelled"),
        _table("tasks").c.status.in_((TaskStatus.PENDING, TaskStatus.IN_PROGRESS)),
        {"status": TaskStatus.CANCELLED},
    ),
    Ending(
        "pending_actions",
        _l("Pending actions that are cancelled"),
        _table("pending_actions").c.status.in_((PendingActionStatus.OPEN, PendingActionStatus.IN_PROGRESS)),
        {"status": PendingActionStatus.CANCELLED},
    ),
    Ending(
        "messages",
        _l("Messages that are not sent"),
        _table("messages").c.status == MessageStatus.QUEUED,
        {"status": MessageStatus.FAILED, "error_code": literal("erased")},
    ),
)


def end_open_work(session: AnySession, traces: Traces) -> int:
    """End it; how many rows."""
    connection = session.connection()
    return sum(
        connection.execute(update(_table(ending.table)).where(ending.condition(traces)).values(ending.values)).rowcount
        for ending in ENDINGS
    )


def refuse_unfinished(session: AnySession, traces: Traces) -> None:
    """Raise ActiveCalls or Conflict while something goes on that would write about the person afterwards."""
    if active := _count(session, _calls_going_on(traces)):
        raise ActiveCalls(active)
    for sentence in _obstacles(session, traces):
        raise Conflict(None, sentence)


def _obstacles(session: AnySession, traces: Traces) -> Iterator[Sentence]:
    recordings, imports = _table("recording_sessions"), _table("imports")
    of_theirs = next(place for place in PLACES if place.table == recordings.name).condition(traces)
    if _count(session, select(recordings.c.id).where(of_theirs, recordings.c.status == RecordingStatus.RECORDING)):
        yield _l("A visit with this person is being recorded. Wait until the recording has ended.")
    running = select(imports.c.id).where(
        imports.c.organization_id == traces.organization_id, imports.c.status.in_(_RUNNING_IMPORTS)
    )
    if _count(session, running):
        yield _l("A file is being imported, which may hold this person. Wait until it has finished.")


def _calls_going_on(traces: Traces) -> Any:
    calls = _table("calls")
    of_theirs = next(place for place in PLACES if place.table == calls.name).condition(traces)
    return select(calls.c.id).where(of_theirs, calls.c.status == CallStatus.ACTIVE)


def _count(session: AnySession, rows: Any) -> int:
    return session.scalar(select(func.count()).select_from(rows.subquery())) or 0
