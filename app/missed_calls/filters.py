"""What the missed-call queue can be narrowed to."""

from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import Field

from app.db.filters import Blank, Filters, OptionalDate, Several
from app.models import EntryStatus, RescuedBy
from app.periods import PeriodName


class EntryDate(StrEnum):
    """Which moment the period is about: the first missed call, or the end of the entry."""

    MISSED = "missed"
    RESOLVED = "resolved"


class EntryFilters(Filters):
    """Filters of `/missed-calls`. `csr` is whom the entry's lead is credited to."""

    period: Annotated[PeriodName | None, Blank] = None
    first_day: OptionalDate = Field(default=None, alias="from")
    last_day: OptionalDate = Field(default=None, alias="to")
    date_of: EntryDate = EntryDate.MISSED
    status: Annotated[tuple[EntryStatus, ...], Several] = ()
    rescued_by: Annotated[RescuedBy | None, Blank] = None
    csr: Annotated[UUID | None, Blank] = None
    overdue: Annotated[bool | None, Blank] = None
