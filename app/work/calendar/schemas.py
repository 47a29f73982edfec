"""Records, inputs and parameters of events in the JSON API."""

from typing import Annotated, ClassVar
from uuid import UUID

from pydantic import Field

from app.db.filters import Filters, Several
from app.declarations.input import DayOrMoment, Id, Ids, Input, Moment, OneOf
from app.declarations.record import Record, Timestamp
from app.models import EventStatus
from app.work.calendar.event_rules import (
    MAX_ATTENDEES,
    MAX_DESCRIPTION_CHARACTERS,
    MAX_LOCATION_CHARACTERS,
    MAX_TITLE_CHARACTERS,
    MAX_TYPE_CHARACTERS,
)

#: Events that an offset can reach.
MAX_OFFSET = 10_000


class EventRecord(Record):
    """An event; `attendees` are the ids of those who come beside the organizer."""

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


class EventQuery(Filters):
    """Parameters of `GET /events`: events that overlap the range from `start_date` to `end_date`.

    Both can be local dates, which are included, or timestamps.
    `attendee_ids` matches events that one of these people organizes or attends.
    """

    RESERVED: ClassVar[frozenset[str]] = frozenset()

    calendar_ids: Annotated[tuple[UUID, ...], Several, Field(max_length=20)] = ()
    attendee_ids: Annotated[tuple[UUID, ...], Several, Field(max_length=20)] = ()
    status: Annotated[tuple[EventStatus, ...], Several] = ()
    start_date: DayOrMoment | None = None
    end_date: DayOrMoment | None = None
    limit: Annotated[int, Field(ge=1, le=100)] = 20
    offset: Annotated[int, Field(ge=0, lt=MAX_OFFSET)] = 0


class NewEventInput(Input):
    """A new event; its organizer is the caller unless sent."""

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
