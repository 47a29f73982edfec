"""Events created and changed by programs."""

from typing import Any
from uuid import UUID

from flask_babel import lazy_gettext as _l

from app.errors import MISSING_REQUIRED_FIELD, FieldError, ValidationFailed
from app.models import Event
from app.security.actor import Actor
from app.work.calendar import event_queries, event_service
from app.work.calendar.event_rules import EventValues
from app.work.calendar.schemas import EventChanges, NewEventInput


def create_event(actor: Actor, event_id: UUID, given: NewEventInput) -> Event:
    """Create an event that the caller organizes unless another organizer is sent.

    Raises ValidationFailed for an API key that sends no organizer, and what `event_service.create` raises.
    """
    organizer_id = given.organizer_id or actor.reference_id
    if organizer_id is None:
        missing = _l("Enter the person who organizes the event.")
        raise ValidationFailed([FieldError("organizer_id", missing, MISSING_REQUIRED_FIELD)])
    return event_service.create(actor, event_id, _values(given, organizer_id, given.attendees))


def change_event(actor: Actor, event_id: UUID, given: EventChanges, version: int) -> None:
    """Change an event; its attendees stay unless others are sent. Raises what `event_service.edit` raises."""
    event = event_queries.get_event(actor, event_id)
    is_sent = "attendees" in given.model_fields_set
    coming = given.attendees if is_sent else event_queries.list_attendee_ids(actor, event_id)
    values = _values(given, given.organizer_id or event.organizer_id, coming)
    event_service.edit(actor, event_id, values, version=version)


def _values(given: NewEventInput, organizer_id: UUID, coming: Any) -> EventValues:
    return EventValues(
        type=given.type,
        title=given.title,
        start=given.start_at,
        end=given.end_at,
        organizer_id=organizer_id,
        calendar_id=given.calendar_id,
        timezone=given.timezone,
        status=given.status,
        location=given.location,
        description=given.description,
        attendee_ids=frozenset(coming) - {organizer_id},
    )
