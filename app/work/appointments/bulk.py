"""Bulk changes of appointments: their selection, and the change of each one by the rules of a single change."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from sqlalchemy import Select

from app.audit.actions import Action
from app.declarations.bulk import BulkChange, BulkTarget, Verdict
from app.lists.filter_page import words_of_filters
from app.models import Appointment
from app.security.actor import Actor
from app.security.permissions import Permission
from app.security.scope import visible
from app.work.appointments import rules
from app.work.appointments.bulk_forms import BookersForm
from app.work.appointments.filters import AppointmentFilters
from app.work.appointments.queries import list_conditions
from app.work.appointments.resource import APPOINTMENT, APPOINTMENT_LIST
from app.work.appointments.service import can_be_credited, reason_of_credit


def appointments_to_change(
    actor: Actor, filters: AppointmentFilters, ids: Sequence[UUID] | None, until: datetime
) -> Select[Appointment]:
    """Select the appointments of a bulk change by `ids`, or else by `filters`, if they already existed at `until`.

    Periods such as "today" are also relative to `until`.
    """
    appointments = visible(Appointment, actor).where(Appointment.created_at <= until, Appointment.deleted_at.is_(None))
    if ids is not None:
        return appointments.where(Appointment.id.in_(ids))
    return appointments.where(*list_conditions(filters, actor, until))


def credit(actor: Actor, appointment: Appointment, settings: Mapping[str, Any]) -> Verdict:
    """Correct who booked an appointment; None is no one."""
    csr_id = UUID(settings["csr_id"]) if settings["csr_id"] else None
    if not settings["is_able"] or not rules.may_change(appointment, actor, Permission.APPOINTMENTS_ASSIGN):
        return Verdict.REFUSED
    if appointment.csr_id == csr_id:
        return Verdict.UNCHANGED
    appointment.csr_id = csr_id
    return Verdict.CHANGED


def _with_ability(actor: Actor, settings: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return `settings` with `is_able`, which tells whether bookings can still be credited to the person."""
    csr_id = settings["csr_id"]
    return {**settings, "is_able": csr_id is None or can_be_credited(actor, UUID(csr_id))}


CREDIT = BulkChange(
    action="credit_appointments",
    label=_l("Change who booked"),
    act=_l("Change %(count)s"),
    target=BulkTarget(
        resource="appointment",
        model=Appointment,
        listed=APPOINTMENT_LIST,
        rows=appointments_to_change,
        chips=lambda actor, _filters: words_of_filters(APPOINTMENT, actor),
    ),
    permission=Permission.APPOINTMENTS_ASSIGN,
    columns=("csr_id",),
    apply=credit,
    form=BookersForm,
    done=lambda number: ngettext(
        "“Booked by” changed for %(num)s appointment.", "“Booked by” changed for %(num)s appointments.", number
    ),
    recorded=Action.APPOINTMENT_CREDITED,
    facts=lambda appointment, settings: reason_of_credit(appointment, settings["reason"]),
    prepare=_with_ability,
)
