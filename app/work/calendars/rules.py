"""Rules of calendars: the length of a name, and who can change a calendar."""

from typing import Protocol
from uuid import UUID

from flask_babel import lazy_gettext as _l

from app.security.actor import Actor
from app.security.permissions import Permission, Role

MIN_NAME_CHARACTERS, MAX_NAME_CHARACTERS = 2, 60

#: Most calendars offered to a person who plans an event.
MAX_OFFERED = 200


class Owned(Protocol):
    """A calendar with its owner.

    A calendar without an owner is shared with everyone.
    """

    owner_user_id: UUID | None


def may_share(actor: Actor) -> bool:
    """Return whether `actor` can manage calendars that are shared with everyone."""
    return actor.sees_all(Permission.EVENTS_WRITE)


def is_seen(calendar: Owned, actor: Actor) -> bool:
    """Return whether `actor` sees the calendar itself, not just its name on events."""
    return calendar.owner_user_id in (None, actor.user_id) or actor.sees_all(Permission.EVENTS_READ)


def may_change(calendar: Owned, actor: Actor) -> bool:
    """Return whether `actor`, who sees the calendar, can change it.

    Only people who can share calendars can change the shared ones.
    """
    if may_share(actor):
        return True
    return actor.may(Permission.EVENTS_WRITE) and calendar.owner_user_id == actor.user_id


def refuse_others(calendar: Owned, actor: Actor) -> None:
    """Raise Forbidden unless `actor` can change the calendar."""
    actor.requires(Permission.EVENTS_WRITE)
    if not may_change(calendar, actor):
        raise actor.refusal(
            Permission.EVENTS_WRITE,
            _l("This calendar is shared with everyone, and only managers can change it. Ask a manager."),
            needed=Role.MANAGER,
        )
