"""Entries in the trail for the rows that lists have handed out, and deletion of old counts."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, delete

from app.audit.actions import Action
from app.audit.record import record_event
from app.db.context import Context, current_context
from app.db.session import organization_scope
from app.extensions import db
from app.models import ListRead
from app.security.key_rules import label_of_key
from app.trust.audit_log.list_read_queries import list_unrecorded_readers, lock_unrecorded_reads

#: The page of an API key shows the last day.
_KEPT_FOR = timedelta(days=31)


def record_reads(now: datetime) -> None:
    """Record the reads of past hours in the trail: an entry for each caller, resource and hour.

    The entry is the caller's own. Each caller's entries are committed together with the mark on their counts, so a
    repetition records only what is missing.
    """
    hour = now.replace(minute=0, second=0, microsecond=0)
    for reader in list_unrecorded_readers(hour):
        with organization_scope(_context_of(reader), db.session):
            for read in lock_unrecorded_reads(reader.user_id, reader.api_key_id, hour):
                facts = {"count": read.rows_read, "hour": read.hour.isoformat()}
                record_event(Action.LIST_READ, read.resource_type, metadata=facts)
                read.recorded_at = now
            db.session.commit()


def delete_old_reads(now: datetime) -> None:
    """Delete the counts of the context's organization that are a month old; the trail keeps its entries."""
    old = delete(ListRead).where(
        ListRead.organization_id == current_context().organization_id,
        ListRead.hour < now - _KEPT_FOR,
        ListRead.recorded_at.is_not(None),
    )
    db.session.execute(old)


def _context_of(reader: Row[Any]) -> Context:
    """Return the context of a request of the reader, without the request."""
    organization_id = current_context().organization_id
    if reader.api_key_id is not None:
        label = label_of_key(reader.key_name, reader.creator_name)
        return Context(organization_id, api_key_id=reader.api_key_id, actor_label=label, source="external")
    return Context(
        organization_id, actor_id=reader.user_id, actor_label=reader.user_name, actor_role=reader.role, source="user"
    )
