"""Deactivation, deletion and activation of people.

The work of people who leave is reassigned in the same transaction.
"""

from uuid import UUID

from app.audit.reason_rules import clean_reason
from app.extensions import db
from app.models import DeletionBatch, User, UserStatus
from app.people.users import service
from app.people.users.detail_queries import get_person
from app.people.users.handover_rules import Successors
from app.people.users.handover_service import hand_over
from app.security.actor import Actor
from app.security.permissions import Permission
from app.trust.trash.delete_service import delete


def deactivate_person(
    actor: Actor, user_id: UUID, reason: str, takers: Successors, *, version: int, seen: str | None = None
) -> User:
    """Reassign a person's work and deactivate them; no effect if they are inactive already.

    `seen` is explained in `hand_over`. Raises NotFound, VersionConflict, Conflict for the actor themselves, and the
    errors of `service.deactivate` and `hand_over`.
    """
    user = service.lock_person(get_person(actor, user_id), actor, Permission.USERS_DEACTIVATE)
    if user.status == UserStatus.INACTIVE:
        return user
    service.refuse_own_account(actor, user)
    user.refuse_stale(version, {})
    clean_reason(reason)
    with db.session.begin_nested():  # Undo the handover if the deactivation is refused.
        hand_over(actor, user, takers, seen=seen)
        service.deactivate(user, reason, actor=actor)
    return user


def delete_person(
    actor: Actor, user_id: UUID, reason: str, takers: Successors, *, version: int, seen: str | None = None
) -> DeletionBatch:
    """Reassign a person's work and move them to the trash.

    Their other work remains in their name. `seen` is explained in `hand_over`. Raises NotFound, VersionConflict,
    ValidationFailed without a reason, Conflict for the actor themselves, and the errors of the trash's `delete` and of
    `hand_over`.
    """
    actor.requires(Permission.USERS_DELETE)
    user = service.lock_person(get_person(actor, user_id), actor, Permission.USERS_DELETE)
    service.refuse_own_account(actor, user)
    user.refuse_stale(version, {})
    why = clean_reason(reason)
    with db.session.begin_nested():
        hand_over(actor, user, takers, for_good=True, seen=seen)
        return delete(actor, "user", [user.id], reason=why)


def activate_person(actor: Actor, user_id: UUID) -> User:
    """Reactivate a person.

    Raises NotFound, and the errors of `service.activate`.
    """
    user = get_person(actor, user_id)
    service.activate(user, actor=actor)
    return user
