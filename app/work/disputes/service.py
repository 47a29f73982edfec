"""Raising and deciding disputes.

The call or the appointment is locked before its dispute, so that concurrent changes are serialized.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from flask_babel import lazy_gettext as _l

from app.audit.actions import Action
from app.audit.record import name_action
from app.db.transaction import translated_integrity_errors
from app.errors import Conflict, FieldError, LazyText, ValidationFailed
from app.extensions import db
from app.models import Appointment, BookingDispute, BookingStatus, Call, DecidedBy, DisputeKind, DisputeStatus, Role
from app.security.actor import Actor
from app.security.permissions import Permission
from app.tenancy.notification_service import notify_all
from app.tenancy.people_queries import list_people_in_charge
from app.work.appointments.rules import CHOOSE_BOOKER
from app.work.appointments.service import can_be_credited, credit_to
from app.work.calls import rules
from app.work.calls.detail_queries import get_call
from app.work.disputes import queries
from app.work.disputes.notices import DISPUTE_DECIDED, DISPUTE_RAISED
from app.work.disputes.rules import disputed_value

_STATUS_CHANGED = _l(
    "Not decided: someone changed the call’s booking status after you opened this page. Review it again."
)
_BOOKER_CHANGED = _l(
    "Not decided: someone changed who booked the appointment after you opened this page. Review it again."
)


def raise_dispute(
    actor: Actor, dispute_id: UUID, call_id: UUID, to_status: BookingStatus, reason: str, *, version: int
) -> BookingDispute:
    """Request another booking status for the actor's own call, for a manager to decide.

    `dispute_id` is generated with the form, so that a form submitted twice creates one dispute. Raises NotFound,
    Forbidden, VersionConflict, ValidationFailed for the current status, and Conflict if the status isn't set, if the
    actor can change it without a dispute, while another dispute is open, or if the form was submitted with other values
    before.
    """
    actor.requires(Permission.CALLS_RECLASSIFY)
    call = get_call(actor, call_id, lock=True)
    claim = {"call_id": call.id, "to_status": to_status, "reason": reason}
    existing = _existing(actor, dispute_id, claim)
    if existing is not None:
        return existing
    _refuse_not_disputable(call, actor)
    if queries.find_open_dispute(actor, call_id) is not None:
        raise Conflict(None, _l("This call already has an open dispute. Wait until it’s decided."))
    call.refuse_stale(version, {"booking_status": call.booking_status})
    if to_status == call.booking_status:
        raise ValidationFailed(
            [FieldError("to_status", _l("This is already the booking status. Choose a different one."))]
        )
    said = _l("%(name)s disputes the booking status of a call.", name=actor.name)
    claim = {**claim, "from_status": call.booking_status}
    return _raise(actor, dispute_id, claim, said, f"/calls/{call.id}?panel=dispute")


def dispute_booker(
    actor: Actor, dispute_id: UUID, appointment_id: UUID, to_csr_id: UUID | None, reason: str
) -> BookingDispute:
    """Request another person, or no one, as the one who booked an appointment, for a manager to decide.

    The actor sees the appointment, or the call from which it was booked. `dispute_id` is generated with the form, so
    that a form submitted twice creates one dispute. Raises NotFound, Forbidden, ValidationFailed for a person who can't
    be credited or is already, and Conflict if the actor can change it without a dispute, while another dispute is open,
    or if the form was submitted with other values before.
    """
    actor.requires(Permission.APPOINTMENTS_WRITE)
    is_able = to_csr_id is None or can_be_credited(actor, to_csr_id)
    appointment = queries.get_disputable(actor, appointment_id, lock=True)
    claim = {"appointment_id": appointment.id, "to_csr_id": to_csr_id, "reason": reason}
    existing = _existing(actor, dispute_id, claim)
    if existing is not None:
        return existing
    if not rules.may_dispute_booker(actor):
        raise Conflict(None, _l("You can’t dispute who booked this appointment. If you manage it, change it instead."))
    if not is_able:
        raise ValidationFailed([FieldError("to_csr", CHOOSE_BOOKER)])
    if appointment.csr_id == to_csr_id:
        raise ValidationFailed([FieldError("to_csr", _l("This is already who booked it. Choose someone else."))])
    if queries.list_open_booker_disputes(actor, [appointment_id]):
        raise Conflict(None, _l("This appointment already has an open dispute. Wait until it’s decided."))
    said = _l("%(name)s disputes who booked an appointment.", name=actor.name)
    claim = {**claim, "kind": DisputeKind.BOOKED_BY, "from_csr_id": appointment.csr_id}
    return _raise(actor, dispute_id, claim, said, f"/appointments/{appointment.id}?panel=booked-by")


def decide(
    actor: Actor, dispute_id: UUID, *, is_accepted: bool, note: str | None, version: int, seen: str | None
) -> BookingDispute:
    """Accept a dispute, which changes the call or the appointment, or reject it, which leaves that unchanged.

    Repeating the same decision has no effect. Raises Forbidden, NotFound, VersionConflict, and Conflict if the dispute
    was already decided by another user or in another way, or if it is accepted while the disputed value differs from
    `seen`, the appointment is in the trash, or bookings can't be credited to the person any longer.
    """
    actor.requires(Permission.DISPUTES_DECIDE)
    dispute = queries.get_dispute(actor, dispute_id)
    is_able = not is_accepted or dispute.to_csr_id is None or can_be_credited(actor, dispute.to_csr_id)
    record = queries.get_disputed(dispute, lock=True)
    dispute = queries.get_dispute(actor, dispute_id, lock=True)
    status = DisputeStatus.ACCEPTED if is_accepted else DisputeStatus.REJECTED
    if dispute.status != DisputeStatus.OPEN:
        if (dispute.status, dispute.decided_by) == (status, actor.reference_id):
            return dispute
        raise _decided_already(dispute)
    dispute.refuse_stale(version, {"note": dispute.decision_note})
    if is_accepted:
        _refuse_not_acceptable(record, seen, is_able=is_able)
    dispute.status, dispute.decision_note = status, note
    dispute.decided_by, dispute.decided_by_label = actor.reference_id, actor.name
    dispute.decided_at = datetime.now(UTC)
    name_action(Action.DISPUTE_ACCEPTED if is_accepted else Action.DISPUTE_REJECTED, dispute)
    before = disputed_value(record)
    if is_accepted:
        _apply(dispute, record)
    said, link = _decision(actor, dispute, record, has_changed=disputed_value(record) != before)
    notify_all(DISPUTE_DECIDED, queries.list_concerned(dispute, record.csr_id), said, link, dispute.id)
    return dispute


def _existing(actor: Actor, dispute_id: UUID, claim: Mapping[str, Any]) -> BookingDispute | None:
    """Return the dispute that the same form created, or None. Raises Conflict if it has other values."""
    existing = queries.find_dispute(actor, dispute_id)
    subject = next(iter(claim))
    if existing is None or existing.raised_by != actor.reference_id or getattr(existing, subject) != claim[subject]:
        return None
    if any(getattr(existing, name) != value for name, value in claim.items()):
        raise Conflict(None, _l("This form was already submitted. See the dispute it created."))
    return existing


def _raise(actor: Actor, dispute_id: UUID, claim: Mapping[str, Any], said: LazyText, link: str) -> BookingDispute:
    """Store the dispute, and notify the managers, or else the admins and owners."""
    dispute = BookingDispute(
        organization_id=actor.organization_id,
        id=dispute_id,
        raised_by=actor.reference_id,
        raised_by_label=actor.name,
        **claim,
    )
    with translated_integrity_errors():
        db.session.add(dispute)
        name_action(Action.DISPUTE_RAISED, dispute)
    managers = list_people_in_charge(actor.organization_id, Role.MANAGER) or list_people_in_charge(
        actor.organization_id, Role.ADMIN, Role.OWNER
    )
    notify_all(DISPUTE_RAISED, managers, said, link, dispute.id)
    return dispute


def _refuse_not_acceptable(record: Call | Appointment, seen: str | None, *, is_able: bool) -> None:
    if disputed_value(record) != seen:
        raise Conflict(None, _STATUS_CHANGED if isinstance(record, Call) else _BOOKER_CHANGED)
    if isinstance(record, Appointment) and record.deleted_at is not None:
        raise Conflict(None, _l("This appointment is in the trash. Restore it first, or reject the dispute."))
    if not is_able:
        raise Conflict(None, _l("This person can no longer be credited with bookings. Reject the dispute."))


def _apply(dispute: BookingDispute, record: Call | Appointment) -> None:
    if isinstance(record, Call):
        _reclassify(record, dispute)
    elif record.csr_id != dispute.to_csr_id:
        credit_to(record, dispute.to_csr_id, dispute.reason)


def _decision(
    actor: Actor, dispute: BookingDispute, record: Call | Appointment, *, has_changed: bool
) -> tuple[LazyText, str]:
    """Return the sentence about the decision, and the link to the page of the record.

    `has_changed` is False if the record had the requested value before the dispute was accepted.
    """
    is_accepted = dispute.status == DisputeStatus.ACCEPTED
    if isinstance(record, Call):
        if not is_accepted:
            said = _l("%(name)s rejected the dispute about a call. Its booking status hasn’t changed.", name=actor.name)
        elif has_changed:
            said = _l("%(name)s accepted the dispute about a call. Its booking status has changed.", name=actor.name)
        else:
            said = _l(
                "%(name)s accepted the dispute about a call. Its booking status had already been corrected.",
                name=actor.name,
            )
        return said, f"/calls/{record.id}"
    said = (
        _l("%(name)s accepted the dispute about who booked an appointment.", name=actor.name)
        if is_accepted
        else _l("%(name)s rejected the dispute about who booked an appointment.", name=actor.name)
    )
    return said, "/disputes?kind=booked_by&status="


def _refuse_not_disputable(call: Call, actor: Actor) -> None:
    if rules.may_dispute(call, actor):
        return
    if call.booking_status is None:
        raise Conflict(None, _l("No booking status has been set. Set one instead."))
    if actor.sees_all(Permission.CALLS_RECLASSIFY):
        raise Conflict(None, _l("You can change the booking status yourself, so there’s no need to dispute it."))
    raise actor.refusal(
        Permission.CALLS_RECLASSIFY,
        _l("You can only dispute the booking status of your own calls. Ask a manager."),
        needed=Role.MANAGER,
    )


def _decided_already(dispute: BookingDispute) -> Conflict:
    names = {"name": dispute.decided_by_label or "–"}
    if dispute.status == DisputeStatus.ACCEPTED:
        return Conflict(None, _l("%(name)s already accepted this dispute, so your decision wasn’t saved.", **names))
    return Conflict(None, _l("%(name)s already rejected this dispute, so your decision wasn’t saved.", **names))


def _reclassify(call: Call, dispute: BookingDispute) -> None:
    if call.booking_status == dispute.to_status:
        return
    call.booking_status = dispute.to_status
    call.booking_status_reason = dispute.reason
    call.booking_status_source = DecidedBy.USER
    name_action(Action.CALL_RECLASSIFIED, call)
