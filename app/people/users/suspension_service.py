"""Keeping somebody out for a while: their work and their seat stay theirs, and they come back as they were.

Unlike who is deactivated, who has left (`leaving_service`).
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
from app.people.users.service import lock_person, refuse_oneself, refuse_to_take_last_owner
from app.security.actor import Actor
from app.security.permissions import Permission
from app.security.scope import unscoped
from app.security.session_rules import EndReason
from app.tenancy.notification_service import notify_all


def suspend(actor: Actor, user_id: UUID, reason: str, until: datetime | None, *, version: int) -> User:
    """Let somebody in no more, from their next request on, until `until` or until somebody lets them back.

    Their sessions end. The keys that they made open nothing meanwhile. Said again it changes reason and end. Raises
    ValidationFailed without a reason or for an end that has passed, Conflict for oneself and for who is deactivated,
    LastOwner, VersionConflict, Forbidden for somebody above the actor, NotFound.
    """
    user = lock_person(get_person(actor, user_id), actor, Permission.USERS_DEACTIVATE)
    refuse_suspension(actor, user)
    user.refuse_stale(version, {"suspension_reason": user.suspension_reason, "until": user.suspended_until})
    why = clean_reason(reason)
    refuse_past(until)
    refuse_to_take_last_owner([user])
    user.status, user.suspended_until, user.suspension_reason = UserStatus.SUSPENDED, until, why
    name_action(Action.USER_SUSPENDED, user)
    use_up_links(user)
    end_sessions(user, EndReason.USER_SUSPENDED)
    db.session.flush()
    said = _l("Your account is suspended: you cannot sign in until somebody lets you back.")
    notify_all(ACCESS_CHANGED, [user], said, ACCOUNT)
    return user


def refuse_suspension(actor: Actor, user: User) -> None:
    """Raise Conflict for oneself and for who is deactivated."""
    refuse_oneself(actor, user)
    if user.status == UserStatus.INACTIVE:
        raise Conflict(None, _l("This person is deactivated: nobody is let in anyway."))


def let_back(actor: Actor, user_id: UUID) -> User:
    """Let somebody in again before their time; who is not suspended stays as they are. Raises Forbidden, NotFound."""
    user = lock_person(get_person(actor, user_id), actor, Permission.USERS_DEACTIVATE)
    if user.status == UserStatus.SUSPENDED:
        _let_back(user)
    return user


def let_back_if_over(user: User, now: datetime) -> None:
    """What the job does, for somebody who signs in before it: their row is held."""
    over = user.suspended_until
    if user.status == UserStatus.SUSPENDED and over is not None and over <= now:
        _let_back(user)
        db.session.flush()
        db.session.refresh(user, ["is_active"])


def let_back_all(organization_id: UUID, now: datetime) -> int:
    """Let in again whose time is over; how many."""
    over = unscoped(select(User), why="a job lets back whose time is over, whoever sees them").where(
        User.organization_id == organization_id, User.status == UserStatus.SUSPENDED, User.suspended_until <= now
    )
    people = db.session.scalars(over.order_by(User.id).with_for_update(key_share=True)).all()
    for user in people:
        _let_back(user)
    return len(people)


def _let_back(user: User) -> None:
    user.status, user.suspended_until, user.suspension_reason = UserStatus.ACTIVE, None, None
    name_action(Action.USER_LET_BACK, user)
    notify_all(ACCESS_CHANGED, [user], _l("Your account is not suspended any more."), ACCOUNT)
