"""Merging two contacts: the records of one move to the other, and the emptied one goes to the trash.

The audit trail of the operation contains what was moved, and `merge_undo_service` reads it there. For kinds that the
audit trail does not record, the merge stores the ids itself.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select, update

from app.audit.actions import Action
from app.audit.record import name_action
from app.db.conditions import is_any_of
from app.declarations.deletable import Deletable
from app.declarations.merging import Duplicate, MergePair
from app.extensions import db
from app.models import ContactCard, ContactMerge, MergeStatus
from app.security.rows import held
from app.security.scope import unscoped
from app.trust.trash.delete_service import soft_delete
from app.trust.trash.kinds import deletables
from app.work.merging.merge_answer_service import follow
from app.work.merging.merge_queries import Moving, lock_duplicates, moving, pair_of, references_to
from app.work.merging.merge_rules import Side, merged_values
from app.work.merging.resource import PARTS, RULES

#: Rows moved by one statement.
ROWS_A_STEP = 2000

#: Callback that receives the number of rows moved so far.
Report = Callable[[int], None]


def run(merge: ContactMerge, kept: ContactCard, merged: ContactCard, report: Report = lambda _moved: None) -> None:
    """Carry out a merge whose contacts are locked and unchanged since the user saw them.

    Afterwards its status is `done` and it refers to the deletion of the merged contact.
    """
    pair = pair_of(kept, merged)
    choices = {name: Side(side) for name, side in merge.choices.items()}
    values = merged_values(RULES, PARTS, _values(kept), _values(merged), choices)
    doubles = lock_duplicates(pair)
    for one, double in doubles:
        _refer_to_the_other(one, double, pair)
    besides = {one.resource.name: [double.row_id for of, double in doubles if of == one] for one in moving()}
    moved = 0
    unrecorded: dict[str, list[str]] = {}
    for one in moving():
        for ids in _portions(one, pair, besides[one.resource.name]):
            _move(one, pair, ids)
            moved += len(ids)
            if not one.merging.is_recorded:
                unrecorded.setdefault(one.resource.name, []).extend(map(str, ids))
            report(moved)
    follow(pair)
    db.session.expire_all()
    batch = soft_delete(
        deletables()["contact_card"],
        [merged],
        deleted_by=merge.requested_by,
        label=merge.requested_by_label,
        reason=None,
        before=_to_delete(pair, besides),
    )
    for one, double in doubles:
        _take_over(one, double, pair)
    _change(kept, values, merge)
    merge.status, merge.finished_at, merge.deletion_batch_id = MergeStatus.DONE, datetime.now(UTC), batch.id
    merge.rows_moved, merge.unrecorded = moved, unrecorded
    db.session.flush()


def _values(contact: ContactCard) -> dict[str, Any]:
    return {column.key: getattr(contact, column.key) for column in ContactCard.__table__.columns}


def _refer_to_the_other(one: Moving, double: Duplicate, pair: MergePair) -> None:
    if double.into is None:
        return
    for other, column in references_to(one.resource):
        here = (other.table.c.organization_id == pair.organization_id, column == double.row_id)
        _update(other, here, {column.key: double.into})


def _portions(one: Moving, pair: MergePair, besides: Sequence[UUID]) -> Any:
    """Yield the ids of the rows to move, in batches; each must be moved before the next one is read."""
    table = one.table
    rows = (
        unscoped(select(table.c.id), why="a merge covers all records of the contact, regardless of record scope")
        .where(
            table.c.organization_id == pair.organization_id, one.card == pair.merged_id, ~is_any_of(table.c.id, besides)
        )
        .order_by(table.c.id)
        .limit(ROWS_A_STEP)
    )
    while ids := db.session.scalars(rows).all():
        yield ids


def _move(one: Moving, pair: MergePair, ids: Collection[UUID]) -> None:
    here = (one.table.c.organization_id == pair.organization_id, one.table.c.id.in_(ids))
    _update(one, here, {one.card.key: pair.kept_id})


def _update(one: Moving, where: Sequence[Any], values: Mapping[str, Any]) -> None:
    # Bypasses the session, which neither sees rows in the trash nor works with plain tables.
    raised = {"version": one.table.c.version + 1} if "version" in one.table.c else {}
    db.session.flush()
    db.session.connection().execute(update(one.table).where(*where).values({**values, **raised}))


def _to_delete(pair: MergePair, besides: Mapping[str, Sequence[UUID]]) -> list[tuple[Deletable, Sequence[UUID]]]:
    """Lock the duplicate rows `besides` that aren't in the trash yet, and return their ids by kind."""
    found = []
    for name, ids in besides.items():
        if not ids:
            continue
        model = deletables()[name].model
        rows = unscoped(
            select(model.id), why="a merge covers all records of the contact, regardless of record scope"
        ).where(model.organization_id == pair.organization_id, is_any_of(model.id, ids), model.deleted_at.is_(None))
        found.append((deletables()[name], db.session.scalars(held(rows.order_by(model.id))).all()))
    return found


def _take_over(one: Moving, double: Duplicate, pair: MergePair) -> None:
    if double.into is None or not double.values:
        return
    model = one.resource.model
    rows = unscoped(select(model), why="a merge covers all records of the contact, regardless of record scope").where(
        model.organization_id == pair.organization_id, model.id == double.into
    )
    row = db.session.scalars(held(rows)).one()
    for name, value in double.values.items():
        setattr(row, name, value)
    db.session.flush()


def _change(kept: ContactCard, values: Mapping[str, Any], merge: ContactMerge) -> None:
    for name, value in values.items():
        if getattr(kept, name) != value:
            setattr(kept, name, value)
    kept.raise_version()
    facts = {"merge": str(merge.id), "contact": str(merge.merged_card_id)}
    name_action(Action.CONTACT_CARD_MERGED, kept, metadata=facts)
