"""Rules for the effects of another role or grant, and for what can be granted. No I/O."""

from collections.abc import Iterable
from dataclasses import dataclass

from app.people.users.rules import Rights, is_downgrade
from app.security.actor import Actor
from app.security.matrix import PLATFORM_PERMISSIONS, Extent
from app.security.permissions import Permission, Role
from app.security.rank_rules import may_give, may_give_ownership

#: Permissions that can destroy an organization or cost it money; only an owner can grant them.
OWNERS_ALONE = frozenset(
    {
        Permission.USERS_GRANT_OWNER,
        Permission.BILLING_UPDATE,
        Permission.ORGANIZATION_DELETE,
        Permission.RETENTION_UPDATE,
        Permission.TRASH_PURGE,
    }
)


@dataclass(frozen=True, slots=True)
class Difference:
    """Changes between two sets of rights; each list is in the order of the matrix.

    `widened` are permissions that are in both sets, limited to own rows before and unlimited after; `narrowed` are the
    opposite. `ends_sessions` is set if the rights become fewer.
    """

    gained: tuple[Permission, ...]
    lost: tuple[Permission, ...]
    widened: tuple[Permission, ...]
    narrowed: tuple[Permission, ...]
    ends_sessions: bool


def difference(before: Rights, after: Rights) -> Difference:
    """Return what changes for a person whose rights become `after`."""
    kept = before.permissions & after.permissions
    return Difference(
        gained=_in_order(after.permissions - before.permissions),
        lost=_in_order(before.permissions - after.permissions),
        widened=_in_order(one for one in kept if before.extent(one) is not after.extent(one) is Extent.ALL),
        narrowed=_in_order(one for one in kept if after.extent(one) is not before.extent(one) is Extent.ALL),
        ends_sessions=is_downgrade(before, after),
    )


def roles_to_give(actor: Actor, present: Role) -> list[Role]:
    """Return the roles that `actor` can assign to a person who has `present`, highest first."""
    given = [role for role in Role if role is not present and may_give(actor.role, role)]
    if not may_give_ownership(actor):
        given = [role for role in given if role is not Role.OWNER]
    return sorted(given, key=lambda role: -role.rank)


def may_grant(actor: Actor, permission: Permission) -> bool:
    """Return whether `actor` can grant a permission, which they must have themselves without limits.

    A grant covers the whole organization, so having the permission for their own rows is not enough. Platform
    permissions can't be granted, and those in OWNERS_ALONE only by an owner.
    """
    if permission in PLATFORM_PERMISSIONS or (permission in OWNERS_ALONE and not may_give_ownership(actor)):
        return False
    return actor.sees_all(permission)


def grantable(actor: Actor, rights: Rights) -> tuple[Permission, ...]:
    """Return the permissions that `actor` can grant to a person with `rights`.

    These are the ones that the person lacks, or has for their own rows only.
    """
    return tuple(one for one in Permission if may_grant(actor, one) and rights.extent(one) is not Extent.ALL)


def _in_order(permissions: Iterable[Permission]) -> tuple[Permission, ...]:
    wanted = frozenset(permissions)
    return tuple(one for one in Permission if one in wanted)
