"""Operations that change an appointment.

Every change locks the row first, and is refused if someone else changed the appointment after the form was opened.
Setting a value that is already set changes nothing, so a form that is sent twice has one effect.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from app.audit.actions import Action
from app.audit.occurred_rules import counted_moment, reported_moment
from app.audit.record import name_action
from app.db.transaction import translated_integrity_errors
from app.errors import Conflict, FieldError, LazyText, ValidationFailed
from app.extensions import db
from app.models import Appointment, AppointmentOutcome, AppointmentStatus, User, UserStatus
from app.people.users.rules import BOOKING
from app.security.actor import Actor
from app.security.permissions import Permission
from app.security.rows import get_row, held
from app.security.scope import unscoped
from app.trust.privacy.sealed_text_queries import without_mentions
from app.work.appointments import rules
from app.work.appointments.booking_service import hold_time, notify_rep
from app.work.appointments.resource import APPOINTMENT
from app.work.leads import booking_service as lead_service

_SHOWN = (
    "service_type", "scheduled_start_at", "scheduled_end_at", "csr_id", "sales_rep_id", "status", "outcome",
    "deal_value", "lost_reason", "cancelled_reason", "notes", "address_line_1", "address_line_2", "city", "state",
    "zip", "country",
)  # fmt: skip


def reschedule(
    actor: Actor,
    appointment_id: UUID,
    start: datetime,
    rep_id: UUID | None,
    *,
    minutes: int | None = None,
    version: int,
) -> Appointment:
    """Move an upcoming appointment to another time, and to another rep if needed; without `rep_id` it keeps its rep.

    Its length stays the same unless `minutes` is passed. If only the rep changes, the appointment is assigned as by
    `assign`, which needs the permission to assign. Raises NotFound, Forbidden, VersionConflict, Conflict for an
    appointment that is over, ValidationFailed, and EventTimeConflict or UserNotAvailable if the rep isn't free.
    """
    appointment = _locked(actor, appointment_id)
    rep_id = rep_id or appointment.sales_rep_id
    if rep_id is None:
        raise ValidationFailed([FieldError("rep_id", rules.CHOOSE_REP)])
    length = appointment.scheduled_end_at - appointment.scheduled_start_at
    end = start + (length if minutes is None else timedelta(minutes=minutes))
    if (appointment.scheduled_start_at, appointment.scheduled_end_at) == (start, end):
        if appointment.sales_rep_id == rep_id:
            return appointment
        return assign(actor, appointment_id, rep_id, version=version)
    _refuse(appointment, version)
    if start < datetime.now(UTC):
        raise ValidationFailed([FieldError("start", _l("This time has passed. Choose another."))])
    hold_time(actor, rep_id, start, end, besides=appointment.id)
    values = {"scheduled_start_at": start, "scheduled_end_at": end, "sales_rep_id": rep_id}
    is_given = appointment.sales_rep_id != rep_id
    _save(Action.APPOINTMENT_RESCHEDULED, appointment, values)
    if is_given:
        notify_rep(actor, appointment)
    return appointment


def assign(actor: Actor, appointment_id: UUID, rep_id: UUID, *, version: int) -> Appointment:
    """Assign an upcoming appointment to another rep at the same time.

    Raises NotFound, Forbidden, VersionConflict, Conflict for an appointment that is over, ValidationFailed for a person
    who can't be booked, and EventTimeConflict or UserNotAvailable if the rep isn't free.
    """
    appointment = _locked(actor, appointment_id, Permission.APPOINTMENTS_ASSIGN)
    if appointment.sales_rep_id == rep_id:
        return appointment
    _refuse(appointment, version)
    span = appointment.scheduled_start_at, appointment.scheduled_end_at
    hold_time(actor, rep_id, *span, besides=appointment.id)
    _save(Action.APPOINTMENT_ASSIGNED, appointment, {"sales_rep_id": rep_id})
    notify_rep(actor, appointment)
    return appointment


def credit(actor: Actor, appointment_id: UUID, csr_id: UUID | None, reason: str, *, version: int) -> Appointment:
    """Correct who booked an appointment; None is no one.

    Raises NotFound, Forbidden, VersionConflict, and ValidationFailed for a person who can't be credited with bookings.
    """
    actor.requires(Permission.APPOINTMENTS_ASSIGN)
    is_able = csr_id is None or can_be_credited(actor, csr_id)
    appointment = _locked(actor, appointment_id, Permission.APPOINTMENTS_ASSIGN)
    if appointment.csr_id == csr_id:
        return appointment
    appointment.refuse_stale(version, _shown(appointment))
    if not is_able:
        raise ValidationFailed([FieldError("csr_id", rules.CHOOSE_BOOKER)])
    return credit_to(appointment, csr_id, reason)


def credit_to(appointment: Appointment, csr_id: UUID | None, reason: str) -> Appointment:
    """Apply the change of `credit` to a locked appointment."""
    return _save(Action.APPOINTMENT_CREDITED, appointment, {"csr_id": csr_id}, reason_of_credit(appointment, reason))


def reason_of_credit(appointment: Appointment, reason: str) -> Mapping[str, str]:
    """Return the metadata of a change of `credit`, with mentions of the contact masked."""
    return {"reason": without_mentions(appointment.organization_id, appointment.contact_card_id, reason)}


def can_be_credited(actor: Actor, user_id: UUID) -> bool:
    """Return whether a booking can be credited to this person, who stays locked until the end of the transaction."""
    person = unscoped(select(User), why="whether they can be credited; no data is returned").where(
        User.organization_id == actor.organization_id, User.id == user_id, User.status == UserStatus.ACTIVE
    )
    existing = db.session.scalar(held(person))
    return existing is not None and existing.role in BOOKING


def cancel(actor: Actor, appointment_id: UUID, reason: str, *, version: int) -> Appointment:
    """Cancel an appointment, and unbook its lead.

    Raises NotFound, Forbidden, VersionConflict and Conflict.
    """
    appointment = _locked(actor, appointment_id)
    if (appointment.status, appointment.cancelled_reason) == (AppointmentStatus.CANCELLED, reason):
        return appointment
    _refuse(appointment, version)
    values = {"status": AppointmentStatus.CANCELLED, "cancelled_reason": reason}
    _save(Action.APPOINTMENT_CANCELLED, appointment, values)
    lead_service.unbook_lead(appointment)
    return appointment


def mark_no_show(
    actor: Actor, appointment_id: UUID, *, version: int, occurred_at: datetime | None = None
) -> Appointment:
    """Mark an appointment as a no-show, and unbook its lead.

    Raises NotFound, Forbidden, VersionConflict, Conflict before it begins or if it is over already, and
    ValidationFailed for a time before its day or in the future.
    """
    appointment = _locked(actor, appointment_id)
    if appointment.status == AppointmentStatus.NO_SHOW:
        return appointment
    _refuse(appointment, version)
    if appointment.scheduled_start_at > datetime.now(UTC):
        raise Conflict(None, _l("This appointment hasn’t started yet. Cancel or reschedule it instead."))
    told = _reported(appointment, occurred_at)
    _save(Action.APPOINTMENT_MISSED, appointment, {"status": AppointmentStatus.NO_SHOW}, told)
    lead_service.unbook_lead(appointment)
    return appointment


def complete(actor: Actor, appointment_id: UUID, *, version: int, occurred_at: datetime | None = None) -> Appointment:
    """Mark an appointment as completed, with the decision pending.

    Numbers count it at the time when it happened (`counted_moment`). An appointment that is completed already is
    returned unchanged. Raises NotFound, Forbidden, VersionConflict, Conflict if it was canceled or a no-show, and
    ValidationFailed for a time before its day or in the future.
    """
    appointment = _locked(actor, appointment_id)
    if appointment.status == AppointmentStatus.COMPLETED:
        return appointment
    _refuse(appointment, version)
    _complete(appointment, _counted(appointment, occurred_at), _reported(appointment, occurred_at))
    lead_service.await_decision(appointment)
    return appointment


def set_outcome(
    actor: Actor,
    appointment_id: UUID,
    outcome: AppointmentOutcome,
    *,
    deal_value: Decimal | None = None,
    lost_reason: str | None = None,
    version: int,
    occurred_at: datetime | None = None,
) -> Appointment:
    """Set the outcome: won with the deal's value, lost with the reason, or open again.

    A scheduled appointment is also marked as completed. Both count at the time when they happened (`counted_moment`),
    for the lead as well. Raises NotFound, Forbidden, VersionConflict, Conflict for an appointment that didn't take
    place, and ValidationFailed if the value or the reason is missing, or for a time before its day or in the future.
    """
    appointment = _locked(actor, appointment_id)
    value = deal_value if outcome is AppointmentOutcome.CLOSED_WON else None
    reason = lost_reason if outcome is AppointmentOutcome.CLOSED_LOST else None
    if (appointment.outcome, appointment.deal_value, appointment.lost_reason) == (outcome, value, reason):
        return appointment
    appointment.refuse_stale(version, _shown(appointment))
    _refuse_incomplete(outcome, value, reason)
    told, at = _reported(appointment, occurred_at), _counted(appointment, occurred_at)
    if appointment.status == AppointmentStatus.SCHEDULED:
        _complete(appointment, at, told)
    if appointment.status != AppointmentStatus.COMPLETED:
        raise Conflict(None, _l("This appointment didn’t take place, so it can’t have an outcome."))
    decided = None if outcome is AppointmentOutcome.OPEN else at
    values = {"outcome": outcome, "deal_value": value, "lost_reason": reason, "outcome_at": decided}
    _save(Action.APPOINTMENT_OUTCOME_SET, appointment, values, told)
    follow: Mapping[AppointmentOutcome, Callable[[], None]] = {
        AppointmentOutcome.OPEN: lambda: lead_service.reopen_lead(appointment),
        AppointmentOutcome.CLOSED_WON: lambda: lead_service.win_lead(appointment, at),
        AppointmentOutcome.CLOSED_LOST: lambda: lead_service.lose_lead(appointment, reason or "", at),
    }
    follow[outcome]()
    return appointment


def edit(
    actor: Actor,
    appointment_id: UUID,
    *,
    service_type: str,
    place: Mapping[str, str | None],
    notes: str | None,
    version: int,
    entered: Mapping[str, Any] | None = None,
) -> Appointment:
    """Change the service, the address, the notes and the `entered` fields of an appointment.

    Raises NotFound, Forbidden, VersionConflict and ValidationFailed.
    """
    appointment = _locked(actor, appointment_id)
    values = {"service_type": service_type, "notes": notes, **place, **(entered or {})}
    if all(getattr(appointment, name) == value for name, value in values.items()):
        return appointment
    appointment.refuse_stale(version, _shown(appointment))
    with translated_integrity_errors():
        for name, value in values.items():
            setattr(appointment, name, value)
    return appointment


def _locked(actor: Actor, appointment_id: UUID, permission: Permission = Permission.APPOINTMENTS_WRITE) -> Appointment:
    actor.requires(permission)
    appointment = get_row(
        actor, Appointment, appointment_id, Appointment.deleted_at.is_(None), named="appointment", lock=True
    )
    rules.refuse_others(appointment, actor, permission)
    return appointment


def _refuse(appointment: Appointment, version: int) -> None:
    """Raise VersionConflict for a stale form, and Conflict for an appointment that is no longer scheduled."""
    if not rules.is_to_come(appointment.status):
        appointment.refuse_stale(version, _shown(appointment), _is_over())
        raise Conflict(None, _is_over())
    appointment.refuse_stale(version, _shown(appointment))


def _is_over() -> LazyText:
    return _l("This appointment is no longer scheduled, so this change isn’t possible.")


def _refuse_incomplete(outcome: AppointmentOutcome, value: Decimal | None, reason: str | None) -> None:
    if outcome is AppointmentOutcome.CLOSED_WON and value is None:
        raise ValidationFailed([FieldError("deal_value", _l("Enter the deal value."))])
    if outcome is AppointmentOutcome.CLOSED_LOST and reason is None:
        raise ValidationFailed([FieldError("lost_reason", _l("Briefly explain why."))])


def _reported(appointment: Appointment, occurred_at: datetime | None) -> Mapping[str, str] | None:
    return reported_moment(occurred_at, datetime.now(UTC), rules.start_of_day(appointment))


def _counted(appointment: Appointment, occurred_at: datetime | None) -> datetime:
    return counted_moment(occurred_at, datetime.now(UTC), rules.earliest_change(appointment))


def _complete(appointment: Appointment, at: datetime, told: Mapping[str, str] | None) -> None:
    values = {"status": AppointmentStatus.COMPLETED, "completed_at": at}
    _save(Action.APPOINTMENT_COMPLETED, appointment, values, told)


def _save(
    action: Action, appointment: Appointment, values: Mapping[str, Any], metadata: Mapping[str, str] | None = None
) -> Appointment:
    with translated_integrity_errors():
        for name, value in values.items():
            setattr(appointment, name, value)
        name_action(action, appointment, metadata=metadata)
    return appointment


def _shown(appointment: Appointment) -> dict[str, Any]:
    """Return the values that the forms of an appointment show, by column."""
    return {name: getattr(appointment, name) for name in _SHOWN} | APPOINTMENT.entered_values(appointment)
