"""What another role, or another grant, changes for a person; and what may be granted. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass

from app.people.users.rules import Rights, is_downgrade
from app.security.actor import Actor
from app.security.matrix import PLATFORM_PERMISSIONS, Extent
from app.security.permissions import Permission, Role
from app.security.rank_rules import may_give

#: What can undo an organization, or cost it money: granted by an owner or not at all.
OWNERS_ALONE = frozenset(
    {
        Permission.USERS_GRANT_OWNER,
        Permission.BILLING_UPDATE,
        Permission.ORGANIZATION_DELETE,
        Permission.TRASH_PURGE,
    }
)


@dataclass(frozen=True, slots=True)
class Difference:
    """Between what somebody may do and what they would: each list in the order of the matrix.

    `widened` and `narrowed` is what they may before and after, but of their own rows first and of all then, or the
    other way round. `ends_sessions` when it is less than before.
    """

    gained: tuple[Permission, ...]
    lost: tuple[Permission, ...]
    widened: tuple[Permission, ...]
    narrowed: tuple[Permission, ...]
    ends_sessions: bool


def difference(before: Rights, after: Rights) -> Difference:
    """What changes for somebody whose rights become `after`."""
    kept = before.permissions & after.permissions
    return Difference(
        gained=_in_order(after.permissions - before.permissions),
        lost=_in_order(before.permissions - after.permissions),
        widened=_in_order(one for one in kept if before.extent(one) is not after.extent(one) is Extent.ALL),
        narrowed=_in_order(one for one in kept if after.extent(one) is not before.extent(one) is Extent.ALL),
        ends_sessions=is_downgrade(before, after),
    )


def roles_to_give(actor: Actor, present: Role) -> list[Role]:
    """Those that `actor` may give to somebody who has `present`; the highest first."""
    given = [role for role in Role if role is not present and may_give(actor.role, role)]
    if not actor.may(Permission.USERS_GRANT_OWNER):
        given = [role for role in given if role is not Role.OWNER]
    return sorted(given, key=lambda role: -role.rank)


def may_grant(actor: Actor, permission: Permission) -> bool:
    """Whether `actor` may grant it: what they have themselves, without limits. The platform's own is nobody's to give.

    A grant reaches the whole organization, so having it for one's own rows is not enough.
    """
    if permission in PLATFORM_PERMISSIONS or (permission in OWNERS_ALONE and actor.role is not Role.OWNER):
        return False
    return actor.sees_all(permission)


def grantable(actor: Actor, rights: Rights) -> tuple[Permission, ...]:
    """What `actor` may grant to somebody who has `rights`: what they do not have yet, or for their own rows only."""
    return tuple(one for one in Permission if may_grant(actor, one) and rights.extent(one) is not Extent.ALL)


def _in_order(permissions: Iterable[Permission]) -> tuple[Permission, ...]:
    wanted = frozenset(permissions)
    return tuple(one for one in Permission if one in wanted)
