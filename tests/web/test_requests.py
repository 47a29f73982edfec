"""Headers common to all responses, and the one log line of a request."""

import ast
import os
from collections.abc import Callable
from inspect import iscoroutinefunction
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.security.permissions import Role
from app.web import stopping
from app.web.body_buffering import STATE, BodyState
from tests.web.callers import JSON, ORGANIZATION_ID, USER_ID, as_role

Lines = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def lines(caplog: pytest.LogCaptureFixture) -> Lines:
    """Function that returns the log lines of the requests so far."""
    return lambda: [
        ast.literal_eval(str(record.msg)) for record in caplog.records if record.name == "switchboard.request"
    ]


def test_request_gets_an_id_that_is_its_correlation_id_too(browser: FlaskClient) -> None:
    headers = browser.get("/probe/fine").headers

    assert UUID(headers["X-Request-ID"]).version == 7
    assert headers["X-Correlation-ID"] == headers["X-Request-ID"]


def test_ids_that_a_caller_brings_are_kept(browser: FlaskClient) -> None:
    headers = browser.get(
        "/probe/fine", headers={"X-Request-ID": "edge-00000042", "X-Correlation-ID": "order.7_trace-1"}
    ).headers

    assert headers["X-Request-ID"] == "edge-00000042"
    assert headers["X-Correlation-ID"] == "order.7_trace-1"


@pytest.mark.parametrize("brought", ["short", "a" * 129, "spaces are no id", "semi;colon;", "ünïcödé-id"])
def test_id_that_is_none_is_replaced(browser: FlaskClient, brought: str) -> None:
    assert browser.get("/probe/fine", headers={"X-Request-ID": brought}).headers["X-Request-ID"] != brought


@pytest.mark.parametrize("path", ["/probe/fine", "/nothing", "/probe/bug", "/static/favicon.svg", "/probe/stream"])
def test_every_answer_tells_its_time(browser: FlaskClient, path: str) -> None:
    with browser.get(path) as response:
        assert response.headers["X-Response-Time"].removesuffix("ms").isdigit()


def test_line_tells_who_asked_for_what_and_what_it_cost(browser: FlaskClient, lines: Lines) -> None:
    response = browser.get("/probe/sql?statement=SELECT 'secret'", headers=as_role(Role.MANAGER))

    [line] = lines()
    assert line["method"] == "GET"
    assert line["route"] == "/probe/sql"
    assert line["status"] == 200
    assert line["request_id"] == line["correlation_id"] == response.headers["X-Request-ID"]
    assert line["queries"] == 1  # the transaction's context is pipelined with it
    assert 0 < line["database_ms"] <= line["ms"]


def test_line_tells_the_person_and_the_organization(browser: FlaskClient, lines: Lines) -> None:
    browser.get("/probe/private", headers=as_role(Role.MANAGER))

    [line] = lines()
    assert (line["user"], line["organization"]) == (str(USER_ID), str(ORGANIZATION_ID))


def test_line_tells_the_error(browser: FlaskClient, lines: Lines) -> None:
    browser.get("/nothing", headers=JSON)

    [line] = lines()
    assert (line["route"], line["status"], line["error"]) == (None, 404, "RESOURCE_NOT_FOUND")


def test_line_holds_no_query_string(browser: FlaskClient, lines: Lines) -> None:
    browser.get("/probe/fine?phone=%2B15125550142")

    assert "5550142" not in str(lines())


@pytest.mark.parametrize("host", ["", "localhost,other.example", "user@localhost", "localhost:99999x", "[::1", "é"])
def test_a_request_that_names_no_valid_host_or_several_is_refused_and_logged(
    browser: FlaskClient, lines: Lines, host: str
) -> None:
    response = browser.get("/probe/fine", headers=JSON, environ_overrides={"HTTP_HOST": host})

    assert response.status_code == 400
    assert "exactly one valid host" in response.text
    assert [line["status"] for line in lines()] == [400]


def test_a_protocol_without_hosts_needs_none(browser: FlaskClient) -> None:
    old = {"HTTP_HOST": "", "SERVER_PROTOCOL": "HTTP/1.0"}

    assert browser.get("/probe/fine", environ_overrides=old).status_code == 200


@pytest.mark.parametrize("path", ["/probe/private", "/api/probe/json", "/probe/fine", "/nothing"])
def test_a_broken_body_is_refused_before_other_checks_and_logged(browser: FlaskClient, lines: Lines, path: str) -> None:
    response = browser.post(path, environ_base={STATE: BodyState.BROKEN}, content_type="text/plain")

    assert response.status_code == 400
    assert "The request ended before its content was complete" in response.text
    assert [line["status"] for line in lines()] == [400]


def test_streamed_answer_is_written_down_when_it_has_ended(browser: FlaskClient, lines: Lines) -> None:
    response = browser.get("/probe/stream")
    before = lines()
    body = response.get_data(as_text=True)
    response.close()

    assert before == []
    assert body == "1\n2\n3\n"
    assert lines()[0]["queries"] == 3


def test_streamed_answer_that_fails_is_written_down_with_its_error(
    browser: FlaskClient, lines: Lines, caplog: pytest.LogCaptureFixture
) -> None:
    with browser.get("/probe/broken-stream") as response, pytest.raises(ZeroDivisionError):
        response.get_data()

    [line] = lines()
    assert (line["status"], line["error"]) == (200, "INTERNAL_ERROR")
    assert "response broken off" in caplog.text


def test_streamed_answer_keeps_its_place_until_it_has_ended(browser: FlaskClient) -> None:
    response = browser.get("/probe/stream")
    assert stopping.are_busy([os.getpid()])

    response.close()
    assert not stopping.are_busy([os.getpid()])


FORWARDED = {"X-Forwarded-For": "198.51.100.9, 203.0.113.7", "X-Forwarded-Proto": "https"}


def address_of(app: Flask, **environ: str) -> str:
    """Return the client's IP address as the app passes it to the database."""
    told = "/probe/sql?statement=SELECT current_setting('app.ip_address')"
    return app.test_client().get(told, headers=FORWARDED, environ_overrides=environ).text


def test_word_of_a_stranger_about_the_caller_is_not_taken(app: Flask) -> None:
    assert address_of(app) == "127.0.0.1"


@pytest.mark.parametrize(("proxies", "address"), [(1, "203.0.113.7"), (2, "198.51.100.9")])
def test_word_of_as_many_proxies_as_there_are_is_taken(
    app_with: Callable[..., Flask], proxies: int, address: str
) -> None:
    assert address_of(app_with(trusted_proxies=proxies)) == address


@pytest.mark.parametrize(
    ("remote", "address"), [("fe80::1%eth0", "fe80::1"), ("unknown", ""), ("", ""), ("2001:DB8::7", "2001:db8::7")]
)
def test_address_is_one_that_the_database_takes(app: Flask, remote: str, address: str) -> None:
    assert address_of(app, REMOTE_ADDR=remote) == address


def test_two_requests_share_nothing(browser: FlaskClient, lines: Lines) -> None:
    browser.get("/probe/private", headers=as_role(Role.MANAGER))
    browser.get("/probe/sql?statement=SELECT current_setting('app.actor_id')")
    response = browser.get("/probe/sql?statement=SELECT current_setting('app.organization_id')")

    assert response.text == ""
    first, second, third = lines()
    assert second["user"] is third["user"] is None
    assert len({first["request_id"], second["request_id"], third["request_id"]}) == 3
    assert second["queries"] == third["queries"] == 1


def test_no_function_that_a_request_calls_is_asynchronous(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    hooks = (app.before_request_funcs, app.after_request_funcs, app.teardown_request_funcs, app.url_default_functions)
    more = (app.url_value_preprocessors, app.template_context_processors)
    handlers = [found for by_code in app.error_handler_spec.values() for found in by_code.values()]
    called: list[Callable[..., Any]] = [
        *app.view_functions.values(),
        *app.teardown_appcontext_funcs,
        *(function for by_scope in (*hooks, *more) for functions in by_scope.values() for function in functions),
        *(handler for found in handlers for handler in found.values()),
    ]

    assert len(called) > 500
    assert [function for function in called if iscoroutinefunction(function)] == []

    monkeypatch.setattr("flask.app.iscoroutinefunction", None)
    assert app.test_client().get("/login").status_code == 200
