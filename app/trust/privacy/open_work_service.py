"""Open work for a person: what is closed when they are erased, and what must be finished before."""

from collections.abc import Iterator
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import Table, func, select, update

from app.db.paging import AnySession
from app.declarations.personal import PersonalDataMatches
from app.errors import ActiveCalls, Conflict, LazyText
from app.models import (
    Base,
    CallStatus,
    ImportStatus,
    RecordingStatus,
)
from app.security.scope import unscoped
from app.trust.privacy.inventory import endings, is_open, place_of

_RUNNING_IMPORTS = (ImportStatus.QUEUED, ImportStatus.RUNNING)
_TABLES = Base.metadata.tables


def _table(name: str) -> Table:
    return _TABLES[name]


def end_open_work(session: AnySession, traces: PersonalDataMatches) -> int:
    """Close the person's open work, and return the number of closed rows."""
    connection = session.connection()
    return sum(
        connection.execute(update(place.source).where(is_open(place, end, traces)).values(dict(end.values))).rowcount
        for place, end in endings()
    )


def refuse_unfinished(session: AnySession, traces: PersonalDataMatches) -> None:
    """Raise ActiveCalls or Conflict while a running process could write about the person after erasure."""
    if active := _count(session, _calls_going_on(traces)):
        raise ActiveCalls(active)
    for sentence in _obstacles(session, traces):
        raise Conflict(None, sentence)


def _obstacles(session: AnySession, traces: PersonalDataMatches) -> Iterator[LazyText]:
    recordings, imports = _table("recording_sessions"), _table("imports")
    of_theirs = place_of(recordings.name).condition(traces)
    if _count(session, select(recordings.c.id).where(of_theirs, recordings.c.status == RecordingStatus.RECORDING)):
        yield _l("An appointment with this person is being recorded. Wait until the recording ends.")
    running = select(imports.c.id).where(
        imports.c.organization_id == traces.organization_id, imports.c.status.in_(_RUNNING_IMPORTS)
    )
    if _count(session, running):
        yield _l("A running import may contain this person. Wait until it finishes.")


def _calls_going_on(traces: PersonalDataMatches) -> Any:
    calls = _table("calls")
    of_theirs = place_of(calls.name).condition(traces)
    return select(calls.c.id).where(of_theirs, calls.c.status == CallStatus.ACTIVE)


def _count(session: AnySession, rows: Any) -> int:
    going_on = unscoped(rows, why="count only; an erasure waits for all running work, regardless of record scope")
    return session.scalar(select(func.count()).select_from(going_on.subquery())) or 0
