"""Who may change an event, and what its form holds."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol
from uuid import UUID

from flask_babel import lazy_gettext as _l

from app.models import Event, EventStatus
from app.security.actor import Actor
from app.security.permissions import Permission, Role

MAX_TITLE_CHARACTERS, MAX_LOCATION_CHARACTERS, MAX_DESCRIPTION_CHARACTERS = 200, 500, 2000
#: Nothing that anybody plans takes longer.
LONGEST = timedelta(days=366)
MAX_ATTENDEES = 100


class Organized(Protocol):
    """An event, by who has made it."""

    organizer_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class EventValues:
    """What the form of an event holds."""

    type: str
    title: str
    start: datetime
    end: datetime
    organizer_id: UUID
    calendar_id: UUID | None = None
    #: None: that of the organization, or the one that the event has.
    timezone: str | None = None
    status: EventStatus = EventStatus.CONFIRMED
    location: str | None = None
    description: str | None = None
    attendee_ids: frozenset[UUID] = field(default_factory=frozenset)


def may_change(event: Organized, actor: Actor) -> bool:
    """Whether `actor`, who sees it, may change it: whoever only attends may not."""
    if actor.sees_all(Permission.EVENTS_WRITE):
        return True
    return actor.may(Permission.EVENTS_WRITE) and event.organizer_id == actor.user_id


def refuse_others(event: Organized, actor: Actor) -> None:
    """Raise Forbidden unless `actor` may change it."""
    actor.requires(Permission.EVENTS_WRITE)
    if not may_change(event, actor):
        raise actor.refusal(
            Permission.EVENTS_WRITE,
            _l("Only who organizes an event changes it, and this is somebody else’s. Ask them or a manager."),
            needed=Role.MANAGER,
        )


def may_organize_for(actor: Actor, organizer_id: UUID) -> bool:
    """Whether `actor` may plan in the name of this person: their time off, as a rule."""
    return organizer_id == actor.user_id or actor.sees_all(Permission.EVENTS_WRITE)


_SHOWN = (
    "type",
    "title",
    "start_at",
    "end_at",
    "timezone",
    "status",
    "location",
    "description",
    "organizer_id",
    "calendar_id",
)


def shown(event: Event) -> dict[str, Any]:
    """What the forms of an event show."""
    return {name: getattr(event, name) for name in _SHOWN}
