"""Queries that read the audit trail."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, DateTime, Integer, Row, Text, Uuid, any_, bindparam, or_, select, tuple_

from app.audit.actions import Action
from app.db.paging import Selection
from app.extensions import db
from app.models import AuditLog
from app.security.actor import Actor
from app.security.compiled_query import compiled_query
from app.security.permissions import Permission

MAX_ENTRIES = 100

#: A change leaves its values or, if those have been erased since, the time of the erasure.
_LEFT_BY_A_CHANGE = (AuditLog.before, AuditLog.after, AuditLog.redacted_at)


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """A change or event in a record's history: who, when, the changed fields, and further `facts`.

    `changes` maps the fields to their values before and after. `ip_address` and `request_id` are None for users who
    cannot read the audit trail.
    """

    id: UUID
    at: datetime
    actor_label: str
    source: str
    action: str
    changes: Mapping[str, tuple[Any, Any]]
    facts: Mapping[str, Any]
    ip_address: str | None
    request_id: str | None


def list_history(
    actor: Actor,
    resource_type: str,
    resource_id: UUID,
    *,
    events: Collection[Action] = (),
    before: tuple[datetime, UUID] | None = None,
    limit: int = MAX_ENTRIES,
) -> Sequence[HistoryEntry]:
    """Return the history of a record that `actor` has already loaded, newest first.

    With `before`, a time and an id, only older entries are returned. Everyone who can see the record is shown changes
    and the given `events`; only users who can read the trail are shown other events, such as who viewed the record.
    """
    db.session.flush()  # changes made by this request are part of it
    reads_all = actor.may(Permission.AUDIT_READ)
    after = {"before_at": before[0], "before_id": before[1]} if before else {}
    told = {"resource_type": resource_type, "resource_id": resource_id, "most": limit, **after}
    if not reads_all:
        told["events"] = [event.value for event in events]
    return [_entry(row, reads_all=reads_all) for row in _history.rows(actor, reads_all, before is not None, **told)]


@compiled_query
def _history(actor: Actor, reads_all: bool, is_continued: bool) -> Selection:
    entries = (
        select(
            AuditLog.id,
            AuditLog.created_at,
            AuditLog.actor_label,
            AuditLog.source,
            AuditLog.action,
            AuditLog.before,
            AuditLog.after,
            AuditLog.details.label("facts"),
            AuditLog.ip_address,
            AuditLog.request_id,
        )
        .where(*_of(actor, bindparam("resource_type", type_=Text()), bindparam("resource_id", type_=Uuid())))
        .order_by(AuditLog.created_at.desc(), AuditLog.id.desc())
        .limit(bindparam("most", type_=Integer()))
    )
    if is_continued:
        place = (bindparam("before_at", type_=DateTime(timezone=True)), bindparam("before_id", type_=Uuid()))
        entries = entries.where(tuple_(AuditLog.created_at, AuditLog.id) < tuple_(*place))
    if not reads_all:
        events = any_(bindparam("events", type_=ARRAY(Text())))
        for_all = (*(column.is_not(None) for column in _LEFT_BY_A_CHANGE), AuditLog.action == events)
        entries = entries.where(or_(*for_all))
    return entries


def has_done(actor: Actor, action: Action, resource_type: str, resource_id: UUID, since: datetime) -> bool:
    """Return whether the trail records that `actor` performed `action` on the record since `since`.

    While another user is being viewed, the real actor counts.
    """
    by = (
        AuditLog.user_id == actor.real_actor.user_id
        if actor.api_key_id is None
        else AuditLog.details["apiKeyId"].astext == str(actor.api_key_id)
    )
    done = select(AuditLog.id).where(
        *_of(actor, resource_type, resource_id),
        AuditLog.created_at >= since,
        by,
        AuditLog.action == action.value,
    )
    return db.session.scalar(done.limit(1)) is not None


def list_events(actor: Actor, action: Action, *, limit: int) -> Sequence[AuditLog]:
    """Return the organization's most recent entries for an action, newest first, at most `limit`."""
    events = select(AuditLog).where(AuditLog.organization_id == actor.organization_id, AuditLog.action == action.value)
    return db.session.scalars(events.order_by(AuditLog.created_at.desc(), AuditLog.id.desc()).limit(limit)).all()


def find_last_actor(actor: Actor, action: Action, resource_type: str, resource_id: UUID) -> str | None:
    """Return the name of the user who last performed `action` on a record, or None if no one has.

    `actor` must have loaded the record already: its visibility is not checked here.
    """
    done = select(AuditLog.actor_label).where(*_of(actor, resource_type, resource_id), AuditLog.action == action.value)
    return db.session.scalar(done.order_by(AuditLog.created_at.desc(), AuditLog.id.desc()).limit(1))


def find_change(actor: Actor, resource_type: str, resource_id: UUID, version: int) -> AuditLog | None:
    """Return the change by `actor` that left a record at `version`.

    Returns None if there is none, or if its values have been erased since.
    """
    change = select(AuditLog).where(
        *_of(actor, resource_type, resource_id),
        AuditLog.user_id == actor.user_id,
        AuditLog.before.is_not(None),
        AuditLog.after["version"].astext == str(version),
    )
    return db.session.scalar(change.order_by(AuditLog.created_at.desc(), AuditLog.id.desc()).limit(1))


def find_deletion(actor: Actor, resource_type: str, resource_id: UUID) -> AuditLog | None:
    """Return the entry of the last deletion of a record by `actor`, which has its values in `before`.

    Returns None if `actor` has not deleted it, or if the values have been erased since.
    """
    done = select(AuditLog).where(
        *_of(actor, resource_type, resource_id),
        AuditLog.user_id == actor.user_id,
        AuditLog.action == f"{resource_type}.deleted",
    )
    entry = db.session.scalar(done.order_by(AuditLog.created_at.desc(), AuditLog.id.desc()).limit(1))
    return entry if entry is not None and entry.before is not None else None


def values_deleted_with(deletion: AuditLog, resource_type: str) -> Sequence[Mapping[str, Any]]:
    """Return the values of the records of another kind that the database deleted along with a record."""
    values: Sequence[Mapping[str, Any]] = db.session.scalars(
        select(AuditLog.before)
        .where(
            AuditLog.organization_id == deletion.organization_id,
            AuditLog.operation_id == deletion.operation_id,
            AuditLog.resource_type == resource_type,
            AuditLog.action == f"{resource_type}.deleted",
            AuditLog.before[f"{deletion.resource_type}_id"].astext == str(deletion.resource_id),
        )
        .order_by(AuditLog.id)
    ).all()
    return values


def _of(actor: Actor, resource_type: Any, resource_id: Any) -> tuple[Any, ...]:
    return (
        AuditLog.organization_id == actor.organization_id,
        AuditLog.resource_type == resource_type,
        AuditLog.resource_id == resource_id,
    )


def _entry(row: Row[Any], *, reads_all: bool) -> HistoryEntry:
    return HistoryEntry(
        id=row.id,
        at=row.created_at,
        actor_label=row.actor_label,
        source=row.source,
        action=row.action,
        changes=_changes(row.before, row.after),
        facts=row.facts,
        ip_address=str(row.ip_address) if reads_all and row.ip_address is not None else None,
        request_id=row.request_id if reads_all else None,
    )


def _changes(before: Mapping[str, Any] | None, after: Mapping[str, Any] | None) -> dict[str, tuple[Any, Any]]:
    """Return the changed fields with their old and new values.

    The result is empty if either side is missing: for a record that was created or deleted, an event, or erased values.
    """
    if before is None or after is None:
        return {}
    return {name: (before.get(name), after.get(name)) for name in sorted({*before, *after})}
