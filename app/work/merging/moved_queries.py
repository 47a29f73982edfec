"""What a merge has moved, as the trail tells, and what of it is as the merge left it."""

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

#: Of what stays so many are named of each kind.
MAX_NAMED = 10


def ids_moved(merge: ContactMerge, one: Moving) -> Sequence[UUID]:
    """The rows of a kind that went from the one contact to the other."""
    if not one.merging.is_recorded:
        return [UUID(row_id) for row_id in merge.unrecorded.get(one.resource.name, ())]
    return db.session.scalars(_moves(merge, one)).all()


def ids_added(merge: ContactMerge, resource: Resource) -> Sequence[UUID]:
    """The rows of a kind that the merge has made."""
    return db.session.scalars(_entries(merge, resource).where(_entry.before.is_(None))).all()


def ids_as_left(merge: ContactMerge, one: Moving) -> Sequence[UUID]:
    """Those of them that nobody has moved since."""
    ids = ids_moved(merge, one)
    if one.merging.is_recorded and ids:
        ids = db.session.scalars(_moves(merge, one).where(~_touched_since(one.card.key))).all()
    return ids_at(merge, one, ids, merge.kept_card_id)


def ids_at(merge: ContactMerge, one: Moving, ids: Collection[UUID], card_id: UUID | None) -> Sequence[UUID]:
    """Of these rows those that belong to this contact now."""
    if not ids:
        return []
    table = one.table
    rows = unscoped(select(table.c.id), why="what moved because of a merge goes back with it, whoever sees it").where(
        table.c.organization_id == merge.organization_id, is_any_of(table.c.id, list(ids)), one.card == card_id
    )
    return db.session.scalars(rows.order_by(table.c.id)).all()


def references_as_left(merge: ContactMerge, resource: Resource, column: str) -> list[tuple[UUID, str, str]]:
    """Rows of a kind whose reference (`column`) the merge has changed, and nobody since: id, before, after."""
    changed = and_(_entry.before[column].astext.is_not(None), _entry.after[column].astext.is_not(None))
    wanted = _entries(merge, resource).where(changed, ~_touched_since(column))
    shown = (_entry.resource_id, _entry.before[column].astext, _entry.after[column].astext)
    rows = db.session.execute(wanted.with_only_columns(*shown))
    return [(row_id, before, after) for row_id, before, after in rows]


def changes_of(merge: ContactMerge, resource: Resource) -> Sequence[AuditLog]:
    """What the merge changed of rows of a kind that stay, as far as it was not erased."""
    entries = _entries(merge, resource).where(_entry.before.is_not(None), _entry.after.is_not(None))
    return db.session.scalars(entries.with_only_columns(_entry)).all()


def is_touched_since(entry: AuditLog, column: str) -> bool:
    """Whether somebody has changed a column after an entry."""
    touched = select(_entry.id).where(
        _entry.organization_id == entry.organization_id, _entry.id == entry.id, _touched_since(column)
    )
    return db.session.scalar(touched) is not None


def list_staying(merge: ContactMerge, batch: DeletionBatch | None) -> list[tuple[str, int, Sequence[str]]]:
    """What moved and would not go back, or has not: of each kind the number, and the names of the first ones."""
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
        # A row that goes into the trash or comes back says all it held.
        _later.before.is_not(None),
        _later.after.is_not(None),
    )
    return touched.exists()
