"""The audit trail in the JSON API."""

import csv
import io
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta

import pytest
from flask import Flask

from app.db.ids import uuid7
from app.models import AuditLog, Organization, Role, User
from app.ops.jobs.worker import run_worker
from tests.api.conftest import NewApi
from tests.support.api_client import ApiClient, data_of, error_of, wrong_fields
from tests.support.client import Client, bearer
from tests.support.direct_access import Behind
from tests.support.factories import DAY, Factories
from tests.support.programs import make_key

Queries = Callable[[], AbstractContextManager[list[str]]]
FIELDS = {
    *("id", "organizationId", "userId", "actorLabel", "actorRole", "source", "action", "operationId", "createdAt"),
    *("resourceType", "resourceId", "resourceLabel", "before", "after", "metadata", "erasedAt"),
    *("ipAddress", "userAgent", "requestId", "correlationId"),
}


@pytest.fixture
def as_admin(new_api: NewApi, admin: User) -> ApiClient:
    return new_api(admin)


@pytest.fixture
def entries(make: Factories, organization: Organization, csr: User) -> list[AuditLog]:
    """Five entries, oldest first: of the CSR and of the system, and one of another organization."""
    made = [
        make.entry(
            organization,
            csr if number % 2 else None,
            created_at=DAY + timedelta(minutes=number),
            ip_address=f"203.0.113.{number}",
            action="call.updated" if number < 3 else "call.deleted",
            after={"topic": f"furnace {number}"},
        )
        for number in range(5)
    ]
    make.entry(make.organization(name="Elsewhere"), after={"topic": "furnace 9"})
    return made


def test_an_entry_has_the_columns_of_the_trail(
    as_admin: ApiClient, make: Factories, organization: Organization, csr: User
) -> None:
    entry = make.entry(organization, csr, resource_label="Call of Ann", request_id="request-1", details={"count": 2})
    shown = data_of(as_admin.get(f"/audit-logs/{entry.id}"), "auditLog")

    assert set(shown) == FIELDS
    assert (shown["before"], shown["after"]) == ({"booking_status": "booked"}, {"booking_status": "not_booked"})
    assert (shown["userId"], shown["actorLabel"], shown["actorRole"]) == (str(csr.id), csr.name, "csr")
    assert (shown["ipAddress"], shown["metadata"], shown["requestId"]) == ("203.0.113.7", {"count": 2}, "request-1")
    assert shown["createdAt"] == DAY.isoformat().replace("+00:00", "Z")


@pytest.mark.parametrize(
    ("asked", "on_page"),
    [
        ("", ""),
        ("actor={csr}", "actor={csr}"),
        ("actor=none", "actor=none"),
        ("action=call.updated", "action=call.updated"),
        ("q=furnace&sort=createdAt", "q=furnace&sort=createdAt"),
        ("address=203.0.113.2/31", "address=203.0.113.2/31"),
        ("resourceType=call&actorName=switch*", "resource_type=call&actor_name=switch*"),
    ],
)
def test_a_list_is_that_of_the_file_in_pages_of_any_kind(
    as_admin: ApiClient, client: Client, admin: User, csr: User, entries: list[AuditLog], asked: str, on_page: str
) -> None:
    file = client.sign_in(admin).get(f"/audit.csv?{on_page.format(csr=csr.id)}").html
    filed = [row["Entry ID"] for row in csv.DictReader(io.StringIO(file.removeprefix("\ufeff"), newline=""))]
    wanted = [entry_id for entry_id in filed if entry_id in {str(one.id) for one in entries}]
    query = asked.format(csr=csr.id)
    period = "from=2020-01-01&to=" + (DAY + timedelta(days=1)).date().isoformat()

    assert wanted
    for page in ("", "&page=1"):
        path, seen = f"/audit-logs?limit=2&period=custom&{period}&{query}{page}", []
        while path:
            listed = as_admin.get(path.removeprefix("/api/v1")).get_json()
            seen += [entry["id"] for entry in listed["data"]]
            path = listed["links"]["next"]
        assert [entry_id for entry_id in seen if entry_id in set(wanted)] == wanted
        assert len(seen) == len(set(seen))
    counted = as_admin.get(f"/audit-logs?{query}&includeTotalCount=true&period=custom&{period}").get_json()
    assert counted["pagination"]["total"] == len(seen)


def test_ids_narrow_a_search(as_admin: ApiClient, entries: list[AuditLog]) -> None:
    wanted = f"ids={entries[1].id},{entries[4].id}"

    for query in ("", "&q=furnace", "&action=call.updated,call.deleted"):
        assert [one["id"] for one in data_of(as_admin.get(f"/audit-logs?{wanted}{query}"))] == [
            str(entries[4].id),
            str(entries[1].id),
        ]
    assert [one["id"] for one in data_of(as_admin.get(f"/audit-logs?{wanted}&q=furnace 4"))] == [str(entries[4].id)]


def test_a_cursor_of_a_search_belongs_to_the_organization(
    as_admin: ApiClient, new_api: NewApi, make: Factories, entries: list[AuditLog]
) -> None:
    stranger = make.user(make.organization(name="Elsewhere"), role=Role.OWNER)
    cursor = as_admin.get("/audit-logs?limit=1&q=furnace").get_json()["pagination"]["nextCursor"]

    assert data_of(as_admin.get(f"/audit-logs?limit=3&q=furnace&cursor={cursor}"))[0]["id"] == str(entries[3].id)
    refused = error_of(new_api(stranger).get(f"/audit-logs?limit=1&q=furnace&cursor={cursor}"), status=400)
    assert refused["code"] == "INVALID_CURSOR"


def test_values_closed_to_the_reader_are_null(
    new_api: NewApi, make: Factories, organization: Organization, admin: User, behind: Behind
) -> None:
    visit, talk = make.call(organization, call_type="visit_call"), make.call(organization)
    for call in (visit, talk):
        make.transcript(call, transcript_text="The gate code is 4711", speaker_labels=[])
    support = new_api(make.user(organization, role=Role.SUPPORT))
    of_calls = {"organization_id": organization.id, "resource_type": "call_transcript"}
    closed, open_ = behind.rows(AuditLog, **of_calls)

    for path in (f"/audit-logs/{closed.id}", f"/audit-logs?ids={closed.id}"):
        told = support.get(path).get_json()["data"]
        entry = told[0] if isinstance(told, list) else told["auditLog"]
        assert (entry["before"], entry["after"], entry["action"]) == (None, None, "call_transcript.created")
    assert "4711" in str(data_of(support.get(f"/audit-logs/{open_.id}"), "auditLog")["after"])
    assert "4711" in str(data_of(new_api(admin).get(f"/audit-logs/{closed.id}"), "auditLog")["after"])


def test_what_belongs_to_another_organization_is_not_there(
    as_admin: ApiClient, make: Factories, entries: list[AuditLog]
) -> None:
    elsewhere = make.organization(name="Elsewhere too")
    entry, stranger = make.entry(elsewhere), make.user(elsewhere)

    gone = error_of(as_admin.get(f"/audit-logs/{entry.id}"), status=404)
    assert (gone["resourceType"], gone["resourceId"]) == ("audit", str(entry.id))
    for unknown in (stranger.id, uuid7()):
        assert error_of(as_admin.get(f"/audit-logs?actor={unknown}"), status=404)["resourceType"] == "user"


def test_wrong_filters_are_all_named(as_admin: ApiClient) -> None:
    assert wrong_fields(as_admin.get("/audit-logs?actor=me&resourceType=A!&resource_id=1")) == {
        "actor",
        "resourceType",
        "resource_id",
    }
    assert wrong_fields(as_admin.get("/audit-logs?address=here")) == {"address"}


def test_a_page_costs_a_constant_number_of_statements(
    as_admin: ApiClient, entries: list[AuditLog], queries: Queries
) -> None:
    counts = []
    as_admin.get("/audit-logs")  # a caller's first request also writes their rate
    for path in ("limit=1", "limit=5", "limit=5&q=furnace"):
        with queries() as statements:
            as_admin.get(f"/audit-logs?{path}")
        counts.append(len(statements))

    assert counts[0] == counts[1] == counts[2]


def test_verification_runs_in_the_background(app: Flask, as_admin: ApiClient, entries: list[AuditLog]) -> None:
    before = data_of(as_admin.get("/audit-logs/verification"))
    assert (before["status"], before["last"], before["progress"]) == (None, None, None)

    begun = as_admin.post("/audit-logs/verify")
    assert data_of(begun, status=202)["status"] == "waiting"
    assert begun.headers["Location"] == "/api/v1/audit-logs/verification"
    assert begun.headers["Retry-After"] == "2"
    waiting = as_admin.get("/audit-logs/verification")
    assert waiting.headers["Retry-After"] == "2"
    run_worker(app, schedule=(), until_idle=True)

    ended = as_admin.get("/audit-logs/verification", headers={"If-None-Match": waiting.headers["ETag"]})
    assert "Retry-After" not in ended.headers
    state = data_of(ended)
    assert (state["status"], state["error"], state["last"]["finding"]) == ("done", None, None)
    assert data_of(as_admin.get(f"/audit-logs/{state['last']['entryId']}"), "auditLog")["action"] == "audit.verified"


def test_who_may_verify_the_trail_follows_the_verification(
    app: Flask, make: Factories, admin: User, organization: Organization
) -> None:
    _key, token = make_key(make, admin, "audit:verify")
    make.job(organization, name="audit.verify", status="waiting", error="The database was away.", asked_at=DAY)
    program, path, sent = ApiClient(app), "/audit-logs/verification", {"headers": bearer(token)}

    waiting = data_of(program.get(path, **sent))
    make.job(organization, name="audit.verify", error="The database was away.", asked_at=DAY + timedelta(hours=1))
    failed = data_of(program.get(path, **sent))
    assert (waiting["status"], waiting["error"]) == ("waiting", None), "it is tried again"
    assert (failed["status"], failed["error"]) == ("failed", "The database was away.")
    refused = program.get("/audit-logs", **sent)
    assert error_of(refused, status=403)["requiredPermission"] == "audit:read"


def test_those_who_do_not_read_the_trail_get_none_of_it(as_csr: ApiClient) -> None:
    for response in (
        as_csr.get("/audit-logs"),
        as_csr.get("/audit-logs/verification"),
        as_csr.post("/audit-logs/verify"),
    ):
        assert error_of(response, status=403)["code"] == "INSUFFICIENT_PERMISSIONS"
