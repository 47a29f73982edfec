"""Rules of events: who can change one, and the values of its form."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol
from uuid import UUID

from flask_babel import lazy_gettext as _l

from app.models import Event, EventStatus
from app.security.actor import Actor
from app.security.permissions import Permission, Role

MAX_TITLE_CHARACTERS, MAX_LOCATION_CHARACTERS, MAX_DESCRIPTION_CHARACTERS = 200, 500, 2000
MAX_TYPE_CHARACTERS = 50
#: Maximum length of an event.
MAX_LENGTH = timedelta(days=366)
MAX_ATTENDEES = 100


class Organized(Protocol):
    """An event with its organizer."""

    organizer_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class EventValues:
    """Values of the form of an event."""

    type: str
    title: str
    start: datetime
    end: datetime
    organizer_id: UUID
    calendar_id: UUID | None = None
    #: None stands for the organization's time zone, or the event's current one.
    timezone: str | None = None
    status: EventStatus = EventStatus.CONFIRMED
    location: str | None = None
    description: str | None = None
    attendee_ids: frozenset[UUID] = field(default_factory=frozenset)


def may_change(event: Organized, actor: Actor) -> bool:
    """Return whether `actor`, who sees the event, can change it.

    Attending the event isn't enough.
    """
    if actor.sees_all(Permission.EVENTS_WRITE):
        return True
    return actor.may(Permission.EVENTS_WRITE) and event.organizer_id == actor.user_id


def refuse_others(event: Organized, actor: Actor) -> None:
    """Raise Forbidden unless `actor` can change the event."""
    actor.requires(Permission.EVENTS_WRITE)
    if not may_change(event, actor):
        raise actor.refusal(
            Permission.EVENTS_WRITE,
            _l("Only the organizer can change an event. Ask them or a manager."),
            needed=Role.MANAGER,
        )


def may_organize_for(actor: Actor, organizer_id: UUID) -> bool:
    """Return whether `actor` can plan events for this person, such as their time off."""
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
    """Return the values that the forms of an event show, by column."""
    return {name: getattr(event, name) for name in _SHOWN}
