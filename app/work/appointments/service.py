"""What becomes of an appointment. Every change locks its row first, and is refused when the form was opened before
somebody else's change; asking for what is there already changes nothing, so that a form sent twice does so once.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from flask_babel import lazy_gettext as _l

from app.audit.actions import Action
from app.audit.occurred_rules import counted_moment, told_moment
from app.audit.record import name_action
from app.db.transaction import translated_integrity_errors
from app.errors import Conflict, FieldError, Sentence, ValidationFailed
from app.models import Appointment, AppointmentOutcome, AppointmentStatus
from app.security.actor import Actor
from app.security.permissions import Permission
from app.security.rows import get_row
from app.work.appointments import rules
from app.work.appointments.booking_service import hold_time, tell_rep
from app.work.leads import booking_service as lead_service

_SHOWN = (
    "service_type", "scheduled_start_at", "scheduled_end_at", "sales_rep_id", "status", "outcome", "deal_value",
    "lost_reason", "cancelled_reason", "notes", "address_line_1", "address_line_2", "city", "state", "zip", "country",
)  # fmt: skip


def reschedule(
    actor: Actor, appointment_id: UUID, start: datetime, rep_id: UUID, *, minutes: int | None = None, version: int
) -> Appointment:
    """Move an appointment that is to come, and let another rep go if that suits; it stays as long as it is, unless
    `minutes` says otherwise. Where only the rep is another one, it is assigned, with what that needs.

    Raises NotFound, Forbidden, VersionConflict, Conflict for one that is over, ValidationFailed, and EventTimeConflict
    or UserNotAvailable where the rep has no time.
    """
    appointment = _locked(actor, appointment_id)
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
        tell_rep(actor, appointment)
    return appointment


def assign(actor: Actor, appointment_id: UUID, rep_id: UUID, *, version: int) -> Appointment:
    """Give an appointment that is to come to another rep, at the same time. Raises what `reschedule` does."""
    appointment = _locked(actor, appointment_id, Permission.APPOINTMENTS_ASSIGN)
    if appointment.sales_rep_id == rep_id:
        return appointment
    _refuse(appointment, version)
    span = appointment.scheduled_start_at, appointment.scheduled_end_at
    hold_time(actor, rep_id, *span, besides=appointment.id)
    _save(Action.APPOINTMENT_ASSIGNED, appointment, {"sales_rep_id": rep_id})
    tell_rep(actor, appointment)
    return appointment


def cancel(actor: Actor, appointment_id: UUID, reason: str, *, version: int) -> Appointment:
    """Call an appointment off; its lead waits for another. Raises NotFound, Forbidden, VersionConflict, Conflict."""
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
    """Nobody was there. Raises NotFound, Forbidden, VersionConflict, Conflict before it begins, and ValidationFailed
    for a moment that is none of its day or still to come."""
    appointment = _locked(actor, appointment_id)
    if appointment.status == AppointmentStatus.NO_SHOW:
        return appointment
    _refuse(appointment, version)
    if appointment.scheduled_start_at > datetime.now(UTC):
        raise Conflict(None, _l("It has not begun yet. Cancel or reschedule it instead."))
    told = _told(appointment, occurred_at)
    _save(Action.APPOINTMENT_MISSED, appointment, {"status": AppointmentStatus.NO_SHOW}, told)
    lead_service.unbook_lead(appointment)
    return appointment


def complete(actor: Actor, appointment_id: UUID, *, version: int, occurred_at: datetime | None = None) -> Appointment:
    """Note that it has taken place, and that nothing is decided yet. It counts when it happened (`counted_moment`).

    Raises NotFound, Forbidden, VersionConflict, Conflict, and ValidationFailed as `mark_no_show` does.
    """
    appointment = _locked(actor, appointment_id)
    if appointment.status == AppointmentStatus.COMPLETED:
        return appointment
    _refuse(appointment, version)
    _complete(appointment, _counted(appointment, occurred_at), _told(appointment, occurred_at))
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
    """Set the outcome: won with the value of the deal, lost with why, or open again. One that is to come is completed
    by it. It counts when it happened (`counted_moment`), for the lead too.

    Raises NotFound, Forbidden, VersionConflict, Conflict for one that did not take place, and ValidationFailed where
    the value or the reason is missing, or as `mark_no_show` does.
    """
    appointment = _locked(actor, appointment_id)
    value = deal_value if outcome is AppointmentOutcome.CLOSED_WON else None
    reason = lost_reason if outcome is AppointmentOutcome.CLOSED_LOST else None
    if (appointment.outcome, appointment.deal_value, appointment.lost_reason) == (outcome, value, reason):
        return appointment
    appointment.refuse_stale(version, _shown(appointment))
    _refuse_incomplete(outcome, value, reason)
    told, at = _told(appointment, occurred_at), _counted(appointment, occurred_at)
    if appointment.status == AppointmentStatus.SCHEDULED:
        _complete(appointment, at, told)
    if appointment.status != AppointmentStatus.COMPLETED:
        raise Conflict(None, _l("It did not take place, so nothing came of it."))
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
) -> Appointment:
    """Say otherwise what it is about, where it is, and what is to be known.

    Raises NotFound, Forbidden, VersionConflict, ValidationFailed.
    """
    appointment = _locked(actor, appointment_id)
    wanted = {"service_type": service_type, "notes": notes, **place}
    if all(getattr(appointment, name) == value for name, value in wanted.items()):
        return appointment
    appointment.refuse_stale(version, _shown(appointment))
    with translated_integrity_errors():
        for name, value in wanted.items():
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
    """Raise VersionConflict for a stale form, Conflict for an appointment that is not to come any more."""
    if not rules.is_to_come(appointment.status):
        appointment.refuse_stale(version, _shown(appointment), _is_over())
        raise Conflict(None, _is_over())
    appointment.refuse_stale(version, _shown(appointment))


def _is_over() -> Sentence:
    return _l("This appointment is over or called off. Book another instead.")


def _refuse_incomplete(outcome: AppointmentOutcome, value: Decimal | None, reason: str | None) -> None:
    if outcome is AppointmentOutcome.CLOSED_WON and value is None:
        raise ValidationFailed([FieldError("deal_value", _l("Enter the value of the deal."))])
    if outcome is AppointmentOutcome.CLOSED_LOST and reason is None:
        raise ValidationFailed([FieldError("lost_reason", _l("Say why, in a few words."))])


def _told(appointment: Appointment, occurred_at: datetime | None) -> Mapping[str, str] | None:
    return told_moment(occurred_at, datetime.now(UTC), rules.start_of_day(appointment))


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
    """What the forms of an appointment show."""
    return {name: getattr(appointment, name) for name in _SHOWN}
