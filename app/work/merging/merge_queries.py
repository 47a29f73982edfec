"""Queries for the records of two contacts to be merged, based on the declared resources."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Column, ColumnElement, Table, and_, func, literal, or_, select, union_all
from sqlalchemy.dialects.postgresql import distinct_on

from app.db.conditions import is_any_of
from app.db.session import INCLUDE_DELETED
from app.declarations.merging import Duplicate, MergePair, Merging
from app.declarations.registry import registry
from app.declarations.resource import Resource
from app.extensions import db
from app.models import (
    AuditLog,
    ContactCard,
    ContactMerge,
    ContactSource,
    DeletionBatch,
    Erasure,
    ErasureStatus,
    MergeStatus,
)
from app.security.actor import Actor
from app.security.rows import find_row, get_row, held
from app.security.scope import unscoped, visible
from app.work.merging.merge_rules import Entered, Known


@dataclass(frozen=True, slots=True)
class Moving:
    """A kind of row that belongs to a contact; `card` is the column that refers to the contact."""

    resource: Resource
    merging: Merging

    @property
    def table(self) -> Table:
        table: Table = self.resource.model.__table__
        return table

    @property
    def card(self) -> Column[Any]:
        return self.table.c[self.merging.card.key]


def moving() -> list[Moving]:
    """Return all kinds of rows that belong to a contact, and that a merge therefore moves."""
    return [Moving(one, one.moving) for one in registry().resources.values() if one.moving is not None]


def references_to(resource: Resource) -> list[tuple[Moving, Column[Any]]]:
    """Return each kind of row that a merge moves and that refers to `resource`, with the referring column."""
    target = resource.model.__tablename__
    return [
        (one, list(key.columns)[-1])
        for one in moving()
        for key in one.table.foreign_key_constraints
        if key.referred_table.name == target and len(key.columns) > 1
    ]


def pair_of(kept: ContactCard, merged: ContactCard) -> MergePair:
    """Return the ids of both contacts as a `MergePair`."""
    return MergePair(kept.organization_id, kept.id, merged.id)


def find_duplicates(pair: MergePair) -> list[tuple[Moving, Duplicate]]:
    """Return the merged contact's rows that duplicate a row of the contact that stays.

    A row is a duplicate if a contact can have only one like it, such as one open lead from the same source.
    """
    return [(one, double) for one in moving() for double in one.merging.doubles(pair)]


def lock_duplicates(pair: MergePair) -> list[tuple[Moving, Duplicate]]:
    """Return the duplicates like `find_duplicates`, with both rows of each locked against changes."""
    held_ids: set[UUID] = set()
    while True:
        found = find_duplicates(pair)
        loose = [(one, row_id) for one, double in found for row_id in double.row_ids if row_id not in held_ids]
        if not loose:
            return found
        for one in dict.fromkeys(one for one, _row_id in loose):
            _hold(one, pair, [row_id for of, row_id in loose if of == one])
        held_ids.update(row_id for _one, row_id in loose)


def _hold(one: Moving, pair: MergePair, ids: Sequence[UUID]) -> None:
    model = one.resource.model
    rows = unscoped(select(model), why="a merge covers all records of the contact, regardless of record scope").where(
        model.organization_id == pair.organization_id, is_any_of(model.id, ids)
    )
    db.session.scalars(held(rows.order_by(model.id)), execution_options={INCLUDE_DELETED: True}).all()


def count_moving(contact: ContactCard) -> Mapping[str, int]:
    """Return the number of rows that belong to a contact by kind, without those in the trash."""
    counts = []
    for one in moving():
        live = (one.table.c.deleted_at.is_(None),) if "deleted_at" in one.table.c else ()
        of_contact = (one.table.c.organization_id == contact.organization_id, one.card == contact.id)
        rows = unscoped(
            select(literal(one.resource.name).label("kind"), func.count().label("number")),
            why="counts only; users who can merge two contacts can merge all their records",
        )
        counts.append(rows.select_from(one.table).where(*of_contact, *live))
    return {kind: number for kind, number in db.session.execute(union_all(*counts)) if number}


def count_rows(organization_id: UUID, contact_id: UUID) -> int:
    """Return the number of rows that a merge would move, including those in the trash."""
    counts = [
        unscoped(
            select(func.count().label("number")).select_from(one.table),
            why="counts only; users who can merge two contacts can merge all their records",
        ).where(one.table.c.organization_id == organization_id, one.card == contact_id)
        for one in moving()
    ]
    return sum(db.session.scalars(union_all(*counts)))


def known_of(contacts: Sequence[ContactCard]) -> dict[UUID, Known]:
    """Return the values of contacts of one organization, with their origin according to the audit trail."""
    entered: dict[UUID, dict[str, Entered]] = {contact.id: {} for contact in contacts}
    for card_id, column, at, by_person in db.session.execute(_entries(contacts)):
        entered[card_id][column] = Entered(at, by_person)
    return {
        contact.id: Known(_values(contact), _entered(contact, entered[contact.id]), contact.created_at)
        for contact in contacts
    }


def _entries(contacts: Sequence[ContactCard]) -> Any:
    """Return the query for the last audit entry that set each column.

    Entries that contain a fingerprint are from an import, so their values weren't entered by a person.
    """
    column = func.jsonb_object_keys(AuditLog.after).table_valued("value").render_derived(name="changed")
    by_file = AuditLog.after["external_fingerprint"].astext.is_not(None)
    last = (
        select(AuditLog.resource_id, column.c.value, AuditLog.created_at, and_(AuditLog.source == "user", ~by_file))
        .select_from(AuditLog)
        .join(column, AuditLog.after[column.c.value].astext.is_not(None))
        .where(
            AuditLog.organization_id == contacts[0].organization_id,
            AuditLog.resource_type == "contact_card",
            AuditLog.resource_id.in_([contact.id for contact in contacts]),
            func.jsonb_typeof(AuditLog.after) == "object",
        )
    )
    latest = (AuditLog.resource_id, column.c.value, AuditLog.created_at.desc(), AuditLog.id.desc())
    return last.ext(distinct_on(AuditLog.resource_id, column.c.value)).order_by(*latest)


def _values(contact: ContactCard) -> dict[str, Any]:
    return {column.key: getattr(contact, column.key) for column in ContactCard.__table__.columns}


def _entered(contact: ContactCard, told: Mapping[str, Entered]) -> dict[str, Entered]:
    """Return the origin of each value; those without an audit entry are as old as the contact."""
    by_person = contact.source == ContactSource.MANUAL
    return {column: told.get(column, Entered(contact.created_at, by_person)) for column in _values(contact)}


def find_merge(actor: Actor, merge_id: UUID) -> ContactMerge | None:
    """Return the merge if it is visible to `actor`, or None."""
    return find_row(actor, ContactMerge, merge_id)


def get_merge(actor: Actor, merge_id: UUID) -> ContactMerge:
    """Return the merge; raises NotFound."""
    return get_row(actor, ContactMerge, merge_id, named="contact_merge")


def find_merge_of(organization_id: UUID, *conditions: ColumnElement[bool]) -> ContactMerge | None:
    """Return the organization's latest merge that matches `conditions`, or None."""
    merges = unscoped(select(ContactMerge), why="callers have already found the contact, or run or undo its merge")
    return db.session.scalar(
        merges.where(ContactMerge.organization_id == organization_id, *conditions)
        .order_by(ContactMerge.created_at.desc())
        .limit(1)
    )


def find_waiting(actor: Actor, *contact_ids: UUID) -> ContactMerge | None:
    """Return a merge of any of these contacts that still waits for the worker, or None."""
    either = or_(ContactMerge.kept_card_id.in_(contact_ids), ContactMerge.merged_card_id.in_(contact_ids))
    waits = (ContactMerge.status == MergeStatus.WAITING, either)
    return db.session.scalar(visible(ContactMerge, actor).where(*waits).limit(1))


def find_batch(merge: ContactMerge) -> DeletionBatch | None:
    """Return the deletion of the merged contact, or None if there is none.

    The caller checks who can undo it.
    """
    batches = unscoped(select(DeletionBatch), why="the deletion is visible to everyone who can see the merge").where(
        DeletionBatch.organization_id == merge.organization_id, DeletionBatch.id == merge.deletion_batch_id
    )
    return db.session.scalar(batches)


def is_being_erased(organization_id: UUID, *contact_ids: UUID) -> bool:
    """Return whether an erasure of one of these contacts is queued or running."""
    erasures = unscoped(select(Erasure.id), why="existence check only; contacts being erased can't be merged").where(
        Erasure.organization_id == organization_id,
        Erasure.contact_card_id.in_(contact_ids),
        Erasure.status.in_((ErasureStatus.QUEUED, ErasureStatus.RUNNING)),
    )
    return db.session.scalar(erasures.limit(1)) is not None


def find_name(organization_id: UUID, contact_id: UUID | None) -> str | None:
    """Return the name of a contact, even if it is in the trash, or None."""
    if contact_id is None:
        return None
    named = unscoped(
        select(ContactCard.display_name), why="the name of a contact in a merge that was already found"
    ).where(ContactCard.organization_id == organization_id, ContactCard.id == contact_id)
    return db.session.scalar(named, execution_options={INCLUDE_DELETED: True})
