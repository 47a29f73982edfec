"""Preview of the effects of another role, before it is assigned."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from app.declarations.navigation import all_places
from app.models import User
from app.people.roles.rules import Difference, difference
from app.people.users.queries import grants_of_user, list_keys_beyond, list_open_sessions
from app.people.users.rules import Rights
from app.security.actor import Actor
from app.security.permissions import Role


@dataclass(frozen=True, slots=True)
class Preview:
    """The effects of a new role if all grants are kept.

    `sessions` and `keys` are the numbers of sessions and API keys that would end.
    """

    role: Role
    difference: Difference
    pages_gained: Sequence[str]
    pages_lost: Sequence[str]
    sessions: int
    keys: int


def preview_role(actor: Actor, user: User, role: Role) -> Preview:
    """Return what `user` would gain and lose with `role`."""
    granted = grants_of_user(user)
    before, after = Rights(Role(user.role), granted), Rights(role, granted)
    changes = difference(before, after)
    now, then = _pages(actor, before), _pages(actor, after)
    return Preview(
        role=role,
        difference=changes,
        pages_gained=[label for href, label in then.items() if href not in now],
        pages_lost=[label for href, label in now.items() if href not in then],
        sessions=len(list_open_sessions(user)) if changes.ends_sessions else 0,
        keys=len(list_keys_beyond(user, after.unlimited)) if changes.ends_sessions else 0,
    )


def _pages(actor: Actor, rights: Rights) -> dict[str, str]:
    """Return the sidebar entries for a person with these rights, as labels by URL."""
    somebody = replace(actor, role=rights.role, granted=rights.granted, ceiling=None, home=None, viewer=None)
    return {item.href: item.label for item in all_places(somebody)}
