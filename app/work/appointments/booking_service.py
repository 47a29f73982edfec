"""Booking of appointments, which also books the lead and updates the call in the same transaction.

Rows are locked in one order, so that two bookings never deadlock: the contact, the rep, the lead, the call. The rep is
locked before the free time is checked: of two concurrent bookings of a rep, the second sees the first. The constraint
`busy_times_overlap` enforces the same in the database.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from app.audit.actions import Action
from app.audit.record import name_action
from app.db.ids import uuid7
from app.db.moments import in_utc
from app.db.transaction import translated_integrity_errors
from app.errors import Conflict, EventTimeConflict, FieldError, UserNotAvailable, ValidationFailed
from app.extensions import db
from app.models import (
    Appointment,
    BusySource,
    Call,
    ContactCard,
    ContactPhone,
    ContactSource,
    User,
)
from app.phones import to_e164
from app.security.actor import Actor
from app.security.permissions import Permission
from app.security.rows import find_row, held
from app.security.scope import unscoped
from app.tenancy.notification_service import NewNotification, notify
from app.work.appointments.context_queries import (
    About,
    BookingContext,
    find_card_by_number,
    find_known,
    get_context,
    is_nameless,
    number_of,
)
from app.work.appointments.free_times_queries import find_clash, get_company, list_reps
from app.work.appointments.notices import APPOINTMENT_ASSIGNED
from app.work.appointments.place_rules import PARTS, parts_of
from app.work.appointments.rules import CHOOSE_REP, credited_csr
from app.work.calls import rules as call_rules
from app.work.calls import service as call_service
from app.work.calls.detail_queries import get_call
from app.work.leads.booking_service import book_lead
from app.work.missed_calls.rescue_service import rescue_by_booking


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Values of a booking: the rep, the time, the length and the place.

    `number` and `name` are those of a person who is not a contact yet; by default, the number is that of the call.
    With `completes_contact`, a contact without a name gets the name, and the place if it has no address. `card_id` is a
    contact that was chosen because it has the number already. `entered` are the values of the fields that the resource
    declares as entered, by column.
    """

    service_type: str
    rep_id: UUID
    start: datetime
    minutes: int | None = None
    #: Address by column; None stands for the address of the contact's card.
    place: Mapping[str, str | None] | None = None
    notes: str | None = None
    number: str | None = None
    name: str | None = None
    completes_contact: bool = False
    card_id: UUID | None = None
    entered: Mapping[str, Any] = field(default_factory=dict)


def book(actor: Actor, appointment_id: UUID, about: About, wanted: Wanted) -> Appointment:
    """Book an appointment.

    Its id is generated with the form: a form submitted twice books one appointment. Raises Forbidden, NotFound for
    records outside the scope, ValidationFailed, EventTimeConflict and UserNotAvailable if the rep isn't free, and
    Conflict if another appointment has the id.
    """
    actor.requires(Permission.APPOINTMENTS_WRITE)
    context = get_context(actor, about)
    card = _held_card(actor, context, wanted)
    there = find_row(actor, Appointment, appointment_id)
    if there is not None:
        return _the_same(there, card, wanted)
    company = get_company(actor, wanted.minutes, wanted.service_type)
    end = wanted.start + company.length.visit
    if wanted.start < datetime.now(UTC):
        raise ValidationFailed([FieldError("start", _l("This time has passed. Choose another."))])
    hold_time(actor, wanted.rep_id, wanted.start, end)
    lead_id = context.lead.id if context.lead else None
    csr_id = credited_csr(actor)
    lead = book_lead(actor, card.id, lead_id, csr_id=csr_id, rep_id=wanted.rep_id)
    appointment = Appointment(
        organization_id=actor.organization_id,
        id=appointment_id,
        contact_card_id=card.id,
        lead_id=lead.id,
        csr_id=csr_id,
        sales_rep_id=wanted.rep_id,
        source_call_id=context.source_call_id,
        service_type=wanted.service_type,
        scheduled_start_at=wanted.start,
        scheduled_end_at=end,
        timezone=actor.timezone,
        notes=wanted.notes,
        created_by=actor.reference_id,
        created_by_label=actor.name,
        **_place_of(card, wanted),
        **wanted.entered,
    )
    with translated_integrity_errors():
        db.session.add(appointment)
        name_action(Action.APPOINTMENT_BOOKED, appointment)
    _settle(actor, context, appointment)
    notify_rep(actor, appointment)
    return appointment


def is_booked(actor: Actor, appointment_id: UUID) -> bool:
    """Return whether the form with this id booked an appointment already."""
    return find_row(actor, Appointment, appointment_id) is not None


def notify_rep(actor: Actor, appointment: Appointment) -> None:
    """Notify the sales rep that `actor` booked this appointment for them."""
    given = _l("%(name)s assigned you an appointment.", name=actor.name)
    link = f"/appointments/{appointment.id}"
    notify(APPOINTMENT_ASSIGNED, [NewNotification(appointment.sales_rep_id, given, link, appointment.id)])


def hold_time(actor: Actor, rep_id: UUID, start: datetime, end: datetime, *, besides: UUID | None = None) -> None:
    """Lock the rep until the transaction ends, and check that they are free.

    `besides` is the id of the appointment that is being moved. Raises ValidationFailed for a person who can't be
    booked. Raises EventTimeConflict and UserNotAvailable with the conflicting entry, as far as `actor` can see it.
    """
    people = {rep.id: rep.name for rep in list_reps(actor)}
    if rep_id not in people:
        raise ValidationFailed([FieldError("rep_id", CHOOSE_REP)])
    rep = unscoped(select(User.id), why="locks the rep against concurrent bookings; no data is returned")
    db.session.execute(held(rep.where(User.organization_id == actor.organization_id, User.id == rep_id)))
    clash = find_clash(actor, rep_id, start, end, get_company(actor).length.travel, besides=besides)
    if clash is None:
        return
    other = {
        "type": clash.source.value,
        "start": in_utc(clash.start),
        "end": in_utc(clash.end),
        "person": {"id": str(rep_id), "name": people[rep_id]},
        "name": clash.name,
        "booked_by": clash.booked_by,
        "booked_at": in_utc(clash.booked_at) if clash.booked_at else None,
    }
    if clash.source is BusySource.TIME_OFF:
        raise UserNotAvailable(other, _l("%(person)s has time off then.", person=people[rep_id]))
    raise EventTimeConflict(other, _l("%(person)s is busy then.", person=people[rep_id]))


def _settle(actor: Actor, context: BookingContext, appointment: Appointment) -> None:
    """Update what a booking affects besides its lead: the source call, and the rescue of a missed caller."""
    if context.call is not None:
        _settle_call(actor, get_call(actor, context.call.id, lock=True), appointment)
    rescue_by_booking(appointment, booked_from=context.entry.id if context.entry else None)


def _settle_call(actor: Actor, call: Call, appointment: Appointment) -> None:
    """Mark the call as booked, and link it to the contact and the lead if `actor` is permitted to."""
    if call_rules.may_change(call, actor, Permission.CALLS_UPDATE):
        call.contact_card_id = call.contact_card_id or appointment.contact_card_id
        call.lead_id = call.lead_id or appointment.lead_id
        db.session.flush()
    call_service.settle_booking_status(call)


def _the_same(there: Appointment, card: ContactCard, wanted: Wanted) -> Appointment:
    """Return `there`, the appointment that the same form booked before.

    Raises Conflict if it has other values.
    """
    made = (there.contact_card_id, there.scheduled_start_at, there.sales_rep_id, there.service_type, there.notes)
    is_as_sent = made == (card.id, wanted.start, wanted.rep_id, wanted.service_type, wanted.notes)
    others = {**_place_of(card, wanted), **wanted.entered}
    if is_as_sent and all(getattr(there, name) == value for name, value in others.items()):
        return there
    raise Conflict(None, _l("You’ve already booked an appointment with this form. Open a new one to book another."))


def _place_of(card: ContactCard, wanted: Wanted) -> dict[str, str | None]:
    place = wanted.place
    return {name: getattr(card, name) if place is None else place.get(name) for name in PARTS}


def _held_card(actor: Actor, context: BookingContext, wanted: Wanted) -> ContactCard:
    """Return the locked contact: the chosen one, the one in the context, or else the one with the number.

    Creates a contact for a number that has none, and fills in the name of a contact without one. Raises
    ValidationFailed if there is no valid number, or if the chosen contact doesn't have it.
    """
    if wanted.card_id is not None:
        return _hold(actor, _chosen(actor, context, wanted.card_id, wanted.number))
    if context.card is not None:
        card = _hold(actor, context.card.id)
        if wanted.completes_contact:
            _complete(actor, card, wanted)
        return card
    number = to_e164(wanted.number or context.number or "", actor.country)
    if number is None:
        raise ValidationFailed([FieldError("number", _l("Enter the contact’s number."))])
    found = find_card_by_number(actor, number)
    card = _hold(actor, found.id) if found else _new_card(actor, number)
    if wanted.completes_contact:
        _complete(actor, card, wanted)
    elif wanted.name and not card.full_name:
        _name(card, wanted.name)
    return card


def _chosen(actor: Actor, context: BookingContext, card_id: UUID, typed: str | None) -> UUID:
    number = number_of(actor, context, typed)
    if number is None or card_id not in {card.id for card in find_known(actor, number)}:
        raise ValidationFailed([FieldError("person", _l("This contact no longer has the number. Check the number."))])
    return card_id


def _complete(actor: Actor, card: ContactCard, wanted: Wanted) -> None:
    """Give a contact without a name the typed name, and the typed address if it has none."""
    if not is_nameless(card):
        return
    actor.requires(Permission.CONTACTS_WRITE)
    if wanted.name:
        _name(card, wanted.name)
    if wanted.place and not any(parts_of(card)[name] for name in PARTS if name != "country"):
        for name, value in wanted.place.items():
            setattr(card, name, value or getattr(card, name))
    db.session.flush()


def _name(card: ContactCard, name: str) -> None:
    card.first_name, _space, last_name = name.partition(" ")
    card.last_name = last_name.strip() or None
    db.session.flush()


def _new_card(actor: Actor, number: str) -> ContactCard:
    card = ContactCard(
        organization_id=actor.organization_id,
        id=uuid7(),
        primary_phone=number,
        country=actor.country,
        source=ContactSource.MANUAL,
        created_by=actor.reference_id,
        created_by_label=actor.name,
    )
    try:
        with translated_integrity_errors():
            db.session.add(card)
            db.session.flush()
            db.session.add(ContactPhone(organization_id=actor.organization_id, phone=number, contact_card_id=card.id))
    except Conflict:
        # Another request created the number first, perhaps this very form sent twice.
        found = find_card_by_number(actor, number)
        if found is None:
            raise
        return _hold(actor, found.id)
    return card


def _hold(actor: Actor, card_id: UUID) -> ContactCard:
    wanted = unscoped(select(ContactCard), why="the contact was already found, within the scope or by an exact number")
    return db.session.scalars(
        held(wanted.where(ContactCard.organization_id == actor.organization_id, ContactCard.id == card_id))
    ).one()
