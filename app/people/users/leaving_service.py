"""Letting somebody go, with whoever takes over their work, in one transaction; and letting them in again."""

from uuid import UUID

from app.audit.reason_rules import clean_reason
from app.extensions import db
from app.models import DeletionBatch, User, UserStatus
from app.people.users import service
from app.people.users.detail_queries import get_person
from app.people.users.handover_service import Takers, hand_over
from app.security.actor import Actor
from app.security.permissions import Permission
from app.trust.trash.delete_service import delete


def deactivate_person(
    actor: Actor, user_id: UUID, reason: str, takers: Takers, *, version: int, seen: str | None = None
) -> User:
    """Hand over somebody's work, as it was `seen`, and let them in no more; who is inactive already stays as they are.

    Raises NotFound, VersionConflict, Conflict for oneself, and what `service.deactivate` and `hand_over` raise.
    """
    user = service.lock_person(get_person(actor, user_id), actor, Permission.USERS_DEACTIVATE)
    if user.status == UserStatus.INACTIVE:
        return user
    service.refuse_oneself(actor, user)
    user.refuse_stale(version, {})
    clean_reason(reason)
    with db.session.begin_nested():  # Who is refused finds all of it as it was.
        hand_over(actor, user, takers, seen=seen)
        service.deactivate(user, reason, actor=actor)
    return user


def delete_person(
    actor: Actor, user_id: UUID, reason: str, takers: Takers, *, version: int, seen: str | None = None
) -> DeletionBatch:
    """Hand over somebody's work, as it was `seen`, and put them into the trash. What they did stays theirs, there too.

    Raises NotFound, VersionConflict, Conflict for oneself, and what the trash's `delete` and `hand_over` raise.
    """
    actor.requires(Permission.USERS_DELETE)
    user = service.lock_person(get_person(actor, user_id), actor, Permission.USERS_DELETE)
    service.refuse_oneself(actor, user)
    user.refuse_stale(version, {})
    why = clean_reason(reason)
    with db.session.begin_nested():
        hand_over(actor, user, takers, for_good=True, seen=seen)
        return delete(actor, "user", [user.id], reason=why)


def activate_person(actor: Actor, user_id: UUID) -> User:
    """Let somebody in again. Raises NotFound, and what `service.activate` raises."""
    user = get_person(actor, user_id)
    service.activate(user, actor=actor)
    return user
