"""Filters of the missed-call queue."""

from enum import StrEnum
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from app.db.filters import Blank, Filters, OptionalDate, OptionalPerson, Search, Several
from app.models import EntryStatus, RescuedBy
from app.periods import PeriodName


class EntryDate(StrEnum):
    """Timestamp that the period filter applies to: the first missed call, or the end of the entry."""

    MISSED = "missed"
    RESOLVED = "resolved"


class Tab(StrEnum):
    """A part of the queue: to be called, claimed by the user, to be tried again on a later day, or ended today."""

    TO_DO = "to_do"
    MINE = "mine"
    LATER = "later"
    DONE_TODAY = "done_today"


class EntryFilters(Filters):
    """Filters of `/missed-calls`.

    `csr` is the CSR whom the entry's lead had at the time that `date_of` names; `rescuer=me` matches the viewer's own
    rescues. `attempted` matches entries with an attempt, `in_time` those whose first attempt was made by the deadline,
    and `reached` those with an attempt that reached the caller. Hour and weekday (1 Monday, 7 Sunday) are those of the
    first missed call in the organization's time zone.
    """

    #: Parameters besides the filters: the open entry, the rows of the page, and the time it was opened.
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
