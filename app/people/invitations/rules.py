"""Rules of invitations: whom one may invite, and what becomes of an invitation."""

from datetime import timedelta

from app.security.actor import Actor
from app.security.permissions import Role
from app.security.rank_rules import may_give

#: Time for a new colleague to come back from a holiday's weekend.
INVITATION_LIFETIME = timedelta(days=7)


def roles_to_give(actor: Actor) -> list[Role]:
    """The roles that `actor` may invite to: up to their own."""
    return [role for role in Role if may_give(actor.role, role)]
