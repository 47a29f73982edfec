"""Parameters of the calendar's addresses, and filters of the list of events."""

from datetime import date
from enum import StrEnum
from typing import Annotated, ClassVar
from uuid import UUID

from pydantic import AfterValidator, Field

from app.db.filters import NAMES_PERSON, Blank, Filters, NamesRecord, OptionalDate, OptionalPerson, Search, Several
from app.declarations.input import DayOrMoment
from app.models import EventKind, EventStatus
from app.periods import PeriodName, is_in_range

#: Events that an offset can reach.
MAX_OFFSET = 10_000


def _shown(day: date | None) -> date | None:
    if day is not None and not is_in_range(day):
        raise ValueError("no calendar reaches that far")
    return day


#: A day whose week, and the weeks next to it, can be represented in every time zone.
Day = Annotated[OptionalDate, AfterValidator(_shown)]


class View(StrEnum):
    DAY = "day"
    WEEK = "week"


class CalendarAddress(Filters):
    """Parameters of a person's calendar.

    The defaults are the viewer's own calendar and today.
    """

    day: Day = None
    view: View = View.WEEK
    person: Annotated[UUID | None, Blank] = None


class TeamAddress(Filters):
    """Parameters of the team's week, and the page if there are many reps."""

    day: Day = None
    page: Annotated[int, Field(ge=1, le=100)] = 1


class EventFilters(Filters):
    """Filters of `/calendar/events`.

    `q` matches the title, and the period applies to the start.
    """

    q: Search = ""
    type: Annotated[tuple[EventKind, ...], Several] = ()
    status: Annotated[tuple[EventStatus, ...], Several] = ()
    organizer: OptionalPerson = None
    calendar: Annotated[UUID | None, Blank, NamesRecord("calendar")] = None
    period: Annotated[PeriodName | None, Blank] = None
    first_day: OptionalDate = Field(default=None, alias="from")
    last_day: OptionalDate = Field(default=None, alias="to")


class NewEventAddress(Filters):
    """Parameters of the form that creates an event."""

    day: Day = None


class EventQuery(Filters):
    """Parameters of `GET /events`: events that overlap the range from `start_date` to `end_date`.

    Both can be local dates, which are included, or timestamps.
    `attendee_ids` matches events that one of these people organizes or attends.
    """

    RESERVED: ClassVar[frozenset[str]] = frozenset()

    calendar_ids: Annotated[tuple[UUID, ...], Several, Field(max_length=20), NamesRecord("calendar")] = ()
    attendee_ids: Annotated[tuple[UUID, ...], Several, Field(max_length=20), NAMES_PERSON] = ()
    status: Annotated[tuple[EventStatus, ...], Several] = ()
    start_date: DayOrMoment | None = None
    end_date: DayOrMoment | None = None
    limit: Annotated[int, Field(ge=1, le=100)] = 20
    offset: Annotated[int, Field(ge=0, lt=MAX_OFFSET)] = 0
