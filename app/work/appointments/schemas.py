"""Records and inputs of appointments in the JSON API, and the times at which reps are free."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field, field_validator

from app.declarations.input import Id, Input, Moment, Money, refused
from app.declarations.record import Record, Timestamp
from app.models import AppointmentOutcome, AppointmentStatus
from app.phones import MAX_TYPED
from app.work.appointments.rules import (
    DEAL_VALUE_RANGE,
    MAX_DEAL_VALUE,
    MAX_NOTES_CHARACTERS,
    MAX_REASON_CHARACTERS,
    MIN_REASON_CHARACTERS,
)
from app.work.contacts.rules import (
    MAX_NAME_LENGTH,
)
from app.work.contacts.schemas import AddressInput
from app.work.service_types.rules import (
    MAX_MINUTES,
    MIN_MINUTES,
    MIN_NAME_LENGTH,
)
from app.work.service_types.rules import (
    MAX_NAME_LENGTH as MAX_SERVICE_LENGTH,
)


class ContactOfAppointment(Record):
    """The contact of an appointment; readers who can't see it get its name and number only."""

    id: UUID | None
    name: str | None
    first_name: str | None
    last_name: str | None
    company_name: str | None
    email: str | None
    primary_phone: str | None
    address_line_1: str | None
    address_line_2: str | None
    city: str | None
    state: str | None
    zip: str | None
    country: str | None
    tags: list[str]


class Insights(Record):
    """Knowledge from the contact's calls for the visit.

    `call_id` is the call that led to the booking if it has been analyzed, else the contact's latest analyzed call; it
    is None if the reader can't listen to any. `objections` are the categories of what the caller objected to in it.
    """

    call_id: UUID | None
    summary: str | None
    primary_intent: str | None
    risks: list[str]
    objections: list[str]
    property_snapshot: dict[str, Any]


class AppointmentRecord(Record):
    """An appointment with its contact, which only imported ones can lack; times are those of `timezone`."""

    id: UUID
    contact_id: UUID | None
    contact_name: str | None
    contact: ContactOfAppointment | None
    insights: Insights
    lead_id: UUID | None
    source_call_id: UUID | None
    csr_id: UUID | None
    csr_name: str | None
    sales_rep_id: UUID | None
    sales_rep_name: str | None
    service_type: str
    scheduled_start_at: Timestamp
    scheduled_end_at: Timestamp
    timezone: str
    address_line_1: str | None
    address_line_2: str | None
    city: str | None
    state: str | None
    zip: str | None
    country: str | None
    notes: str | None
    status: AppointmentStatus
    cancelled_reason: str | None
    completed_at: Timestamp | None
    outcome: AppointmentOutcome
    outcome_at: Timestamp | None
    deal_value: Decimal | None
    currency: str
    lost_reason: str | None
    booked_at: Timestamp
    created_by: UUID | None
    created_by_name: str | None
    created_at: Timestamp
    updated_at: Timestamp
    version: int


_Service = Annotated[str, Field(min_length=MIN_NAME_LENGTH, max_length=MAX_SERVICE_LENGTH)]
_Minutes = Annotated[int | None, Field(ge=MIN_MINUTES, le=MAX_MINUTES)]
_Reason = Annotated[str, Field(min_length=MIN_REASON_CHARACTERS, max_length=MAX_REASON_CHARACTERS)]


class _Placed(AddressInput):
    """A place, and notes for the sales rep who goes there."""

    notes: Annotated[str | None, Field(max_length=MAX_NOTES_CHARACTERS)] = None


class MissedCallBooking(_Placed):
    """A booking for a missed caller.

    Without an address, the place is the contact's address; without `minutes`, it takes as long as the service does. A
    caller who is not a contact yet becomes one, with the number and the name.
    """

    number: Annotated[str | None, Field(max_length=MAX_TYPED, alias="contactPhone")] = None
    name: Annotated[str | None, Field(max_length=MAX_NAME_LENGTH, alias="contactName")] = None
    service_type: _Service
    rep_id: Annotated[Id, Field(alias="salesRepId")]
    start: Annotated[Moment, Field(alias="scheduledStartAt")]
    minutes: _Minutes = None


class BookingBody(MissedCallBooking):
    """A booking: for a contact, or for whom a call, a missed call or a lead is about, or for a number."""

    contact_card_id: Annotated[Id | None, Field(alias="contactId")] = None
    call_id: Id | None = None
    missed_call_id: Id | None = None
    lead_id: Id | None = None


class AppointmentChanges(_Placed):
    """The service, the place and the notes of an appointment."""

    service_type: _Service


class RescheduleBody(Input):
    """Another time; without a sales rep it remains the present one's, without `minutes` its length stays the same."""

    start: Annotated[Moment, Field(alias="scheduledStartAt")]
    minutes: _Minutes = None
    rep_id: Annotated[Id | None, Field(alias="salesRepId")] = None


class RepBody(Input):
    """The sales rep who goes to an appointment."""

    rep_id: Annotated[Id, Field(alias="salesRepId")]


class BookerBody(Input):
    """The person who booked an appointment, None for no one, and the reason for the correction."""

    csr_id: Id | None
    reason: _Reason


class CancelBody(Input):
    """The reason for which an appointment is canceled."""

    cancelled_reason: _Reason


class OccurredBody(Input):
    """The time when something took place, if it is reported later."""

    occurred_at: Moment | None = None


class WonBody(OccurredBody):
    """The value of a deal that was won."""

    deal_value: Money

    @field_validator("deal_value")
    @classmethod
    def _check_range(cls, value: Decimal) -> Decimal:
        if value > MAX_DEAL_VALUE:
            raise refused(DEAL_VALUE_RANGE)
        return value


class LostBody(OccurredBody):
    """The reason for which a deal was lost."""

    lost_reason: _Reason


class FreeTimeRecord(Record):
    """A time at which an appointment can begin; `is_near` if the rep's stop before it is in the same place."""

    start: Timestamp
    is_near: bool


class FreeRepRecord(Record):
    """A sales rep with the times at which an appointment can begin on a day."""

    id: UUID
    name: str
    times: list[FreeTimeRecord]


class FreeDayRecord(Record):
    """A day in the organization's time zone with the sales reps who are free on it, the nearest first."""

    date: date
    reps: list[FreeRepRecord]


class FreeTimesRecord(Record):
    """The next open days, with the times at which an appointment of `minutes` can begin."""

    timezone: str
    minutes: int
    travel_minutes: int
    days: list[FreeDayRecord]
