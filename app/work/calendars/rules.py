"""Rules of calendars: how long a name is, and who changes which."""

from typing import Protocol
from uuid import UUID

from flask_babel import lazy_gettext as _l

from app.security.actor import Actor
from app.security.permissions import Permission, Role

MIN_NAME_CHARACTERS, MAX_NAME_CHARACTERS = 2, 60

#: So many are offered to whoever plans an event.
MAX_OFFERED = 200


class Owned(Protocol):
    """A calendar, by whose it is; nobody's is everybody's."""

    owner_user_id: UUID | None


def may_share(actor: Actor) -> bool:
    """Whether `actor` may keep calendars that are everybody's."""
    return actor.sees_all(Permission.EVENTS_WRITE)


def is_seen(calendar: Owned, actor: Actor) -> bool:
    """Whether `actor` sees the calendar itself, beside the name that stands at its events."""
    return calendar.owner_user_id in (None, actor.user_id) or actor.sees_all(Permission.EVENTS_READ)


def may_change(calendar: Owned, actor: Actor) -> bool:
    """Whether `actor`, who sees it, may change it: everybody's is kept by managers."""
    if may_share(actor):
        return True
    return actor.may(Permission.EVENTS_WRITE) and calendar.owner_user_id == actor.user_id


def refuse_others(calendar: Owned, actor: Actor) -> None:
    """Raise Forbidden unless `actor` may change it."""
    actor.requires(Permission.EVENTS_WRITE)
    if not may_change(calendar, actor):
        raise actor.refusal(
            Permission.EVENTS_WRITE,
            _l("This calendar is everybody’s, and managers keep those. Ask one of them."),
            needed=Role.MANAGER,
        )
