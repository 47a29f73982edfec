"""What the missed-call queue can be narrowed to."""

from enum import StrEnum
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from app.db.filters import Blank, Filters, OptionalDate, OptionalPerson, Search, Several
from app.models import EntryStatus, RescuedBy
from app.periods import PeriodName


class EntryDate(StrEnum):
    """Which moment the period is about: the first missed call, or the end of the entry."""

    MISSED = "missed"
    RESOLVED = "resolved"


class Tab(StrEnum):
    """A part of the queue: to be called today, with me, to be tried another day, ended today."""

    TO_DO = "to_do"
    MINE = "mine"
    LATER = "later"
    DONE_TODAY = "done_today"


class EntryFilters(Filters):
    """Filters of `/missed-calls`. `csr` is whom the entry's lead is credited to, `rescuer` who won it back.

    `attempted` entries have had an attempt, `in_time` ones the first of them by when the caller was to be called back,
    `reached` ones an attempt that reached the caller; hour and weekday
    (1 Monday, 7 Sunday) are those of the first missed call in the organization's zone.
    """

    #: Beside filters its address says which entry is open, which rows the page has, and since when it is open.
    RESERVED: ClassVar[frozenset[str]] = Filters.RESERVED | {"open", "rows", "since"}

    tab: Annotated[Tab | None, Blank] = None
    q: Search = ""
    period: Annotated[PeriodName | None, Blank] = None
    first_day: OptionalDate = Field(default=None, alias="from")
    last_day: OptionalDate = Field(default=None, alias="to")
    date_of: EntryDate = EntryDate.MISSED
    status: Annotated[tuple[EntryStatus, ...], Several] = ()
    rescued_by: Annotated[RescuedBy | None, Blank] = None
    rescuer: Annotated[Literal["me"] | None, Blank] = None
    csr: OptionalPerson = None
    overdue: Annotated[bool | None, Blank] = None
    attempted: Annotated[bool | None, Blank] = None
    in_time: Annotated[bool | None, Blank] = None
    reached: Annotated[bool | None, Blank] = None
    hour: Annotated[int | None, Blank, Field(ge=0, le=23)] = None
    weekday: Annotated[int | None, Blank, Field(ge=1, le=7)] = None
