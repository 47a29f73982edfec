"""Queries for one appointment with its related records, and for the contact's other appointments."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import aliased

from app.audit.queries import HistoryEntry, list_history
from app.db.joins import refers_to
from app.db.session import INCLUDE_DELETED
from app.errors import NotFound
from app.extensions import db
from app.models import (
    Appointment,
    BookingDispute,
    Call,
    ContactCard,
    DisputeStatus,
    Lead,
    RecordingSession,
    User,
)
from app.security.actor import Actor
from app.security.permissions import Permission
from app.security.scope import restrict, unscoped, visible, visible_id
from app.work.contacts.note_queries import AppointmentNote, notes_column, read_notes
from app.work.service_types.queries import is_out_of_use, list_offered

_MAX_SERVICES, _LATELY = 12, 300
_MAX_OF_CONTACT = 3
_MAX_RECORDINGS = 20

_Csr = aliased(User, name="csr")
_Rep = aliased(User, name="rep")


@dataclass(frozen=True, slots=True)
class VisitRecordings:
    """Recordings of one appointment in order.

    An interrupted one is followed by the one that continues it.
    """

    rows: Sequence[RecordingSession]

    @property
    def seconds(self) -> int:
        """Total length of the recordings in seconds."""
        return sum(row.duration_seconds or 0 for row in self.rows)


@dataclass(frozen=True, slots=True)
class AppointmentDetail:
    """One appointment with its related records.

    A deleted `contact` is included, so that its name can be shown. `call_id`, `lead` and `contact_id` are None if they
    are out of the viewer's scope.
    """

    appointment: Appointment
    contact: ContactCard | None
    contact_id: UUID | None
    csr: str | None
    rep: str | None
    call_id: UUID | None
    #: The person who raised the open dispute about who booked it, if there is one that the viewer sees.
    disputed_by: str | None
    #: A lead in the trash is included if it would be visible outside the trash.
    lead: Lead | None
    recordings: VisitRecordings
    notes: Sequence[AppointmentNote]
    history: Sequence[HistoryEntry]

    @property
    def name(self) -> str | None:
        """Name of the contact."""
        return self.contact.display_name if self.contact else None


@dataclass(frozen=True, slots=True)
class OfferedService:
    """A service to choose from, with its usual length in minutes, if known."""

    name: str
    minutes: int | None = None


def get_appointment_detail(actor: Actor, appointment_id: UUID) -> AppointmentDetail:
    """Return the appointment with what `actor` can see of it. Raises NotFound."""
    db.session.flush()  # a form may just have changed it
    wanted = (
        visible(Appointment, actor)
        .add_columns(
            ContactCard,
            _Csr.name.label("csr"),
            _Rep.name.label("rep"),
            visible_id(Appointment.source_call_id, Call, actor),
            visible_id(Appointment.contact_card_id, ContactCard, actor).label("contact_id"),
            restrict(select(BookingDispute.raised_by_label), BookingDispute, actor)
            .where(BookingDispute.appointment_id == Appointment.id, BookingDispute.status == DisputeStatus.OPEN)
            .scalar_subquery(),
            notes_column(actor),
        )
        .outerjoin(ContactCard, refers_to(ContactCard, Appointment, Appointment.contact_card_id))
        .outerjoin(_Csr, refers_to(_Csr, Appointment, Appointment.csr_id))
        .outerjoin(_Rep, refers_to(_Rep, Appointment, Appointment.sales_rep_id))
        .where(Appointment.id == appointment_id, Appointment.deleted_at.is_(None))
    )
    row = db.session.execute(wanted.execution_options(**{INCLUDE_DELETED: True})).one_or_none()
    if row is None:
        raise NotFound("appointment", appointment_id)
    appointment, contact, csr, rep, call_id, contact_id, disputed_by, notes = row
    return AppointmentDetail(
        appointment=appointment,
        contact=contact,
        contact_id=contact_id,
        csr=csr,
        rep=rep,
        call_id=call_id,
        disputed_by=disputed_by,
        lead=_find_lead(actor, appointment),
        recordings=_list_recordings(actor, appointment),
        notes=read_notes(notes),
        history=list_history(actor, "appointment", appointment_id),
    )


def list_services(actor: Actor) -> Sequence[OfferedService]:
    """Return the services to choose from.

    The service types in use come first, by name, then other services booked recently, the most frequent first.
    """
    types = [OfferedService(*row) for row in list_offered(actor)]
    offered = {one.name.lower() for one in types}
    booked = restrict(select(Appointment.service_type), Appointment, actor).where(Appointment.deleted_at.is_(None))
    lately = booked.order_by(Appointment.booked_at.desc()).limit(_LATELY).subquery().c.service_type
    counted: dict[str, int] = {}
    others = unscoped(select(lately), why="selected from appointments that are already scoped").where(
        ~is_out_of_use(actor, lately)
    )
    for service in db.session.scalars(others):
        if service.lower() not in offered:
            counted[service] = counted.get(service, 0) + 1
    most_often = sorted(counted, key=lambda service: (-counted[service], service))[:_MAX_SERVICES]
    return [*types, *map(OfferedService, most_often)]


def list_of_contact(actor: Actor, contact_id: UUID) -> Sequence[Any]:
    """Return the contact's latest appointments that `actor` can see, the latest first."""
    columns = (
        Appointment.id,
        Appointment.scheduled_start_at,
        Appointment.service_type,
        Appointment.status,
        _Rep.name.label("rep"),
    )
    theirs = restrict(select(*columns), Appointment, actor).where(
        Appointment.contact_card_id == contact_id, Appointment.deleted_at.is_(None)
    )
    joined = theirs.outerjoin(_Rep, refers_to(_Rep, Appointment, Appointment.sales_rep_id)).order_by(
        Appointment.scheduled_start_at.desc(), Appointment.id.desc()
    )
    return db.session.execute(joined.limit(_MAX_OF_CONTACT), execution_options={INCLUDE_DELETED: True}).all()


def _list_recordings(actor: Actor, appointment: Appointment) -> VisitRecordings:
    if not actor.may(Permission.RECORDINGS_READ):
        return VisitRecordings(())
    of_visit = visible(RecordingSession, actor).where(
        RecordingSession.appointment_id == appointment.id, RecordingSession.deleted_at.is_(None)
    )
    in_order = of_visit.order_by(RecordingSession.created_at, RecordingSession.id).limit(_MAX_RECORDINGS)
    return VisitRecordings(db.session.scalars(in_order).all())


def _find_lead(actor: Actor, appointment: Appointment) -> Lead | None:
    if appointment.lead_id is None:
        return None
    its = visible(Lead, actor).where(Lead.id == appointment.lead_id)
    return db.session.scalar(its.execution_options(**{INCLUDE_DELETED: True}))
