"""Rules of API keys: effective permissions, lifetime and prefix."""

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

#: Selectable lifetimes in days; 0 means no expiry.
LIFETIMES = (30, 90, 365, 0)

#: Number of characters of the secret that are shown; 37 characters remain hidden.
_SHOWN_OF_SECRET = 6


class Key(Protocol):
    """Protocol of a key with the permissions assigned to it."""

    @property
    def permissions(self) -> Iterable[str]:
        """The names of the permissions selected for the key."""
        ...


@dataclass(frozen=True, slots=True)
class Creator:
    """The creator of a key with their current role and status; `granted` are their extra permissions."""

    role: Role
    status: str
    granted: frozenset[str] = frozenset()


def effective_permissions(key: Key, creator: Creator | None) -> frozenset[Permission]:
    """Return what a key can do now: its permissions, limited to those of its creator.

    A key has no rows of its own, so permissions that the creator has only for their own rows don't count. The result is
    empty without a creator, or with one who is no longer active.
    """
    if creator is None or creator.status != UserStatus.ACTIVE:
        return frozenset()
    return Rights(creator.role, grants_of(creator.granted)).unlimited & grants_of(key.permissions)


def permissions_to_give(actor: Actor) -> frozenset[Permission]:
    """Return the permissions that `actor` can assign to a key.

    These are the ones they have for the whole organization, except platform permissions.
    """
    return frozenset(permission for permission in permissions_of(Role.OWNER) if actor.sees_all(permission))


def end_of(days: int, now: datetime) -> datetime | None:
    """Return when a key created now expires; None means never."""
    return now + timedelta(days=days) if days else None


def state_of(revoked_at: datetime | None, expires_at: datetime | None, now: datetime) -> ApiKeyState:
    """Return whether a key is active, expired or revoked."""
    if revoked_at is not None:
        return ApiKeyState.REVOKED
    return ApiKeyState.EXPIRED if expires_at is not None and expires_at <= now else ApiKeyState.ACTIVE


def prefix_of(token: Token) -> str:
    """Return the prefix by which people recognize a key.

    It is the organization and the first few characters of the secret.
    """
    organization, _dot, secret = token.text.partition(".")
    return f"{organization}.{secret[:_SHOWN_OF_SECRET]}"
