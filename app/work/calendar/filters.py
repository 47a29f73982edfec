"""What the address of a calendar says."""

from datetime import date
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, Field

from app.db.filters import Blank, Filters, NamesRecord, OptionalDate, OptionalPerson, Search, Several
from app.models import EventKind, EventStatus
from app.periods import PeriodName, is_in_range


def _shown(day: date | None) -> date | None:
    if day is not None and not is_in_range(day):
        raise ValueError("no calendar reaches that far")
    return day


#: A day whose week, and the weeks beside it, every clock can show.
Day = Annotated[OptionalDate, AfterValidator(_shown)]


class View(StrEnum):
    DAY = "day"
    WEEK = "week"


class CalendarAddress(Filters):
    """Whose calendar, and which days; no person is oneself, no day today."""

    day: Day = None
    view: View = View.WEEK
    person: Annotated[UUID | None, Blank] = None


class TeamAddress(Filters):
    """Which week of the reps, and which of them where they are many."""

    day: Day = None
    page: Annotated[int, Field(ge=1, le=100)] = 1


class EventFilters(Filters):
    """Filters of `/calendar/events`. `q` is a part of the title, the period that of the start."""

    q: Search = ""
    type: Annotated[tuple[EventKind, ...], Several] = ()
    status: Annotated[tuple[EventStatus, ...], Several] = ()
    organizer: OptionalPerson = None
    calendar: Annotated[UUID | None, Blank, NamesRecord("calendar")] = None
    period: Annotated[PeriodName | None, Blank] = None
    first_day: OptionalDate = Field(default=None, alias="from")
    last_day: OptionalDate = Field(default=None, alias="to")


class NewEventAddress(Filters):
    """When a new event is to be."""

    day: Day = None
