"""Rules for the tokens of API clients."""

from datetime import datetime, timedelta
from enum import Enum, auto

#: An access token can't outlive the loss of a right for long, whatever a client does.
ACCESS_LIFETIME = timedelta(hours=1)
#: A client whose response was lost repeats its request within this time.
RETRY_WINDOW = timedelta(seconds=60)


class Presented(Enum):
    """Judgment of a refresh token that was presented: it is good, or how it was spent before."""

    UNUSED = auto()
    #: Used a moment ago: the response was probably lost, and the pair in it ends.
    RETRIED = auto()
    #: Replaced a moment ago, by another use of the token before it.
    REPLACED = auto()
    #: Spent long ago, so there are two holders of the same tokens.
    COPIED = auto()


def judge(used_at: datetime | None, revoked_at: datetime | None, now: datetime) -> Presented:
    """Judge a refresh token of an open session by the times when it was used and revoked."""
    spent_at = revoked_at or used_at
    if spent_at is None:
        return Presented.UNUSED
    if now - spent_at > RETRY_WINDOW:
        return Presented.COPIED
    return Presented.RETRIED if revoked_at is None else Presented.REPLACED


def access_lifetime(refresh_expires_at: datetime, now: datetime) -> timedelta:
    """Return the lifetime of a new access token, which doesn't outlive its session's refresh tokens."""
    return min(ACCESS_LIFETIME, refresh_expires_at - now)
