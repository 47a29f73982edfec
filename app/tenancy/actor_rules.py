"""Rules for actions that are reserved for an organization's own users and API keys, or for its users only."""

from flask_babel import lazy_gettext as _l

from app.security.actor import Actor, refusal_of_key
from app.security.permissions import Permission


def refuse_guest(actor: Actor, permission: Permission) -> None:
    """Raise Forbidden for platform staff inside another organization, which stores nothing for them.

    `permission` is the permission that they would use.
    """
    if actor.home is not None:
        raise actor.refusal(
            permission,
            _l("Only the organization’s own people can do this, and you’re a guest. Ask one of them."),
        )


def require_own_person(actor: Actor, permission: Permission) -> None:
    """Raise Forbidden for API keys and guests, because the result belongs to a person of the organization.

    `permission` is the permission that they would use.
    """
    if actor.ceiling is not None:
        raise refusal_of_key()
    refuse_guest(actor, permission)
