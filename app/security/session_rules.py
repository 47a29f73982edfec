"""Rules of sessions: how long one lives, when it needs a second factor, and why one ended."""

from datetime import datetime, timedelta
from enum import StrEnum

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from app.security.permissions import Role

#: A shift and a lunch break: who signs in in the morning is not asked again before going home.
IDLE_LIFETIME = timedelta(hours=12)
#: Even a session in daily use ends some day, so that a copied cookie does too.
MAX_LIFETIME = timedelta(days=30)
#: Last seen is exact to this; finer would be a write with every click.
SEEN_INTERVAL = timedelta(minutes=1)


def asks_for_second_factor(role: str) -> bool:
    """Whether an organization that requires a second factor requires it of this role."""
    return role in (Role.ADMIN, Role.OWNER)


def is_idle(last_seen_at: datetime, now: datetime) -> bool:
    """Whether a session was left alone for so long that it has ended."""
    return now - last_seen_at > IDLE_LIFETIME


def needs_seen_mark(last_seen_at: datetime, now: datetime) -> bool:
    """Whether it is time to write down again that somebody is there."""
    return now - last_seen_at >= SEEN_INTERVAL


class EndReason(StrEnum):
    """Why a session ended; what its holder reads on the sign-in page stands in `end_sentence`."""

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


_END_SENTENCES = {
    EndReason.SIGNED_OUT: _l("You signed out in this browser."),
    EndReason.SIGNED_IN_AGAIN: _l("You signed in again in this browser."),
    EndReason.ENDED_BY_SELF: _l("You ended this session from another browser."),
    EndReason.PASSWORD_CHANGED: _l("Your session has ended because your password was changed."),
    EndReason.ROLE_CHANGED: _l("Your session has ended because your role was changed."),
    EndReason.ENDED_BY_ADMIN: _l("Your session was ended by an admin of your organization. You can sign in again."),
    EndReason.PERMISSION_TAKEN: _l("Your session has ended because a permission was taken from you."),
    EndReason.SECOND_FACTOR: _l("Your session has ended because your account asks for a code now."),
    EndReason.SECOND_FACTOR_RESET: _l("Your session has ended because an admin removed your second factor."),
    EndReason.USER_DEACTIVATED: _l("Your session has ended because your account was deactivated."),
    EndReason.USER_SUSPENDED: _l("Your session has ended because your account was suspended."),
    EndReason.USER_DELETED: _l("Your session has ended because your account was deleted."),
    EndReason.ORGANIZATION_DELETED: _l("Your session has ended because your organization was deleted."),
}


def end_sentence(reason: str | None) -> LazyString:
    """Tell somebody why their session ended."""
    if reason in set(EndReason):
        return _END_SENTENCES[EndReason(reason)]
    return _l("Your session was ended.")
