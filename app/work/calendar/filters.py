"""What the address of a calendar says."""

from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import Field

from app.db.filters import Blank, Filters, OptionalDate


class View(StrEnum):
    DAY = "day"
    WEEK = "week"


class CalendarAddress(Filters):
    """Whose calendar, and which days; no person is oneself, no day today."""

    day: OptionalDate = None
    view: View = View.WEEK
    person: Annotated[UUID | None, Blank] = None


class TeamAddress(Filters):
    """Which week of the reps, and which of them where they are many."""

    day: OptionalDate = None
    page: Annotated[int, Field(ge=1, le=100)] = 1


class NewEventAddress(Filters):
    """When a new event is to be."""

    day: OptionalDate = None
