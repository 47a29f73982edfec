"""Filters of the list of appointments, and parameters of the booking form."""

from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import Field

from app.db.filters import Blank, Filters, NamesRecord, OptionalDate, OptionalPerson, Search, Several
from app.models import AppointmentOutcome, AppointmentStatus
from app.periods import PeriodName
from app.work.contacts.rules import MAX_CITY_LENGTH, MAX_ZIP_LENGTH
from app.work.service_types.rules import MAX_MINUTES, MAX_NAME_LENGTH, MIN_MINUTES


class DateOf(StrEnum):
    """Dates of an appointment that a period can apply to."""

    BOOKED = "booked"
    SCHEDULED = "scheduled"
    COMPLETED = "completed"
    OUTCOME = "outcome"


class AppointmentFilters(Filters):
    """Filters of `/appointments`.

    `csr` booked the appointment, `rep` goes to it. `priced` matches those with a deal value, `analysed` those with an
    analyzed recording.
    """

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


class FreeTimesQuery(Filters):
    """Parameters of free times: the first day, the service or the length, the place, and the sales rep.

    `appointment_id` is the appointment that is moved: its own time is free, and its length the default.
    """

    first_day: OptionalDate = Field(default=None, alias="from")
    service_type: Annotated[str, Field(max_length=MAX_NAME_LENGTH)] = ""
    minutes: Annotated[int | None, Blank, Field(ge=MIN_MINUTES, le=MAX_MINUTES)] = None
    rep: Annotated[UUID | None, Blank] = None
    zip: Annotated[str, Field(max_length=MAX_ZIP_LENGTH)] = ""
    city: Annotated[str, Field(max_length=MAX_CITY_LENGTH)] = ""
    appointment_id: Annotated[UUID | None, Blank] = None


class BookingAddress(Filters):
    """Parameters of the booking form's URL: the source, the search for a contact, and the times.

    `beside` is the page whose panel contains the form.
    """

    contact: Annotated[UUID | None, Blank] = None
    call: Annotated[UUID | None, Blank] = None
    entry: Annotated[UUID | None, Blank] = None
    lead: Annotated[UUID | None, Blank] = None
    day: OptionalDate = None
    rep: Annotated[UUID | None, Blank] = None
    #: A slot that was chosen before, as its radio button is named.
    slot: Annotated[str, Field(max_length=80)] = ""
    q: Search = ""
    beside: Annotated[str, Field(max_length=2000)] = ""
