"""Rules of API keys: permissions to give, lifetime and prefix."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from app.models import ApiKeyState, Role
from app.security.actor import Actor
from app.security.key_rules import NEVER_FOR_KEYS, Creator
from app.security.matrix import permissions_of
from app.security.permissions import Permission
from app.security.tokens import Token

MIN_NAME_LENGTH, MAX_NAME_LENGTH = 2, 100

#: Selectable lifetimes in days; 0 means no expiry.
LIFETIMES = (30, 90, 365, 0)

#: Time without a use after which a key is probably no longer needed.
UNUSED_AFTER = timedelta(days=90)

#: Number of characters of the secret that are shown; 37 characters remain hidden.
_SHOWN_OF_SECRET = 6


def permissions_to_give(actor: Actor) -> frozenset[Permission]:
    """Return the permissions that `actor` can assign to a key.

    These are the ones they have for the whole organization, except those that no key can have.
    """
    return frozenset(one for one in permissions_of(Role.OWNER) if actor.sees_all(one)) - NEVER_FOR_KEYS


class CreatorRow(Protocol):
    """A row with the current rights of a key's creator; the role is None if they were deleted."""

    @property
    def creator_role(self) -> str | None: ...

    @property
    def creator_status(self) -> str: ...

    @property
    def creator_granted(self) -> Sequence[str] | None: ...


def creator_of(row: CreatorRow) -> Creator | None:
    """Return the creator of the key in a row, or None if they were deleted."""
    if row.creator_role is None:
        return None
    return Creator(Role(row.creator_role), row.creator_status, frozenset(row.creator_granted or ()))


def missing_reads(
    held: Collection[Permission], reads: Mapping[Permission, Collection[Permission]]
) -> tuple[Permission, ...]:
    """Return the permissions without which requests of a key are refused although it holds the permission for them.

    `reads` are the further permissions that each permission needs.
    """
    needed = {read for permission in held for read in reads.get(permission, ())}
    return tuple(permission for permission in Permission if permission in needed and permission not in held)


def end_of(days: int, now: datetime) -> datetime | None:
    """Return when a key created now expires; None means never."""
    return now + timedelta(days=days) if days else None


def state_of(revoked_at: datetime | None, expires_at: datetime | None, now: datetime) -> ApiKeyState:
    """Return whether a key is active, expired or revoked."""
    if revoked_at is not None:
        return ApiKeyState.REVOKED
    return ApiKeyState.EXPIRED if expires_at is not None and expires_at <= now else ApiKeyState.ACTIVE


def is_unused(created_at: datetime, last_used_at: datetime | None, now: datetime) -> bool:
    """Return whether a key has not been used for UNUSED_AFTER, or never since it was created that long ago."""
    return (last_used_at or created_at) <= now - UNUSED_AFTER


def prefix_of(token: Token) -> str:
    """Return the prefix by which people recognize a key.

    It is the organization and the first few characters of the secret.
    """
    organization, _dot, secret = token.text.partition(".")
    return f"{organization}.{secret[:_SHOWN_OF_SECRET]}"
