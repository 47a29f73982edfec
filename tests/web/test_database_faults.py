"""Responses when the database refuses a statement, is slow, is full, or is unavailable."""

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, text

from app.db.transaction import TRIES
from tests.web.callers import JSON, PAGE, all_connections_taken, error_of
from tests.web.probes import RUNS

AppWith = Callable[..., Flask]


def run(browser: FlaskClient, *statements: str) -> dict[str, object]:
    """Have the app run `statements` in a single request; return the status and the error."""
    response = browser.get("/api/probe/sql", query_string={"statement": statements})
    return {"status": response.status_code, **error_of(response)}


def refuse(state: str, constraint: str = "", table: str = "") -> str:
    """Return a statement that fails with this SQLSTATE."""
    names = f", CONSTRAINT = '{constraint}', TABLE = '{table}'" if constraint else ""
    return f"DO $$ BEGIN RAISE EXCEPTION 'refused' USING ERRCODE = '{state}'{names}; END $$"


def test_duplicate_is_a_conflict_on_its_field(browser: FlaskClient) -> None:
    found = run(browser, refuse("23505", "idx_users_email_org", "users"))

    assert (found["status"], found["code"], found["conflictField"]) == (409, "RESOURCE_CONFLICT", "email")
    assert found["details"] == [{"field": "email", "message": found["message"], "code": "RESOURCE_CONFLICT"}]


def test_failed_check_is_a_wrong_field(browser: FlaskClient) -> None:
    found = run(browser, refuse("23514", "check_trash_days", "organizations"))

    assert (found["status"], found["code"]) == (400, "VALIDATION_ERROR")
    assert found["details"] == [{"field": "trash_days", "message": "Enter 1 to 365 days.", "code": "INVALID_INPUT"}]


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT CAST('99999999999' AS int)",
        "SELECT CAST('no uuid' AS uuid)",
        "SELECT CAST('2026-13-45' AS date)",
        "SELECT 1 / 0",
    ],
)
def test_value_that_the_database_cannot_take_is_the_callers_fault(browser: FlaskClient, statement: str) -> None:
    found = run(browser, statement)

    assert (found["status"], found["code"]) == (400, "VALIDATION_ERROR")


def test_nul_in_a_form_field_is_the_callers_fault(browser: FlaskClient) -> None:
    response = browser.post("/probe/count", data={"key": "a\0b"}, headers=JSON | csrf_of(browser))

    assert response.status_code == 400
    assert error_of(response)["code"] == "VALIDATION_ERROR"


def test_slow_statement_is_stopped(browser: FlaskClient) -> None:
    found = run(browser, "SET LOCAL statement_timeout = 50", "SELECT pg_sleep(5)")

    assert (found["status"], found["code"]) == (504, "REQUEST_TIMEOUT")


@pytest.mark.parametrize(
    ("kind", "times"), [("application/json", TRIES), ("multipart/form-data; boundary=x", 1), ("audio/webm", 1)]
)
def test_what_is_streamed_is_not_read_again(browser: FlaskClient, kind: str, times: int) -> None:
    RUNS.clear()

    query = {"statement": refuse("40001")}
    browser.put("/api/probe/sql", query_string=query, data=b"{}", content_type=kind, headers=csrf_of(browser))

    assert RUNS["sql"] == times


@pytest.mark.parametrize("state", ["40001", "40P01"])
def test_collision_is_tried_again_and_then_given_up(browser: FlaskClient, state: str) -> None:
    RUNS.clear()

    found = run(browser, refuse(state))

    assert (found["status"], found["code"]) == (503, "DATABASE_ERROR")
    assert RUNS["sql"] == TRIES


def test_lock_that_is_not_got_in_time_is_tried_by_the_caller(browser: FlaskClient) -> None:
    assert run(browser, refuse("55P03"))["code"] == "DATABASE_ERROR"


def test_server_going_down_is_no_bug(browser: FlaskClient) -> None:
    found = run(browser, refuse("57P01"))

    assert (found["status"], found["retryAfter"]) == (503, 5)


def test_mistake_in_a_statement_is_a_bug(browser: FlaskClient) -> None:
    found = run(browser, "SELECT nothing FROM nowhere")

    assert (found["status"], found["code"]) == (500, "INTERNAL_ERROR")
    assert "nowhere" not in str(found)


def test_app_goes_on_after_a_broken_transaction(browser: FlaskClient) -> None:
    run(browser, "SELECT nothing FROM nowhere")

    assert browser.get("/api/probe/sql", query_string={"statement": "SELECT 42"}).text == "42"


def test_refused_form_leaves_nothing_behind(browser: FlaskClient, admin_engine: Engine) -> None:
    headers = csrf_of(browser)

    assert browser.post("/probe/count", data={"key": "kept"}, headers=headers).status_code == 200
    assert browser.post("/probe/count", data={"key": "lost", "refuse": "1"}, headers=headers).status_code == 409
    with admin_engine.connect() as connection:
        assert connection.execute(text("SELECT key FROM rate_limits")).scalars().all() == ["kept"]


def test_reading_page_cannot_write(browser: FlaskClient) -> None:
    found = run(browser, "SELECT hits FROM count_hit('a', 60, 1)")

    assert found["status"] == 500


def test_no_free_connection_is_an_overload(app_with: AppWith) -> None:
    app = app_with(web_threads=1, sign_in_slots=1, pool_size=8, pool_wait_seconds=0.05)
    browser = app.test_client()
    browser.get("/probe/fine")  # reads the maintenance state while it can

    with all_connections_taken(app):
        response = browser.get("/api/probe/sql", query_string={"statement": "SELECT 1"})

    assert response.status_code == 503
    assert error_of(response)["code"] == "SERVICE_OVERLOADED"
    assert response.headers["Retry-After"] == "5"


def test_database_that_is_gone_is_said_on_a_page_of_its_own(app_with: AppWith) -> None:
    browser = app_with(database_url="postgresql://app_rw@127.0.0.1:1/nowhere").test_client()

    page = browser.get("/probe/sql?statement=SELECT+1", headers=PAGE)
    answer = browser.get("/api/probe/sql?statement=SELECT+1")

    assert page.status_code == answer.status_code == 503
    assert page.headers["Retry-After"] == "5"
    assert page.headers["X-Request-ID"] in page.text
    assert error_of(answer)["code"] == "DATABASE_ERROR"


def csrf_of(browser: FlaskClient) -> dict[str, str]:
    """Return the header with a CSRF token for this browser's forms."""
    return {"X-CSRFToken": browser.get("/probe/token").text}
