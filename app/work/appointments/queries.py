"""Queries for the list of appointments."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, not_, select
from sqlalchemy.orm import InstrumentedAttribute, aliased

from app.db.conditions import is_any_of
from app.db.joins import refers_to
from app.db.paging import newest_or_oldest_first
from app.models import Appointment, CallAnalysis, ContactCard, RecordingSession, User
from app.periods import Span, span_of
from app.security.actor import Actor
from app.security.list_of import ListOf
from app.security.people import matches_person
from app.security.scope import restrict
from app.work.appointments.filters import AppointmentFilters, DateOf
from app.work.contacts.queries import is_of_contact

_Csr = aliased(User, name="csr")
_Rep = aliased(User, name="rep")

#: Column that the period applies to.
MOMENTS: Mapping[DateOf, InstrumentedAttribute[Any]] = {
    DateOf.BOOKED: Appointment.booked_at,
    DateOf.SCHEDULED: Appointment.scheduled_start_at,
    DateOf.COMPLETED: Appointment.completed_at,
    DateOf.OUTCOME: Appointment.outcome_at,
}

SORTS = newest_or_oldest_first("startTime", Appointment.scheduled_start_at, Appointment.id)
SOONEST_FIRST = SORTS[1].name


def appointment_conditions(filters: AppointmentFilters, actor: Actor, span: Span | None) -> list[ColumnElement[bool]]:
    """Return the SQL conditions for `filters` and for `span`, the period that they name."""
    found: list[ColumnElement[bool]] = [Appointment.deleted_at.is_(None)]
    if filters.q:
        found.append(is_of_contact(Appointment.contact_card_id, filters.q))
    if span is not None:
        moment = MOMENTS[filters.date_of]
        found += [moment >= span.start, moment < span.end]
    equal: tuple[tuple[InstrumentedAttribute[Any], Any], ...] = (
        (Appointment.contact_card_id, filters.contact),
        (Appointment.outcome, filters.outcome),
    )
    found += [column == value for column, value in equal if value is not None]
    people = ((Appointment.csr_id, filters.csr), (Appointment.sales_rep_id, filters.rep))
    found += [matches_person(column, person, actor) for column, person in people if person is not None]
    if filters.priced is not None:
        found.append(Appointment.deal_value.is_not(None) if filters.priced else Appointment.deal_value.is_(None))
    if filters.analysed is not None:
        analysed = _has_analysed_recording(actor)
        found.append(analysed if filters.analysed else not_(analysed))
    if filters.status:
        found.append(is_any_of(Appointment.status, filters.status))
    return found


def _has_analysed_recording(actor: Actor) -> ColumnElement[bool]:
    """Return the condition that the appointment has an analyzed recording that `actor` can hear."""
    analysis = and_(
        CallAnalysis.organization_id == RecordingSession.organization_id,
        CallAnalysis.call_id == RecordingSession.call_id,
    )
    recording = select(RecordingSession.id).join(CallAnalysis, analysis)
    return (
        restrict(recording, RecordingSession, actor)
        .where(RecordingSession.appointment_id == Appointment.id, RecordingSession.deleted_at.is_(None))
        .correlate(Appointment)
        .exists()
    )


_ROW = (
    select(
        Appointment.id,
        Appointment.version,
        Appointment.scheduled_start_at,
        Appointment.scheduled_end_at,
        Appointment.booked_at,
        Appointment.service_type,
        Appointment.status,
        Appointment.outcome,
        Appointment.deal_value,
        Appointment.city,
        Appointment.contact_card_id,
        ContactCard.display_name.label("contact_name"),
        ContactCard.primary_phone,
        _Csr.name.label("csr_name"),
        _Rep.name.label("rep_name"),
    )
    .outerjoin(
        ContactCard,
        refers_to(ContactCard, Appointment, Appointment.contact_card_id),
    )
    .outerjoin(_Csr, refers_to(_Csr, Appointment, Appointment.csr_id))
    .outerjoin(_Rep, refers_to(_Rep, Appointment, Appointment.sales_rep_id))
    .execution_options(include_deleted=True)
)


def list_conditions(filters: AppointmentFilters, actor: Actor, now: datetime) -> list[ColumnElement[bool]]:
    """Return the SQL conditions for `filters` at a time."""
    return appointment_conditions(filters, actor, span_of(filters, actor, now))


#: The appointments that `actor` can see and that match `filters`.
appointment_list = ListOf(Appointment, _ROW, narrow=list_conditions, sorts=SORTS)
