"""Undoing a booking, for the person who made it, within some minutes.

The appointment goes to the trash, together with a lead that the booking opened. The lead, the call and the missed-call
entry get the values back that the booking changed, as recorded in the audit trail, unless they have changed since; a
later activity of the lead alone is no such change, and stays. A call stays booked while it has another appointment. A
contact that the booking added or named stays as it is.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from flask_babel import lazy_gettext as _l
from sqlalchemy import Text, and_, cast, or_, select
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import aliased

from app.audit.actions import Action
from app.audit.stored_values import values_to_restore
from app.db.conditions import is_any_of
from app.db.session import INCLUDE_DELETED
from app.db.transaction import translated_integrity_errors
from app.declarations.registry import registry
from app.errors import Conflict
from app.extensions import db
from app.models import Appointment, AuditLog, Call, Lead, MissedCallEntry
from app.security.actor import Actor
from app.security.permissions import Permission
from app.security.rows import get_row, held
from app.security.scope import unscoped
from app.tenancy.notification_service import Taken, withdraw
from app.trust.audit_log.field_state_queries import typed_before
from app.trust.audit_log.operation_queries import Change, changes_of
from app.trust.trash.delete_service import soft_delete
from app.trust.trash.kinds import deletables
from app.work.appointments import rules
from app.work.appointments.notices import APPOINTMENT_ASSIGNED
from app.work.appointments.reminder_queries import find_reminder
from app.work.missed_calls.rescue_service import wait_again
from app.work.tasks import service as tasks

#: Kinds of records that a booking changes, in the order in which bookings lock them.
_KINDS = ("lead", "call", "missed_call_entry")
_CHANGED: dict[str, type[Any]] = dict(zip(_KINDS, (Lead, Call, MissedCallEntry), strict=True))
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
    _hold_booked(appointment)
    changes = _changes(appointment)
    with translated_integrity_errors():
        for kind, model in _CHANGED.items():
            _put_back(actor, appointment, kind, model, [entry for entry in changes if entry.resource_type == kind])
    opened = [entry.resource_id for entry in changes if entry.resource_type == "lead" and entry.before is None]
    deletable = deletables()
    soft_delete(
        deletable["appointment"],
        [appointment],
        deleted_by=actor.reference_id,
        label=actor.name,
        reason=None,
        before=[(deletable["lead"], [lead_id for lead_id in opened if lead_id is not None])],
    )
    withdraw(APPOINTMENT_ASSIGNED, [Taken(appointment.sales_rep_id, appointment.id, appointment.created_at)])
    return next((entry.resource_id for entry in changes if entry.resource_type == "missed_call_entry"), None)


def _hold_booked(appointment: Appointment) -> None:
    """Lock the lead and the source call, before it is read which other bookings they have.

    Concurrent bookings from the same call, and concurrent undos of them, thus wait for this one.
    """
    booked: tuple[tuple[type[Any], UUID | None], ...] = (
        (Lead, appointment.lead_id),
        (Call, appointment.source_call_id),
    )
    for model, row_id in booked:
        row = unscoped(select(model), why="locks what the user's own booking changed; no data is returned").where(
            model.organization_id == appointment.organization_id, model.id == row_id
        )
        if row_id is not None:
            db.session.execute(held(row))


def _bookings_of_call(appointment: Appointment) -> Sequence[UUID]:
    """Return the ids of all appointments booked from the same call; none while another one isn't deleted."""
    if appointment.source_call_id is None:
        return []
    bookings = unscoped(select(Appointment.id, Appointment.deleted_at), why="only ids, to undo the user's own booking")
    of_call = bookings.where(
        Appointment.organization_id == appointment.organization_id,
        Appointment.source_call_id == appointment.source_call_id,
    )
    rows = db.session.execute(of_call, execution_options={INCLUDE_DELETED: True}).all()
    is_last = all(row.deleted_at is not None or row.id == appointment.id for row in rows)
    return [row.id for row in rows] if is_last else []


def _changes(appointment: Appointment) -> Sequence[AuditLog]:
    """Return the changes that the booking made to other records, the latest first.

    Records that have changed since are left out. Changes of the call are those of all bookings from it, since the first
    one marks it as booked and the last one to be undone puts it back.
    """
    of_call = _bookings_of_call(appointment)
    changed_since = select(_later.id).where(
        _later.organization_id == _booked.organization_id,
        _later.resource_type == AuditLog.resource_type,
        _later.resource_id == AuditLog.resource_id,
        _later.created_at >= AuditLog.created_at,
        _later.operation_id != AuditLog.operation_id,
        _later.after.op("-", return_type=JSONB)(cast(_accompanying(), ARRAY(Text))).is_distinct_from(cast({}, JSONB)),
    )
    entries = (
        select(AuditLog)
        .join(_booked, _booked.operation_id == AuditLog.operation_id)
        .where(
            _booked.organization_id == appointment.organization_id,
            _booked.resource_type == "appointment",
            is_any_of(_booked.resource_id, list({appointment.id, *of_call})),
            or_(
                and_(_booked.resource_id == appointment.id, AuditLog.resource_type != "call"),
                and_(is_any_of(_booked.resource_id, of_call), AuditLog.resource_type == "call"),
            ),
            _booked.action == Action.APPOINTMENT_BOOKED,
            AuditLog.organization_id == appointment.organization_id,
            is_any_of(AuditLog.resource_type, list(_KINDS)),
            ~changed_since.exists(),
        )
    )
    newest_first = entries.order_by(AuditLog.created_at.desc(), AuditLog.id.desc())
    return db.session.scalars(newest_first.limit(_MAX_ENTRIES)).all()


def _accompanying() -> list[str]:
    """Return the columns that later work sets without changing what a booking changed."""
    return sorted({name for kind in _KINDS for name in registry().resources[kind].accompanying})


def _put_back(actor: Actor, appointment: Appointment, kind: str, model: type[Any], changes: Sequence[AuditLog]) -> None:
    """Set the fields of the records back to the values before these changes of one kind, which are latest first."""
    whole = changes_of(Change(entry, is_withheld=False) for entry in reversed(changes))
    entries = [change.entry for change in whole if change.entry.before]
    if not entries:
        return
    accompanying, typed = registry().resources[kind].accompanying, typed_before(kind, entries)
    by_record = {entry.resource_id: entry for entry in entries}
    rows = unscoped(select(model), why="the user's own booking changed these records").where(
        model.organization_id == appointment.organization_id, model.id.in_(by_record)
    )
    for row in db.session.scalars(held(rows.order_by(model.id))).all():
        entry = by_record[row.id]
        values = {name: value for name, value in typed[row.id].items() if name not in accompanying}
        values |= values_to_restore(row, entry.before or {}, entry.after or {}, accompanying)
        for name, value in values.items():
            setattr(row, name, value)
        if isinstance(row, MissedCallEntry):
            wait_again(actor, row)
        db.session.flush()
