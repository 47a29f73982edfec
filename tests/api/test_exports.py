"""Exports in the JSON API: requested, followed, and downloaded; and all data of an organization as one object."""

import csv
import io
import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from zipfile import ZipFile

import pytest
from flask import Flask

from app.db.ids import uuid7
from app.models import AuditLog, Call, Export, Organization, Role, User
from app.ops.jobs.worker import run_worker
from app.security.permissions import Permission
from tests.api.conftest import NewApi
from tests.support.api_client import ApiClient, data_of, error_of, wrong_fields
from tests.support.client import bearer
from tests.support.direct_access import Behind
from tests.support.factories import DAY, Factories
from tests.support.programs import make_key
from tests.support.work import store_numbers

Queries = Callable[[], AbstractContextManager[list[str]]]
WHOLE = "/client/export"


@pytest.fixture
def calls(make: Factories, organization: Organization) -> list[Call]:
    """Three missed calls, oldest first, an answered one, and a missed one of another organization."""
    missed = [make.call(organization, status="missed", started_at=DAY + timedelta(hours=hour)) for hour in range(3)]
    make.call(organization)
    make.call(make.organization(name="Elsewhere"), status="missed")
    return missed


def test_true_and_false_are_told_from_texts(as_manager: ApiClient, new_api: NewApi, admin: User) -> None:
    for api, kind, filters in (
        (as_manager, "calls", {"q": "yes", "analysed": "true"}),
        (new_api(admin), "audit", {"q": "no", "resourceType": "yes"}),
    ):
        asked = data_of(api.post("/exports", {"kind": kind, "filters": filters}), "export", status=202)
        assert asked["filters"] == filters
        assert data_of(api.get(f"/exports/{asked['id']}"), "export")["filters"] == filters


@pytest.fixture
def work(app: Flask) -> Callable[[], None]:
    """Function that has a worker run all pending jobs."""
    return lambda: run_worker(app, schedule=(), until_idle=True)


def test_a_list_becomes_a_file_that_is_followed_and_downloaded(
    as_manager: ApiClient, manager: User, calls: list[Call], work: Callable[[], None]
) -> None:
    sent = {"kind": "calls", "filters": {"status": "missed", "from": "2026-01-01", "to": "2026-12-31"}}
    begun = as_manager.post("/exports", {**sent, "sort": "startedAt"})
    export = data_of(begun, "export", status=202)

    assert set(export) == {
        *("id", "kind", "status", "progress", "error", "filters", "sort", "rowCount", "fileBytes", "links"),
        *("requestedBy", "requestedByName", "createdAt", "startedAt", "finishedAt", "expiresAt"),
    }
    assert (export["status"], export["filters"], export["sort"]) == ("queued", sent["filters"], "startedAt")
    assert (export["requestedBy"], export["links"]) == (str(manager.id), {"file": None})
    assert begun.headers["Location"] == f"/api/v1/exports/{export['id']}"
    waiting = as_manager.get(f"/exports/{export['id']}", headers={"If-None-Match": begun.headers["ETag"]})
    assert (waiting.status_code, waiting.headers["Retry-After"]) == (304, begun.headers["Retry-After"])
    assert error_of(as_manager.get(f"/exports/{export['id']}/file"), status=404)["resourceType"] == "file"
    work()

    done = as_manager.get(f"/exports/{export['id']}", headers={"If-None-Match": begun.headers["ETag"]})
    export = data_of(done, "export")
    assert (export["status"], export["progress"], export["error"]) == ("completed", {"done": 3, "total": 3}, None)
    assert "Retry-After" not in done.headers
    assert datetime.fromisoformat(export["expiresAt"]) - datetime.fromisoformat(export["finishedAt"]) == timedelta(7)
    file = as_manager.get(
        export["links"]["file"].removeprefix("/api/v1"), headers={"Accept": "text/csv"}, buffered=True
    )
    rows = csv.DictReader(io.StringIO(file.get_data(as_text=True).removeprefix("\ufeff"), newline=""))
    assert [row["Call ID"] for row in rows] == [str(call.id) for call in calls]
    assert file.headers["Content-Disposition"].startswith("attachment; filename=calls-")


def test_every_wrong_value_is_named_and_nothing_is_requested(
    as_manager: ApiClient, make: Factories, behind: Behind
) -> None:
    wrong = {"status": "odd", "csr_id": "x", "newCaller": "yes"}

    assert wrong_fields(as_manager.post("/exports", {"kind": "calls", "filters": wrong})) == {
        f"filters.{name}" for name in wrong
    }
    for body, fields in (
        ({"kind": "nothing"}, {"kind"}),
        ({"kind": "person"}, {"kind"}),
        ({"kind": "calls", "sort": "topic"}, {"sort"}),
        ({"kind": "calls", "audio": True}, {"audio"}),
        ({"kind": "calls", "filters": {"q": "a\0"}}, {"filters"}),
        ({"kind": "calls", "filters": []}, {"filters"}),
        ({"kind": "calls", "filters": {"status": 1}}, {"filters"}),
        ({}, {"kind"}),
    ):
        assert wrong_fields(as_manager.post("/exports", body)) == fields
    foreign = str(make.contact(make.organization()).id)
    for filters in ({"csrId": str(uuid7())}, {"contact": foreign}):
        assert error_of(as_manager.post("/exports", {"kind": "calls", "filters": filters}), status=404)
    period = error_of(as_manager.post("/exports", {"kind": "calls", "filters": {"period": "moon"}}), status=400)
    assert (period["code"], period["where"]) == ("INVALID_PERIOD", "filters.period")
    assert behind.rows(Export) == []


def test_people_see_their_own_exports_only(
    as_manager: ApiClient, make: Factories, organization: Organization, manager: User, admin: User
) -> None:
    other, stranger = make.export_of_calls(admin), make.user(make.organization(name="Elsewhere"), role=Role.MANAGER)
    foreign = make.export_of_calls(stranger)
    failed = {"status": "failed", "failure": "Full", "finished_at": DAY, "file_path": None, "expires_at": None}
    own = [make.export_of_calls(manager, created_at=DAY + timedelta(days=day), **failed) for day in range(2)]

    assert [one["id"] for one in data_of(as_manager.get("/exports"))] == [str(one.id) for one in reversed(own)]
    assert data_of(as_manager.get("/exports?status=completed")) == []
    assert data_of(as_manager.get("/exports?sort=createdAt"))[0]["error"] == "Full"
    for hidden in (other, foreign):
        for path in (f"/exports/{hidden.id}", f"/exports/{hidden.id}/file"):
            assert error_of(as_manager.get(path), status=404)["resourceType"] == "export"
    assert error_of(as_manager.get("/exports/1/file"), status=404)["resourceType"] == "export"


def test_a_list_costs_a_constant_number_of_statements(
    as_manager: ApiClient, make: Factories, manager: User, queries: Queries
) -> None:
    counts = []
    as_manager.get("/exports")  # a caller's first request also writes their rate
    for _round in range(2):
        make.export_of_calls(manager)
        with queries() as statements:
            as_manager.get("/exports")
        counts.append(len(statements))

    assert counts[0] == counts[1]


def test_a_file_is_deleted_and_its_export_stays(
    as_manager: ApiClient, calls: list[Call], work: Callable[[], None], behind: Behind, organization: Organization
) -> None:
    path = f"/exports/{data_of(as_manager.post('/exports', {'kind': 'calls'}), 'export', status=202)['id']}"
    work()

    assert as_manager.delete(path).status_code == 204
    assert data_of(as_manager.get(path), "export")["status"] == "removed"
    assert error_of(as_manager.get(f"{path}/file"), status=404)["resourceType"] == "file"
    assert behind.trail(organization.id, "export")[-1].action == "export.removed"


def test_support_exports_the_trail_only(new_api: NewApi, make: Factories, organization: Organization) -> None:
    support = new_api(make.user(organization, role=Role.SUPPORT))

    assert error_of(support.post("/exports", {"kind": "calls"}), status=403)["requiredPermission"] == "exports:create"
    assert data_of(support.post("/exports", {"kind": "audit_json"}), "export", status=202)["kind"] == "audit_json"


def test_a_key_has_the_exports_that_it_requested_itself(
    app: Flask, make: Factories, manager: User, as_manager: ApiClient, calls: list[Call], work: Callable[[], None]
) -> None:
    _key, token = make_key(make, manager, "calls:read", "exports:create")
    of_creator = data_of(as_manager.post("/exports", {"kind": "calls"}), "export", status=202)
    program, key = ApiClient(app), {"headers": bearer(token), "buffered": True}
    sent = {"kind": "calls", "filters": {"status": "missed"}}
    begun = data_of(program.post("/exports", sent, **key), "export", status=202)
    work()

    export = data_of(program.get(f"/exports/{begun['id']}", **key), "export")
    assert (export["status"], export["requestedBy"], export["rowCount"]) == ("completed", None, 3)
    assert [one["id"] for one in data_of(program.get("/exports", **key))] == [begun["id"]]
    assert program.get(export["links"]["file"].removeprefix("/api/v1"), **key).status_code == 200
    assert error_of(program.get(f"/exports/{of_creator['id']}/file", **key), status=404)["resourceType"] == "export"
    assert [one["id"] for one in data_of(as_manager.get("/exports"))] == [of_creator["id"]]
    me = program.post("/exports", {"kind": "calls", "filters": {"csrId": "me"}}, **key)
    assert wrong_fields(me) == {"filters.csrId"}


def test_ten_exports_an_hour_are_enough(as_manager: ApiClient) -> None:
    for _number in range(11):
        as_manager.post("/exports", {"kind": "nothing"})
    statuses = [as_manager.post("/exports", {"kind": "calls"}).status_code for _ in range(11)]

    assert statuses == [202] * 10 + [429]


class TestEverything:
    @pytest.fixture
    def as_admin(self, new_api: NewApi, admin: User) -> ApiClient:
        return new_api(admin)

    @pytest.fixture
    def stored_numbers(self, app: Flask, calls: list[Call], organization: Organization) -> None:
        """Numbers of all days, stored as the job does."""
        store_numbers(app, organization.id)

    @pytest.fixture
    def made(self, as_admin: ApiClient, calls: list[Call], work: Callable[[], None]) -> str:
        """The id of a finished export of all data."""
        export = data_of(as_admin.post("/exports", {"kind": "organization"}), "export", status=202)
        work()
        return str(export["id"])

    @pytest.mark.usefixtures("stored_numbers")
    def test_it_is_one_object_with_the_rows_of_each_table(
        self, as_admin: ApiClient, made: str, calls: list[Call], organization: Organization
    ) -> None:
        response = as_admin.get(WHOLE, prefix="/api")
        whole = json.loads(response.get_data())

        assert response.headers["Content-Type"] == "application/json; charset=utf-8"
        assert set(whole) == {"about", "tables"}
        assert whole["about"]["organization"] == organization.name
        assert {str(call.id) for call in calls} < {row["id"] for row in whole["tables"]["calls"]}
        assert whole["tables"]["tasks"] == []
        assert not {"rollup_days", "call_days"} & set(whole["tables"])
        assert {row["organization_id"] for row in whole["tables"]["calls"]} == {str(organization.id)}

    def test_it_is_the_archive_for_those_who_want_that(self, as_admin: ApiClient, made: str) -> None:
        accepted = {"Accept": "application/zip"}
        archive = as_admin.get(f"{WHOLE}?format=zip", prefix="/api", headers=accepted, buffered=True)
        tables = json.loads(as_admin.get(WHOLE, prefix="/api").get_data())["tables"]

        assert archive.headers["Content-Type"] == "application/zip"
        with ZipFile(io.BytesIO(archive.get_data())) as file:
            told = {name.split("/")[1].split(".")[0] for name in file.namelist() if name.startswith("tables/")}
            assert told == set(tables)
            for name in ("calls", "users"):
                lines = file.read(f"tables/{name}.jsonl").decode().splitlines()
                assert [json.loads(line) for line in lines] == tables[name]

    def test_it_is_the_newest_whoever_requested_it(
        self, new_api: NewApi, as_admin: ApiClient, owner: User, made: str, work: Callable[[], None]
    ) -> None:
        as_owner = new_api(owner)
        assert json.loads(as_owner.get(WHOLE, prefix="/api").get_data())["tables"]["exports"]
        later = data_of(as_owner.post("/exports", {"kind": "organization"}), "export", status=202)
        work()

        newest = json.loads(as_admin.get(WHOLE, prefix="/api").get_data())
        assert later["id"] in {row["id"] for row in newest["tables"]["exports"]}

    def test_each_download_is_recorded(
        self, as_admin: ApiClient, admin: User, made: str, behind: Behind, organization: Organization
    ) -> None:
        as_admin.get(WHOLE, prefix="/api").close()

        [entry] = behind.rows(AuditLog, organization_id=organization.id, action="export.downloaded")
        assert (entry.user_id, str(entry.resource_id)) == (admin.id, made)

    def test_without_one_it_says_how_to_get_one(self, as_admin: ApiClient, make: Factories, admin: User) -> None:
        make.export_of_calls(admin)
        stranger = make.user(make.organization(name="Elsewhere"), role=Role.OWNER)
        make.export_of_calls(
            stranger,
            kind="organization",
            status="completed",
            file_path=f"{stranger.organization_id}/exports/{uuid7()}.zip",
            finished_at=DAY,
            expires_at=datetime.now(UTC) + timedelta(days=1),
        )

        missing = error_of(as_admin.get(WHOLE, prefix="/api"), status=404)
        assert missing["resourceType"] == "export"
        assert "POST /api/v1/exports" in missing["message"]

    def test_it_needs_a_confirmed_session_and_the_permission(
        self, app: Flask, as_manager: ApiClient, admin: User, made: str
    ) -> None:
        late = ApiClient(app, admin, confirmed_at=DAY)
        for response in (late.get(WHOLE, prefix="/api"), late.post("/exports", {"kind": "organization"})):
            assert error_of(response, status=403)["code"] == "REAUTHENTICATION_REQUIRED"
        refused = error_of(as_manager.get(WHOLE, prefix="/api"), status=403)
        assert refused["requiredPermission"] == Permission.ORGANIZATION_EXPORT
        refused = error_of(as_manager.post("/exports", {"kind": "organization"}), status=403)
        assert refused["requiredPermission"] == Permission.ORGANIZATION_EXPORT

    def test_a_key_gets_it_with_the_permission_alone(
        self, app: Flask, make: Factories, admin: User, made: str, behind: Behind
    ) -> None:
        key, token = make_key(make, admin, "organization:export")
        response = ApiClient(app).get(WHOLE, prefix="/api", headers=bearer(token))

        assert json.loads(response.get_data())["tables"]["exports"]
        entry = behind.trail(admin.organization_id, "export")[-1]
        assert (entry.action, entry.user_id, entry.details["apiKeyId"]) == ("export.downloaded", None, str(key.id))

    def test_wrong_parameters_are_named(self, as_admin: ApiClient) -> None:
        assert wrong_fields(as_admin.get(f"{WHOLE}?format=xml&all=1", prefix="/api")) == {"format", "all"}
        assert wrong_fields(as_admin.post("/exports", {"kind": "organization", "sort": "id"})) == {"sort"}
        refused = as_admin.get(f"{WHOLE}?format=zip", prefix="/api", headers={"Accept": "application/json"})
        assert error_of(refused, status=406)["code"] == "NOT_ACCEPTABLE"
