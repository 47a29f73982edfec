"""The missed-call queue in the JSON API."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask

from app.models import AuditLog, MissedCallAttempt, MissedCallEntry, Organization, Role, User
from tests.api.conftest import NewApi
from tests.support.api_client import ApiClient, data_of, error_of, wrong_fields
from tests.support.api_lists import Queries, ids_in, ids_on_page, statements_of
from tests.support.client import Client, bearer
from tests.support.direct_access import Behind
from tests.support.factories import DAY, Factories
from tests.support.programs import make_key

Recorded = Callable[[str], list[AuditLog]]


@pytest.fixture
def entry(make: Factories, organization: Organization) -> MissedCallEntry:
    return make.missed_entry(organization)


@pytest.fixture
def tom(make: Factories, organization: Organization) -> User:
    return make.user(organization, name="Tom Okafor")


@pytest.fixture
def claimed(make: Factories, organization: Organization, tom: User) -> MissedCallEntry:
    """An entry that Tom has claimed."""
    until = datetime.now(UTC) + timedelta(minutes=8)
    return make.missed_entry(organization, status="claimed", claimed_by=tom.id, claim_expires_at=until)


@pytest.fixture
def recorded(behind: Behind) -> Recorded:
    """Function that returns the audit entries of an action."""
    return lambda action: behind.rows(AuditLog, action=action)


def test_a_missed_call_has_what_its_page_shows(
    as_manager: ApiClient, make: Factories, organization: Organization, csr: User, tom: User
) -> None:
    contact = make.contact(organization, first_name="Ruth", last_name="Delgado")
    lead = make.lead(organization, contact=contact, csr_id=tom.id)
    call = make.call(
        organization,
        status="voicemail",
        contact_card_id=contact.id,
        caller_number="+15125550131",
        topic="Furnace",
    )
    callback = make.call(organization, csr=csr)
    appointment = make.appointment(organization, contact=contact)
    entry = make.missed_entry(
        organization,
        call=call,
        lead_id=lead.id,
        status="rescued",
        attempts=1,
        last_attempt_at=DAY + timedelta(minutes=10),
        resolved_at=DAY + timedelta(minutes=20),
        rescued_by="human",
        rescued_by_user_id=tom.id,
        rescue_call_id=callback.id,
        rescue_appointment_id=appointment.id,
        evidence={"label": "Furnace", "engaged_by": "call"},
        outcome_note="Booked at once",
    )
    read = data_of(as_manager.get(f"/missed-calls/{entry.id}"), "missedCall")

    assert {name: read[name] for name in read if name not in {"createdAt", "updatedAt"}} == {
        "id": str(entry.id),
        "status": "rescued",
        "callId": str(call.id),
        "callStatus": "voicemail",
        "callerNumber": "+15125550131",
        "contactId": str(contact.id),
        "contactName": "Ruth Delgado",
        "leadId": str(lead.id),
        "csrId": str(tom.id),
        "resolvedCsrId": str(tom.id),
        "topic": "Furnace",
        "firstMissedAt": "2026-03-18T16:00:00Z",
        "slaDueAt": "2026-03-18T16:15:00Z",
        "claimedBy": None,
        "claimedByName": None,
        "claimExpiresAt": None,
        "attempts": 1,
        "firstAttemptSeconds": 600,
        "lastAttemptAt": "2026-03-18T16:10:00Z",
        "nextAttemptAt": None,
        "resolvedAt": "2026-03-18T16:20:00Z",
        "rescuedBy": "human",
        "rescuedByUserId": str(tom.id),
        "rescuedByUserName": "Tom Okafor",
        "rescueCallId": str(callback.id),
        "rescueAppointmentId": str(appointment.id),
        "evidence": {"label": "Furnace", "engaged_by": "call"},
        "outcomeNote": "Booked at once",
        "version": 1,
    }


def test_records_of_others_have_no_id_in_the_shared_queue(
    as_csr: ApiClient, as_manager: ApiClient, make: Factories, organization: Organization
) -> None:
    contact = make.contact(organization)
    call = make.call(organization, status="missed", contact_card_id=contact.id)
    lead = make.lead(organization, contact=contact)
    appointment = make.appointment(organization, contact=contact, deleted_at=DAY)
    entry = make.missed_entry(organization, call=call, lead_id=lead.id, rescue_appointment_id=appointment.id)
    read, by_manager = (data_of(one.get(f"/missed-calls/{entry.id}"), "missedCall") for one in (as_csr, as_manager))
    links = ("callId", "contactId", "leadId", "rescueAppointmentId")

    assert [read[name] for name in links] == [None] * 4
    assert [by_manager[name] for name in links] == [str(call.id), str(contact.id), str(lead.id), None]
    assert read["callerNumber"] == call.caller_number
    assert read["contactName"] == contact.display_name


@pytest.fixture
def queue(make: Factories, organization: Organization, csr: User) -> list[MissedCallEntry]:
    """Entries of which every filter below finds some and leaves out others, and one of another organization."""
    now = datetime.now(UTC)
    until = now + timedelta(minutes=8)
    with make.batch():
        made = [
            make.missed_entry(
                organization,
                call=make.call(organization, status="missed", started_at=now - timedelta(hours=3 * number + 1)),
                sla_due_at=now + timedelta(hours=(7 * number) % 5 + 1 - 30 * (number % 2)),
                **[
                    {},
                    {"status": "claimed", "claimed_by": csr.id, "claim_expires_at": until},
                    {"status": "dismissed", "resolved_at": now},
                ][number % 3],
            )
            for number in range(9)
        ]
        make.missed_entry(make.organization())
    return made


@pytest.mark.parametrize(
    ("asked", "on_page"),
    [
        ("", "?sort=-missedAt"),
        ("?sort=missedAt&status=open,claimed", "?sort=missedAt&status=open,claimed"),
        ("?overdue=true&sort=dueAt", "?overdue=yes&sort=dueAt"),
        ("?tab=mine", "?tab=mine"),
        ("?tab=done_today&dateOf=resolved", "?tab=done_today&date_of=resolved"),
    ],
)
def test_the_list_has_the_callers_of_the_page_in_its_order(
    as_csr: ApiClient, client: Client, csr: User, queue: list[MissedCallEntry], asked: str, on_page: str
) -> None:
    found = ids_in(as_csr, f"/missed-calls{asked}")

    assert found == ids_on_page(client.sign_in(csr), f"/missed-calls{on_page}")
    assert len(found) > 1
    assert (set(found) == {str(entry.id) for entry in queue}) is (asked == "")


def test_the_lists_take_constant_statements(
    as_csr: ApiClient, make: Factories, organization: Organization, csr: User, entry: MissedCallEntry, queries: Queries
) -> None:
    lists = ("/missed-calls", f"/missed-calls/{entry.id}/attempts")
    make.attempt(entry, csr)
    few = [statements_of(as_csr, path, queries) for path in lists]
    for _ in range(4):
        make.missed_entry(organization)
        make.attempt(entry, csr)

    assert [statements_of(as_csr, path, queries) for path in lists] == few
    assert max(few) <= 6


def test_a_caller_is_claimed_and_released_by_a_person(
    as_csr: ApiClient, entry: MissedCallEntry, csr: User, recorded: Recorded
) -> None:
    claim = data_of(as_csr.post(f"/missed-calls/{entry.id}/claim"), "missedCall")
    assert (claim["status"], claim["claimedBy"], claim["claimedByName"]) == ("claimed", str(csr.id), "Carla Csr")
    assert datetime.fromisoformat(claim["claimExpiresAt"]) > datetime.now(UTC) + timedelta(minutes=9)
    release = data_of(as_csr.post(f"/missed-calls/{entry.id}/release"), "missedCall")

    assert (release["status"], release["claimedBy"], release["claimExpiresAt"]) == ("open", None, None)
    for action in ("missed_call.claimed", "missed_call.released"):
        assert [one.user_id for one in recorded(action)] == [csr.id]


def test_a_caller_whom_another_has_claimed_is_theirs(
    as_csr: ApiClient, claimed: MissedCallEntry, tom: User, behind: Behind
) -> None:
    path = f"/missed-calls/{claimed.id}"
    for action, body in (
        ("claim", None),
        ("release", None),
        ("dismiss", {"reason": "A supplier"}),
        ("attempts", {"result": "no_answer"}),
    ):
        error = error_of(as_csr.post(f"{path}/{action}", body), status=409)
        assert error["code"] == "ALREADY_CLAIMED"
        assert (error["otherParty"]["id"], error["otherParty"]["name"]) == (str(tom.id), "Tom Okafor")
    assert behind.one(MissedCallEntry, id=claimed.id).version == claimed.version
    assert behind.rows(MissedCallAttempt) == []


def test_a_caller_who_no_longer_waits_is_dismissed_once(
    as_csr: ApiClient, entry: MissedCallEntry, csr: User, recorded: Recorded
) -> None:
    path = f"/missed-calls/{entry.id}"
    assert wrong_fields(as_csr.post(f"{path}/dismiss", {"reason": "No", "version": 1})) == {"reason"}
    dismissed = data_of(as_csr.post(f"{path}/dismiss", {"reason": "A supplier", "version": 1}), "missedCall")

    assert (dismissed["status"], dismissed["outcomeNote"]) == ("dismissed", "A supplier")
    for action, body in (("claim", None), ("dismiss", {"reason": "Spam"}), ("attempts", {"result": "reached"})):
        assert error_of(as_csr.post(f"{path}/{action}", body), status=409)["code"] == "RESOURCE_CONFLICT"
    assert [one.user_id for one in recorded("missed_call.dismissed")] == [csr.id]


def test_an_attempt_counts_and_decides_who_goes_on(
    as_csr: ApiClient, entry: MissedCallEntry, csr: User, recorded: Recorded
) -> None:
    path = f"/missed-calls/{entry.id}"
    reached = data_of(as_csr.post(f"{path}/attempts", {"result": "reached"}), "attempt", status=201)
    assert {name: reached[name] for name in reached if name not in {"id", "at", "createdAt", "updatedAt"}} == {
        "missedCallId": str(entry.id),
        "kind": "call",
        "by": "human",
        "result": "reached",
        "userId": str(csr.id),
        "userName": "Carla Csr",
        "callId": None,
        "messageId": None,
    }
    held = data_of(as_csr.get(path), "missedCall")
    assert (held["attempts"], held["claimedBy"]) == (1, str(csr.id))
    text = data_of(as_csr.post(f"{path}/attempts", {"kind": "text", "result": "sent"}), "attempt", status=201)
    released = data_of(as_csr.get(path), "missedCall")

    assert (released["attempts"], released["claimedBy"], released["lastAttemptAt"]) == (2, None, text["at"])
    assert released["nextAttemptAt"] > text["at"]
    assert ids_in(as_csr, f"{path}/attempts") == [text["id"], reached["id"]]
    assert data_of(as_csr.get(f"{path}/attempts/{text['id']}"), "attempt") == text
    assert [one.user_id for one in recorded("missed_call.attempted")] == [csr.id] * 2


def test_a_reached_caller_stays_with_the_csr_until_a_manager_releases_them(
    as_csr: ApiClient, new_api: NewApi, make: Factories, organization: Organization, entry: MissedCallEntry, tom: User
) -> None:
    path = f"/missed-calls/{entry.id}"
    data_of(as_csr.post(f"{path}/attempts", {"result": "reached"}), "attempt", status=201)
    held = data_of(as_csr.get(path), "missedCall")
    assert (held["status"], held["claimExpiresAt"]) == ("claimed", held["nextAttemptAt"])
    assert datetime.fromisoformat(held["claimExpiresAt"]) > datetime.now(UTC) + timedelta(hours=1)
    assert error_of(new_api(tom).post(f"{path}/release"), status=409)["code"] == "ALREADY_CLAIMED"

    manager = new_api(make.user(organization, Role.MANAGER))
    released = data_of(manager.post(f"{path}/release"), "missedCall")

    assert (released["status"], released["claimedBy"], released["claimExpiresAt"]) == ("open", None, None)
    assert released["nextAttemptAt"] <= datetime.now(UTC).isoformat().replace("+00:00", "Z")
    assert ids_in(as_csr, "/missed-calls?tab=to_do") == [str(entry.id)]


@pytest.mark.parametrize(
    "sent", [{"result": "sent"}, {"result": "failed"}, {"kind": "text", "result": "reached"}, {"result": "busy"}]
)
def test_an_attempt_has_a_result_of_its_kind(
    as_csr: ApiClient, entry: MissedCallEntry, behind: Behind, sent: dict[str, str]
) -> None:
    assert wrong_fields(as_csr.post(f"/missed-calls/{entry.id}/attempts", sent)) == {"result"}
    assert wrong_fields(as_csr.post(f"/missed-calls/{entry.id}/attempts", {"kind": "fax", "at": "now"})) == {
        "kind",
        "at",
        "result",
    }
    assert behind.rows(MissedCallAttempt) == []


def test_a_booking_rescues_the_caller_and_only_the_first_gets_the_time(
    as_csr: ApiClient, make: Factories, organization: Organization, csr: User, recorded: Recorded
) -> None:
    rep, started_at = make.user(organization, role=Role.SALES_REP), datetime.now(UTC) - timedelta(hours=1)
    calls = (make.call(organization, status="missed", started_at=started_at) for _ in range(2))
    entry, other = (make.missed_entry(organization, call=call) for call in calls)
    sent = {
        "contactName": "Ruth Delgado",
        "serviceType": "Furnace repair",
        "salesRepId": str(rep.id),
        "scheduledStartAt": "2035-11-22T15:00:00Z",
    }
    rescued = data_of(as_csr.post(f"/missed-calls/{entry.id}/book", sent), "missedCall")
    booked = data_of(as_csr.get(f"/appointments/{rescued['rescueAppointmentId']}"), "appointment")

    assert (rescued["status"], rescued["rescuedByUserId"], rescued["contactName"]) == (
        "rescued",
        str(csr.id),
        "Ruth Delgado",
    )
    assert (booked["salesRepId"], booked["contactId"]) == (str(rep.id), rescued["contactId"])
    assert [one.user_id for one in recorded("missed_call.rescued")] == [csr.id]
    taken = error_of(as_csr.post(f"/missed-calls/{other.id}/book", sent), status=409)
    assert (taken["code"], taken["otherParty"]["person"]["id"]) == ("EVENT_TIME_CONFLICT", str(rep.id))
    wrong = as_csr.post(f"/missed-calls/{other.id}/book", {"serviceType": "", "callId": str(other.call_id)})
    assert wrong_fields(wrong) == {"serviceType", "salesRepId", "scheduledStartAt", "callId"}


def test_a_key_dismisses_callers_but_never_claims_them(
    app: Flask, make: Factories, manager: User, entry: MissedCallEntry, recorded: Recorded
) -> None:
    key, token = make_key(make, manager, "missed_calls:read", "missed_calls:work")
    path, sent = f"/missed-calls/{entry.id}", {"headers": bearer(token)}

    for action, body in (("claim", None), ("release", None), ("attempts", {"result": "reached"})):
        refused = error_of(ApiClient(app).post(f"{path}/{action}", body, **sent), status=403)
        assert refused["code"] == "INSUFFICIENT_PERMISSIONS"
    assert data_of(ApiClient(app).post(f"{path}/dismiss", {"reason": "A supplier"}, **sent), "missedCall")
    [dismissal] = recorded("missed_call.dismissed")
    assert (dismissal.user_id, dismissal.details["apiKeyId"]) == (None, str(key.id))


def test_the_queue_is_read_by_more_people_than_work_it(
    new_api: NewApi, make: Factories, organization: Organization, entry: MissedCallEntry
) -> None:
    support = new_api(make.user(organization, role=Role.SUPPORT))

    assert ids_in(support, "/missed-calls") == [str(entry.id)]
    refused = error_of(support.post(f"/missed-calls/{entry.id}/claim"), status=403)
    assert refused["requiredPermission"] == "missed_calls:work"
    rep = new_api(make.user(organization, role=Role.SALES_REP))
    assert error_of(rep.get("/missed-calls"), status=403)["requiredPermission"] == "missed_calls:read"


def test_callers_of_another_organization_are_not_found(as_csr: ApiClient, make: Factories) -> None:
    entry = make.missed_entry(make.organization())
    attempt = make.attempt(entry)

    for path in ("", "/attempts", f"/attempts/{attempt.id}"):
        assert error_of(as_csr.get(f"/missed-calls/{entry.id}{path}"), status=404)["resourceId"] == str(entry.id)
    assert error_of(as_csr.post(f"/missed-calls/{entry.id}/claim"), status=404)["resourceType"] == "missed_call_entry"
