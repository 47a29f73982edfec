"""Queries for outbound streams, their backlog, and the position up to which the trail is complete."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Row, Select, func, literal, select, text, tuple_

from app.audit.chain import BEGINNING
from app.db.paging import MAX_COUNTED
from app.errors import NotFound
from app.extensions import db
from app.models import AuditLog, OutboundStream
from app.security.actor import Actor
from app.security.rows import find_row, get_row
from app.security.scope import restrict
from app.trust.streams.rules import MAX_STREAMS

# No running transaction can still add an entry below this position: everything sent up to it has no gaps.
_COMPLETE_TO = text("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint + pos_offset FROM audit_epoch")


@dataclass(frozen=True, slots=True)
class StreamState:
    """A stream with its backlog: the number of unsent entries, and the time of the oldest.

    The number is exact up to MAX_COUNTED.
    """

    stream: OutboundStream
    waiting: int
    waiting_since: datetime | None

    @property
    def is_counted(self) -> bool:
        """True if `waiting` is the exact number."""
        return self.waiting <= MAX_COUNTED


def list_streams(actor: Actor) -> Sequence[StreamState]:
    """Return all streams with their backlogs, by name."""
    rows = db.session.execute(_with_lag(actor).order_by(func.lower(OutboundStream.name), OutboundStream.id))
    return [_state(row) for row in rows]


def get_state(actor: Actor, stream_id: UUID) -> StreamState:
    """Return one stream with its backlog.

    Raises NotFound.
    """
    row = db.session.execute(_with_lag(actor).where(OutboundStream.id == stream_id)).one_or_none()
    if row is None:
        raise NotFound("stream", stream_id)
    return _state(row)


def find_stream(actor: Actor, stream_id: UUID) -> OutboundStream | None:
    """Return the stream if `actor` can see it, else None."""
    return find_row(actor, OutboundStream, stream_id)


def get_locked(actor: Actor, stream_id: UUID) -> OutboundStream:
    """Return the stream, read again and locked until the transaction ends.

    Raises NotFound.
    """
    return get_row(actor, OutboundStream, stream_id, named="stream", lock=True)


def complete_to() -> int:
    """Return the position below which the trail is complete."""
    position: int = db.session.execute(_COMPLETE_TO).scalar_one()
    return position


def _with_lag(actor: Actor) -> Select[OutboundStream, int, datetime | None]:
    sent = tuple_(func.coalesce(OutboundStream.sent_pos, -1), func.coalesce(OutboundStream.sent_id, BEGINNING))
    unsent = (
        select(AuditLog.created_at)
        .where(AuditLog.organization_id == actor.organization_id, tuple_(AuditLog.pos, AuditLog.id) > sent)
        .correlate(OutboundStream)
    )
    some = unsent.with_only_columns(literal(1).label("one")).limit(MAX_COUNTED + 1).lateral()
    waiting = select(func.count()).select_from(some).scalar_subquery()
    oldest = unsent.order_by(AuditLog.pos, AuditLog.id).limit(1).scalar_subquery()
    columns = select(OutboundStream, waiting.label("waiting"), oldest.label("waiting_since"))
    return restrict(columns, OutboundStream, actor).limit(MAX_STREAMS)


def _state(row: Row[OutboundStream, int, datetime | None]) -> StreamState:
    return StreamState(*row)
