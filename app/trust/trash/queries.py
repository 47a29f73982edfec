"""Queries for deletions and their rows."""

from collections.abc import Collection, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, TypeAlias
from uuid import UUID

from flask_babel import lazy_gettext as _l
from sqlalchemy import Select, func, literal, select, tuple_, union_all

from app.audit.actions import Action
from app.db.conditions import is_any_of
from app.db.context import current_context
from app.db.session import INCLUDE_DELETED
from app.declarations.deletable import Deletable
from app.errors import Conflict, NotFound
from app.extensions import db
from app.models import AuditLog, DeletionBatch, Organization
from app.security.actor import Actor
from app.security.rows import get_row, held
from app.security.scope import unscoped
from app.trust.trash.kinds import deletables

#: Root type of the deletion of a whole organization, which is not listed among those of its records.
ORGANIZATION = "organization"

#: A row's position in a deletion: its kind and its id.
Place: TypeAlias = tuple[str, UUID]

_PAGE = 500


def get_batch(actor: Actor, batch_id: UUID, *, lock: bool = False) -> DeletionBatch:
    """Return the deletion.

    Raises NotFound if `actor` can't see it; no one in an organization can see the deletion of the organization itself.
    With `lock` it is locked until the transaction ends and read again: concurrent restores or purges wait.
    """
    of_records = DeletionBatch.root_type != ORGANIZATION
    return get_row(actor, DeletionBatch, batch_id, of_records, named="deletion_batch", lock=lock)


def get_batch_of_organization(organization_id: UUID, batch_id: UUID) -> DeletionBatch:
    """Return the deletion, locked, for work that is not limited by a user's scope.

    Raises NotFound.
    """
    any_of_it = unscoped(
        select(DeletionBatch), why="used by jobs and for whole organizations; other callers check access themselves"
    )
    statement = any_of_it.where(DeletionBatch.organization_id == organization_id, DeletionBatch.id == batch_id)
    batch = db.session.scalar(held(statement))
    if batch is None:
        raise NotFound("deletion_batch", batch_id)
    return batch


def due(organization_id: UUID) -> Iterator[UUID]:
    """Yield the ids of the expired deletions of records, the earliest expired first.

    Each is returned once, even if the caller commits in between.
    """
    last: tuple[datetime, UUID] | None = None
    while True:
        rows = _list_due(organization_id, last)
        yield from (batch_id for _purge_after, batch_id in rows)
        if len(rows) < _PAGE:
            return
        last = rows[-1]


def _list_due(organization_id: UUID, after: tuple[datetime, UUID] | None) -> Sequence[tuple[datetime, UUID]]:
    order = (DeletionBatch.purge_after, DeletionBatch.id)
    rows = unscoped(select(*order), why="expired deletions are purged, regardless of who deleted the records").where(
        DeletionBatch.organization_id == organization_id,
        DeletionBatch.root_type != ORGANIZATION,
        DeletionBatch.purge_after <= datetime.now(UTC),
        DeletionBatch.restored_at.is_(None),
        DeletionBatch.purged_at.is_(None),
    )
    if after is not None:
        rows = rows.where(tuple_(*order) > after)
    return [(moment, batch_id) for moment, batch_id in db.session.execute(rows.order_by(*order).limit(_PAGE))]


def purge_after(organization_id: UUID, now: datetime) -> datetime:
    """Return the time until which records deleted now stay in the trash."""
    days = select(Organization.trash_days).where(Organization.id == organization_id)
    return now + timedelta(days=db.session.scalars(days).one())


def refuse_settled(batch: DeletionBatch, *, also_while_deleting: bool = False) -> None:
    """Raise Conflict if nothing is left to restore or purge, or if the worker is processing the deletion.

    With `also_while_deleting`, a deletion that the worker is still carrying out is accepted: restoring all of it stops
    that.
    """
    if batch.restored_at is not None:
        raise Conflict(None, _l("This was already restored."))
    if batch.purged_at is not None:
        raise Conflict(None, _l("This was permanently deleted and can’t be restored."))
    if batch.restoring_at is not None:
        raise Conflict(None, _l("This is being restored in the background. Wait until it finishes."))
    if batch.deleting_at is not None and not also_while_deleting:
        raise Conflict(None, _l("This is still being deleted in the background. Wait until it finishes."))


def refuse_purging(batch: DeletionBatch) -> None:
    """Raise Conflict if the deletion is settled, being processed by the worker, or incomplete.

    Rows that an incomplete deletion hasn't reached yet would lose their record.
    """
    refuse_settled(batch)
    if batch.delete_failure is not None:
        raise Conflict(
            None,
            _l("This deletion stopped partway. Restore it first, or retry the deletion from the Jobs page."),
        )


def rows_in(batch: DeletionBatch, kind: Deletable) -> Select[Any]:
    """Select the rows of one kind that this deletion holds in the trash."""
    return (
        unscoped(select(kind.model), why="the deletion itself is already scoped")
        .where(
            getattr(kind.model, kind.tenant_key) == batch.organization_id,
            kind.model.deletion_batch_id == batch.id,
        )
        .order_by(kind.model.id)
        .execution_options(**{INCLUDE_DELETED: True, "populate_existing": True})
    )


def list_rows(batch: DeletionBatch, kind: Deletable, ids: Collection[UUID]) -> Sequence[Any]:
    """Return the rows of one kind with these `ids` that this deletion holds in the trash."""
    return db.session.scalars(rows_in(batch, kind).where(is_any_of(kind.model.id, list(ids)))).all()


def count_left(batch: DeletionBatch) -> dict[str, int]:
    """Count the rows of each kind that are left in the trash; kinds without rows are omitted."""
    return counts_left([batch])[batch.id]


def counts_left(batches: Sequence[DeletionBatch]) -> dict[UUID, dict[str, int]]:
    """Count the rows of each kind that are left in the trash, by deletion; all must be of one organization."""
    found: dict[UUID, dict[str, int]] = {batch.id: {} for batch in batches}
    if not batches:
        return found
    ids = [batch.id for batch in batches]
    counts = (
        _columns_of(kind, batches[0].organization_id, ids).add_columns(func.count()).group_by(_batch_of(kind))
        for kind in deletables().values()
    )
    for resource, batch_id, number in db.session.execute(union_all(*counts)):
        found[batch_id][resource] = number
    return found


def count_restored(batch: DeletionBatch) -> dict[str, int]:
    """Count, by kind, the rows of the deletion that the current operation has restored.

    Rows from before the deletion's last recorded partial restore are not counted.
    """
    restored = {f"{resource}.restored": resource for resource in deletables()}
    part = (
        select(func.max(AuditLog.created_at))
        .where(
            AuditLog.organization_id == batch.organization_id,
            AuditLog.resource_type == "deletion_batch",
            AuditLog.resource_id == batch.id,
            AuditLog.action == Action.DELETION_PARTLY_RESTORED,
        )
        .scalar_subquery()
    )
    entries = select(AuditLog.action, func.count()).where(
        AuditLog.organization_id == batch.organization_id,
        AuditLog.operation_id == current_context().operation_id,
        AuditLog.action.in_(restored),
        AuditLog.before["deletion_batch_id"].astext == str(batch.id),
        AuditLog.created_at > func.coalesce(part, batch.created_at),
    )
    return {restored[action]: number for action, number in db.session.execute(entries.group_by(AuditLog.action))}


def resources_left(batch: DeletionBatch, only: Collection[UUID] | None = None) -> dict[UUID, str]:
    """Return the kind of each row, by its id, that this deletion still holds in the trash.

    With `only`, considers only these rows.
    """
    rows = []
    for kind in deletables().values():
        row_id = kind.model.__table__.c.id
        theirs = _columns_of(kind, batch.organization_id, [batch.id]).add_columns(row_id)
        rows.append(theirs if only is None else theirs.where(row_id.in_(only)))
    return {row_id: resource for resource, _batch_id, row_id in db.session.execute(union_all(*rows))}


def next_left(batch: DeletionBatch, after: Place | None, limit: int) -> list[Place]:
    """Return the kinds and ids of the next rows left in the trash, in the order of restoring.

    These are at most `limit` rows, following `after`.
    """
    found: list[Place] = []
    order = list(deletables())
    for resource in order[order.index(after[0]) if after else 0 :]:
        row_id = deletables()[resource].model.__table__.c.id
        rows = _columns_of(deletables()[resource], batch.organization_id, [batch.id]).with_only_columns(row_id)
        if after is not None and resource == after[0]:
            rows = rows.where(row_id > after[1])
        found += [(resource, one) for one in db.session.scalars(rows.order_by(row_id).limit(limit - len(found)))]
        if len(found) == limit:
            break
    return found


def _columns_of(kind: Deletable, organization_id: UUID, batch_ids: Sequence[UUID]) -> Select[Any]:
    """Select the kind and the deletion of each row that these deletions hold.

    It selects from the table, not the model: a union is then read without the criteria that the session adds for
    models.
    """
    table = kind.model.__table__
    left = select(literal(kind.name).label("resource"), _batch_of(kind))
    return unscoped(left, why="the deletions were already found within the scope or by a job").where(
        table.c[kind.tenant_key] == organization_id, _batch_of(kind).in_(batch_ids)
    )


def _batch_of(kind: Deletable) -> Any:
    return kind.model.__table__.c.deletion_batch_id
