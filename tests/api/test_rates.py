"""Rates of the JSON API: of each caller, and of failed authentication by network address."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine, text
from werkzeug.test import TestResponse

from app.config import Settings
from app.extensions import db
from app.factory import create_app
from app.models import Organization, PlanCode, Role, User
from app.security.tokens import Token, TokenType
from app.web import api_rates
from app.web.body_buffering import STATE, BodyState
from app.web.rate_limits import forget_counts
from tests.api.conftest import NewApi
from tests.support.api_client import ApiClient, data_of, error_of
from tests.support.client import Client, access_token, bearer
from tests.support.database import WorkerDatabase
from tests.support.factories import Factories
from tests.support.programs import make_key

Queries = Callable[[], AbstractContextManager[list[str]]]
ChangePlan = Callable[..., None]
ME = "/auth/me"


@pytest.fixture
def three_an_hour(change_plan: ChangePlan) -> None:
    change_plan(api_requests_per_hour=3)


@pytest.fixture
def two_failures(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api_rates, "FAILURES_PER_HOUR", 2)


def rate_of(answer: TestResponse) -> tuple[str | None, str | None]:
    return answer.headers.get("X-RateLimit-Limit"), answer.headers.get("X-RateLimit-Remaining")


def guess(app: Flask, user: User, **environ: str) -> int:
    """Send a token of the user's organization that doesn't exist, and return the status."""
    wrong = Token.new(user.organization_id, TokenType.API_KEY).text
    return ApiClient(app).get(ME, headers=bearer(wrong), environ_overrides=environ).status_code


def test_every_response_counts_down_a_thousand_an_hour(as_csr: ApiClient) -> None:
    answers = [as_csr.get(ME), as_csr.get("/tasks"), as_csr.delete("/tasks/none"), as_csr.get("/tasks?x=1")]

    assert [answer.status_code for answer in answers] == [200, 200, 403, 400]
    assert [rate_of(answer) for answer in answers] == [("1000", str(left)) for left in (999, 998, 997, 996)]
    assert {answer.headers["X-RateLimit-Reset"] for answer in answers} == {answers[0].headers["X-RateLimit-Reset"]}
    assert time.time() + 3590 < int(answers[0].headers["X-RateLimit-Reset"]) <= time.time() + 3601


def test_without_a_caller_no_rate_is_stated(app: Flask) -> None:
    anonymous = ApiClient(app)

    assert rate_of(anonymous.get(ME)) == rate_of(anonymous.get("/nothing")) == (None, None)


@pytest.mark.usefixtures("three_an_hour")
def test_over_the_limit_a_caller_learns_when_to_come_back(as_csr: ApiClient) -> None:
    assert [as_csr.get(ME).status_code for _ in range(3)] == [200] * 3

    refused = as_csr.get(ME)

    error = error_of(refused, status=429)
    assert (error["code"], error["limit"], error["remaining"]) == ("RATE_LIMIT_EXCEEDED", 3, 0)
    assert 3590 < error["retryAfter"] <= 3600
    assert rate_of(refused) == ("3", "0")
    assert refused.headers["Retry-After"] == str(error["retryAfter"])
    assert refused.headers["X-RateLimit-Reset"] == str(error["reset"])


def test_the_rate_of_people_and_keys_is_that_of_their_plan(
    app: Flask, make: Factories, new_api: NewApi, organization: Organization, change_plan: ChangePlan
) -> None:
    change_plan(PlanCode.PROFESSIONAL, api_requests_per_hour=5_000)
    make.subscription(organization, plan=PlanCode.PROFESSIONAL)
    elsewhere = make.organization()
    make.subscription(elsewhere, plan=PlanCode.ENTERPRISE)
    admin, other = (make.user(one, role=Role.ADMIN) for one in (organization, elsewhere))
    _key, token = make_key(make, admin, "calls:read")

    assert rate_of(new_api(admin).get(ME)) == ("5000", "4999")
    assert rate_of(ApiClient(app).get(ME, headers=bearer(token))) == ("5000", "4999")
    assert rate_of(new_api(other).get(ME)) == ("1000", "999")


def test_the_rate_takes_no_statement_of_its_own(as_csr: ApiClient, queries: Queries) -> None:
    as_csr.get(ME)

    with queries() as sent:
        as_csr.get(ME)

    assert not [statement for statement in sent if "plans" in statement or "subscriptions" in statement]


@pytest.mark.usefixtures("three_an_hour")
def test_a_refusal_comes_after_the_401_and_before_the_403(app: Flask, as_csr: ApiClient) -> None:
    for _ in range(3):
        as_csr.get(ME)

    assert as_csr.delete("/tasks/none").status_code == 429
    assert as_csr.get("/nothing").status_code == 404
    assert as_csr.send("PUT", "/tasks").status_code == 405
    assert ApiClient(app).get(ME).status_code == 401


@pytest.mark.usefixtures("three_an_hour")
def test_callers_have_budgets_of_their_own(app: Flask, make: Factories, csr: User, new_api: NewApi) -> None:
    admin = make.user(make.organization(name="Another", slug="another"), role=Role.ADMIN)
    _key, token = make_key(make, admin, "calls:read")
    _other, another = make_key(make, admin, "calls:read")
    key = ApiClient(app)
    assert [key.get("/calls", headers=bearer(token)).status_code for _ in range(4)] == [200, 200, 200, 429]

    assert key.get("/calls", headers=bearer(another)).status_code == 200
    assert rate_of(new_api(admin).get(ME)) == ("3", "2")
    assert rate_of(new_api(csr).get(ME)) == ("3", "2")


@pytest.mark.usefixtures("three_an_hour")
def test_all_sessions_of_a_person_share_a_budget(new_api: NewApi, csr: User) -> None:
    assert [new_api(csr).get(ME).status_code for _ in range(4)] == [200, 200, 200, 429]


@pytest.mark.usefixtures("three_an_hour")
def test_counts_survive_the_process(app: Flask, as_csr: ApiClient, admin_engine: Engine) -> None:
    for _ in range(3):
        as_csr.get(ME)
    with app.app_context():
        forget_counts()

    assert as_csr.get(ME).status_code == 429
    with admin_engine.connect() as connection:
        assert connection.scalars(text("SELECT hits FROM rate_limits WHERE hits >= 3")).all() == [4]


def test_most_requests_cost_no_statement(as_csr: ApiClient, queries: Queries) -> None:
    as_csr.get(ME)

    with queries() as sent:
        as_csr.get(ME)

    assert not [statement for statement in sent if "count_hit" in statement]


def test_pages_are_not_counted(app: Flask, csr: User, as_csr: ApiClient) -> None:
    as_csr.get(ME)
    Client(app).sign_in(csr).get("/tasks")

    assert rate_of(as_csr.get(ME)) == ("1000", "998")


def test_the_caller_sees_their_limits(
    app: Flask, make: Factories, as_csr: ApiClient, organization: Organization
) -> None:
    admin = make.user(organization, role=Role.ADMIN)
    _key, token = make_key(make, admin, "calls:read")

    for answer in (as_csr.get(ME), ApiClient(app).get(ME, headers=bearer(token))):
        reset = int(answer.headers["X-RateLimit-Reset"])
        assert data_of(answer)["limits"]["api"] == {"limit": 1000, "remaining": 999, "reset": reset}


@pytest.mark.usefixtures("two_failures")
def test_keys_cannot_be_guessed(app: Flask, csr: User, queries: Queries) -> None:
    assert [guess(app, csr) for _ in range(2)] == [401, 401]

    with queries() as sent:
        assert guess(app, csr) == 429
    assert not [statement for statement in sent if "find_api_key" in statement]


@pytest.mark.usefixtures("two_failures")
def test_guesses_at_unknown_paths_count_too(app: Flask, csr: User) -> None:
    wrong = bearer(Token.new(csr.organization_id, TokenType.API_KEY).text)
    assert [ApiClient(app).get("/nothing", headers=wrong).status_code for _ in range(2)] == [404, 404]

    assert guess(app, csr) == 429


@pytest.mark.usefixtures("two_failures")
def test_a_token_used_before_still_works_at_an_address_with_failures(app: Flask, csr: User, as_csr: ApiClient) -> None:
    as_csr.get(ME)
    unused = ApiClient(app, csr)
    for _ in range(3):
        guess(app, csr)

    assert as_csr.get(ME).status_code == 200
    assert error_of(unused.get(ME), status=429)["limit"] == 2


@pytest.mark.usefixtures("two_failures")
def test_failures_count_by_network(app: Flask, csr: User) -> None:
    one, same, other = "2001:db8:0:1::1", "2001:db8:0:1::2", "2001:db8:0:2::1"
    for _ in range(2):
        guess(app, csr, REMOTE_ADDR=one)

    assert guess(app, csr, REMOTE_ADDR=same) == 429
    assert guess(app, csr, REMOTE_ADDR=other) == 401


@pytest.mark.usefixtures("two_failures")
def test_a_request_without_a_token_is_no_guess(app: Flask, csr: User) -> None:
    for _ in range(3):
        ApiClient(app).get(ME)

    assert ApiClient(app, csr).get(ME).status_code == 200


@pytest.fixture
def app_with(database: WorkerDatabase, tmp_path: Path, app: Flask) -> Iterator[Callable[..., Flask]]:
    """Function that creates another app on the same database, with other settings."""
    made = []

    def make(**changes: Any) -> Flask:
        made.append(create_app(Settings.model_validate({**database.settings(tmp_path).model_dump(), **changes})))
        return made[-1]

    yield make
    for one in made:
        with one.app_context():
            for engine in db.engines.values():
                engine.dispose()


@pytest.mark.usefixtures("three_an_hour", "two_failures")
def test_rates_can_be_disabled(
    app_with: Callable[..., Flask], csr: User, make: Factories, organization: Organization, change_plan: ChangePlan
) -> None:
    change_plan(api_rows_per_day=1)
    for _ in range(2):
        make.task(organization, assignee=csr)
    unlimited = app_with(rate_limits_enabled=False)
    client = ApiClient(unlimited, csr)
    answers = [client.get(ME) for _ in range(5)]

    assert {answer.status_code for answer in answers} == {200}
    assert not data_of(answers[0]).get("limits")
    assert rate_of(answers[0]) == (None, None)
    assert len(data_of(client.get("/tasks"))) == 2
    assert [guess(unlimited, csr) for _ in range(4)] == [401] * 4


@pytest.mark.usefixtures("three_an_hour")
def test_processes_share_their_counts(app: Flask, app_with: Callable[..., Flask], csr: User) -> None:
    token = access_token(app, csr)
    processes = [ApiClient(app), ApiClient(app_with())]

    statuses = [processes[number % 2].get(ME, headers=bearer(token)).status_code for number in range(6)]

    assert statuses == [200, 200, 200, 429, 429, 429]


def test_many_requests_at_once_exceed_the_limit_by_little(
    app: Flask, app_with: Callable[..., Flask], csr: User, change_plan: ChangePlan
) -> None:
    change_plan(api_requests_per_hour=100)
    token, processes = access_token(app, csr), (app, app_with())

    def ask(number: int) -> int:
        return ApiClient(processes[number % 2]).get(ME, headers=bearer(token)).status_code

    with ThreadPoolExecutor(6) as threads:
        statuses = list(threads.map(ask, range(150)))

    assert set(statuses) == {200, 429}
    # At most one unsettled request in the other process, and those that arrive while it is told.
    assert 100 <= statuses.count(200) <= 106


def test_a_request_whose_body_arrives_late_counts_once(
    app: Flask, as_csr: ApiClient, csr: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent, seen = {"title": "Call back", "assignedTo": str(csr.id)}, list[dict[str, Any]]()
    answer_to = app.wsgi_app

    def remember(environ: dict[str, Any], start: Any) -> Any:
        seen.append(environ)
        return answer_to(environ, start)

    monkeypatch.setattr(app, "wsgi_app", remember)

    question = as_csr.post("/tasks", sent, environ_base={STATE: BodyState.AWAITED})
    answer = as_csr.post("/tasks", sent, environ_base={**seen[0], STATE: BodyState.HERE})

    assert [question.status_code, answer.status_code] == [202, 201]
    assert [rate_of(one) for one in (question, answer, as_csr.get(ME))] == [
        ("1000", "999"),
        ("1000", "999"),
        ("1000", "998"),
    ]
