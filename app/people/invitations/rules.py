"""Rules of invitations: assignable roles and lifetime."""

from datetime import timedelta

from app.security.actor import Actor
from app.security.permissions import Role
from app.security.rank_rules import may_give

#: Enough for a new colleague to be back from a long weekend.
INVITATION_LIFETIME = timedelta(days=7)


def roles_to_give(actor: Actor) -> list[Role]:
    """Return the roles that `actor` can invite to, up to their own."""
    return [role for role in Role if may_give(actor.role, role)]
