"""Deletion of expired sign-in data."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, or_, update

from app.db.context import current_context
from app.extensions import db
from app.models import KnownDevice, LoginAttempt, Message, PasswordReset, RefreshToken, UserSession
from app.people.sign_in.rules import FAMILIAR_FOR
from app.people.users.rules import INVITED_LINK_LIFETIME

#: How long used and expired links and tokens are kept.
_ENDED_DAYS = timedelta(days=30)
#: The security page shows the devices of the last 30 days that were new then.
_ATTEMPT_DAYS = FAMILIAR_FOR + timedelta(days=30)


def delete_expired(now: datetime) -> None:
    """Delete outdated sign-in data of the context's organization.

    Deletes sessions, password links and refresh tokens that ended long ago, expired known devices, and old sign-in
    attempts. Clears the links of emails that were never sent.
    """
    organization_id, ended = current_context().organization_id, now - _ENDED_DAYS
    unneeded = now - FAMILIAR_FOR
    db.session.execute(
        delete(UserSession).where(
            UserSession.organization_id == organization_id,
            or_(UserSession.expires_at < unneeded, UserSession.revoked_at < unneeded),
        )
    )
    db.session.execute(
        delete(PasswordReset).where(
            PasswordReset.organization_id == organization_id,
            or_(PasswordReset.expires_at < ended, PasswordReset.used_at < ended),
        )
    )
    db.session.execute(
        delete(RefreshToken).where(RefreshToken.organization_id == organization_id, RefreshToken.expires_at < ended)
    )
    db.session.execute(
        delete(KnownDevice).where(KnownDevice.organization_id == organization_id, KnownDevice.expires_at < now)
    )
    _forget_dead_links(organization_id, now - INVITED_LINK_LIFETIME)
    db.session.execute(
        delete(LoginAttempt).where(
            LoginAttempt.organization_id == organization_id, LoginAttempt.created_at < now - _ATTEMPT_DAYS
        )
    )


def _forget_dead_links(organization_id: UUID | None, written_before: datetime) -> None:
    """Clear the links of emails that were never sent; no link is valid longer than an invitation's."""
    db.session.execute(
        update(Message)
        .where(Message.organization_id == organization_id, Message.created_at < written_before)
        .where(Message.link_secret.is_not(None))
        .values(link_secret=None)
    )
