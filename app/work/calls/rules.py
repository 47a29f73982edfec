"""Who may change what of a call, from its state and who asks."""

from typing import Protocol
from uuid import UUID

from flask_babel import lazy_gettext as _l

from app.security.actor import Actor
from app.security.permissions import Permission, Role

MIN_REASON_CHARACTERS, MAX_REASON_CHARACTERS = 3, 500
MAX_NOTE_CHARACTERS = 5000


class Credited(Protocol):
    """A call: who spoke, who is credited, and who has taken it over."""

    csr_id: UUID | None
    handled_by_user_id: UUID | None
    assigned_rep_id: UUID | None


class Classified(Credited, Protocol):
    """A call with what came of it."""

    booking_status: str | None


def is_own(call: Credited, actor: Actor) -> bool:
    """Whether the call is one of this person's."""
    return actor.user_id in {call.csr_id, call.handled_by_user_id, call.assigned_rep_id}


def may_change(call: Credited, actor: Actor, permission: Permission) -> bool:
    """Whether `permission` lets `actor` change this call, which they see already.

    Seeing all calls and changing one's own are two permissions, and somebody may have been granted only the first.
    """
    return actor.sees_all(permission) or (actor.may(permission) and is_own(call, actor))


def may_classify(call: Classified, actor: Actor) -> bool:
    """Whether `actor` may set the booking status as it stands now.

    Those who classify their own calls only do so once: a status that is set, by whomever, is a manager's to change.
    """
    if actor.sees_all(Permission.CALLS_RECLASSIFY):
        return True
    return call.booking_status is None and may_change(call, actor, Permission.CALLS_RECLASSIFY)


def may_dispute(call: Classified, actor: Actor) -> bool:
    """Whether `actor` disputes the booking status of a call that they see: who may set theirs once, when it is set.

    Whoever changes everybody's has nothing to dispute.
    """
    permission = Permission.CALLS_RECLASSIFY
    return call.booking_status is not None and not actor.sees_all(permission) and may_change(call, actor, permission)


def needs_reason(current: str | None, wanted: str) -> bool:
    """Whether a new booking status has to be explained: it overrules somebody."""
    return current is not None and wanted != current


def may_change_note(author_id: UUID | None, actor: Actor) -> bool:
    """Whether `actor` may change or delete this note: their own, or any for those who change everybody's calls."""
    permission = Permission.CALLS_UPDATE
    return actor.sees_all(permission) or (actor.may(permission) and author_id == actor.user_id)


def refuse_others_note(author_id: UUID | None, actor: Actor) -> None:
    """Raise Forbidden unless `actor` may change this note."""
    if not may_change_note(author_id, actor):
        raise actor.refusal(
            Permission.CALLS_UPDATE,
            _l("You may change your own notes, and this is somebody else’s. Ask a manager."),
            needed=Role.MANAGER,
        )
