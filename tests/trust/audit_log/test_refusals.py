"""Refused requests in the trail: the first of a caller, route and hour, and their number when the hour has ended."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask

from app.db.session import jobs_role
from app.models import AuditLog, Organization, RefusedRequest, Role, User
from app.trust.audit_log.refusal_service import record_refusals
from tests.platform.organizations.visiting import enter
from tests.support.api_client import ApiClient
from tests.support.client import Client, bearer
from tests.support.direct_access import Behind
from tests.support.factories import Factories
from tests.support.programs import make_key
from tests.support.work import at_work

HOUR = timedelta(hours=1)


@pytest.fixture
def csr(make: Factories, organization: Organization) -> User:
    return make.user(organization, name="Cara Csr")


@pytest.fixture
def end_hour(app: Flask, organization: Organization) -> Callable[[], None]:
    """Function that runs the job as of an hour later."""

    def run() -> None:
        with jobs_role(), at_work(app, organization.id):
            record_refusals(datetime.now(UTC) + HOUR)

    return run


def refusals(behind: Behind) -> list[AuditLog]:
    entries = behind.rows(AuditLog, action="permission.refused")
    return sorted(entries, key=lambda entry: entry.pos)


def test_many_refusals_are_the_first_entry_and_one_with_their_number(
    client: Client, csr: User, behind: Behind, end_hour: Callable[[], None]
) -> None:
    client.sign_in(csr)
    client.get("/organizations/new", status=403)
    for _ in range(3):
        client.get("/organizations", status=403)
    other, first = refusals(behind)
    assert (first.details["route"], other.details["route"]) == ("/organizations", "/organizations/new")
    assert "count" not in first.details

    end_hour()
    end_hour()

    *earlier, last = refusals(behind)
    assert [entry.id for entry in earlier] == [other.id, first.id]
    assert (last.user_id, last.actor_label, last.details["count"]) == (csr.id, "Cara Csr", 3)
    assert last.ip_address == first.ip_address
    assert {**first.details, "count": 3, "hour": last.details["hour"]} == last.details
    assert behind.rows(RefusedRequest) == []


def test_two_runs_at_once_record_each_number_once(
    client: Client, csr: User, behind: Behind, end_hour: Callable[[], None]
) -> None:
    client.sign_in(csr)
    for route in ("/organizations", "/organizations/new", "/system", "/audit"):
        for _ in range(2):
            client.get(route, status=403)

    with ThreadPoolExecutor(3) as pool:
        for run in [pool.submit(end_hour) for _ in range(3)]:
            run.result()

    counts = [entry for entry in refusals(behind) if "count" in entry.details]
    assert {entry.details["route"] for entry in counts} == {"/organizations", "/organizations/new", "/system", "/audit"}
    assert len(counts) == 4


def test_the_number_is_recorded_without_the_first_entry(
    client: Client, csr: User, behind: Behind, end_hour: Callable[[], None]
) -> None:
    client.sign_in(csr)
    for _ in range(2):
        client.get("/organizations", status=403)
    behind.change(behind.one(RefusedRequest), entry_id=None)

    end_hour()

    last = refusals(behind)[-1]
    assert (last.user_id, last.details["count"], last.details["route"]) == (None, 2, "/organizations")
    assert last.details["caller"] == str(csr.id)


def test_the_number_of_a_visitor_names_the_visit(
    client: Client, make: Factories, organization: Organization, behind: Behind, end_hour: Callable[[], None]
) -> None:
    client.sign_in(make.staff())
    enter(client, organization)
    for _ in range(2):
        client.get("/organization/api-keys", status=403)

    end_hour()

    first, last = refusals(behind)
    assert first.details["visit"]
    assert (last.details["visit"], last.details["count"]) == (first.details["visit"], 2)


def test_the_hour_that_runs_is_left_alone(
    app: Flask, client: Client, organization: Organization, csr: User, behind: Behind
) -> None:
    client.sign_in(csr)
    for _ in range(2):
        client.get("/organizations", status=403)

    with jobs_role(), at_work(app, organization.id):
        record_refusals(behind.one(RefusedRequest).hour + HOUR - timedelta(seconds=1))

    assert len(refusals(behind)) == 1
    assert behind.one(RefusedRequest).requests == 2


def test_of_many_at_once_one_is_recorded_and_all_are_counted(
    app: Flask, new_client: Callable[[], Client], csr: User, behind: Behind
) -> None:
    browsers = [new_client().sign_in(csr) for _ in range(4)]

    with ThreadPoolExecutor(len(browsers)) as pool:
        statuses = list(pool.map(lambda browser: browser.look_at("/organizations").status, browsers * 3))

    assert statuses == [403] * 12
    assert len(refusals(behind)) == 1
    assert behind.one(RefusedRequest).requests == 12


def test_a_key_has_entries_of_its_own(
    app: Flask, make: Factories, organization: Organization, behind: Behind, end_hour: Callable[[], None]
) -> None:
    key, token = make_key(make, make.user(organization, Role.ADMIN), "calls:read")
    for _ in range(2):
        assert ApiClient(app).get("/leads", headers=bearer(token)).status_code == 403

    end_hour()

    first, last = refusals(behind)
    assert (first.details["apiKeyId"], last.details["apiKeyId"]) == (str(key.id), str(key.id))
    assert (first.details.get("count"), last.details["count"]) == (None, 2)


def test_the_trail_says_how_often(
    new_client: Callable[[], Client],
    make: Factories,
    organization: Organization,
    csr: User,
    end_hour: Callable[[], None],
) -> None:
    refused = new_client().sign_in(csr)
    for _ in range(2):
        refused.get("/organizations", status=403)
    end_hour()

    client = new_client().sign_in(make.user(organization, Role.ADMIN))
    assert "Access denied: GET /organizations (2 times in total within the hour)." in client.get("/audit").text
