"""Ranks of roles: nobody does anything to somebody above them, or with a role above their own. Pure."""

from flask_babel import lazy_gettext as _l

from app.errors import Sentence
from app.security.actor import Actor
from app.security.permissions import Permission, Role

_ABOVE = _l("Nobody can change a person who is above them. Ask somebody of that role.")


def may_give(giver: Role | None, role: Role) -> bool:
    """Nobody gives a role above their own; None is the system, which may."""
    return giver is None or role.rank <= giver.rank


def refuse_higher_role(actor: Actor | None, role: Role, permission: Permission, message: Sentence = _ABOVE) -> None:
    """Raise Forbidden when `role` is above the actor, who uses `permission`; None is the system.

    `message` says what nobody does there; by default it is about a person of that role.
    """
    if actor is not None and not may_give(actor.role, role):
        raise actor.refusal(permission, message, needed=role)
