"""Ranks of roles: no one can change a person above them, or assign a role above their own.

All functions are pure.
"""

from flask_babel import lazy_gettext as _l

from app.errors import LazyText
from app.security.actor import Actor, refusal_of_key
from app.security.permissions import Permission, Role

_ABOVE = _l("You can’t change a person with a higher role. Ask someone with that role.")


def may_give(giver: Role | None, role: Role) -> bool:
    """Return whether `giver` can assign `role`, which must not be above their own; None is the system."""
    return giver is None or role.rank <= giver.rank


def outranks(one: Role, other: Role) -> bool:
    """Return whether the role `one` is above `other`."""
    return other.rank < one.rank


def may_give_ownership(actor: Actor) -> bool:
    """Return whether `actor` can make someone an owner, and grant what is reserved to owners."""
    return may_give(actor.role, Role.OWNER) and actor.may(Permission.USERS_GRANT_OWNER)


def refuse_higher_role(actor: Actor | None, role: Role, permission: Permission, message: LazyText = _ABOVE) -> None:
    """Raise Forbidden if `role` is above that of `actor`, or an owner's and `actor` is an API key.

    None is the system, which is never refused. `permission` is the one that the actor uses. `message` states what is
    not allowed; by default, it says that they can't change a person with that role.
    """
    if actor is not None and actor.ceiling is not None and role is Role.OWNER:
        raise refusal_of_key()
    if actor is not None and not may_give(actor.role, role):
        raise actor.refusal(permission, message, needed=role)
