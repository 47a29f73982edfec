"""Temporary suspension of people, who keep their work and their seat.

Deactivation (`leaving_service`) is for people who have left.
"""

from datetime import datetime
from uuid import UUID

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from app.audit.actions import Action
from app.audit.reason_rules import clean_reason
from app.audit.record import name_action
from app.errors import Conflict
from app.extensions import db
from app.models import User, UserStatus
from app.people.users.access_service import end_sessions, use_up_links
from app.people.users.detail_queries import get_person
from app.people.users.notices import ACCESS_CHANGED, ACCOUNT
from app.people.users.rules import refuse_past
from app.people.users.service import lock_person, refuse_own_account, refuse_to_take_last_owner
from app.security.actor import Actor
from app.security.permissions import Permission
from app.security.scope import unscoped
from app.security.session_rules import EndReason
from app.tenancy.notification_service import notify_all


def suspend(actor: Actor, user_id: UUID, reason: str, until: datetime | None, *, version: int) -> User:
    """Suspend a person, from their next request on, until `until` or until the suspension is lifted.

    Their sessions and password links end, and their API keys don't work in the meantime. If they are suspended already,
    the reason and the end are changed. Raises ValidationFailed without a reason or for an end in the past, Conflict for
    the actor themselves and for a deactivated person, LastOwner, VersionConflict, Forbidden for a person above the
    actor, and NotFound.
    """
    user = lock_person(get_person(actor, user_id), actor, Permission.USERS_DEACTIVATE)
    refuse_suspension(actor, user)
    user.refuse_stale(version, {"suspension_reason": user.suspension_reason, "until": user.suspended_until})
    why = clean_reason(reason)
    refuse_past(until)
    refuse_to_take_last_owner([user])
    user.status, user.suspended_until, user.suspension_reason = UserStatus.SUSPENDED, until, why
    if not db.session.is_modified(user):
        return user  # suspended already, for the same reason and time
    name_action(Action.USER_SUSPENDED, user)
    use_up_links(user)
    end_sessions(user, EndReason.USER_SUSPENDED)
    db.session.flush()
    said = _l("Your account is suspended. You can’t sign in until the suspension is lifted.")
    notify_all(ACCESS_CHANGED, [user], said, ACCOUNT)
    return user


def refuse_suspension(actor: Actor, user: User) -> None:
    """Raise Conflict for the actor themselves and for a deactivated person."""
    refuse_own_account(actor, user)
    if user.status == UserStatus.INACTIVE:
        raise Conflict(None, _l("This person is already deactivated and can’t sign in."))


def let_back(actor: Actor, user_id: UUID) -> User:
    """Lift a suspension before its end; no effect for a person who isn't suspended.

    Raises Forbidden and NotFound.
    """
    user = lock_person(get_person(actor, user_id), actor, Permission.USERS_DEACTIVATE)
    if user.status == UserStatus.SUSPENDED:
        _let_back(user)
    return user


def let_back_if_over(user: User, now: datetime) -> None:
    """Lift an expired suspension of a person who signs in before the job has done it.

    Their row has to be locked.
    """
    over = user.suspended_until
    if user.status == UserStatus.SUSPENDED and over is not None and over <= now:
        _let_back(user)
        db.session.flush()
        db.session.refresh(user, ["is_active"])


def let_back_all(organization_id: UUID, now: datetime) -> int:
    """Lift all expired suspensions of an organization; return how many."""
    over = unscoped(select(User), why="the job lifts expired suspensions of all users").where(
        User.organization_id == organization_id, User.status == UserStatus.SUSPENDED, User.suspended_until <= now
    )
    people = db.session.scalars(over.order_by(User.id).with_for_update(key_share=True)).all()
    for user in people:
        _let_back(user)
    return len(people)


def _let_back(user: User) -> None:
    user.status, user.suspended_until, user.suspension_reason = UserStatus.ACTIVE, None, None
    name_action(Action.USER_LET_BACK, user)
    notify_all(ACCESS_CHANGED, [user], _l("Your account is no longer suspended."), ACCOUNT)
