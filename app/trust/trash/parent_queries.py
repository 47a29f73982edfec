"""What a record belongs to, where that is in the trash as well: it comes back first."""

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from app.db.conditions import is_any_of
from app.db.session import INCLUDE_DELETED
from app.extensions import db
from app.models import DeletionBatch
from app.security.actor import Actor
from app.security.permissions import Permission, Role
from app.security.scope import unscoped
from app.trust.trash import queries, rules
from app.trust.trash.kinds import deletables


def find_parents_in_trash(
    batch: DeletionBatch, ids: Collection[UUID], by: Actor | None
) -> list[tuple[DeletionBatch, frozenset[UUID]]]:
    """What these rows of a batch belong to, and what that belongs to in turn: rows by the deletions that they went
    with, in the order in which they can come back.

    Raises NotFound and Forbidden for a deletion that `by` may not restore, and Conflict for one that the worker is at.
    """
    order = list(deletables())
    found: dict[tuple[int, UUID], set[UUID]] = {}
    waiting = [
        (kind, row)
        for kind in deletables().values()
        for row in db.session.scalars(queries.rows_in(batch, kind).where(is_any_of(kind.model.id, list(ids))))
    ]
    while waiting:
        kind, row = waiting.pop()
        for column, resource in kind.parents.items():
            parent = _find_deleted(resource, batch.organization_id, getattr(row, column))
            if parent is not None:
                found.setdefault((order.index(resource), parent.deletion_batch_id), set()).add(parent.id)
                waiting.append((deletables()[resource], parent))
    return [(_lock(batch, batch_id, by), frozenset(ids)) for (_, batch_id), ids in sorted(found.items())]


def _find_deleted(resource: str, organization_id: UUID, row_id: UUID | None) -> Any:
    model = deletables()[resource].model
    parent = unscoped(select(model), why="found first, then asked whether its deletion may be restored")
    statement = parent.where(
        model.organization_id == organization_id, model.id == row_id, model.deletion_batch_id.is_not(None)
    )
    return db.session.scalar(statement.execution_options(**{INCLUDE_DELETED: True}))


def _lock(batch: DeletionBatch, batch_id: UUID, by: Actor | None) -> DeletionBatch:
    if batch_id == batch.id:
        return batch
    if by is None:
        other = queries.get_batch_of_organization(batch.organization_id, batch_id)
    else:
        other = queries.get_batch(by, batch_id, lock=True)
        refuse_restoring(by, other)
    queries.refuse_settled(other)
    return other


def may_restore(actor: Actor, batch: DeletionBatch) -> bool:
    """Whether `actor` may restore this deletion; a manager may restore their own."""
    permission = Permission.TRASH_RESTORE
    return actor.may(permission) and (batch.deleted_by == actor.user_id or actor.sees_all(permission))


def refuse_taking_back(actor: Actor, batch: DeletionBatch, asked_at: datetime) -> None:
    """Raise Forbidden unless it was `actor`'s own and fresh when they asked, or they may restore it."""
    if rules.may_undo(batch.deleted_by, batch.created_at, actor.user_id, asked_at):
        return
    if batch.deleted_by == actor.user_id and not may_restore(actor, batch):
        raise actor.refusal(Permission.TRASH_RESTORE, rules.UNDO_IS_OVER, needed=Role.ADMIN)
    refuse_restoring(actor, batch)


def refuse_restoring(actor: Actor, batch: DeletionBatch) -> None:
    """Raise Forbidden unless `actor` may restore this deletion."""
    permission = Permission.TRASH_RESTORE
    actor.requires(permission)
    if may_restore(actor, batch):
        return
    raise actor.refusal(
        permission,
        _l("You may restore what you deleted, and somebody else deleted this. Ask an admin."),
        needed=Role.ADMIN,
    )
