"""The JSON API of appointments, and the times at which they can begin."""

from app.declarations.api import Action, Api, MoreActions, Operation, Write, sample_id
from app.declarations.entered_fields import input_with, record_with, records_with
from app.errors import Conflict, EventTimeConflict, UserNotAvailable
from app.models import AppointmentOutcome
from app.security.permissions import Permission
from app.trust.trash.delete_service import delete
from app.work.appointments import service
from app.work.appointments.filters import FreeTimesQuery
from app.work.appointments.offered_times_queries import read_free_times
from app.work.appointments.record_queries import appointment_records
from app.work.appointments.record_service import book_appointment, book_missed_call, change_appointment
from app.work.appointments.resource import APPOINTMENT
from app.work.appointments.schemas import (
    AppointmentChanges,
    AppointmentRecord,
    BookerBody,
    BookingBody,
    CancelBody,
    FreeTimesRecord,
    LostBody,
    MissedCallBooking,
    OccurredBody,
    RepBody,
    RescheduleBody,
    WonBody,
)
from app.work.missed_calls.api import MISSED_CALLS

_TAKEN = (Conflict, EventTimeConflict, UserNotAvailable)

APPOINTMENTS = Api(
    APPOINTMENT,
    path="appointments",
    key="appointment",
    records=records_with(APPOINTMENT, appointment_records),
    record=record_with(APPOINTMENT, AppointmentRecord),
    read=Permission.APPOINTMENTS_READ,
    create=Write(
        Permission.APPOINTMENTS_WRITE,
        book_appointment,
        input_with(APPOINTMENT, BookingBody),
        example={
            "contactId": sample_id("contact_card"),
            "serviceType": "Furnace repair",
            "salesRepId": sample_id("user", "sales_rep"),
            "scheduledStartAt": "2035-11-20T15:00:00Z",
            "minutes": 90,
            "notes": "The dog is friendly.",
        },
        errors=_TAKEN,
    ),
    change=Write(
        Permission.APPOINTMENTS_WRITE,
        change_appointment,
        input_with(APPOINTMENT, AppointmentChanges),
        example={"notes": "Call from the gate."},
    ),
    delete=Write(
        Permission.APPOINTMENTS_DELETE,
        lambda actor, appointment_id: delete(actor, "appointment", [appointment_id]),
        errors=(Conflict,),
    ),
    actions=(
        Action(
            Permission.APPOINTMENTS_ASSIGN,
            lambda actor, appointment_id, given, version: service.assign(
                actor, appointment_id, given.rep_id, version=version
            ),
            RepBody,
            {"salesRepId": sample_id("user", "other sales_rep")},
            verb="assign",
            errors=_TAKEN,
            takes_version=True,
        ),
        Action(
            Permission.APPOINTMENTS_ASSIGN,
            lambda actor, appointment_id, body, version: service.credit(
                actor, appointment_id, body.csr_id, body.reason, version=version
            ),
            BookerBody,
            {"csrId": sample_id("user", "other csr"), "reason": "She agreed the time with the caller."},
            verb="credit",
            takes_version=True,
        ),
        Action(
            Permission.APPOINTMENTS_WRITE,
            lambda actor, appointment_id, given, version: service.reschedule(
                actor, appointment_id, given.start, given.rep_id, minutes=given.minutes, version=version
            ),
            RescheduleBody,
            {"scheduledStartAt": "2035-11-21T15:00:00Z"},
            verb="reschedule",
            errors=_TAKEN,
            takes_version=True,
        ),
        Action(
            Permission.APPOINTMENTS_WRITE,
            lambda actor, appointment_id, given, version: service.cancel(
                actor, appointment_id, given.cancelled_reason, version=version
            ),
            CancelBody,
            {"cancelledReason": "The furnace works again."},
            verb="cancel",
            errors=(Conflict,),
            takes_version=True,
        ),
        Action(
            Permission.APPOINTMENTS_WRITE,
            lambda actor, appointment_id, given, version: service.complete(
                actor, appointment_id, version=version, occurred_at=given.occurred_at
            ),
            OccurredBody,
            verb="complete",
            errors=(Conflict,),
            takes_version=True,
        ),
        Action(
            Permission.APPOINTMENTS_WRITE,
            lambda actor, appointment_id, given, version: service.set_outcome(
                actor,
                appointment_id,
                AppointmentOutcome.CLOSED_WON,
                deal_value=given.deal_value,
                version=version,
                occurred_at=given.occurred_at,
            ),
            WonBody,
            {"dealValue": "8450.00"},
            verb="won",
            does="mark",
            errors=(Conflict,),
            takes_version=True,
        ),
        Action(
            Permission.APPOINTMENTS_WRITE,
            lambda actor, appointment_id, given, version: service.set_outcome(
                actor,
                appointment_id,
                AppointmentOutcome.CLOSED_LOST,
                lost_reason=given.lost_reason,
                version=version,
                occurred_at=given.occurred_at,
            ),
            LostBody,
            {"lostReason": "Bought from another company"},
            verb="lost",
            does="mark",
            errors=(Conflict,),
            takes_version=True,
        ),
        Action(
            Permission.APPOINTMENTS_WRITE,
            lambda actor, appointment_id, given, version: service.mark_no_show(
                actor, appointment_id, version=version, occurred_at=given.occurred_at
            ),
            OccurredBody,
            verb="no-show",
            does="mark",
            errors=(Conflict,),
            takes_version=True,
        ),
        Action(
            Permission.APPOINTMENTS_WRITE,
            lambda actor, appointment_id, given, version: service.set_outcome(
                actor, appointment_id, AppointmentOutcome.OPEN, version=version, occurred_at=given.occurred_at
            ),
            OccurredBody,
            verb="reopen",
            errors=(Conflict,),
            takes_version=True,
        ),
    ),
)

MISSED_CALL_BOOKING = MoreActions(
    MISSED_CALLS,
    (
        Action(
            Permission.APPOINTMENTS_WRITE,
            book_missed_call,
            input_with(APPOINTMENT, MissedCallBooking),
            {
                "contactName": "Ruth Delgado",
                "serviceType": "Furnace repair",
                "salesRepId": sample_id("user", "sales_rep"),
                "scheduledStartAt": "2035-11-22T15:00:00Z",
            },
            verb="book",
            summary="Book an appointment for a missed caller",
            errors=_TAKEN,
        ),
    ),
)

FREE_TIMES = Operation(
    name="listFreeTimes",
    method="GET",
    path="appointments/free-times",
    run=read_free_times,
    summary="List the times at which an appointment can start",
    permissions=(Permission.APPOINTMENTS_WRITE,),
    query=FreeTimesQuery,
    answer=FreeTimesRecord,
)

API = (APPOINTMENTS, MISSED_CALL_BOOKING, FREE_TIMES)
