"""Reminders to set up two-factor authentication, at most one a day per person."""

from datetime import UTC, datetime
from uuid import UUID

from flask_babel import lazy_gettext as _l
from sqlalchemy import or_, update

from app.audit.actions import Action
from app.audit.record import name_change
from app.errors import Conflict
from app.extensions import db
from app.messaging.outbox.link_service import public_address
from app.messaging.outbox.mails import Mail
from app.messaging.outbox.service import queue_mail
from app.models import User, UserStatus
from app.organization.security.notices import SECOND_FACTOR_REMINDER
from app.organization.security.rules import BETWEEN_REMINDERS
from app.people.users.detail_queries import get_person
from app.security.actor import Actor
from app.security.permissions import Permission
from app.tenancy.notification_service import notify_all

_SET_UP_PAGE = "sign_in.new_second_factor"
_SET_UP_PATH = "/account/second-factor"


def remind(actor: Actor, user_id: UUID) -> User:
    """Ask a person, by email and notification, to set up two-factor authentication.

    Raises Forbidden, NotFound, and Conflict for a person who has it, can't sign in, or was reminded within a day. Of
    two admins who remind a person at the same time, the second waits for the first and is refused.
    """
    actor.requires(Permission.USERS_UPDATE)
    user, now = get_person(actor, user_id), datetime.now(UTC)
    if user.status != UserStatus.ACTIVE or user.mfa_secret is not None:
        raise Conflict(None, _l("%(name)s can’t sign in, or already has two-factor authentication.", name=user.name))
    due = (User.second_factor_reminded_at.is_(None), User.second_factor_reminded_at <= now - BETWEEN_REMINDERS)
    name_change(Action.USER_SECOND_FACTOR_REMINDED, "user", user.id)
    reminded = db.session.execute(
        update(User)
        .where(User.organization_id == actor.organization_id, User.id == user.id, or_(*due))
        .values(second_factor_reminded_at=now)
        .returning(User.id),
        execution_options={"synchronize_session": False},
    )
    if reminded.one_or_none() is None:
        raise Conflict(None, _l("%(name)s was reminded less than a day ago. Try again tomorrow.", name=user.name))
    queue_mail(Mail.SECOND_FACTOR_REMINDER, user, sender=actor.name, page=public_address(_SET_UP_PAGE))
    notify_all(
        SECOND_FACTOR_REMINDER,
        [user],
        _l("%(sender)s asks you to set up two-factor authentication.", sender=actor.name),
        _SET_UP_PATH,
    )
    return user
