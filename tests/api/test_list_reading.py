"""Rows that lists hand out: counted per caller, resource and hour, recorded in the trail, and limited per day."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any, get_args, get_origin
from uuid import UUID

import pytest
from flask import Flask
from pydantic import BaseModel

from app.db.session import jobs_role
from app.declarations.registry import registry_of
from app.models import ListRead, Organization, PlanCode, Role, User
from app.people.sign_in import caller_operations
from app.trust.audit_log.jobs import record_list_reads
from app.web import list_reading
from tests.api.conftest import NewApi
from tests.support.api_client import ApiClient, data_of, error_of
from tests.support.client import Client, bearer
from tests.support.direct_access import Behind
from tests.support.factories import Factories
from tests.support.pages import text_of
from tests.support.programs import make_key
from tests.support.work import at_work

Queries = Callable[[], AbstractContextManager[list[str]]]
ChangePlan = Callable[..., None]
NINE = datetime(2031, 3, 4, 9, tzinfo=UTC)
ME = "/auth/me"


class Clock:
    """The time at which rows are counted."""

    now = NINE + timedelta(minutes=10)


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The clock of the modules that count rows, at ten past nine."""
    clock = Clock()

    shown = SimpleNamespace(now=lambda _zone: clock.now)
    for module in (list_reading, caller_operations):
        monkeypatch.setattr(module, "datetime", shown)
    return clock


@pytest.fixture(autouse=True)
def _calls(make: Factories, organization: Organization) -> None:
    """Twelve calls of the organization, and one of another."""
    for _ in range(12):
        make.call(organization)
    make.call(make.organization())


@pytest.fixture
def ten_a_day(change_plan: ChangePlan) -> None:
    change_plan(api_rows_per_day=10)


def counted(behind: Behind) -> dict[tuple[UUID | None, str, int], int]:
    """Return the counted rows by the caller's id, the resource and the hour."""
    reads = behind.rows(ListRead)
    return {(read.api_key_id or read.user_id, read.resource_type, read.hour.hour): read.rows_read for read in reads}


def get_with_key(app: Flask, token: str, path: str) -> Any:
    return ApiClient(app).get(path, headers=bearer(token))


def test_rows_are_counted_by_caller_resource_and_hour(
    app: Flask,
    make: Factories,
    organization: Organization,
    as_manager: ApiClient,
    manager: User,
    admin: User,
    clock: Clock,
    behind: Behind,
) -> None:
    (key, token), (other, other_token) = (make_key(make, admin, "calls:read", "leads:read") for _ in range(2))
    for _ in range(2):
        make.lead(organization)

    assert len(data_of(get_with_key(app, token, "/calls?limit=5"))) == 5
    assert len(data_of(get_with_key(app, token, "/calls?page=2&limit=8"))) == 4
    assert len(data_of(get_with_key(app, token, "/leads"))) == 2
    data_of(get_with_key(app, other_token, "/calls?limit=3"))
    data_of(as_manager.get("/calls?limit=1"))
    clock.now += timedelta(hours=1)
    data_of(get_with_key(app, token, "/calls?limit=7"))

    assert counted(behind) == {
        (key.id, "call", 9): 9,
        (key.id, "lead", 9): 2,
        (key.id, "call", 10): 7,
        (other.id, "call", 9): 3,
        (manager.id, "call", 9): 1,
    }


def test_only_rows_that_were_handed_out_count(as_manager: ApiClient, behind: Behind) -> None:
    call = data_of(as_manager.get("/calls?limit=1"))[0]
    for path in ("/leads", f"/calls/{call['id']}", "/calls?limit=0", "/dashboard/metrics"):
        as_manager.get(path)
    as_manager.send("HEAD", "/calls")

    assert [(read.resource_type, read.rows_read) for read in behind.rows(ListRead)] == [("call", 1)]


def test_rows_that_are_read_at_once_all_count(app: Flask, make: Factories, admin: User, behind: Behind) -> None:
    key, token = make_key(make, admin, "calls:read")

    with ThreadPoolExecutor(4) as threads:
        answers = list(threads.map(lambda _number: get_with_key(app, token, "/calls?limit=10"), range(12)))

    assert {answer.status_code for answer in answers} == {200}
    assert counted(behind) == {(key.id, "call", 9): 120}


def test_requests_at_once_do_not_exceed_the_limit(
    app: Flask, make: Factories, admin: User, behind: Behind, change_plan: ChangePlan
) -> None:
    change_plan(api_rows_per_day=50)
    key, token = make_key(make, admin, "calls:read")

    with ThreadPoolExecutor(4) as threads:
        answers = list(threads.map(lambda _number: get_with_key(app, token, "/calls?limit=10"), range(12)))

    assert sorted(answer.status_code for answer in answers) == [200] * 5 + [429] * 7
    assert counted(behind) == {(key.id, "call", 9): 50}


@pytest.mark.usefixtures("ten_a_day")
def test_over_the_limit_a_caller_learns_why_and_until_when(
    app: Flask, make: Factories, admin: User, clock: Clock, behind: Behind
) -> None:
    key, token = make_key(make, admin, "calls:read")
    data_of(get_with_key(app, token, "/calls?limit=6"))
    clock.now += timedelta(hours=2)

    refused = get_with_key(app, token, "/calls?limit=5")

    error = error_of(refused, status=429)
    midnight = int(datetime(2031, 3, 5, tzinfo=UTC).timestamp())
    assert (error["code"], error["limit"], error["remaining"]) == ("RATE_LIMIT_EXCEEDED", 10, 4)
    assert error["message"].startswith(
        "At most 10 rows of a resource can be read in a day without the permission exports:create. Wait "
    )
    assert 0 <= error["reset"] - midnight <= 1
    assert refused.headers["Retry-After"] == str(error["retryAfter"])
    assert (refused.headers["X-RateLimit-Limit"], refused.headers["X-RateLimit-Remaining"]) == ("10", "4")
    assert counted(behind) == {(key.id, "call", 9): 6}
    assert len(data_of(get_with_key(app, token, "/calls?limit=4"))) == 4


@pytest.mark.usefixtures("ten_a_day")
@pytest.mark.parametrize(("language", "words"), [("ru", "строк"), ("uz", "qator")])
def test_the_refusal_is_in_the_language_of_the_program(
    app: Flask, make: Factories, admin: User, language: str, words: str
) -> None:
    _key, token = make_key(make, admin, "calls:read")

    refused = ApiClient(app).get("/calls", headers={**bearer(token), "Accept-Language": language})

    assert words in error_of(refused, status=429)["message"]


@pytest.mark.usefixtures("ten_a_day")
def test_the_limit_is_per_day_resource_and_caller(
    app: Flask, make: Factories, organization: Organization, admin: User, clock: Clock
) -> None:
    (_key, token), (_other, other_token) = (make_key(make, admin, "calls:read", "leads:read") for _ in range(2))
    there = make.organization()
    make.call(there)
    _there, token_there = make_key(make, make.user(there, role=Role.ADMIN), "calls:read")
    make.lead(organization)
    data_of(get_with_key(app, token, "/calls?limit=10"))
    error_of(get_with_key(app, token, "/calls?limit=1"), status=429)

    data_of(get_with_key(app, token, "/leads"))
    data_of(get_with_key(app, token, ME))
    data_of(get_with_key(app, other_token, "/calls?limit=1"))
    data_of(get_with_key(app, token_there, "/calls"))
    clock.now = NINE + timedelta(days=1)
    data_of(get_with_key(app, token, "/calls?limit=10"))


@pytest.mark.usefixtures("ten_a_day")
def test_callers_who_can_export_are_not_limited(
    app: Flask, make: Factories, admin: User, as_manager: ApiClient, manager: User, behind: Behind
) -> None:
    key, token = make_key(make, admin, "calls:read", "exports:create")

    assert len(data_of(get_with_key(app, token, "/calls"))) == 12
    assert len(data_of(as_manager.get("/calls"))) == 12
    assert counted(behind) == {(key.id, "call", 9): 12, (manager.id, "call", 9): 12}


def test_the_limit_is_that_of_the_plan(
    app: Flask, make: Factories, admin: User, organization: Organization, change_plan: ChangePlan
) -> None:
    change_plan(PlanCode.PROFESSIONAL, api_rows_per_day=11)
    make.subscription(organization, plan=PlanCode.PROFESSIONAL)
    _key, token = make_key(make, admin, "calls:read")

    assert error_of(get_with_key(app, token, "/calls"), status=429)["limit"] == 11
    assert len(data_of(get_with_key(app, token, "/calls?limit=11"))) == 11


def test_the_caller_sees_their_use(
    app: Flask, make: Factories, organization: Organization, admin: User, as_manager: ApiClient
) -> None:
    _key, token = make_key(make, admin, "calls:read", "leads:read")
    make.lead(organization)
    for path in ("/calls?limit=5", "/calls?limit=2", "/leads"):
        data_of(get_with_key(app, token, path))
    data_of(as_manager.get("/calls?limit=1"))

    limits = data_of(get_with_key(app, token, ME))["limits"]["rows"]
    assert (limits["limit"], limits["read"]) == (10_000, {"call": 7, "lead": 1})
    assert 0 <= limits["reset"] - int(datetime(2031, 3, 5, tzinfo=UTC).timestamp()) <= 1
    exporter = data_of(as_manager.get(ME))["limits"]["rows"]
    assert (exporter["limit"], exporter["read"]) == (None, {"call": 1})


def test_counting_takes_one_statement_whatever_the_list(as_manager: ApiClient, queries: Queries) -> None:
    data_of(as_manager.get("/calls?limit=1"))
    sent = []
    for limit in (1, 10):
        with queries() as statements:
            data_of(as_manager.get(f"/calls?limit={limit}"))
        sent.append(list(statements))

    assert [len(one) for one in sent] == [len(sent[0])] * 2
    assert [len([statement for statement in one if "count_rows_read" in statement]) for one in sent] == [1, 1]


def test_every_other_operation_that_returns_records_counts_them(app: Flask) -> None:
    """Records are what has an ID; numbers of people and free times are none."""
    registry = registry_of(app)
    returning = {one.name for one in registry.operations if one.has_list or any(lists_in(one.answer))}
    counting = {one.name: one for one in registry.operations if one.hands_out is not None}

    assert returning == counting.keys()
    assert {one.method for one in counting.values()} == {"GET"}


def lists_in(answer: type[BaseModel] | None) -> Iterator[str]:
    """Yield the fields of an answer that hold lists of records."""
    for name, field in answer.model_fields.items() if answer is not None else ():
        for item in get_args(field.annotation) if get_origin(field.annotation) in {list, Sequence} else ():
            is_record = isinstance(item, type) and issubclass(item, BaseModel) and "id" in item.model_fields
            if is_record and item.model_fields["id"].annotation is UUID:
                yield name


def test_records_in_other_answers_are_counted(
    app: Flask, new_api: NewApi, make: Factories, organization: Organization, behind: Behind
) -> None:
    rep = make.user(organization, role=Role.SALES_REP)
    day = datetime(2031, 3, 4, 15, tzinfo=UTC)
    for hours in (0, 3):
        make.appointment(organization, sales_rep_id=rep.id, scheduled_start_at=day + timedelta(hours=hours))
    client = new_api(rep)

    appointments = data_of(client.get(f"/reps/{rep.id}/appointments?date=2031-03-04"))["appointments"]
    sessions = data_of(client.get("/auth/sessions"))

    assert (len(appointments), len(sessions)) == (2, 1)
    assert counted(behind) == {(rep.id, "appointment", 9): 2, (rep.id, "session", 9): 1}


@pytest.fixture
def record(app: Flask, organization: Organization) -> Callable[[], None]:
    """Function that runs the job for the organization."""

    def run() -> None:
        with jobs_role(), at_work(app, organization.id):
            record_list_reads.run()

    return run


def test_each_hour_leaves_one_entry_for_each_caller_and_resource(
    make: Factories, organization: Organization, manager: User, admin: User, record: Callable[[], None], behind: Behind
) -> None:
    this_hour = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    last, before = this_hour - timedelta(hours=1), this_hour - timedelta(hours=2)
    key = make.api_key(admin, name="Website")
    for hour, number in ((before, 30), (last, 40), (this_hour, 50)):
        make.list_read(key, hour=hour, rows_read=number)
    make.list_read(manager, resource_type="lead", hour=last, rows_read=7)
    neighbour = make.user(make.organization(), role=Role.ADMIN)
    make.list_read(neighbour, hour=last)

    for _ in range(2):
        record()

    of_key = {"apiKeyId": str(key.id)}
    entries = behind.trail(organization.id, "call")
    assert [(entry.action, entry.details, entry.user_id, entry.actor_label) for entry in entries] == [
        ("list.read", {"count": 30, "hour": before.isoformat(), **of_key}, None, f"Website (key of {admin.name})"),
        ("list.read", {"count": 40, "hour": last.isoformat(), **of_key}, None, f"Website (key of {admin.name})"),
    ]
    [entry] = behind.trail(organization.id, "lead")
    assert (entry.action, entry.details, entry.user_id) == (
        "list.read",
        {"count": 7, "hour": last.isoformat()},
        manager.id,
    )
    assert (entry.actor_label, entry.actor_role) == (manager.name, "manager")
    assert behind.trail(neighbour.organization_id, "call") == []
    assert [read.hour for read in behind.rows(ListRead, api_key_id=key.id) if read.recorded_at is None] == [this_hour]


def test_two_jobs_at_once_leave_one_entry(
    make: Factories, organization: Organization, manager: User, record: Callable[[], None], behind: Behind
) -> None:
    make.list_read(manager, hour=datetime.now(UTC).replace(minute=0, second=0, microsecond=0) - timedelta(hours=1))

    with ThreadPoolExecutor(2) as threads:
        for done in [threads.submit(record) for _ in range(2)]:
            done.result()

    assert len(behind.trail(organization.id, "call")) == 1


def test_counts_are_kept_for_a_month(
    make: Factories, manager: User, record: Callable[[], None], behind: Behind
) -> None:
    this_hour = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    kept, neighbours = this_hour - timedelta(days=30), make.user(make.organization())
    for reader, days in ((manager, 32), (manager, 30), (neighbours, 32)):
        make.list_read(reader, hour=this_hour - timedelta(days=days))

    record()

    assert [(read.user_id, read.hour) for read in behind.rows(ListRead, organization_id=manager.organization_id)] == [
        (manager.id, kept)
    ]
    assert len(behind.rows(ListRead, user_id=neighbours.id)) == 1


def test_the_page_of_a_key_shows_what_it_has_read(client: Client, make: Factories, admin: User, manager: User) -> None:
    this_hour = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    key, other = make.api_key(admin), make.api_key(admin)
    page = f"/organization/api-keys/{key.id}"
    assert "No rows read" in client.sign_in(admin).get(page).text
    make.list_read(key, hour=this_hour, rows_read=1_234)
    make.list_read(key, hour=this_hour - timedelta(hours=3), resource_type="lead", rows_read=66)
    make.list_read(key, hour=this_hour - timedelta(hours=25), rows_read=5_000)
    make.list_read(other, hour=this_hour, rows_read=7_000)
    make.list_read(manager, hour=this_hour, rows_read=9_000)

    rows = [text_of(row) for row in client.get(page).all(".//*[@id='reads-table']//tr")]

    assert [row.split()[-2:] for row in rows[1:]] == [["Calls", "1,234"], ["Leads", "66"], ["Total", "1,300"]]
