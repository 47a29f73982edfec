"""What a list of appointments can be narrowed to."""

from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import Field

from app.db.filters import Blank, Filters, NamesRecord, OptionalDate, OptionalPerson, Search, Several
from app.models import AppointmentOutcome, AppointmentStatus
from app.periods import PeriodName


class DateOf(StrEnum):
    """Which of its dates the period is about."""

    BOOKED = "booked"
    SCHEDULED = "scheduled"
    COMPLETED = "completed"
    OUTCOME = "outcome"


class AppointmentFilters(Filters):
    """Filters of `/appointments`. `csr` booked it, `rep` goes; `priced` ones have a deal value, `analysed` ones an
    analysed recording."""

    q: Search = ""
    period: Annotated[PeriodName | None, Blank] = None
    first_day: OptionalDate = Field(default=None, alias="from")
    last_day: OptionalDate = Field(default=None, alias="to")
    date_of: DateOf = DateOf.SCHEDULED
    csr: OptionalPerson = None
    rep: OptionalPerson = None
    contact: Annotated[UUID | None, Blank, NamesRecord("contact_card")] = None
    status: Annotated[tuple[AppointmentStatus, ...], Several] = ()
    outcome: Annotated[AppointmentOutcome | None, Blank] = None
    priced: Annotated[bool | None, Blank] = None
    analysed: Annotated[bool | None, Blank] = None


class BookingAddress(Filters):
    """What the address of the booking form names: what is booked from, whom to look for, and which times to show;
    `beside` is the page whose panel has the form."""

    contact: Annotated[UUID | None, Blank] = None
    call: Annotated[UUID | None, Blank] = None
    entry: Annotated[UUID | None, Blank] = None
    lead: Annotated[UUID | None, Blank] = None
    day: OptionalDate = None
    rep: Annotated[UUID | None, Blank] = None
    #: A time that was chosen before, as its radio is named.
    slot: Annotated[str, Field(max_length=80)] = ""
    q: Search = ""
    beside: Annotated[str, Field(max_length=2000)] = ""
