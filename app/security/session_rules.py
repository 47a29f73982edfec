"""Rules for sessions: their lifetime, two-factor authentication, and why they ended."""

from datetime import datetime, timedelta
from enum import StrEnum

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from app.security.permissions import Role

#: A shift with a lunch break: a person who signs in in the morning is not asked again before going home.
IDLE_LIFETIME = timedelta(hours=12)
#: Even a session in daily use ends eventually, so that a copied cookie does too.
MAX_LIFETIME = timedelta(days=30)
#: Precision of the last activity; a shorter interval would mean a write with every request.
SEEN_INTERVAL = timedelta(minutes=1)
#: A sensitive action needs a proof that is younger: enough for one task, and not for whoever finds the browser open.
CONFIRMATION_LIFETIME = timedelta(minutes=10)


def asks_for_second_factor(role: str) -> bool:
    """Return whether an organization that requires two-factor authentication requires it for this role."""
    return role in (Role.ADMIN, Role.OWNER)


def is_idle(last_seen_at: datetime, now: datetime) -> bool:
    """Return whether a session has ended because it was idle for too long."""
    return now - last_seen_at > IDLE_LIFETIME


def needs_seen_mark(last_seen_at: datetime, now: datetime) -> bool:
    """Return whether the time of the last activity needs to be updated."""
    return now - last_seen_at >= SEEN_INTERVAL


def is_confirmed(confirmed_at: datetime | None, now: datetime) -> bool:
    """Return whether a person confirmed their identity recently enough for a sensitive action."""
    return confirmed_at is not None and now - confirmed_at <= CONFIRMATION_LIFETIME


class EndReason(StrEnum):
    """Reason why a session ended; `end_sentence` has the text for the sign-in page."""

    SIGNED_OUT = "signed_out"
    SIGNED_IN_AGAIN = "signed_in_again"
    ENDED_BY_SELF = "ended_by_self"
    PASSWORD_CHANGED = "password_changed"  # noqa: S105 - a reason, not a password
    ROLE_CHANGED = "role_changed"
    ENDED_BY_ADMIN = "ended_by_admin"
    PERMISSION_TAKEN = "permission_taken"
    SECOND_FACTOR = "second_factor"
    SECOND_FACTOR_RESET = "second_factor_reset"
    USER_DEACTIVATED = "user_deactivated"
    USER_SUSPENDED = "user_suspended"
    USER_DELETED = "user_deleted"
    ORGANIZATION_DELETED = "organization_deleted"
    TOKEN_EXPOSED = "token_exposed"  # noqa: S105 - a reason, not a password
    TOKEN_REUSED = "token_reused"  # noqa: S105 - a reason, not a token


_END_SENTENCES = {
    EndReason.SIGNED_OUT: _l("You signed out in this browser."),
    EndReason.SIGNED_IN_AGAIN: _l("You signed in again in this browser."),
    EndReason.ENDED_BY_SELF: _l("You ended this session from another browser."),
    EndReason.PASSWORD_CHANGED: _l("Your session ended because your password was changed."),
    EndReason.ROLE_CHANGED: _l("Your session ended because your role was changed."),
    EndReason.ENDED_BY_ADMIN: _l("Your session was ended by an admin of your organization. You can sign in again."),
    EndReason.PERMISSION_TAKEN: _l("Your session ended because one of your permissions was removed."),
    EndReason.SECOND_FACTOR: _l("Your session ended because your account now requires two-factor authentication."),
    EndReason.SECOND_FACTOR_RESET: _l("Your session ended because an admin reset your two-factor authentication."),
    EndReason.USER_DEACTIVATED: _l("Your session ended because your account was deactivated."),
    EndReason.USER_SUSPENDED: _l("Your session ended because your account was suspended."),
    EndReason.USER_DELETED: _l("Your session ended because your account was deleted."),
    EndReason.ORGANIZATION_DELETED: _l("Your session ended because your organization was deleted."),
    EndReason.TOKEN_EXPOSED: _l("This session ended because its token was sent in a URL, where logs record it."),
    EndReason.TOKEN_REUSED: _l("Your session ended because a refresh token was used twice."),
}


def end_sentence(reason: str | None) -> LazyString:
    """Return the message that explains why the session ended."""
    if reason in set(EndReason):
        return _END_SENTENCES[EndReason(reason)]
    return _l("Your session ended.")
