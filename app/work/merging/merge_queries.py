"""What belongs to two contacts that become one: read by what resources declare, whichever there are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Column, ColumnElement, Table, and_, func, literal, or_, select, union_all
from sqlalchemy.dialects.postgresql import distinct_on

from app.db.conditions import is_any_of
from app.db.session import INCLUDE_DELETED
from app.declarations.merging import Double, Merging, Pair
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
    """A kind of rows that go with their contact: its column that names the contact."""

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
    """All kinds whose rows name a contact that they go with."""
    return [Moving(one, one.moving) for one in registry().resources.values() if one.moving is not None]


def references_to(resource: Resource) -> list[tuple[Moving, Column[Any]]]:
    """Of those kinds the columns that refer to rows of another."""
    target = resource.model.__tablename__
    return [
        (one, list(key.columns)[-1])
        for one in moving()
        for key in one.table.foreign_key_constraints
        if key.referred_table.name == target and len(key.columns) > 1
    ]


def pair_of(kept: ContactCard, merged: ContactCard) -> Pair:
    """Both, the one that stays first."""
    return Pair(kept.organization_id, kept.id, merged.id)


def find_doubles(pair: Pair) -> list[tuple[Moving, Double]]:
    """What the contact that goes has and the other has too, and can have once only."""
    return [(one, double) for one in moving() for double in one.merging.doubles(pair)]


def hold_doubles(pair: Pair) -> list[tuple[Moving, Double]]:
    """As `find_doubles`, with both rows of each held: nobody changes meanwhile what their values come of."""
    held_ids: set[UUID] = set()
    while True:
        found = find_doubles(pair)
        loose = [(one, row_id) for one, double in found for row_id in double.row_ids if row_id not in held_ids]
        if not loose:
            return found
        for one in dict.fromkeys(one for one, _row_id in loose):
            _hold(one, pair, [row_id for of, row_id in loose if of == one])
        held_ids.update(row_id for _one, row_id in loose)


def _hold(one: Moving, pair: Pair, ids: Sequence[UUID]) -> None:
    model = one.resource.model
    rows = unscoped(select(model), why="what belongs to a contact goes with it, whoever sees it").where(
        model.organization_id == pair.organization_id, is_any_of(model.id, ids)
    )
    db.session.scalars(held(rows.order_by(model.id)), execution_options={INCLUDE_DELETED: True}).all()


def count_moving(contact: ContactCard) -> Mapping[str, int]:
    """How many rows of each kind, by its name, go with a contact; none of what is in the trash."""
    counts = []
    for one in moving():
        live = (one.table.c.deleted_at.is_(None),) if "deleted_at" in one.table.c else ()
        of_contact = (one.table.c.organization_id == contact.organization_id, one.card == contact.id)
        rows = unscoped(
            select(literal(one.resource.name).label("kind"), func.count().label("number")),
            why="whoever merges two contacts may merge all that belongs to them, and is told how much that is",
        )
        counts.append(rows.select_from(one.table).where(*of_contact, *live))
    return {kind: number for kind, number in db.session.execute(union_all(*counts)) if number}


def count_rows(organization_id: UUID, contact_id: UUID) -> int:
    """How many rows a merge would move, with those in the trash."""
    counts = [
        unscoped(
            select(func.count().label("number")).select_from(one.table),
            why="whoever merges two contacts may merge all that belongs to them, and is told how much that is",
        ).where(one.table.c.organization_id == organization_id, one.card == contact_id)
        for one in moving()
    ]
    return sum(db.session.scalars(union_all(*counts)))


def known_of(contacts: Sequence[ContactCard]) -> dict[UUID, Known]:
    """What is known of contacts of one organization, and how each value came to be, as the trail tells."""
    entered: dict[UUID, dict[str, Entered]] = {contact.id: {} for contact in contacts}
    for card_id, column, at, by_person in db.session.execute(_entries(contacts)):
        entered[card_id][column] = Entered(at, by_person)
    return {
        contact.id: Known(_values(contact), _entered(contact, entered[contact.id]), contact.created_at)
        for contact in contacts
    }


def _entries(contacts: Sequence[ContactCard]) -> Any:
    """Of each column the last entry that set it. A file leaves its fingerprint."""
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
    """What the trail does not tell of came with the contact."""
    by_person = contact.source == ContactSource.MANUAL
    return {column: told.get(column, Entered(contact.created_at, by_person)) for column in _values(contact)}


def find_merge(actor: Actor, merge_id: UUID) -> ContactMerge | None:
    """The merge, if it is there."""
    return find_row(actor, ContactMerge, merge_id)


def get_merge(actor: Actor, merge_id: UUID) -> ContactMerge:
    """The merge. Raises NotFound."""
    return get_row(actor, ContactMerge, merge_id, named="contact_merge")


def find_merge_of(organization_id: UUID, *conditions: ColumnElement[bool]) -> ContactMerge | None:
    """The last merge of the organization for which `conditions` hold."""
    merges = unscoped(select(ContactMerge), why="what became of a contact is told to who has found it, or undone")
    return db.session.scalar(
        merges.where(ContactMerge.organization_id == organization_id, *conditions)
        .order_by(ContactMerge.created_at.desc())
        .limit(1)
    )


def find_waiting(actor: Actor, *contact_ids: UUID) -> ContactMerge | None:
    """A merge of one of these contacts that the worker is still to do."""
    either = or_(ContactMerge.kept_card_id.in_(contact_ids), ContactMerge.merged_card_id.in_(contact_ids))
    waits = (ContactMerge.status == MergeStatus.WAITING, either)
    return db.session.scalar(visible(ContactMerge, actor).where(*waits).limit(1))


def find_batch(merge: ContactMerge) -> DeletionBatch | None:
    """The deletion of the contact that went; whether somebody may undo it is asked apart."""
    batches = unscoped(select(DeletionBatch), why="whoever sees a merge sees how it stands, whoever made it").where(
        DeletionBatch.organization_id == merge.organization_id, DeletionBatch.id == merge.deletion_batch_id
    )
    return db.session.scalar(batches)


def is_being_erased(organization_id: UUID, *contact_ids: UUID) -> bool:
    """Whether somebody has asked for one of these to be erased, and it is not done yet."""
    erasures = unscoped(select(Erasure.id), why="nobody merges whom the worker is erasing").where(
        Erasure.organization_id == organization_id,
        Erasure.contact_card_id.in_(contact_ids),
        Erasure.status.in_((ErasureStatus.QUEUED, ErasureStatus.RUNNING)),
    )
    return db.session.scalar(erasures.limit(1)) is not None


def find_name(organization_id: UUID, contact_id: UUID | None) -> str | None:
    """What a contact is called, in the trash or not."""
    if contact_id is None:
        return None
    named = unscoped(select(ContactCard.display_name), why="names a contact of a merge that was found already").where(
        ContactCard.organization_id == organization_id, ContactCard.id == contact_id
    )
    return db.session.scalar(named, execution_options={INCLUDE_DELETED: True})
