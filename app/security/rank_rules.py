"""Ranks of roles: no one can change a person above them, or assign a role above their own. Pure."""

from flask_babel import lazy_gettext as _l

from app.errors import LazyText
from app.security.actor import Actor
from app.security.permissions import Permission, Role

_ABOVE = _l("You can’t change a person with a higher role. Ask someone with that role.")


def may_give(giver: Role | None, role: Role) -> bool:
    """Return whether `giver` can assign `role`: not one above their own; None is the system, which can."""
    return giver is None or role.rank <= giver.rank


def refuse_higher_role(actor: Actor | None, role: Role, permission: Permission, message: LazyText = _ABOVE) -> None:
    """Raise Forbidden if `role` is above the actor, who uses `permission`; None is the system.

    `message` states what is not allowed; by default that they can't change a person with that role.
    """
    if actor is not None and not may_give(actor.role, role):
        raise actor.refusal(permission, message, needed=role)
