"""Rules for actions that are reserved for an organization's own users, not platform staff."""

from flask_babel import lazy_gettext as _l

from app.security.actor import Actor
from app.security.permissions import Permission


def refuse_guest(actor: Actor, permission: Permission) -> None:
    """Raise Forbidden for platform staff inside another organization, which stores nothing for them.

    `permission` is the permission that they would use.
    """
    if actor.reference_id is None:
        raise actor.refusal(
            permission,
            _l("Only the organization’s own people can do this, and you’re a guest. Ask one of them."),
        )
