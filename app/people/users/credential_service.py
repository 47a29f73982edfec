"""Help for people who lost their password or their two-factor device.

It is given by an actor of their rank or above.
"""

from uuid import UUID

from flask_babel import lazy_gettext as _l

from app.audit.actions import Action
from app.audit.reason_rules import clean_reason
from app.audit.record import name_action
from app.errors import Conflict
from app.messaging.outbox.mails import Mail
from app.messaging.outbox.service import queue_mail
from app.models import User
from app.people.users.access_service import drop_recovery_codes, end_sessions, issue_reset_link
from app.people.users.detail_queries import get_person
from app.people.users.rules import NOTHING_ARRIVES, is_placeholder_address
from app.people.users.service import lock_person
from app.security.actor import Actor, refusal_of_key
from app.security.confirmation import Effect, require_confirmation
from app.security.permissions import Permission
from app.security.session_rules import EndReason


def send_password_link(actor: Actor, user_id: UUID, reason: str, *, version: int) -> User:
    """Send a person a link to set a new password; their old password works until they use the link.

    The email stays in the outbox if no mail server is set. Raises NotFound, Forbidden for a person above the actor and
    for an API key, ValidationFailed without a reason, VersionConflict (a form sent twice sends one link), and Conflict
    for a person who isn't active or has no real address. Raises ReauthenticationRequired.
    """
    why = clean_reason(reason)
    if actor.ceiling is not None:
        raise refusal_of_key()
    require_confirmation(actor, Effect.LINK)
    user = lock_person(get_person(actor, user_id), actor, Permission.USERS_UPDATE)
    user.refuse_stale(version, {})
    if not user.is_active:
        raise Conflict(
            None,
            _l("Deactivated and suspended people can’t sign in. Activate this person or lift the suspension first."),
        )
    if is_placeholder_address(user.email):
        raise Conflict(None, NOTHING_ARRIVES)
    user.raise_version()
    name_action(Action.USER_PASSWORD_LINK_SENT, user, metadata={"reason": why})
    queue_mail(Mail.PASSWORD_LINK, user, link=issue_reset_link(user), sender=actor.name)
    return user


def reset_second_factor(actor: Actor, user_id: UUID, reason: str, *, version: int) -> User:
    """Remove a person's two-factor authentication and recovery codes, end their sessions and notify them.

    Raises NotFound, Forbidden for a person above the actor and for an API key, ValidationFailed without a reason,
    VersionConflict, Conflict for the actor themselves and for a person without two-factor authentication, and
    ReauthenticationRequired.
    """
    why = clean_reason(reason)
    if actor.ceiling is not None:
        raise refusal_of_key()
    require_confirmation(actor, Effect.SECOND_FACTOR)
    user = lock_person(get_person(actor, user_id), actor, Permission.USERS_UPDATE)
    user.refuse_stale(version, {})
    if user.id == actor.user_id:
        raise Conflict(None, _l("Turn off your own two-factor authentication on your account page."))
    if user.mfa_secret is None:
        raise Conflict(None, _l("This person doesn’t have two-factor authentication."))
    user.mfa_secret = user.mfa_last_step = None
    name_action(Action.USER_SECOND_FACTOR_RESET, user, metadata={"reason": why})
    drop_recovery_codes(user)
    end_sessions(user, EndReason.SECOND_FACTOR_RESET)
    queue_mail(Mail.SECOND_FACTOR_RESET, user, sender=actor.name)
    return user
