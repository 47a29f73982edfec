"""Filters of the list of recordings."""

from typing import Annotated
from uuid import UUID

from pydantic import Field

from app.db.filters import Blank, Filters, NamesRecord, OptionalDate, OptionalPerson, Search, Several
from app.models import RecordingStatus
from app.periods import PeriodName


class RecordingFilters(Filters):
    """Filters of `/recordings`.

    The period applies to the start, `rep` is the person who recorded.
    """

    q: Search = ""
    period: Annotated[PeriodName | None, Blank] = None
    first_day: OptionalDate = Field(default=None, alias="from")
    last_day: OptionalDate = Field(default=None, alias="to")
    rep: OptionalPerson = None
    appointment_id: Annotated[UUID | None, Blank, NamesRecord("appointment")] = None
    status: Annotated[tuple[RecordingStatus, ...], Several] = ()
