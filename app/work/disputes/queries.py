"""Queries for disputes about bookings."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, SQLColumnExpression, Text, and_, cast, func, or_, select, true
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import aliased

from app.db.joins import refers_to
from app.db.paging import Selection, newest_or_oldest_first
from app.db.session import INCLUDE_DELETED
from app.errors import NotFound
from app.extensions import db
from app.models import Appointment, BookingDispute, Call, ContactCard, DisputeStatus, User
from app.periods import Span, span_of
from app.security.actor import Actor
from app.security.list_of import ListOf
from app.security.people import matches_person
from app.security.rows import find_row, get_row, held
from app.security.scope import restrict, unscoped, visible, visible_id, within
from app.work.disputes.filters import DisputeFilters

SORTS = newest_or_oldest_first("raisedAt", BookingDispute.created_at, BookingDispute.id)

# An alias, because the scope also queries the call.
_Disputed = aliased(Call, name="disputed_call")
_Visit = aliased(Appointment, name="disputed_visit")
_Named = aliased(User, name="named")

#: Most appointments of a call that are offered to choose from.
_MAX_BOOKED = 20


def dispute_conditions(filters: DisputeFilters, actor: Actor, span: Span | None) -> list[ColumnElement[bool]]:
    """Translate `filters` to SQL. The span is the period in which disputes were raised."""
    conditions: list[ColumnElement[bool]] = []
    if filters.status is not None:
        conditions.append(BookingDispute.status == filters.status)
    if filters.kind is not None:
        conditions.append(BookingDispute.kind == filters.kind)
    if filters.from_status is not None:
        conditions.append(BookingDispute.from_status == filters.from_status)
    if filters.to_status is not None:
        conditions.append(BookingDispute.to_status == filters.to_status)
    if filters.csr is not None:
        conditions.append(matches_person(BookingDispute.raised_by, filters.csr, actor))
    if span is not None:
        conditions += [BookingDispute.created_at >= span.start, BookingDispute.created_at < span.end]
    return conditions


def find_open_dispute(actor: Actor, call_id: UUID) -> BookingDispute | None:
    """Return the open dispute of a call, or None."""
    open_one = visible(BookingDispute, actor).where(
        BookingDispute.call_id == call_id, BookingDispute.status == DisputeStatus.OPEN
    )
    return db.session.scalar(open_one)


def list_open_booker_disputes(actor: Actor, appointment_ids: Sequence[UUID]) -> Sequence[BookingDispute]:
    """Return the open disputes about who booked these appointments, oldest first."""
    rows = visible(BookingDispute, actor).where(
        BookingDispute.appointment_id.in_(appointment_ids), BookingDispute.status == DisputeStatus.OPEN
    )
    return db.session.scalars(rows.order_by(BookingDispute.created_at, BookingDispute.id)).all()


def list_booked_from(actor: Actor, call_id: UUID) -> Sequence[Appointment]:
    """Return the appointments that were booked from a call that `actor` sees, the latest first."""
    booked = unscoped(select(Appointment), why="whoever sees a call can dispute who booked from it").where(
        Appointment.organization_id == actor.organization_id,
        Appointment.source_call_id == call_id,
        Appointment.deleted_at.is_(None),
        restrict(select(Call.id), Call, actor).where(Call.id == call_id).exists(),
    )
    return db.session.scalars(
        booked.order_by(Appointment.booked_at.desc(), Appointment.id.desc()).limit(_MAX_BOOKED)
    ).all()


def list_disputable(actor: Actor, appointment_id: UUID) -> Sequence[Appointment]:
    """Return the appointment, and the others booked from the same call that have no open dispute.

    Without the others if `actor` doesn't see the call. Raises NotFound.
    """
    appointment = get_disputable(actor, appointment_id)
    booked = list_booked_from(actor, appointment.source_call_id) if appointment.source_call_id else ()
    others = [visit for visit in booked if visit.id != appointment.id]
    disputed = {dispute.appointment_id for dispute in list_open_booker_disputes(actor, [visit.id for visit in others])}
    return [appointment, *(visit for visit in others if visit.id not in disputed)]


def get_disputable(actor: Actor, appointment_id: UUID, *, lock: bool = False) -> Appointment:
    """Return the appointment, which `actor` sees or which was booked from a call that they see.

    Raises NotFound. With `lock`, its row is locked until the end of the transaction.
    """
    call = restrict(select(Call.id), Call, actor).where(Call.id == Appointment.source_call_id)
    appointment = unscoped(select(Appointment), why="whoever sees a call can dispute who booked from it").where(
        Appointment.organization_id == actor.organization_id,
        Appointment.id == appointment_id,
        Appointment.deleted_at.is_(None),
        or_(and_(*within(Appointment, actor)), call.exists()),
    )
    existing = db.session.scalar(held(appointment) if lock else appointment)
    if existing is None:
        raise NotFound("appointment", appointment_id)
    return existing


def get_disputed(dispute: BookingDispute, *, lock: bool = False) -> Call | Appointment:
    """Return the call or the appointment that a dispute is about, even if it is in the trash.

    With `lock`, its row is locked until the end of the transaction.
    """
    model: Any = Appointment if dispute.appointment_id else Call
    statement = unscoped(select(model), why="the dispute about it is visible").where(
        model.organization_id == dispute.organization_id, model.id == (dispute.appointment_id or dispute.call_id)
    )
    record: Call | Appointment = db.session.scalars(
        held(statement) if lock else statement, execution_options={INCLUDE_DELETED: True}
    ).one()
    return record


def names_of(organization_id: UUID, ids: Iterable[UUID | None]) -> Mapping[UUID, str]:
    """Return the names of these people, by id, even if they are in the trash."""
    people = unscoped(select(User.id, User.name), why="names in a dispute, or of an appointment, that is visible")
    rows = people.where(User.organization_id == organization_id, User.id.in_({*ids} - {None}))
    return {row.id: row.name for row in db.session.execute(rows, execution_options={INCLUDE_DELETED: True})}


def find_dispute(actor: Actor, dispute_id: UUID) -> BookingDispute | None:
    """Return a dispute visible to `actor`, or None."""
    return find_row(actor, BookingDispute, dispute_id)


def get_dispute(actor: Actor, dispute_id: UUID, *, lock: bool = False) -> BookingDispute:
    """Return a dispute. Raises NotFound. With `lock`, its row is locked until the end of the transaction."""
    return get_row(actor, BookingDispute, dispute_id, named="booking_dispute", lock=lock)


def list_concerned(dispute: BookingDispute, csr_id: UUID | None) -> Sequence[User]:
    """Return the users to notify of a decision: the person who raised the dispute, and the CSRs concerned.

    A person who is only named in it is concerned if it was accepted.
    """
    credited = dispute.to_csr_id if dispute.status == DisputeStatus.ACCEPTED else None
    ids = {dispute.raised_by, csr_id, dispute.from_csr_id, credited} - {None}
    people = unscoped(select(User), why="recipients of a notification about the decision")
    return db.session.scalars(people.where(User.organization_id == dispute.organization_id, User.id.in_(ids))).all()


#: The names of the people in a dispute, by id. One subquery is planned much faster than a join for each of them.
_NAMES = (
    unscoped(
        select(func.jsonb_object_agg(_Named.id, _Named.name, type_=JSONB).label("by_id")),
        why="names in a dispute that is visible",
    )
    .where(
        _Named.organization_id == BookingDispute.organization_id,
        _Named.id.in_(
            [
                *(BookingDispute.raised_by, BookingDispute.decided_by, BookingDispute.from_csr_id),
                *(BookingDispute.to_csr_id, _Visit.csr_id),
            ]
        ),
    )
    .lateral("names")
)


def _name_of(person: SQLColumnExpression[Any]) -> ColumnElement[Any]:
    name: ColumnElement[Any] = _NAMES.c.by_id[cast(person, Text)].astext
    return name


#: Columns of a row in the list. Deleted users and contacts are still named.
_ROW: Selection = (
    select(
        BookingDispute.id,
        BookingDispute.version,
        BookingDispute.kind,
        BookingDispute.from_csr_id,
        BookingDispute.to_csr_id,
        BookingDispute.created_at,
        BookingDispute.from_status,
        BookingDispute.to_status,
        BookingDispute.reason,
        BookingDispute.status,
        BookingDispute.decided_at,
        BookingDispute.decision_note,
        func.coalesce(_name_of(BookingDispute.raised_by), BookingDispute.raised_by_label).label("raised_by_name"),
        func.coalesce(_name_of(BookingDispute.decided_by), BookingDispute.decided_by_label).label("decided_by_name"),
        _Disputed.booking_status.label("call_status"),
        _Visit.csr_id.label("visit_csr_id"),
        _Visit.deleted_at.label("visit_deleted_at"),
        _name_of(BookingDispute.from_csr_id).label("from_csr_name"),
        _name_of(BookingDispute.to_csr_id).label("to_csr_name"),
        _name_of(_Visit.csr_id).label("visit_csr_name"),
        func.coalesce(ContactCard.display_name, _Disputed.caller_number, _Disputed.called_number).label("call_name"),
    )
    .outerjoin(_Disputed, refers_to(_Disputed, BookingDispute, BookingDispute.call_id))
    .outerjoin(_Visit, refers_to(_Visit, BookingDispute, BookingDispute.appointment_id))
    .outerjoin(
        ContactCard,
        refers_to(ContactCard, BookingDispute, func.coalesce(_Disputed.contact_card_id, _Visit.contact_card_id)),
    )
    .join(_NAMES, true())
    .execution_options(**{INCLUDE_DELETED: True})
)


def _row(actor: Actor) -> Selection:
    """Select the columns of a row, with the ids of the records to which it can link."""
    return _ROW.add_columns(
        visible_id(BookingDispute.call_id, Call, actor),
        visible_id(BookingDispute.appointment_id, Appointment, actor),
        visible_id(_Visit.source_call_id, Call, actor).label("visit_call_id"),
    )


#: Disputes visible to the actor that match the filters.
dispute_list = ListOf(
    BookingDispute,
    _row,
    narrow=lambda filters, actor, now: dispute_conditions(filters, actor, span_of(filters, actor, now)),
    sorts=SORTS,
)
