"""Errors in each format: a page, a fragment for HTMX, and JSON for API clients."""

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app import errors
from app.security.permissions import Role
from app.web import errors as web_errors
from tests.support.house_style import check_house_style
from tests.support.pages import Page
from tests.web.callers import HTMX, JSON, PAGE, as_role, error_of
from tests.web.probes import RAISED


@pytest.mark.parametrize("headers", [{}, PAGE, JSON, HTMX], ids=["nothing said", "browser", "program", "htmx"])
def test_api_answers_in_json_whatever_else_is_asked_for(browser: FlaskClient, headers: dict[str, str]) -> None:
    if headers is PAGE:
        headers = {"Accept": "text/html, application/json;q=0.1"}

    response = browser.get("/api/nothing", headers=headers)

    assert response.status_code == 404
    assert error_of(response)["code"] == "RESOURCE_NOT_FOUND"


def test_api_refuses_a_caller_who_takes_no_json(browser: FlaskClient) -> None:
    response = browser.get("/api/probe/fine", headers={"Accept": "text/csv"})

    assert response.status_code == 406
    assert error_of(response)["code"] == "NOT_ACCEPTABLE"


def test_unknown_path_is_a_page_for_a_browser(browser: FlaskClient) -> None:
    response = browser.get("/nothing", headers=PAGE)

    assert response.status_code == 404
    assert response.text.startswith("<!doctype html>")
    assert response.headers["X-Request-ID"] in response.text


def test_unknown_path_is_a_page_with_the_way_on_for_somebody_signed_in(browser: FlaskClient) -> None:
    response = browser.get("/nothing", headers=as_role(Role.MANAGER, PAGE))

    assert response.status_code == 404
    assert "Comfort" in response.text


def test_unknown_path_is_a_fragment_for_htmx(browser: FlaskClient) -> None:
    response = browser.get("/nothing", headers=HTMX)

    assert response.status_code == 404
    assert "<html" not in response.text
    assert response.headers["X-Request-ID"] in response.text


def test_whole_page_that_htmx_asks_for_is_a_page(browser: FlaskClient) -> None:
    response = browser.get("/nothing", headers={**HTMX, "HX-Request-Type": "full"})

    assert response.text.startswith("<!doctype html>")


def test_caller_who_prefers_json_gets_it_on_a_page_too(browser: FlaskClient) -> None:
    response = browser.get("/nothing", headers={"Accept": "application/json, text/html;q=0.9"})

    assert error_of(response)["resourceType"] == "route"


def test_caller_who_takes_anything_gets_a_page(browser: FlaskClient) -> None:
    assert browser.get("/nothing", headers={"Accept": "*/*"}).mimetype == "text/html"


def test_wrong_method_says_which_would_do(browser: FlaskClient) -> None:
    response = browser.get("/probe/form", headers=JSON)

    assert response.status_code == 405
    assert set(response.headers["Allow"].split(", ")) == {"POST", "OPTIONS"}
    assert error_of(response)["code"] == "METHOD_NOT_ALLOWED"


def test_error_speaks_the_readers_language(browser: FlaskClient) -> None:
    RAISED[:] = [errors.Conflict("name", "Diese Zeile bleibt, wie sie ist.")]

    response = browser.get("/probe/raise", headers={**PAGE, "Accept-Language": "uz"})

    assert 'lang="uz"' in response.text
    assert "Diese Zeile bleibt" in response.text


@pytest.mark.parametrize("headers", [PAGE, as_role(Role.CSR, PAGE), HTMX], ids=["stranger", "signed in", "htmx"])
@pytest.mark.parametrize(
    "error",
    [
        errors.ValidationFailed([errors.FieldError("due_at", "Enter a date.")]),
        errors.Forbidden(required_permission="audit:read", required_role="support", current_role="csr"),
        errors.Forbidden(required_permission="maintenance:write", required_role=None, current_role="owner"),
        errors.NotFound("call"),
        errors.VersionConflict(4, {"name": "Ann"}),
        errors.RateLimited(retry_after=40, limit=10, remaining=0, reset=1_790_000_000),
        errors.InternalError(),
        errors.Maintenance(until=None, seconds_left=None, retry_after=300),
        errors.RequestTimeout(),
    ],
    ids=lambda error: error.code,
)
def test_error_is_shown_in_the_house_style(
    browser: FlaskClient, error: errors.DomainError, headers: dict[str, str]
) -> None:
    RAISED[:] = [error]

    page = Page(browser.get("/probe/raise", headers=headers))

    check_house_style(page)
    assert page.status == error.status
    assert str(error.message) in page.text
    assert page.headers["X-Request-ID"] in page.text


@pytest.mark.parametrize("headers", [PAGE, HTMX], ids=["page", "htmx"])
def test_every_wrong_field_is_named(browser: FlaskClient, headers: dict[str, str]) -> None:
    wrong = [errors.FieldError("due_at", "Enter a date."), errors.FieldError("title", "Fill this in.")]
    RAISED[:] = [errors.ValidationFailed(wrong)]

    text = Page(browser.get("/probe/raise", headers=headers)).text

    assert "due_at : Enter a date." in text
    assert "title : Fill this in." in text


def test_request_for_another_host_is_refused(app_with: Callable[..., Flask]) -> None:
    app = app_with()
    app.config["TRUSTED_HOSTS"] = ["calls.example"]

    response = app.test_client().get("/probe/fine", headers={**PAGE, "Host": "evil.example"})

    assert response.status_code == 400
    assert response.headers["X-Request-ID"] in response.text


def test_typed_text_in_an_error_page_is_escaped(browser: FlaskClient) -> None:
    RAISED[:] = [errors.NotFound("call", message="<script>alert(1)</script>")]

    assert "<script>alert" not in browser.get("/probe/raise", headers=PAGE).text


class TestBug:
    """Unexpected errors, which reveal nothing but the ID that identifies them in the log."""

    def test_page_tells_nothing_of_the_inside(self, browser: FlaskClient) -> None:
        response = browser.get("/probe/bug", headers=PAGE)

        assert response.status_code == 500
        assert "ZeroDivisionError" not in response.text
        assert "hunter2" not in response.text
        assert response.headers["X-Request-ID"] in response.text

    def test_json_has_the_trace_id(self, browser: FlaskClient) -> None:
        response = browser.get("/api/probe/bug")

        assert error_of(response)["code"] == "INTERNAL_ERROR"
        assert error_of(response)["traceId"] == response.headers["X-Request-ID"]
        assert "hunter2" not in response.text

    def test_log_has_the_cause_without_its_secrets(
        self, browser: FlaskClient, caplog: pytest.LogCaptureFixture
    ) -> None:
        response = browser.get("/api/probe/bug")

        [record] = [one for one in caplog.records if one.name == "switchboard.errors"]
        logged = str(record.msg)
        assert "ZeroDivisionError" in logged
        assert response.headers["X-Request-ID"] in logged
        assert "hunter2" not in logged

    def test_broken_error_page_still_answers(self, browser: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(web_errors, "render_template", lambda *_, **__: 1 / 0)

        response = browser.get("/nothing", headers=PAGE)

        assert response.status_code == 404
        assert response.headers["X-Request-ID"] in response.text
        assert "style=" not in response.text
