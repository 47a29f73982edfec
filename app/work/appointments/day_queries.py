"""Queries for the appointments of a day: those of one sales rep in order, and the counts of all reps."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from app.db.joins import refers_to
from app.db.session import INCLUDE_DELETED
from app.errors import NotFound
from app.extensions import db
from app.models import Appointment, AppointmentStatus, ContactCard
from app.periods import Span
from app.security.actor import Actor
from app.security.scope import restrict, visible, visible_id
from app.work.appointments.filters import AppointmentFilters
from app.work.appointments.queries import SOONEST_FIRST, appointment_list
from app.work.contacts.note_queries import AppointmentNote, notes_column, read_notes

#: Upper limit, more than a rep can manage in a day.
MAX_VISITS = 100


@dataclass(frozen=True, slots=True)
class Visit:
    """An appointment with the contact whom its rep visits.

    `get_visit` includes a deleted `contact`, so that its name can be shown; its `contact_id` is None if the contact is
    deleted or out of the viewer's scope.
    """

    appointment: Appointment
    contact: ContactCard | None
    contact_id: UUID | None
    notes: Sequence[AppointmentNote]


def list_visits(actor: Actor, rep_id: UUID, day: date) -> Sequence[Any]:
    """Return a rep's appointments that begin on `day`, the soonest first, as rows of the appointment list.

    The day is in the organization's time zone.
    """
    asked = {"rep": str(rep_id), "from": day.isoformat(), "to": day.isoformat()}
    return appointment_list(actor, AppointmentFilters.of(asked)).page(SOONEST_FIRST, size=MAX_VISITS).rows


def get_visit(actor: Actor, appointment_id: UUID) -> Visit:
    """Return an appointment with its contact. Raises NotFound."""
    db.session.flush()  # a form may just have changed it
    wanted = (
        visible(Appointment, actor)
        .add_columns(
            ContactCard,
            visible_id(Appointment.contact_card_id, ContactCard, actor).label("contact_id"),
            notes_column(actor),
        )
        .outerjoin(ContactCard, refers_to(ContactCard, Appointment, Appointment.contact_card_id))
        .where(Appointment.id == appointment_id, Appointment.deleted_at.is_(None))
    )
    row = db.session.execute(wanted.execution_options(**{INCLUDE_DELETED: True})).one_or_none()
    if row is None:
        raise NotFound("appointment", appointment_id)
    appointment, contact, contact_id, notes = row
    present_id = None if contact is None or contact.deleted_at else contact_id
    return Visit(appointment, contact, present_id, read_notes(notes))


def list_visits_by_id(actor: Actor, ids: Sequence[UUID]) -> Sequence[Visit]:
    """Return the appointments of `ids` that exist, the soonest first.

    Those out of the scope of `actor` are left out.
    """
    if not ids:
        return []
    wanted = (
        visible(Appointment, actor)
        .add_columns(ContactCard, notes_column(actor))
        .outerjoin(ContactCard, refers_to(ContactCard, Appointment, Appointment.contact_card_id))
        .where(Appointment.id.in_(ids), Appointment.deleted_at.is_(None))
        .order_by(Appointment.scheduled_start_at, Appointment.id)
    )
    found = db.session.execute(wanted).all()
    return [
        Visit(appointment, contact, contact.id if contact else None, read_notes(notes))
        for appointment, contact, notes in found
    ]


def find_visit_before(actor: Actor, appointment: Appointment) -> Appointment | None:
    """Return the contact's latest earlier appointment, no longer scheduled, that `actor` can see, or None."""
    if appointment.contact_card_id is None:
        return None
    earlier = visible(Appointment, actor).where(
        Appointment.contact_card_id == appointment.contact_card_id,
        Appointment.scheduled_start_at < appointment.scheduled_start_at,
        Appointment.status != AppointmentStatus.SCHEDULED,
        Appointment.deleted_at.is_(None),
    )
    latest = earlier.order_by(Appointment.scheduled_start_at.desc(), Appointment.id.desc()).limit(1)
    return db.session.scalar(latest)


def count_visits(actor: Actor, span: Span) -> dict[UUID, tuple[int, int]]:
    """Return, by rep, how many appointments begin in `span` and how many of them are completed.

    Canceled appointments aren't counted.
    """
    done = func.count().filter(Appointment.status == AppointmentStatus.COMPLETED)
    counts = restrict(select(Appointment.sales_rep_id, func.count(), done), Appointment, actor).where(
        Appointment.sales_rep_id.is_not(None),
        Appointment.scheduled_start_at >= span.start,
        Appointment.scheduled_start_at < span.end,
        Appointment.status != AppointmentStatus.CANCELLED,
        Appointment.deleted_at.is_(None),
    )
    rows = db.session.execute(counts.group_by(Appointment.sales_rep_id)).all()
    return {rep_id: (visits, completed) for rep_id, visits, completed in rows if rep_id is not None}
