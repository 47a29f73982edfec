"""Rules of the permissions of API keys."""

from collections.abc import Iterable
from dataclasses import dataclass

from app.models import UserStatus
from app.security.matrix import PLATFORM_PERMISSIONS, grants_of, unlimited_permissions
from app.security.permissions import Permission, Role

#: Permissions that no key can have: they give others access, revoke it, or delete permanently.
NEVER_FOR_KEYS = PLATFORM_PERMISSIONS | {
    Permission.USERS_INVITE,
    Permission.USERS_CHANGE_ROLE,
    Permission.USERS_GRANT_OWNER,
    Permission.USERS_DEACTIVATE,
    Permission.USERS_REVOKE_SESSIONS,
    Permission.USERS_VIEW_AS,
    Permission.API_KEYS_MANAGE,
    Permission.ORGANIZATION_DELETE,
    Permission.TRASH_PURGE,
    Permission.OUTBOX_READ_LINKS,
}


def label_of_key(name: str, creator_name: str) -> str:
    """Return the name under which a key acts, such as "Website forms (key of Ann Lee)"."""
    return f"{name} (key of {creator_name})"


@dataclass(frozen=True, slots=True)
class Creator:
    """The creator of a key with their current role and status; `granted` are their extra permissions."""

    role: Role
    status: str
    granted: frozenset[str] = frozenset()


def effective_permissions(chosen: Iterable[str], creator: Creator | None) -> frozenset[Permission]:
    """Return what a key can do now: the permissions chosen for it, limited to those of its creator.

    A key has no rows of its own, so permissions that the creator has only for their own rows don't count. The result is
    empty without a creator, or with one who is no longer active, and never contains NEVER_FOR_KEYS.
    """
    if creator is None or creator.status != UserStatus.ACTIVE:
        return frozenset()
    held = unlimited_permissions(creator.role, grants_of(creator.granted))
    return (held & grants_of(chosen)) - NEVER_FOR_KEYS
