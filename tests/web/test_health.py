"""Health checks: for load balancers, orchestrators, programs and people."""

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, text

from app.security.permissions import Role
from app.web import maintenance
from tests.support.stopping import server_told_to_stop
from tests.web.callers import PAGE, as_role, error_of

AppWith = Callable[..., Flask]
ALWAYS = ["/health/lb", "/health/ready", "/api/health"]


@pytest.fixture
def stopped() -> Iterator[None]:
    """A server that has been told to stop."""
    with server_told_to_stop():
        yield


@pytest.fixture
def living_worker(admin_engine: Engine, app: Flask) -> None:
    """A worker with a recent heartbeat."""
    with admin_engine.begin() as connection:
        connection.execute(text("INSERT INTO procrastinate_workers DEFAULT VALUES"))


def checks_of(browser: FlaskClient) -> dict[str, str]:
    found = browser.get("/health/ready").get_json()["checks"]
    return {name: check["status"] for name, check in found.items()}


def test_balancer_is_told_that_all_is_well_and_when(browser: FlaskClient) -> None:
    answer = browser.get("/health/lb")

    assert answer.status_code == 200
    assert answer.get_json()["status"] == "healthy"
    assert abs(answer.get_json()["timestamp"] / 1000 - time.time()) < 5


def test_balancer_is_answered_without_the_database(
    browser: FlaskClient, queries: Callable[[], AbstractContextManager[list[str]]]
) -> None:
    with queries() as sent:
        browser.get("/health/lb")
    assert sent == []


@pytest.mark.usefixtures("stopped")
@pytest.mark.parametrize("path", [*ALWAYS, "/api/probe/fine"])
def test_server_that_stops_takes_no_new_work(browser: FlaskClient, path: str) -> None:
    answer = browser.get(path)

    assert answer.status_code == 503
    assert error_of(answer)["code"] == "SERVICE_SHUTTING_DOWN"
    assert (answer.headers["Retry-After"], answer.headers["Connection"]) == ("30", "close")


@pytest.mark.usefixtures("stopped")
def test_person_is_told_that_the_server_stops_on_a_page_with_its_stylesheet(browser: FlaskClient) -> None:
    assert "restarting" in browser.get("/probe/fine", headers=PAGE).text
    assert browser.get("/static/css/app.css").status_code == 200


@pytest.mark.usefixtures("living_worker")
def test_ready_when_database_schema_and_queue_are(browser: FlaskClient) -> None:
    answer = browser.get("/health/ready")

    assert answer.status_code == 200
    assert answer.get_json()["status"] == "ready"
    assert checks_of(browser) == {"database": "ok", "schema": "ok", "queue": "ok"}


def test_not_ready_without_a_worker(browser: FlaskClient) -> None:
    assert browser.get("/health/ready").status_code == 503
    assert checks_of(browser) == {"database": "ok", "schema": "ok", "queue": "failed"}


@pytest.mark.usefixtures("living_worker")
def test_not_ready_when_jobs_wait_too_long(browser: FlaskClient, admin_engine: Engine) -> None:
    waiting = text(
        "INSERT INTO procrastinate_jobs (queue_name, task_name, status, scheduled_at, args) "
        "VALUES ('switchboard', 'imports.run', 'todo', now() - interval '10 minutes', '{}')"
    )
    with admin_engine.begin() as connection:
        connection.execute(waiting)

    assert checks_of(browser)["queue"] == "failed"


@pytest.mark.usefixtures("living_worker")
def test_not_ready_with_another_schema(browser: FlaskClient, admin_engine: Engine) -> None:
    change = text("UPDATE system_settings SET schema_version = :version")
    with admin_engine.begin() as connection:
        wanted = connection.scalar(text("SELECT schema_version FROM system_settings"))
        connection.execute(change, {"version": "0001_foundation"})

    found = checks_of(browser)

    with admin_engine.begin() as connection:
        connection.execute(change, {"version": wanted})
    assert found == {"database": "ok", "schema": "failed", "queue": "ok"}


def test_without_a_database_only_the_balancer_is_content(app_with: AppWith) -> None:
    browser = app_with(database_url="postgresql://app_rw@127.0.0.1:1/nowhere").test_client()

    assert browser.get("/health/lb").status_code == 200
    assert browser.get("/api/health").status_code == 503
    assert checks_of(browser) == {"database": "failed", "schema": "failed", "queue": "failed"}


@pytest.mark.parametrize("path", ALWAYS)
def test_health_is_told_during_maintenance(
    browser: FlaskClient, admin_engine: Engine, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    monkeypatch.setattr(maintenance, "CACHE_SECONDS", -1)
    with admin_engine.begin() as connection:
        connection.execute(text("UPDATE system_settings SET maintenance_on = true"))

    assert browser.get("/api/probe/fine").status_code == 503
    assert "SERVICE_MAINTENANCE" not in browser.get(path).text


def test_summary_for_programs_has_the_envelope(browser: FlaskClient) -> None:
    answer = browser.get("/api/health").get_json()

    assert answer["success"] is True
    assert answer["data"]["status"] == "healthy"
    assert answer["meta"]["version"] == "1"


def test_strangers_learn_nothing_of_the_inside(browser: FlaskClient) -> None:
    assert browser.get("/api/health/comprehensive").status_code == 401
    assert "PostgreSQL" not in "".join(browser.get(path).text for path in ALWAYS)


def test_comprehensive_health_is_for_those_who_look_after_the_system(browser: FlaskClient) -> None:
    assert browser.get("/api/health/comprehensive", headers=as_role(Role.MANAGER)).status_code == 403

    data = browser.get("/api/health/comprehensive", headers=as_role(Role.ADMIN)).get_json()["data"]
    assert data["status"] == "degraded"  # no worker
    assert data["pool"]["size"] == 18
    assert data["queue"]["lagSeconds"] == 0
    assert data["disk"]["freeBytes"] > 0
    assert [check["name"] for check in data["checks"]] == ["database", "schema", "queue"]
