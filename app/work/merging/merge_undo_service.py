"""Undoing a merge when the merged contact is restored: the moved records go back to it.

The audit trail of the merge tells what it changed. A row goes back unless it was moved since; a value is reverted if it
is still as the merge left it. Everything else stays and is listed.
"""

from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import Column, select, update

from app.audit.stored_values import stored_value
from app.db.conditions import is_any_of
from app.db.transaction import translated_integrity_errors
from app.declarations.deletable import HandedOver
from app.declarations.registry import registry
from app.declarations.resource import Resource
from app.errors import DomainError
from app.extensions import db
from app.models import Base, ContactMerge, DeletionBatch
from app.security.rows import held
from app.security.scope import unscoped
from app.work.merging.merge_answer_service import take_back
from app.work.merging.merge_queries import Moving, find_merge_of, moving, references_to
from app.work.merging.moved_queries import changes_of, ids_as_left, ids_moved, is_touched_since, references_as_left

#: Columns that are handled elsewhere.
_ELSEWHERE = frozenset({"version", "deleted_at", "deleted_by", "deletion_batch_id"})


def count_moved(batch: DeletionBatch, contact_ids: Collection[UUID]) -> HandedOver:
    """Return how many of the records moved from these contacts would go back to them, and how many stay."""
    merge = _merge_of(batch, contact_ids)
    if merge is None:
        return HandedOver()
    counts = HandedOver()
    for one in moving():
        back = len(ids_as_left(merge, one))
        counts += HandedOver(back, len(ids_moved(merge, one)) - back)
    return counts


def give_back(batch: DeletionBatch, contact_ids: Collection[UUID]) -> HandedOver:
    """Revert the merge of these contacts, except for what has changed since.

    Returns how many records went back, and how many didn't.
    """
    merge = _merge_of(batch, contact_ids)
    if merge is None:
        return HandedOver()
    take_back(merge)
    counts = HandedOver()
    for one in moving():
        moved = len(ids_moved(merge, one))
        back = _move_back(one, merge, ids_as_left(merge, one))
        counts += HandedOver(back, moved - back)
    with_doubles = [one for one in moving() if one.merging.words is not None]
    for one in with_doubles:
        for other, column in references_to(one.resource):
            _refer_back(other, column, merge)
    db.session.expire_all()
    for resource in (registry().resources["contact_card"], *(one.resource for one in with_doubles)):
        _set_values_back(resource, merge)
    return counts


def _merge_of(batch: DeletionBatch, contact_ids: Collection[UUID]) -> ContactMerge | None:
    merge = find_merge_of(batch.organization_id, ContactMerge.deletion_batch_id == batch.id)
    return merge if merge is not None and merge.merged_card_id in contact_ids else None


def _move_back(one: Moving, merge: ContactMerge, ids: Collection[UUID]) -> int:
    """Move rows back and return their number.

    If the database refuses them together, they are moved one by one.
    """
    if not ids:
        return 0
    try:
        with translated_integrity_errors():
            return _set(merge, one, one.card, ids, merge.kept_card_id, merge.merged_card_id)
    except DomainError:
        return sum(_move_back(one, merge, [row_id]) for row_id in ids) if len(ids) > 1 else 0


def _refer_back(one: Moving, column: Column[Any], merge: ContactMerge) -> None:
    """Revert the references in `column` that the merge changed.

    Only rows that belong to the restored contact again are changed.
    """
    for row_id, before, after in references_as_left(merge, one.resource, column.key):
        _set(merge, one, column, [row_id], UUID(after), UUID(before), one.card == merge.merged_card_id)


def _set(
    merge: ContactMerge, one: Moving, column: Column[Any], ids: Collection[UUID], old: Any, new: Any, *only: Any
) -> int:
    # Bypasses the session, so that rows in the trash are included.
    raised = {"version": one.table.c.version + 1} if "version" in one.table.c else {}
    here = (
        one.table.c.organization_id == merge.organization_id,
        is_any_of(one.table.c.id, list(ids)),
        column == old,
        *only,
    )
    return db.session.connection().execute(update(one.table).where(*here).values({column.key: new, **raised})).rowcount


def _set_values_back(resource: Resource, merge: ContactMerge) -> None:
    """Revert values of the rows that stay, if they are still as the merge left them."""
    table = resource.model.__table__
    moved = {resource.moving.card.key} if resource.moving else set()
    for entry in changes_of(merge, resource):
        before, after = entry.before or {}, entry.after or {}
        names = [name for name in before if name in after and name in table.c and name not in _ELSEWHERE | moved]
        rows = unscoped(
            select(resource.model), why="undoing a merge reverts all values that it changed, regardless of record scope"
        ).where(resource.model.organization_id == merge.organization_id, resource.model.id == entry.resource_id)
        row = db.session.scalar(held(rows)) if names else None
        if row is None:
            continue
        as_left = [name for name in names if getattr(row, name) == stored_value(table.c[name], after[name])]
        back = {
            name: stored_value(table.c[name], before[name]) for name in as_left if not is_touched_since(entry, name)
        }
        _set_back(row, back)


def _set_back(row: Base, values: Mapping[str, Any]) -> None:
    """Revert values as far as constraints allow.

    For example, a lead won since then keeps its stage.
    """
    try:
        with translated_integrity_errors():
            for name, value in values.items():
                setattr(row, name, value)
    except DomainError:
        for name in values if len(values) > 1 else ():
            _set_back(row, {name: values[name]})
