"""What only the people of an organization can do, and no guest."""

from flask_babel import lazy_gettext as _l

from app.security.actor import Actor
from app.security.permissions import Permission


def refuse_guest(actor: Actor, permission: Permission) -> None:
    """Raise Forbidden for the platform's people inside another organization: nothing is kept for them there.

    `permission` is what they would use.
    """
    if actor.reference_id is None:
        raise actor.refusal(
            permission,
            _l("This is kept for people of the organization, and you are its guest. Ask one of them to do it."),
        )
