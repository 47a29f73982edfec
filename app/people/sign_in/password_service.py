"""Password changes: by the person themselves, or by a one-time link that was requested or issued."""

from datetime import UTC, datetime, timedelta

from flask_babel import lazy_gettext as _l
from sqlalchemy import func, update

from app.db.context import update_context
from app.errors import FieldError, NotFound, ValidationFailed
from app.extensions import db
from app.messaging.outbox.mails import Mail
from app.messaging.outbox.service import queue_mail
from app.models import PasswordReset, User
from app.people.sign_in import queries
from app.people.sign_in.service import act_as_user, switch_context
from app.people.users.access_service import issue_reset_link, set_password
from app.security.actor import Actor
from app.security.password_queries import is_password
from app.security.scope import unscoped
from app.security.tokens import Token

#: A link isn't replaced by another for this long, no matter how many are requested.
LINK_IS_FRESH = timedelta(minutes=15)


def change_password(actor: Actor, current: str, password: str) -> None:
    """Change the actor's own password, end their other sessions and notify them by email.

    Raises ValidationFailed if `current` is not the password (on the field "current") or the new one can't be used.
    """
    user = queries.get_own_row(actor, lock=True)
    if not is_password(user.id, current):
        raise ValidationFailed([FieldError("current", _l("Wrong password. Try again."))])
    set_password(user, password, except_for=actor.session_id)
    queue_mail(Mail.PASSWORD_CHANGED, user)


def request_reset_link(email: str) -> None:
    """Send a password link to each account of an address, without revealing whether there are any.

    An account whose last link is recent and still usable gets no new one, so that requests by strangers neither fill a
    mailbox nor void a link that is on its way. Runs in the request's transaction, one organization after the other.
    """
    for account in queries.find_accounts(email):
        switch_context(organization_id=account.organization_id, actor_label=email)
        user = queries.find_user_of(account, lock=True)  # concurrent requests are serialized
        if user is not None and not queries.has_link_since(user, datetime.now(UTC) - LINK_IS_FRESH):
            queue_mail(Mail.PASSWORD_RESET, user, link=issue_reset_link(user))


def find_link_holder(token: Token | None) -> queries.LinkHolder | None:
    """Return the person whose password a link can set, or None if the link isn't usable.

    A link isn't usable if it was used, has expired or never existed, or while the account can't sign in.
    """
    return queries.find_link_holder(token, datetime.now(UTC)) if token else None


def use_link(token: Token | None, password: str) -> None:
    """Set a password with a one-time link, which also proves access to the person's mailbox.

    Raises NotFound for a link that is no longer usable, and ValidationFailed for a password that can't be used.
    """
    holder = find_link_holder(token)
    if token is None or holder is None:
        raise NotFound("password_reset")
    update_context(organization_id=token.organization_id)
    user = db.session.get(
        unscoped(User, why="no signed-in user; the link identifies the account"),
        (token.organization_id, holder.user_id),
    )
    if user is None:
        raise NotFound("password_reset")
    act_as_user(user)
    _use_up(token)
    user.email_verified_at = user.email_verified_at or datetime.now(UTC)
    set_password(user, password)


def _use_up(token: Token) -> None:
    """Mark the link as used; the database decides which of two concurrent requests gets it.

    Raises NotFound.
    """
    used = db.session.execute(
        update(PasswordReset)
        .where(PasswordReset.organization_id == token.organization_id, PasswordReset.token_hash == token.digest)
        .where(PasswordReset.used_at.is_(None), PasswordReset.expires_at > func.now())
        .values(used_at=func.now())
        .returning(PasswordReset.id)
    )
    if used.first() is None:
        raise NotFound("password_reset")
