"""Records, inputs and parameters of events in the JSON API."""

from typing import Annotated
from uuid import UUID

from pydantic import Field

from app.declarations.input import Id, Ids, Input, Moment, OneOf
from app.declarations.record import Record, Timestamp
from app.models import EventStatus
from app.work.calendar.event_rules import (
    MAX_ATTENDEES,
    MAX_DESCRIPTION_CHARACTERS,
    MAX_LOCATION_CHARACTERS,
    MAX_TITLE_CHARACTERS,
    MAX_TYPE_CHARACTERS,
)


class EventRecord(Record):
    """An event; `attendees` are the ids of the people who attend besides the organizer."""

    id: UUID
    type: str
    title: str
    description: str | None
    start_time: Timestamp
    end_time: Timestamp
    timezone: str
    location: str | None
    attendees: list[UUID]
    organizer_id: UUID
    organizer_name: str | None
    calendar_id: UUID
    calendar_name: str | None
    status: EventStatus
    created_at: Timestamp
    updated_at: Timestamp
    version: int


class EventsPlace(Record):
    """The place of the returned events among all that match."""

    total: int
    limit: int
    offset: int
    has_more: bool


class EventsRecord(Record):
    """Events in the order of their start."""

    events: list[EventRecord]
    pagination: EventsPlace


class NewEventInput(Input):
    """A new event; the caller organizes it unless another organizer is sent."""

    type: Annotated[str, Field(min_length=1, max_length=MAX_TYPE_CHARACTERS)]
    title: Annotated[str, Field(min_length=1, max_length=MAX_TITLE_CHARACTERS)]
    description: Annotated[str | None, Field(max_length=MAX_DESCRIPTION_CHARACTERS)] = None
    start_at: Annotated[Moment, Field(alias="startTime")]
    end_at: Annotated[Moment, Field(alias="endTime")]
    timezone: Annotated[str, Field(min_length=1, max_length=64)]
    location: Annotated[str | None, Field(max_length=MAX_LOCATION_CHARACTERS)] = None
    attendees: Annotated[Ids, Field(max_length=MAX_ATTENDEES)] = ()
    calendar_id: Id
    organizer_id: Id | None = None
    status: OneOf[EventStatus] = EventStatus.CONFIRMED


class EventChanges(NewEventInput):
    """Changes of an event."""
