"""Rules for who can change what on a call, depending on its state and the user."""

from typing import Protocol
from uuid import UUID

from flask_babel import lazy_gettext as _l

from app.models import Call, CallStatus, CallType, DecidedBy
from app.security.actor import Actor
from app.security.occupation_rules import is_sales_rep
from app.security.permissions import Permission, Role

MIN_REASON_CHARACTERS, MAX_REASON_CHARACTERS = 3, 500
MAX_NOTE_CHARACTERS = 5000
#: The most decimals with which a cost is shown; six are stored (decision 83).
COST_DECIMALS = 5


class Credited(Protocol):
    """Protocol for a call with its people: the credited CSR, the user who handled it, and the assigned rep."""

    csr_id: UUID | None
    handled_by_user_id: UUID | None
    assigned_rep_id: UUID | None


class Typed(Protocol):
    """Protocol for a call with its type."""

    call_type: str


class Classified(Credited, Protocol):
    """Protocol for a call with a booking status."""

    booking_status: str | None


def is_own(call: Credited, actor: Actor) -> bool:
    """Return whether the actor is the call's CSR, the user who handled it, or its assigned rep."""
    return actor.user_id in {call.csr_id, call.handled_by_user_id, call.assigned_rep_id}


def may_change(call: Credited, actor: Actor, permission: Permission) -> bool:
    """Return whether `permission` lets `actor` change this call, which they already see.

    Seeing all calls and changing one's own are separate permissions, and a user can have been granted only the first.
    """
    return actor.sees_all(permission) or (actor.may(permission) and is_own(call, actor))


def may_credit(call: Typed) -> bool:
    """Return whether the call can be credited to a CSR; a visit can't."""
    return call.call_type != CallType.VISIT_CALL


def may_classify(call: Classified, actor: Actor) -> bool:
    """Return whether `actor` can set the booking status in its current state.

    Users who can only classify their own calls can do so once. To change a status that is already set, the permission
    for all calls is required.
    """
    if actor.sees_all(Permission.CALLS_RECLASSIFY):
        return True
    return call.booking_status is None and may_change(call, actor, Permission.CALLS_RECLASSIFY)


def may_dispute(call: Classified, actor: Actor) -> bool:
    """Return whether `actor` can dispute the booking status of a call that they see.

    Users who can only set the status of their own calls can dispute it once it is set. A user who can change the status
    of all calls has nothing to dispute.
    """
    permission = Permission.CALLS_RECLASSIFY
    return call.booking_status is not None and not actor.sees_all(permission) and may_change(call, actor, permission)


def may_dispute_booker(actor: Actor) -> bool:
    """Return whether `actor` can dispute who booked an appointment that they see, or that was booked from their call.

    A person who can correct it has nothing to dispute, and bookings aren't credited to sales reps.
    """
    return (
        actor.reference_id is not None
        and actor.may(Permission.APPOINTMENTS_WRITE)
        and not actor.sees_all(Permission.APPOINTMENTS_ASSIGN)
        and not is_sales_rep(actor)
    )


def is_settled_by_booking(call: Call) -> bool:
    """Return whether a booking from this call decides its booking status, because no person has set it.

    It does so while the call is in progress, too: an analysis that comes later finds it decided. A call that wasn't
    answered has no booking status.
    """
    is_undecided = call.booking_status is None or call.booking_status_source in (DecidedBy.ANALYSIS, DecidedBy.IMPORT)
    return is_undecided and call.status in (CallStatus.ACTIVE, CallStatus.COMPLETED)


def needs_reason(current: str | None, wanted: str) -> bool:
    """Return whether a new booking status requires a reason, because it overrules an existing one."""
    return current is not None and wanted != current


def may_change_note(author_id: UUID | None, actor: Actor) -> bool:
    """Return whether `actor` can change or delete this note: their own, or any if they can change all calls."""
    permission = Permission.CALLS_UPDATE
    return actor.sees_all(permission) or (actor.may(permission) and author_id == actor.user_id)


def refuse_others_note(author_id: UUID | None, actor: Actor) -> None:
    """Raise Forbidden unless `actor` can change this note."""
    if not may_change_note(author_id, actor):
        raise actor.refusal(
            Permission.CALLS_UPDATE,
            _l("You can only edit your own notes. Ask a manager."),
            needed=Role.MANAGER,
        )
