"""Calls in the JSON API."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from app.models import AuditLog, BookingStatus, Call, ContactCard, Organization, Role, User
from tests.api.conftest import NewApi
from tests.support.api_client import ApiClient, data_of, error_of, wrong_fields
from tests.support.api_lists import Queries, ids_in, ids_on_page, statements_of
from tests.support.client import Client
from tests.support.direct_access import Behind
from tests.support.factories import DAY, Factories


@pytest.fixture
def contact(make: Factories, organization: Organization) -> ContactCard:
    return make.contact(organization, first_name="Denise", last_name="Aguilar", company_name="Aguilar & Co")


@pytest.fixture
def call(make: Factories, organization: Organization, csr: User, contact: ContactCard) -> Call:
    return make.call(organization, csr=csr, contact_card_id=contact.id, caller_number="+15125550131")


@pytest.fixture
def strangers_call(make: Factories) -> Call:
    return make.call(make.organization())


def test_every_call_of_a_missed_caller_has_their_entry(
    as_manager: ApiClient, as_csr: ApiClient, make: Factories, organization: Organization, csr: User
) -> None:
    first, other = (make.call(organization, csr=csr, status="missed") for _ in range(2))
    entry = make.missed_entry(organization, call=first)
    make.missed_entry(make.organization())
    later = make.call(organization, csr=csr, status="missed", missed_entry_id=entry.id)

    for api in (as_manager, as_csr):
        found = {one["id"]: one["missedCallId"] for one in data_of(api.get("/calls"))}
        assert found == {str(first.id): str(entry.id), str(later.id): str(entry.id), str(other.id): None}


def test_a_call_has_what_its_page_shows(
    as_manager: ApiClient, make: Factories, organization: Organization, csr: User, contact: ContactCard, behind: Behind
) -> None:
    rep = make.user(organization, role=Role.SALES_REP, name="Rita Rep")
    lead = make.lead(organization, contact=contact)
    number = make.phone_number(organization)
    entry = make.missed_entry(organization)
    call = make.call(
        organization,
        csr=csr,
        assigned_rep_id=rep.id,
        contact_card_id=contact.id,
        lead_id=lead.id,
        phone_number_id=number.id,
        missed_entry_id=entry.id,
        caller_number="+15125550131",
        called_number="+15125550100",
        topic="Furnace",
        outcome="follow_up",
        booking_status="not_booked",
        booking_status_reason="Compares offers",
        booking_status_source="analysis",
        sentiment="negative",
        ai_confidence=87,
        call_quality=2,
        external_source="five9",
        external_id="A-1",
        cost=Decimal("0.0085"),
        marketing_source="Yelp",
        tags=["lead", "hvac"],
        value=Decimal(450),
        audio_url=f"{organization.id}/recordings/01890000-0000-7000-8000-000000000000.wav",
    )
    stored = behind.one(Call, id=call.id)

    assert data_of(as_manager.get(f"/calls/{call.id}"), "call") == {
        "id": str(call.id),
        "direction": "inbound",
        "callType": "csr_call",
        "status": "completed",
        "startedAt": "2026-03-18T16:00:00Z",
        "answeredAt": "2026-03-18T16:00:10Z",
        "endedAt": "2026-03-18T16:05:10Z",
        "durationSeconds": 300,
        "waitSeconds": 10,
        "waitedSeconds": None,
        "number": "+15125550131",
        "callerNumber": "+15125550131",
        "calledNumber": "+15125550100",
        "phoneNumberId": str(number.id),
        "contactId": str(contact.id),
        "contactName": "Denise Aguilar",
        "companyName": "Aguilar & Co",
        "leadId": str(lead.id),
        "missedCallId": str(entry.id),
        "topic": "Furnace",
        "csrId": str(csr.id),
        "csrName": "Carla Csr",
        "handledBy": "human",
        "handledByUserId": str(csr.id),
        "handledByUserName": "Carla Csr",
        "assignedRepId": str(rep.id),
        "assignedRepName": "Rita Rep",
        "outcome": "follow_up",
        "bookingStatus": "not_booked",
        "bookingStatusReason": "Compares offers",
        "bookingStatusSource": "analysis",
        "sentiment": "negative",
        "aiConfidence": 87,
        "callQuality": 2,
        "cost": "0.0085",
        "marketingSource": "Yelp",
        "tags": ["lead", "hvac"],
        "value": "450.00",
        "audioUrl": f"http://localhost/api/v1/calls/{call.id}/audio",
        "source": "external",
        "externalSource": "five9",
        "externalId": "A-1",
        "customFields": {},
        "createdAt": in_utc(stored.created_at),
        "updatedAt": in_utc(stored.updated_at),
        "version": stored.version,
    }


@pytest.mark.parametrize(
    ("stored", "written"),
    [("0.01", "0.01"), ("1.5", "1.50"), ("12", "12.00"), ("0.123456", "0.12346"), ("0.000001", "0.00"), (None, None)],
)
def test_a_cost_has_two_to_five_decimals(
    as_csr: ApiClient, make: Factories, organization: Organization, csr: User, stored: str | None, written: str | None
) -> None:
    call = make.call(organization, csr=csr, cost=stored, status="missed", waited_seconds=0)
    read = data_of(as_csr.get(f"/calls/{call.id}"), "call")

    assert (read["cost"], read["waitedSeconds"], read["waitSeconds"]) == (written, 0, None)


def in_utc(moment: Any) -> str:
    return str(moment.isoformat()).replace("+00:00", "Z")


def test_records_that_the_reader_cannot_see_have_no_id_there(
    as_csr: ApiClient, make: Factories, organization: Organization, csr: User, contact: ContactCard
) -> None:
    lead = make.lead(organization, contact=contact, deleted_at=DAY)
    number = make.phone_number(organization)
    call = make.call(
        organization, csr=csr, contact_card_id=contact.id, lead_id=lead.id, phone_number_id=number.id, status="missed"
    )
    read = data_of(as_csr.get(f"/calls/{call.id}"), "call")

    assert (read["contactId"], read["leadId"], read["phoneNumberId"]) == (str(contact.id), None, None)
    assert (read["durationSeconds"], read["waitSeconds"], read["audioUrl"]) == (None, None, None)


def test_a_visit_tells_those_who_may_not_hear_it_nothing_of_what_was_said(
    new_api: NewApi, make: Factories, organization: Organization
) -> None:
    rep = make.user(organization, role=Role.SALES_REP)
    visit = make.call(
        organization,
        call_type="visit_call",
        assigned_rep_id=rep.id,
        sentiment="negative",
        ai_confidence=87,
        audio_url=f"{organization.id}/recordings/01890000-0000-7000-8000-000000000000.wav",
    )
    make.transcript(visit)
    make.analysis(visit)
    hears, does_not = new_api(rep), new_api(make.user(organization, role=Role.SUPPORT))

    heard, unheard = (data_of(client.get(f"/calls/{visit.id}"), "call") for client in (hears, does_not))
    said = ("sentiment", "aiConfidence", "audioUrl")
    assert all(heard[name] is not None and unheard[name] is None for name in said)
    for part in ("transcript", "analysis"):
        data_of(hears.get(f"/calls/{visit.id}/{part}"), part)
        refused = error_of(does_not.get(f"/calls/{visit.id}/{part}"), status=404)
        assert refused["resourceType"] == f"call_{part}"


LISTS = [
    ("", ""),
    ("?sort=startedAt", "?sort=startedAt"),
    (
        "?bookingStatus=not_booked&callType=csr_call,sales_call",
        "?booking_status=not_booked&call_type=csr_call,sales_call",
    ),
    ("?answered=false&from=2026-03-01&to=2026-03-18", "?answered=no&from=2026-03-01&to=2026-03-18"),
    ("?q=Aguilar&sentiment=negative", "?q=Aguilar&sentiment=negative"),
]


@pytest.fixture
def calls(make: Factories, organization: Organization, csr: User, contact: ContactCard) -> list[Call]:
    """Calls of two people; every filter of LISTS finds some of them and leaves out others."""
    colleague = make.user(organization)
    with make.batch():
        made = [
            make.call(
                organization,
                csr=csr if number % 2 else colleague,
                started_at=DAY + timedelta(hours=number % 3, days=number // 6),
                contact_card_id=contact.id if number % 3 else None,
                booking_status=BookingStatus.NOT_BOOKED if number % 4 else None,
                status="missed" if number % 5 == 0 else "completed",
                sentiment="negative" if number % 3 == 2 else None,
            )
            for number in range(12)
        ]
        make.call(make.organization())
    return made


@pytest.mark.parametrize(("asked", "on_page"), LISTS)
@pytest.mark.parametrize("role", [Role.CSR, Role.MANAGER])
def test_the_list_has_the_calls_of_the_page_in_its_order(
    new_api: NewApi, client: Client, csr: User, manager: User, calls: list[Call], role: Role, asked: str, on_page: str
) -> None:
    person = {Role.CSR: csr, Role.MANAGER: manager}[role]
    found = ids_in(new_api(person), f"/calls{asked}")

    assert found == ids_on_page(client.sign_in(person), f"/calls{on_page}")
    assert found


def test_filters_name_people_and_contacts_of_the_organization(
    as_manager: ApiClient, make: Factories, call: Call, calls: list[Call], csr: User, contact: ContactCard
) -> None:
    elsewhere = make.organization()
    strangers = {"csrId": make.user(elsewhere).id, "contact": make.contact(elsewhere).id}

    assert ids_in(as_manager, f"/calls?csrId={csr.id}&limit=100") == [
        one["id"] for one in data_of(as_manager.get("/calls?limit=100")) if one["csrId"] == str(csr.id)
    ]
    assert str(call.id) in ids_in(as_manager, f"/calls?contact={contact.id}")
    for name, stranger in strangers.items():
        assert error_of(as_manager.get(f"/calls?{name}={stranger}"), status=404)["resourceId"] == str(stranger)


def test_the_list_of_calls_takes_constant_statements(
    as_csr: ApiClient, make: Factories, organization: Organization, csr: User, queries: Queries
) -> None:
    make.call(organization, csr=csr)
    few = statements_of(as_csr, "/calls", queries)
    for _ in range(5):
        make.call(organization, csr=csr, contact_card_id=make.contact(organization).id)

    assert statements_of(as_csr, "/calls", queries) == few <= 5


def test_a_csr_sets_the_booking_status_once_and_a_manager_overrules_it_with_a_reason(
    as_csr: ApiClient, as_manager: ApiClient, call: Call, csr: User, manager: User, behind: Behind
) -> None:
    path = f"/calls/{call.id}/booking-status"
    first = data_of(as_csr.post(path, {"bookingStatus": "not_booked"}), "call")
    assert (first["bookingStatus"], first["bookingStatusSource"], first["version"]) == ("not_booked", "user", 2)

    refused = error_of(as_csr.post(path, {"bookingStatus": "booked"}), status=409)
    assert (refused["code"], refused["conflictField"]) == ("RESOURCE_CONFLICT", "bookingStatus")
    assert wrong_fields(as_manager.post(path, {"bookingStatus": "booked"})) == {"reason"}
    second = data_of(as_manager.post(path, {"bookingStatus": "booked", "reason": "Booked by text"}), "call")
    assert (second["bookingStatus"], second["bookingStatusReason"]) == ("booked", "Booked by text")
    entries = [row for row in behind.rows(AuditLog) if row.action == "call.reclassified"]
    assert [entry.user_id for entry in entries] == [csr.id, manager.id]


def test_the_outcome_is_set_and_cleared_unless_the_call_has_changed_since(as_csr: ApiClient, call: Call) -> None:
    path = f"/calls/{call.id}/outcome"
    assert data_of(as_csr.post(path, {"outcome": "spam", "version": 1}), "call")["outcome"] == "spam"
    stale = error_of(as_csr.post(path, {"outcome": "resolved"}, headers={"If-Match": '"1"'}), status=409)

    assert (stale["code"], stale["current"]["outcome"]) == ("VERSION_CONFLICT", "spam")
    assert data_of(as_csr.post(path, {"outcome": None}), "call")["outcome"] is None
    assert wrong_fields(as_csr.post(path, {})) == {"outcome"}


def test_a_call_is_credited_to_a_csr_of_the_organization_or_to_nobody(
    as_manager: ApiClient, make: Factories, organization: Organization, call: Call, manager: User, behind: Behind
) -> None:
    other, path = make.user(organization), f"/calls/{call.id}/assign"

    assert data_of(as_manager.post(path, {"csrId": str(other.id)}), "call")["csrId"] == str(other.id)
    assert data_of(as_manager.post(path, {"csrId": None}), "call")["csrId"] is None
    rep, stranger = make.user(organization, role=Role.SALES_REP), make.user(make.organization())
    for person in (rep, stranger):
        assert wrong_fields(as_manager.post(path, {"csrId": str(person.id)})) == {"csrId"}
    visit = make.call(organization, call_type="visit_call")
    refused = error_of(as_manager.post(f"/calls/{visit.id}/assign", {"csrId": str(other.id)}), status=409)
    assert (refused["code"], refused["conflictField"]) == ("RESOURCE_CONFLICT", "csrId")
    assert {row.user_id for row in behind.trail(organization.id, "call")} == {manager.id}


def actions_on(client: ApiClient, call: Call) -> Iterator[Any]:
    """Send every action on a call, each with values that are wrong in every field."""
    yield client.post(f"/calls/{call.id}/outcome", {"outcome": "great", "id": "x"})
    yield client.post(f"/calls/{call.id}/booking-status", {"bookingStatus": "yes", "reason": "x", "role": "owner"})
    yield client.post(f"/calls/{call.id}/assign", {"csrId": "x", "organizationId": "x"})
    yield client.post(f"/calls/{call.id}/notes", {"body": "", "isCoaching": 1, "userId": None})


def test_every_wrong_value_is_named_and_nothing_changes(as_manager: ApiClient, call: Call, behind: Behind) -> None:
    assert [wrong_fields(response) for response in actions_on(as_manager, call)] == [
        {"outcome", "id"},
        {"bookingStatus", "reason", "role"},
        {"csrId", "organizationId"},
        {"body", "isCoaching", "userId"},
    ]
    assert behind.one(Call, id=call.id).version == call.version


def test_calls_of_others_are_not_found(
    as_csr: ApiClient, make: Factories, organization: Organization, strangers_call: Call
) -> None:
    for call in (make.call(organization, csr=make.user(organization)), strangers_call):
        for path in ("", "/notes", "/transcript", "/analysis", "/audio"):
            error = error_of(as_csr.get(f"/calls/{call.id}{path}"), status=404)
            assert (error["code"], error["resourceId"]) == ("RESOURCE_NOT_FOUND", str(call.id))
        assert error_of(as_csr.post(f"/calls/{call.id}/outcome", {"outcome": "spam"}), status=404)
