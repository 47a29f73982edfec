"""Rules of API keys: what one opens, for how long, and what people recognise it by."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from app.models import ApiKeyState, Role, UserStatus
from app.people.users.rules import Rights
from app.security.actor import Actor
from app.security.matrix import grants_of, permissions_of
from app.security.permissions import Permission
from app.security.tokens import Token

MIN_NAME_LENGTH, MAX_NAME_LENGTH = 2, 100

#: How many days a key may be given for; 0 is without an end.
LIFETIMES = (30, 90, 365, 0)

#: So much of the secret is shown beside a key's name; 37 characters that nobody sees are left.
_SHOWN_OF_SECRET = 6


class Key(Protocol):
    """What a key was given."""

    @property
    def permissions(self) -> Iterable[str]:
        """The names of what was chosen for it."""
        ...


@dataclass(frozen=True, slots=True)
class Creator:
    """Who has made a key, as they stand now; `granted` are single permissions beyond the role."""

    role: Role
    status: str
    granted: frozenset[str] = frozenset()


def effective_permissions(key: Key, creator: Creator | None) -> frozenset[Permission]:
    """What a key opens now: what was chosen for it, and its creator still may do in the whole organization.

    A key has no rows of its own, so what its creator may do with theirs only is not in it. None of it without a
    creator, or with one who is not active any more.
    """
    if creator is None or creator.status != UserStatus.ACTIVE:
        return frozenset()
    return Rights(creator.role, grants_of(creator.granted)).unlimited & grants_of(key.permissions)


def permissions_to_give(actor: Actor) -> frozenset[Permission]:
    """What `actor` may choose for a key: what they may do in the whole organization, and its people can."""
    return frozenset(permission for permission in permissions_of(Role.OWNER) if actor.sees_all(permission))


def end_of(days: int, now: datetime) -> datetime | None:
    """Until when a key made now opens anything; None: without an end."""
    return now + timedelta(days=days) if days else None


def state_of(revoked_at: datetime | None, expires_at: datetime | None, now: datetime) -> ApiKeyState:
    """Whether a key opens anything at all."""
    if revoked_at is not None:
        return ApiKeyState.REVOKED
    return ApiKeyState.EXPIRED if expires_at is not None and expires_at <= now else ApiKeyState.ACTIVE


def prefix_of(token: Token) -> str:
    """The beginning of a key's text: the organization, and a little of the secret."""
    organization, _dot, secret = token.text.partition(".")
    return f"{organization}.{secret[:_SHOWN_OF_SECRET]}"
