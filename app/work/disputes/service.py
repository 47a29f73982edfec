"""Raising and deciding disputes.

The call is locked before its dispute, so that concurrent changes are serialized.
"""

from datetime import UTC, datetime
from uuid import UUID

from flask_babel import lazy_gettext as _l

from app.audit.actions import Action
from app.audit.record import name_action
from app.db.transaction import translated_integrity_errors
from app.errors import Conflict, FieldError, ValidationFailed
from app.extensions import db
from app.models import BookingDispute, BookingStatus, Call, DecidedBy, DisputeStatus, Role
from app.security.actor import Actor
from app.security.permissions import Permission
from app.tenancy.notification_service import notify_all
from app.tenancy.people_queries import list_people_in_charge
from app.work.calls import rules
from app.work.calls.detail_queries import get_call
from app.work.disputes import queries
from app.work.disputes.notices import DISPUTE_DECIDED, DISPUTE_RAISED

_CHANGED_SINCE = _l(
    "Not decided: someone changed the call’s booking status after you opened this page. Review it again."
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
    there = queries.find_dispute(actor, dispute_id)
    if there is not None and (there.call_id, there.raised_by) == (call.id, actor.reference_id):
        if (there.to_status, there.reason) != (to_status, reason):
            raise Conflict(None, _l("This form was already submitted. See the dispute it created."))
        return there
    _refuse_not_disputable(call, actor)
    if queries.find_open_dispute(actor, call_id) is not None:
        raise Conflict(None, _l("This call already has an open dispute. Wait until it’s decided."))
    call.refuse_stale(version, {"booking_status": call.booking_status})
    if to_status == call.booking_status:
        raise ValidationFailed(
            [FieldError("to_status", _l("This is already the booking status. Choose a different one."))]
        )
    dispute = BookingDispute(
        organization_id=actor.organization_id,
        id=dispute_id,
        call_id=call.id,
        raised_by=actor.reference_id,
        raised_by_label=actor.name,
        from_status=call.booking_status,
        to_status=to_status,
        reason=reason,
    )
    with translated_integrity_errors():
        db.session.add(dispute)
        name_action(Action.DISPUTE_RAISED, dispute)
    managers = list_people_in_charge(actor.organization_id, Role.MANAGER) or list_people_in_charge(
        actor.organization_id, Role.ADMIN, Role.OWNER
    )
    said = _l("%(name)s disputes the booking status of a call.", name=actor.name)
    notify_all(DISPUTE_RAISED, managers, said, f"/calls/{call.id}?panel=dispute", call.id)
    return dispute


def decide(
    actor: Actor, dispute_id: UUID, *, is_accepted: bool, note: str | None, version: int, seen: BookingStatus | None
) -> BookingDispute:
    """Accept a dispute, which changes the call, or reject it, which leaves the call unchanged.

    Repeating the same decision has no effect. Raises Forbidden, NotFound, VersionConflict, and Conflict if the dispute
    was already decided by another user or in another way, or if it is accepted while the booking status of the call
    differs from `seen`.
    """
    actor.requires(Permission.DISPUTES_DECIDE)
    call = get_call(actor, queries.get_dispute(actor, dispute_id).call_id, lock=True)
    dispute = queries.get_dispute(actor, dispute_id, lock=True)
    status = DisputeStatus.ACCEPTED if is_accepted else DisputeStatus.REJECTED
    if dispute.status != DisputeStatus.OPEN:
        if (dispute.status, dispute.decided_by) == (status, actor.reference_id):
            return dispute
        raise _decided_already(dispute)
    dispute.refuse_stale(version, {"note": dispute.decision_note})
    if is_accepted and call.booking_status != seen:
        raise Conflict(None, _CHANGED_SINCE)
    dispute.status, dispute.decision_note = status, note
    dispute.decided_by, dispute.decided_by_label = actor.reference_id, actor.name
    dispute.decided_at = datetime.now(UTC)
    name_action(Action.DISPUTE_ACCEPTED if is_accepted else Action.DISPUTE_REJECTED, dispute)
    if is_accepted:
        _reclassify(call, dispute)
    said = (
        _l("%(name)s accepted the dispute about a call. Its booking status has changed.", name=actor.name)
        if is_accepted
        else _l("%(name)s rejected the dispute about a call. Its booking status hasn’t changed.", name=actor.name)
    )
    concerned = queries.list_concerned(dispute, call.csr_id)
    notify_all(DISPUTE_DECIDED, concerned, said, f"/calls/{call.id}", call.id)
    return dispute


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
