"""Queries for what a merge moved, based on the audit trail, and what has not changed since."""

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, or_, select, tuple_
from sqlalchemy.orm import aliased

from app.db.conditions import is_any_of
from app.declarations.resource import Resource
from app.extensions import db
from app.models import AuditLog, ContactMerge, DeletionBatch
from app.security.scope import unscoped
from app.work.merging.merge_queries import Moving, moving

_entry, _later = aliased(AuditLog, name="entry"), aliased(AuditLog, name="later")

#: Number of names shown for the records of each kind that stay.
MAX_NAMED = 10


def ids_moved(merge: ContactMerge, one: Moving) -> Sequence[UUID]:
    """Return the ids of the rows of a kind that moved from the merged contact to the other."""
    if not one.merging.is_recorded:
        return [UUID(row_id) for row_id in merge.unrecorded.get(one.resource.name, ())]
    return db.session.scalars(_moves(merge, one)).all()


def ids_added(merge: ContactMerge, resource: Resource) -> Sequence[UUID]:
    """Return the ids of the rows of a kind that the merge created."""
    return db.session.scalars(_entries(merge, resource).where(_entry.before.is_(None))).all()


def ids_as_left(merge: ContactMerge, one: Moving) -> Sequence[UUID]:
    """Return the ids of the moved rows of a kind that have not been moved since."""
    ids = ids_moved(merge, one)
    if one.merging.is_recorded and ids:
        ids = db.session.scalars(_moves(merge, one).where(~_touched_since(one.card.key))).all()
    return ids_at(merge, one, ids, merge.kept_card_id)


def ids_at(merge: ContactMerge, one: Moving, ids: Collection[UUID], card_id: UUID | None) -> Sequence[UUID]:
    """Return the ids among `ids` whose rows belong to the contact `card_id` now."""
    if not ids:
        return []
    table = one.table
    rows = unscoped(
        select(table.c.id), why="undoing a merge moves back all rows that it moved, regardless of record scope"
    ).where(table.c.organization_id == merge.organization_id, is_any_of(table.c.id, list(ids)), one.card == card_id)
    return db.session.scalars(rows.order_by(table.c.id)).all()


def references_as_left(merge: ContactMerge, resource: Resource, column: str) -> list[tuple[UUID, str, str]]:
    """Return the rows of a kind in which the merge changed `column`, if it hasn't changed since.

    Each is the row's id, with the value of `column` before and after the merge.
    """
    changed = and_(_entry.before[column].astext.is_not(None), _entry.after[column].astext.is_not(None))
    wanted = _entries(merge, resource).where(changed, ~_touched_since(column))
    shown = (_entry.resource_id, _entry.before[column].astext, _entry.after[column].astext)
    rows = db.session.execute(wanted.with_only_columns(*shown))
    return [(row_id, before, after) for row_id, before, after in rows]


def changes_of(merge: ContactMerge, resource: Resource) -> Sequence[AuditLog]:
    """Return the audit entries of the values that the merge changed in rows of a kind.

    Entries whose values were erased are left out.
    """
    entries = _entries(merge, resource).where(_entry.before.is_not(None), _entry.after.is_not(None))
    return db.session.scalars(entries.with_only_columns(_entry)).all()


def is_touched_since(entry: AuditLog, column: str) -> bool:
    """Return whether a column was changed after an audit entry."""
    touched = select(_entry.id).where(
        _entry.organization_id == entry.organization_id, _entry.id == entry.id, _touched_since(column)
    )
    return db.session.scalar(touched) is not None


def list_remaining(merge: ContactMerge, batch: DeletionBatch | None) -> list[tuple[str, int, Sequence[str]]]:
    """Return the moved records that would not go back if the merge were undone, or that did not.

    Each kind of record comes with the number of its records and the names of the first few.
    """
    if batch is None:
        return []
    found = []
    for one in moving():
        moved = ids_moved(merge, one)
        gone = ids_as_left(merge, one) if batch.restored_at is None else ids_at(merge, one, moved, merge.merged_card_id)
        staying = set(moved) - set(gone)
        if staying:
            found.append((one.resource.name, len(staying), _labels(merge, one, staying)))
    return found


def _labels(merge: ContactMerge, one: Moving, ids: Collection[UUID]) -> Sequence[str]:
    named = _moves(merge, one).where(is_any_of(_entry.resource_id, list(ids))).with_only_columns(_entry.resource_label)
    return [name for name in db.session.scalars(named.limit(MAX_NAMED)) if name]


def _moves(merge: ContactMerge, one: Moving) -> Select[Any]:
    column = one.card.key
    return _entries(merge, one.resource).where(
        _entry.before[column].astext == str(merge.merged_card_id),
        _entry.after[column].astext == str(merge.kept_card_id),
    )


def _entries(merge: ContactMerge, resource: Resource) -> Select[Any]:
    return select(_entry.resource_id).where(
        _entry.organization_id == merge.organization_id,
        _entry.operation_id == merge.operation_id,
        _entry.resource_type == resource.name,
    )


def _touched_since(column: str) -> Any:
    touched = select(_later.id).where(
        _later.organization_id == _entry.organization_id,
        _later.resource_type == _entry.resource_type,
        _later.resource_id == _entry.resource_id,
        tuple_(_later.created_at, _later.id) > tuple_(_entry.created_at, _entry.id),
        _later.operation_id != _entry.operation_id,
        or_(_later.before.has_key(column), _later.after.has_key(column)),
        # The entries for deleting and restoring a row contain all its values.
        _later.before.is_not(None),
        _later.after.is_not(None),
    )
    return touched.exists()
