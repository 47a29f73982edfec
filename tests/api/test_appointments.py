"""Appointments in the JSON API: records, bookings, actions and conflicts."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from app.models import Appointment, AuditLog, Call, ContactCard, Lead, Organization, Role, User
from app.security.permissions import Permission
from tests.api.conftest import NewApi
from tests.support.api_client import ApiClient, data_of, error_of, wrong_fields
from tests.support.client import Client
from tests.support.csv_rows import csv_rows
from tests.support.direct_access import Behind
from tests.support.factories import DAY, Factories

TOMORROW = (datetime.now(UTC) + timedelta(days=1)).replace(hour=15, minute=0, second=0, microsecond=0)


def text_of(moment: datetime) -> str:
    """Return a timestamp as the API has it."""
    return moment.isoformat().replace("+00:00", "Z")


@pytest.fixture
def organization(make: Factories) -> Organization:
    """An organization that is always open, so that no test depends on the day."""
    days = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
    return make.organization(name="Blue Ridge Air", business_hours={day: [["00:00", "24:00"]] for day in days})


@pytest.fixture
def rep(make: Factories, organization: Organization) -> User:
    return make.user(organization, role=Role.SALES_REP, name="Rita Rep")


@pytest.fixture
def other_rep(make: Factories, organization: Organization) -> User:
    return make.user(organization, role=Role.SALES_REP, name="Otto Rep")


@pytest.fixture
def contact(make: Factories, organization: Organization, csr: User) -> ContactCard:
    """A contact whom the CSR added."""
    return make.contact(
        organization,
        first_name="Dana",
        last_name="Whitfield",
        primary_phone="+15125550142",
        email="dana@example.com",
        address_line_1="1817 Alder Creek Ln",
        city="Austin",
        state="TX",
        zip="78745",
        country="US",
        tags=["VIP"],
        primary_intent="A new furnace",
        risks=["Compares offers"],
        last_call_summary="Wants an offer.",
        property_snapshot={"year": 1985},
        created_by=csr.id,
    )


@pytest.fixture
def booking(contact: ContactCard, rep: User) -> dict[str, Any]:
    """A body that books the contact for tomorrow."""
    return {
        "contactId": str(contact.id),
        "serviceType": "Furnace repair",
        "salesRepId": str(rep.id),
        "scheduledStartAt": text_of(TOMORROW),
        "minutes": 60,
    }


def booked(api: ApiClient, booking: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """Book and return the appointment."""
    appointment: dict[str, Any] = data_of(api.post("/appointments", {**booking, **changes}), "appointment", status=201)
    return appointment


def test_an_appointment_has_all_its_values_its_contact_and_insights(
    as_manager: ApiClient,
    make: Factories,
    organization: Organization,
    booking: dict[str, Any],
    contact: ContactCard,
    csr: User,
    rep: User,
    manager: User,
    behind: Behind,
) -> None:
    call, later = (
        make.call(organization, csr=csr, contact_card_id=contact.id, started_at=DAY + timedelta(hours=hour))
        for hour in range(2)
    )
    make.analysis(call, summary="The furnace is out.", objections=[{"category": "price", "text": "Too much"}])
    make.analysis(later, summary="A later call.")

    appointment = booked(as_manager, booking, callId=str(call.id), notes="Ring twice")
    moments = {name: appointment.pop(name) for name in ("bookedAt", "createdAt", "updatedAt")}
    assert all(moment.endswith("Z") for moment in moments.values())
    lead = behind.one(Lead)
    assert appointment == {
        "id": appointment["id"],
        "contactId": str(contact.id),
        "contactName": "Dana Whitfield",
        "contact": {
            "id": str(contact.id),
            "name": "Dana Whitfield",
            "firstName": "Dana",
            "lastName": "Whitfield",
            "companyName": None,
            "email": "dana@example.com",
            "primaryPhone": "+15125550142",
            "addressLine1": "1817 Alder Creek Ln",
            "addressLine2": None,
            "city": "Austin",
            "state": "TX",
            "zip": "78745",
            "country": "US",
            "tags": ["VIP"],
        },
        "insights": {
            "callId": str(call.id),
            "summary": "The furnace is out.",
            "primaryIntent": "A new furnace",
            "risks": ["Compares offers"],
            "objections": ["price"],
            "propertySnapshot": {"year": 1985},
        },
        "leadId": str(lead.id),
        "sourceCallId": str(call.id),
        "csrId": str(manager.id),
        "csrName": "Mona Manager",
        "salesRepId": str(rep.id),
        "salesRepName": "Rita Rep",
        "serviceType": "Furnace repair",
        "scheduledStartAt": text_of(TOMORROW),
        "scheduledEndAt": text_of(TOMORROW + timedelta(hours=1)),
        "timezone": "America/New_York",
        "addressLine1": "1817 Alder Creek Ln",
        "addressLine2": None,
        "city": "Austin",
        "state": "TX",
        "zip": "78745",
        "country": "US",
        "notes": "Ring twice",
        "status": "scheduled",
        "cancelledReason": None,
        "completedAt": None,
        "outcome": "open",
        "outcomeAt": None,
        "dealValue": None,
        "currency": "USD",
        "lostReason": None,
        "createdBy": str(manager.id),
        "createdByName": "Mona Manager",
        "version": 1,
    }
    assert data_of(as_manager.get(f"/appointments/{appointment['id']}"), "appointment") == {**appointment, **moments}
    assert data_of(as_manager.get("/appointments")) == [{**appointment, **moments}]
    assert behind.one(Call, id=call.id).booking_status == "booked"


def test_a_booking_can_name_a_number_and_another_place(as_manager: ApiClient, booking: dict[str, Any]) -> None:
    new = {**booking, "contactPhone": "(512) 555-0177", "contactName": "Ada Byron", "addressLine1": "9 Elm St"}
    del new["contactId"], new["minutes"]

    appointment = booked(as_manager, new)
    assert (appointment["contactName"], appointment["contact"]["primaryPhone"]) == ("Ada Byron", "+15125550177")
    place = {name: appointment[name] for name in ("addressLine1", "city", "zip", "country")}
    assert place == {"addressLine1": "9 Elm St", "city": None, "zip": None, "country": "US"}
    assert appointment["scheduledEndAt"] == text_of(TOMORROW + timedelta(minutes=90))
    assert appointment["insights"] == {
        "callId": None, "summary": None, "primaryIntent": None, "risks": [], "objections": [], "propertySnapshot": {},
    }  # fmt: skip


def test_insights_are_from_calls_that_the_reader_can_listen_to(
    new_api: NewApi,
    as_manager: ApiClient,
    make: Factories,
    organization: Organization,
    contact: ContactCard,
    csr: User,
    rep: User,
) -> None:
    """Without a call that led to the booking, they are from the latest one; without any, from the contact."""
    visit = make.appointment(organization, contact=contact, csr_id=csr.id, sales_rep_id=rep.id)
    for hour, spoke in enumerate((csr, csr, None)):
        at = DAY + timedelta(hours=hour)
        call = make.call(organization, contact_card_id=contact.id, started_at=at, csr=spoke)
        make.analysis(call, summary=f"Call {hour}")

    for client, summary in (
        (as_manager, "Call 2"),
        (new_api(csr), "Call 1"),
        (new_api(rep), "Wants an offer."),
    ):
        shown = data_of(client.get(f"/appointments/{visit.id}"), "appointment")
        assert shown["insights"]["summary"] == summary
        assert (shown["insights"]["callId"] is None) == (summary == "Wants an offer.")


def test_who_cannot_see_the_contact_gets_its_name_and_number(
    new_api: NewApi, make: Factories, organization: Organization, contact: ContactCard, rep: User
) -> None:
    lead = make.lead(organization, contact=contact)
    visit = make.appointment(organization, contact=contact, sales_rep_id=rep.id, lead_id=lead.id)
    make.analysis(make.call(organization, contact_card_id=contact.id), summary="Hidden")
    reader = make.user(organization, role=Role.CSR)
    make.grant(reader, Permission.APPOINTMENTS_READ)

    shown = data_of(new_api(reader).get(f"/appointments/{visit.id}"), "appointment")
    assert (shown["contactId"], shown["leadId"], shown["contactName"]) == (None, None, "Dana Whitfield")
    assert {name: value for name, value in shown["contact"].items() if value} == {
        "name": "Dana Whitfield",
        "primaryPhone": "+15125550142",
    }
    assert not any(shown["insights"].values())


def test_a_busy_rep_is_a_conflict_with_the_other_party(
    as_manager: ApiClient,
    new_api: NewApi,
    make: Factories,
    organization: Organization,
    booking: dict[str, Any],
    rep: User,
    csr: User,
    behind: Behind,
) -> None:
    there = booked(as_manager, booking)
    half_later = {"scheduledStartAt": text_of(TOMORROW + timedelta(minutes=30))}
    theirs = str(make.contact(organization, created_by=csr.id).id)

    error = error_of(as_manager.post("/appointments", {**booking, **half_later}), status=409)
    assert (error["code"], error["otherParty"]) == (
        "EVENT_TIME_CONFLICT",
        {
            "type": "appointment",
            "start": there["scheduledStartAt"],
            "end": there["scheduledEndAt"],
            "person": {"id": str(rep.id), "name": "Rita Rep"},
            "name": "Dana Whitfield",
            "bookedBy": "Mona Manager",
            "bookedAt": there["bookedAt"],
        },
    )
    hidden = error_of(new_api(csr).post("/appointments", {**booking, **half_later, "contactId": theirs}), status=409)
    assert (hidden["otherParty"]["name"], hidden["otherParty"]["person"]["name"]) == (None, "Rita Rep")
    off = TOMORROW + timedelta(days=1)
    make.event(organization, rep, type="time_off", start_at=off, end_at=off + timedelta(hours=4))
    error = error_of(as_manager.post("/appointments", {**booking, "scheduledStartAt": text_of(off)}), status=409)
    assert (error["code"], error["otherParty"]["type"]) == ("USER_NOT_AVAILABLE", "time_off")
    moved = as_manager.post(f"/appointments/{there['id']}/reschedule", {"scheduledStartAt": text_of(off)})
    assert error_of(moved, status=409)["code"] == "USER_NOT_AVAILABLE"
    assert len(behind.rows(Appointment)) == 1


def test_every_wrong_value_is_named_and_nothing_is_stored(
    as_manager: ApiClient, booking: dict[str, Any], csr: User, behind: Behind
) -> None:
    wrong = {
        "serviceType": "x",
        "salesRepId": "Rita",
        "scheduledStartAt": "2026-11-20T09:30",
        "minutes": 5,
        "country": "XX",
        "notes": "n" * 5001,
        "status": "completed",
        "organizationId": str(uuid4()),
    }

    assert wrong_fields(as_manager.post("/appointments", wrong)) == set(wrong)
    assert wrong_fields(as_manager.post("/appointments", {})) == {"serviceType", "salesRepId", "scheduledStartAt"}
    for changes, field in (
        ({"salesRepId": str(csr.id)}, "salesRepId"),
        ({"scheduledStartAt": "2026-01-05T15:00:00Z"}, "scheduledStartAt"),
        ({"contactId": None}, "contactPhone"),
        ({"contactId": None, "contactPhone": "soon"}, "contactPhone"),
    ):
        assert wrong_fields(as_manager.post("/appointments", {**booking, **changes})) == {field}
    assert behind.rows(Appointment) == []
    assert behind.rows(Lead) == []


def test_the_steps_of_an_appointment(
    as_manager: ApiClient, make: Factories, organization: Organization, contact: ContactCard, rep: User, other_rep: User
) -> None:
    past = DAY - timedelta(days=1)
    visit = make.appointment(organization, contact=contact, sales_rep_id=rep.id, scheduled_start_at=past)
    path = f"/appointments/{visit.id}"

    def after(verb: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        appointment: dict[str, Any] = data_of(as_manager.post(f"{path}/{verb}", body), "appointment")
        return appointment

    assert after("assign", {"salesRepId": str(other_rep.id)})["salesRepName"] == "Otto Rep"
    moved = after("reschedule", {"scheduledStartAt": text_of(TOMORROW), "minutes": 45})
    assert (moved["salesRepName"], moved["scheduledEndAt"]) == ("Otto Rep", text_of(TOMORROW + timedelta(minutes=45)))
    early = error_of(as_manager.post(f"{path}/no-show"), status=409)
    assert early["code"] == "RESOURCE_CONFLICT"
    done = after("complete")
    assert (done["status"], done["completedAt"] is None, done["outcome"]) == ("completed", False, "open")
    won = after("won", {"dealValue": "8450.5"})
    assert (won["outcome"], won["dealValue"], won["currency"]) == ("closed_won", "8450.50", "USD")
    lost = after("lost", {"lostReason": "Another company"})
    assert (lost["outcome"], lost["dealValue"], lost["lostReason"]) == ("closed_lost", None, "Another company")
    opened = after("reopen")
    assert (opened["outcome"], opened["outcomeAt"], opened["lostReason"]) == ("open", None, None)
    for late in ("cancel", "reschedule", "assign"):
        body = {
            "cancel": {"cancelledReason": "Too late"},
            "reschedule": {"scheduledStartAt": text_of(TOMORROW + timedelta(days=1))},
            "assign": {"salesRepId": str(rep.id)},
        }[late]
        assert error_of(as_manager.post(f"{path}/{late}", body), status=409)["code"] == "RESOURCE_CONFLICT"


def test_a_missed_or_canceled_appointment_has_no_outcome(
    as_manager: ApiClient, make: Factories, organization: Organization
) -> None:
    missed, canceled = (f"/appointments/{make.appointment(organization).id}" for _ in range(2))
    reported = text_of(DAY + timedelta(hours=1))

    assert data_of(as_manager.post(f"{missed}/no-show", {"occurredAt": reported}), "appointment")["status"] == "no_show"
    reason = {"cancelledReason": "Works again"}
    assert data_of(as_manager.post(f"{canceled}/cancel", reason), "appointment")["cancelledReason"] == "Works again"
    for path in (missed, canceled):
        assert error_of(as_manager.post(f"{path}/won", {"dealValue": "1"}), status=409)["code"] == "RESOURCE_CONFLICT"
    ahead = {"occurredAt": text_of(datetime.now(UTC) + timedelta(minutes=6))}
    other = f"/appointments/{make.appointment(organization).id}"
    assert wrong_fields(as_manager.post(f"{other}/complete", ahead)) == {"occurredAt"}
    for verb, body in (
        ("won", {"dealValue": "10000000"}),
        ("won", {"dealValue": 10}),
        ("won", {}),
        ("lost", {"lostReason": "no"}),
        ("cancel", {"cancelledReason": ""}),
    ):
        field = {"won": "dealValue", "lost": "lostReason", "cancel": "cancelledReason"}[verb]
        assert wrong_fields(as_manager.post(f"{other}/{verb}", body)) == {field}


def test_a_change_leaves_what_was_not_sent(as_manager: ApiClient, booking: dict[str, Any]) -> None:
    made = booked(as_manager, booking, notes="Ring twice")
    path = f"/appointments/{made['id']}"

    changed = data_of(as_manager.patch(path, {"city": "Waco", "notes": None}), "appointment")
    assert (changed["city"], changed["notes"], changed["addressLine1"]) == ("Waco", None, made["addressLine1"])
    assert changed["contact"]["city"] == "Austin"
    assert wrong_fields(as_manager.patch(path, {"serviceType": None, "status": "completed", "dealValue": "1"})) == {
        "serviceType", "status", "dealValue",
    }  # fmt: skip
    stale = error_of(as_manager.post(f"{path}/cancel", {"cancelledReason": "Gone", "version": 1}), status=409)
    assert (stale["code"], stale["current"]["city"]) == ("VERSION_CONFLICT", "Waco")


def test_people_see_and_change_what_they_do_on_pages(
    new_api: NewApi,
    make: Factories,
    organization: Organization,
    contact: ContactCard,
    booking: dict[str, Any],
    csr: User,
    rep: User,
    other_rep: User,
) -> None:
    mine = make.appointment(organization, contact=contact, csr_id=csr.id, sales_rep_id=rep.id)
    others = make.appointment(organization, scheduled_start_at=DAY + timedelta(days=1), sales_rep_id=other_rep.id)

    for user in (csr, rep):
        client = new_api(user)
        assert [one["id"] for one in data_of(client.get("/appointments"))] == [str(mine.id)]
        assert error_of(client.get(f"/appointments/{others.id}"), status=404)["resourceType"] == "appointment"
        assert error_of(client.post(f"/appointments/{others.id}/complete"), status=404)["resourceType"] == "appointment"
        refused = error_of(
            client.post(f"/appointments/{mine.id}/assign", {"salesRepId": str(other_rep.id)}), status=403
        )
        assert refused["requiredPermission"] == "appointments:assign"
    for_another = {**booking, "salesRepId": str(other_rep.id)}
    assert wrong_fields(new_api(rep).post("/appointments", for_another)) == {"salesRepId"}


def test_who_booked_is_corrected_with_a_reason(
    as_manager: ApiClient, new_api: NewApi, make: Factories, organization: Organization, manager: User, csr: User,
    rep: User,
) -> None:  # fmt: skip
    visit = make.appointment(organization, csr_id=manager.id)
    path, reason = f"/appointments/{visit.id}/credit", "She agreed the time with the caller."

    assert wrong_fields(as_manager.post(path, {"csrId": str(csr.id)})) == {"reason"}
    assert wrong_fields(as_manager.post(path, {"csrId": str(rep.id), "reason": reason})) == {"csrId"}
    assert data_of(as_manager.post(path, {"csrId": str(csr.id), "reason": reason}))["appointment"]["csrId"] == str(
        csr.id
    )
    refused = error_of(new_api(csr).post(path, {"csrId": None, "reason": reason}), status=403)
    assert refused["requiredPermission"] == "appointments:assign"
    assert data_of(as_manager.post(path, {"csrId": None, "reason": reason}))["appointment"]["csrId"] is None


@pytest.mark.parametrize("query", ["", "status=completed", "outcome=closed_won&sort=startTime", "q=byron"])
def test_the_list_has_the_rows_of_the_file_in_their_order(
    as_manager: ApiClient, client: Client, make: Factories, organization: Organization, manager: User, query: str
) -> None:
    done: dict[str, Any] = {"status": "completed", "completed_at": DAY}
    for number, values in enumerate(
        ({}, done, {**done, "outcome": "closed_won", "outcome_at": DAY, "deal_value": 10}, {"status": "no_show"})
    ):
        card = make.contact(organization, first_name=f"Visit{number}", last_name="Byron" if number % 2 else "Hill")
        make.appointment(organization, contact=card, scheduled_start_at=DAY + timedelta(days=number), **values)
    make.appointment(organization, contact=make.contact(organization, last_name="Byron"), deleted_at=DAY)
    elsewhere = make.organization()
    make.appointment(elsewhere, contact=make.contact(elsewhere, last_name="Byron"), **done)
    file = [
        row["Contact"] for row in csv_rows(client.sign_in(manager), f"/appointments.csv?{query or 'sort=-startTime'}")
    ]

    assert file
    assert [one["contactName"] for one in data_of(as_manager.get(f"/appointments?{query}"))] == file


def test_records_of_another_organization_are_not_found(
    as_manager: ApiClient, make: Factories, booking: dict[str, Any], behind: Behind
) -> None:
    elsewhere = make.organization()
    theirs, stranger = make.appointment(elsewhere), make.user(elsewhere, role=Role.SALES_REP)
    call, lead = make.call(elsewhere), make.lead(elsewhere)

    assert wrong_fields(as_manager.post("/appointments", {**booking, "salesRepId": str(stranger.id)})) == {"salesRepId"}
    assert wrong_fields(as_manager.get(f"/appointments/free-times?repId={stranger.id}")) == {"repId"}
    for response in (
        as_manager.post("/appointments", {**booking, "contactId": str(theirs.contact_card_id)}),
        as_manager.post("/appointments", {**booking, "callId": str(call.id)}),
        as_manager.post("/appointments", {**booking, "leadId": str(lead.id)}),
        as_manager.get(f"/appointments/{theirs.id}"),
        as_manager.patch(f"/appointments/{theirs.id}", {"city": "Waco"}),
        as_manager.post(f"/appointments/{theirs.id}/cancel", {"cancelledReason": "Gone"}),
        as_manager.delete(f"/appointments/{theirs.id}"),
        as_manager.get(f"/appointments?contact={theirs.contact_card_id}"),
        as_manager.get(f"/appointments/free-times?appointmentId={theirs.id}"),
    ):
        assert error_of(response, status=404)["code"] == "RESOURCE_NOT_FOUND"
    assert [(row.id, row.version) for row in behind.rows(Appointment)] == [(theirs.id, 1)]


def test_a_list_takes_the_same_statements_for_any_number_of_appointments(
    new_api: NewApi,
    make: Factories,
    organization: Organization,
    csr: User,
    queries: Callable[[], AbstractContextManager[list[str]]],
) -> None:
    client, counts = new_api(csr), []
    for day in range(3):
        visit = make.appointment(organization, csr_id=csr.id, scheduled_start_at=DAY + timedelta(days=day))
        make.analysis(make.call(organization, csr=csr, contact_card_id=visit.contact_card_id))
        with queries() as sent:
            assert data_of(client.get("/appointments"))
        counts.append(len(sent))

    assert counts[1] == counts[2] <= 4


def test_each_change_is_recorded_with_the_person(
    as_manager: ApiClient, booking: dict[str, Any], manager: User, behind: Behind
) -> None:
    path = f"/appointments/{booked(as_manager, booking)['id']}"
    as_manager.post(f"{path}/reschedule", {"scheduledStartAt": text_of(TOMORROW + timedelta(days=1))})
    as_manager.post(f"{path}/cancel", {"cancelledReason": "Works again"})
    as_manager.delete(path)

    told = [row for row in behind.rows(AuditLog) if row.resource_type == "appointment"]
    assert [row.action for row in told] == [
        "appointment.booked", "appointment.rescheduled", "appointment.cancelled", "appointment.deleted",
    ]  # fmt: skip
    assert {row.user_id for row in told} == {manager.id}


def test_free_times_are_those_at_which_a_booking_succeeds(
    as_manager: ApiClient, organization: Organization, booking: dict[str, Any], rep: User, other_rep: User
) -> None:
    booked(as_manager, booking)
    day = TOMORROW.date().isoformat()
    free = data_of(as_manager.get(f"/appointments/free-times?from={day}&minutes=60&repId={rep.id}"))

    assert (free["timezone"], free["minutes"], free["travelMinutes"]) == (organization.timezone, 60, 30)
    offered = [time["start"] for one in free["days"] for reps in one["reps"] for time in reps["times"]]
    assert {one["id"] for day in free["days"] for one in day["reps"]} == {str(rep.id)}
    assert text_of(TOMORROW) not in offered
    assert booked(as_manager, booking, scheduledStartAt=offered[0])["scheduledStartAt"] == offered[0]
    anyone = data_of(as_manager.get(f"/appointments/free-times?from={day}"))
    assert {one["name"] for day in anyone["days"] for one in day["reps"]} == {"Rita Rep", "Otto Rep"}
    assert anyone["minutes"] == 90


def test_an_appointment_that_is_moved_leaves_its_own_time_free(
    as_manager: ApiClient, booking: dict[str, Any], rep: User
) -> None:
    made = booked(as_manager, booking)
    near = f"from={TOMORROW.date().isoformat()}&repId={rep.id}&zip=78745"

    def starts(query: str) -> set[str]:
        free = data_of(as_manager.get(f"/appointments/free-times?{query}"))
        return {time["start"] for day in free["days"] for one in day["reps"] for time in one["times"]}

    assert made["scheduledStartAt"] not in starts(near)
    assert made["scheduledStartAt"] in starts(f"{near}&appointmentId={made['id']}")
    times = data_of(as_manager.get(f"/appointments/free-times?{near}"))["days"][0]["reps"][0]["times"]
    assert {time["isNear"] for time in times} == {True, False}


def test_parameters_of_free_times_that_are_wrong_are_all_named(as_manager: ApiClient, as_csr: ApiClient) -> None:
    wrong = "from=soon&minutes=5&repId=Rita&appointmentId=1&limit=3"

    assert wrong_fields(as_manager.get(f"/appointments/free-times?{wrong}")) == {
        "from", "minutes", "repId", "appointmentId", "limit",
    }  # fmt: skip
    assert len(data_of(as_csr.get("/appointments/free-times"))["days"]) > 1
