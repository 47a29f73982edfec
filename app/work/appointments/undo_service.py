"""Undoing a booking, for the person who made it, within some minutes.

The appointment goes to the trash, together with a lead that the booking opened. The lead, the call and the missed-call
entry get the values back that the booking changed, as recorded in the audit trail, unless they have changed since. A
contact that the booking added or named stays.
"""

from collections import ChainMap
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import aliased

from app.audit.actions import Action
from app.db.conditions import is_any_of
from app.db.transaction import translated_integrity_errors
from app.errors import Conflict
from app.extensions import db
from app.models import Appointment, AuditLog, Call, Lead, MissedCallEntry
from app.security.actor import Actor
from app.security.permissions import Permission
from app.security.rows import get_row, held
from app.security.scope import unscoped
from app.tenancy.notification_service import Taken, withdraw
from app.trust.audit_log.field_state_queries import typed_before
from app.trust.trash.delete_service import soft_delete
from app.trust.trash.kinds import deletables
from app.work.appointments import rules
from app.work.appointments.notices import APPOINTMENT_ASSIGNED
from app.work.appointments.reminder_queries import find_reminder
from app.work.missed_calls.rescue_service import wait_again
from app.work.tasks import service as tasks

#: Kinds of records that a booking changes, in the order in which bookings lock them.
_CHANGED: dict[str, type[Any]] = {"lead": Lead, "call": Call, "missed_call_entry": MissedCallEntry}
#: Most changes of one booking that are read: it changes each record a few times.
_MAX_ENTRIES = 200

_booked = aliased(AuditLog)
_later = aliased(AuditLog)


def undo_booking(actor: Actor, appointment_id: UUID) -> UUID | None:
    """Undo the actor's own booking, and cancel its reminder.

    Returns the id of the missed-call entry whose caller waits again, or None. Raises NotFound, Forbidden, and Conflict
    if it is too late, or if the appointment has changed since.
    """
    actor.requires(Permission.APPOINTMENTS_WRITE)
    appointment = get_row(
        actor, Appointment, appointment_id, Appointment.deleted_at.is_(None), named="appointment", lock=True
    )
    if not rules.may_undo_booking(appointment, actor, datetime.now(UTC)):
        raise Conflict(None, _l("This booking can no longer be undone. Cancel the appointment instead."))
    reminder = find_reminder(actor, appointment_id)
    if reminder is not None:
        tasks.cancel(actor, reminder.id)
    changes = _changes(appointment, list(_CHANGED))
    with translated_integrity_errors():
        for kind, model in _CHANGED.items():
            _put_back(actor, appointment, kind, model, [one for one in changes if one.resource_type == kind])
    opened = [one.resource_id for one in changes if one.resource_type == "lead" and one.before is None]
    deletable = deletables()
    soft_delete(
        deletable["appointment"],
        [appointment],
        deleted_by=actor.reference_id,
        label=actor.name,
        reason=None,
        before=[(deletable["lead"], [one for one in opened if one is not None])],
    )
    withdraw(APPOINTMENT_ASSIGNED, [Taken(appointment.sales_rep_id, appointment.id, appointment.created_at)])
    return next((one.resource_id for one in changes if one.resource_type == "missed_call_entry"), None)


def _changes(appointment: Appointment, kinds: Sequence[str]) -> Sequence[AuditLog]:
    """Return the changes that the booking made to records of these kinds, the latest first.

    Records that have changed since are left out.
    """
    changed_since = select(_later.id).where(
        _later.organization_id == _booked.organization_id,
        _later.resource_type == AuditLog.resource_type,
        _later.resource_id == AuditLog.resource_id,
        _later.created_at >= AuditLog.created_at,
        _later.operation_id != AuditLog.operation_id,
    )
    entries = (
        select(AuditLog)
        .join(_booked, _booked.operation_id == AuditLog.operation_id)
        .where(
            _booked.organization_id == appointment.organization_id,
            _booked.resource_type == "appointment",
            _booked.resource_id == appointment.id,
            _booked.action == Action.APPOINTMENT_BOOKED,
            AuditLog.organization_id == appointment.organization_id,
            is_any_of(AuditLog.resource_type, kinds),
            ~changed_since.exists(),
        )
    )
    newest_first = entries.order_by(AuditLog.created_at.desc(), AuditLog.id.desc())
    return db.session.scalars(newest_first.limit(_MAX_ENTRIES)).all()


def _put_back(actor: Actor, appointment: Appointment, kind: str, model: type[Any], changes: Sequence[AuditLog]) -> None:
    """Set the fields of the records back to the values before these changes of one kind."""
    ids = {one.resource_id for one in changes if one.before is not None}
    rows = unscoped(select(model), why="the user's own booking changed these records").where(
        model.organization_id == appointment.organization_id, model.id.in_(ids)
    )
    if not ids:
        return
    for row in db.session.scalars(held(rows.order_by(model.id))).all():
        theirs = [one for one in changes if one.resource_id == row.id and one.before is not None]
        before = [typed_before(kind, [one])[row.id] for one in theirs]
        for name, value in ChainMap(*map(dict, reversed(before))).items():
            if name != "version":
                setattr(row, name, value)
        if isinstance(row, MissedCallEntry):
            wait_again(actor, row)
        db.session.flush()
