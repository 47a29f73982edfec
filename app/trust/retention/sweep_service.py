"""Deleting an organization's expired records: children first, a thousand rows at a time.

The trail retains that each row existed and was deleted, but loses its values: otherwise they would remain in the trail
for another two years.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, delete, func, select

from app.audit.actions import Action
from app.audit.erasure import drop_month, erase_payloads
from app.audit.record import record_event
from app.db.session import INCLUDE_DELETED
from app.declarations.registry import registry
from app.declarations.resource import Resource
from app.declarations.retained import Child, Retained
from app.extensions import db
from app.models import AuditLog, Organization
from app.ops.jobs.progress import progress
from app.ops.jobs.queue import enqueue
from app.security.scope import unscoped
from app.storage import is_key
from app.tenancy.legal_hold_rules import refuse_held
from app.tenancy.organization_queries import lock_organization
from app.trust.retention.queries import due, list_retained
from app.trust.retention.rules import RetentionKind, cutoff, days_in_force, days_of, gone_months, shorter_days
from app.trust.trash.file_jobs import remove_file

ROWS_A_PORTION = 1_000

_REASON = "Kept for as long as the organization keeps such records."


def sweep(organization_id: UUID, now: datetime | None = None) -> dict[str, int]:
    """Delete the expired records of every kind and return the number of rows of each, without their children.

    Requires the worker's database role. Commits after each portion: an interrupted run is continued by the next one,
    and what was deleted until then is reported. Raises Conflict as soon as the organization is under legal hold.
    """
    deleted = dict.fromkeys((kind.value for kind in RetentionKind), 0)
    try:
        _sweep_all(organization_id, now or datetime.now(UTC), deleted)
    except Exception:
        db.session.rollback()
        if any(deleted.values()):
            _report(organization_id, deleted)
            db.session.commit()
        raise
    _report(organization_id, deleted)
    return deleted


def _sweep_all(organization_id: UUID, now: datetime, deleted: dict[str, int]) -> None:
    """Delete the expired records, adding each committed number to `deleted`."""
    settle_days(_not_held(organization_id), now)
    db.session.commit()
    retained = list_retained()
    for done, kept in enumerate(retained):
        for number in _sweep_kind(kept, organization_id, now):
            deleted[kept.kind] += number
        progress(done + 1, len(retained) + 1)
    for number in _sweep_trail(organization_id, now):
        deleted[RetentionKind.AUDIT] += number


def settle_days(organization: Organization, now: datetime) -> None:
    """Merge a shorter retention that is now in force into the settings, so that the trail records it."""
    if organization.pending_retention is not None and not shorter_days(organization, now):
        organization.retention_days = days_in_force(organization, now)
        organization.pending_retention = organization.pending_retention_at = None


def _report(organization_id: UUID, deleted: dict[str, int]) -> None:
    record_event(Action.RETENTION_APPLIED, "organization", organization_id, {"itemsDeleted": deleted})


def _sweep_kind(kept: Retained, organization_id: UUID, now: datetime) -> Iterator[int]:
    """Delete the expired rows of a kind, and yield the number of rows of each portion after its commit."""
    while True:
        organization = _not_held(organization_id)
        before = cutoff(now, days_of(organization.retention_days, kept.kind))
        portion = _sweep_portion(kept, organization_id, before)
        if portion:
            latest = max(before.isoformat(), organization.deleted_before.get(kept.kind, ""))
            organization.deleted_before = {**organization.deleted_before, kept.kind: latest}
        db.session.commit()
        yield portion
        if portion < ROWS_A_PORTION:
            return


def _sweep_portion(kept: Retained, organization_id: UUID, before: datetime) -> int:
    model = kept.model
    named = [getattr(model, column) for column in kept.files]
    kind = unscoped(select(model.id, *named), why="retention depends on age, regardless of record scope")
    wanted = kind.where(*due(kept, organization_id, before)).order_by(model.created_at, model.id)
    portion = wanted.limit(ROWS_A_PORTION).with_for_update(skip_locked=True, of=model)
    rows = db.session.execute(portion.execution_options(**{INCLUDE_DELETED: True})).all()
    ids = [row.id for row in rows]
    if not ids:
        return 0
    if kept.removing is not None:
        kept.removing(organization_id, ids)
    remove_children(organization_id, kept.children, ids)
    _remove(organization_id, kept.resource, ids)
    remove_files(rows, kept.files)
    return len(ids)


def remove_children(organization_id: UUID, children: Sequence[Child], parents: Sequence[UUID]) -> None:
    """Delete the rows that belong to rows with these ids, recursively."""
    for child in children:
        resource = registry().resources[child.resource]
        column = getattr(resource.model, child.column)
        belonging = unscoped(
            select(resource.model.id),
            why="child rows are deleted together with their parents, regardless of record scope",
        )
        theirs = belonging.where(resource.model.organization_id == organization_id, column.in_(parents))
        ids = db.session.scalars(theirs.execution_options(**{INCLUDE_DELETED: True})).all()
        if ids:
            remove_children(organization_id, child.children, ids)
            _remove(organization_id, resource, ids)


def remove_files(rows: Sequence[Row[Any]], columns: Sequence[str]) -> None:
    """Remove the files that these rows refer to, in jobs that run once the rows are deleted."""
    for key in {getattr(row, column) for row in rows for column in columns}:
        if key and is_key(key):
            enqueue(remove_file, key=key)


def _remove(organization_id: UUID, resource: Resource, ids: Sequence[UUID]) -> None:
    """Delete the rows, and erase their values from the trail."""
    model = resource.model
    gone = delete(model).where(model.organization_id == organization_id, model.id.in_(ids))
    db.session.execute(gone.execution_options(synchronize_session=False, **{INCLUDE_DELETED: True}))
    erase_payloads(resource.name, ids, _REASON)


def _sweep_trail(organization_id: UUID, now: datetime) -> Iterator[int]:
    """Delete whole months of the trail, oldest first, and yield the number of deleted entries of each.

    Months are deleted once they are sealed; their seals remain.
    """
    oldest = db.session.scalar(select(func.min(AuditLog.created_at)).where(AuditLog.organization_id == organization_id))
    if oldest is not None:
        days = days_of(_not_held(organization_id).retention_days, RetentionKind.AUDIT)
        for month in gone_months(oldest, cutoff(now, days)):
            _not_held(organization_id)
            number = drop_month(month)
            db.session.commit()
            yield number


def _not_held(organization_id: UUID) -> Organization:
    organization = lock_organization(organization_id)
    refuse_held(organization)
    return organization
