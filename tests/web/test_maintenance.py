"""Maintenance mode, and who has access during it."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, text

from app.security.permissions import Permission, Role
from app.web import maintenance
from tests.web.callers import HTMX, PAGE, as_role, error_of


@pytest.fixture(autouse=True)
def _always_fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(maintenance, "CACHE_SECONDS", -1)


def run(app: Flask, *arguments: str) -> str:
    """Run `flask maintenance …` and return its output."""
    result = app.test_cli_runner().invoke(args=["maintenance", *arguments])
    assert result.exit_code == 0, result.output
    return result.output


@pytest.fixture
def switched_on(app: Flask) -> Iterator[None]:
    run(app, "on")
    yield
    run(app, "off")


@pytest.mark.usefixtures("switched_on")
class TestOn:
    """Maintenance without a known end."""

    def test_person_gets_a_page_that_says_so(self, browser: FlaskClient) -> None:
        response = browser.get("/probe/fine", headers=PAGE)

        assert response.status_code == 503
        assert "maintenance" in response.text
        assert response.headers["Retry-After"] == "300"

    def test_program_gets_the_code(self, browser: FlaskClient) -> None:
        error = error_of(browser.get("/api/probe/fine"))

        assert (error["code"], error["estimatedDowntime"], error["retryAfter"]) == ("SERVICE_MAINTENANCE", None, 300)

    def test_swap_gets_a_fragment(self, browser: FlaskClient) -> None:
        assert "<html" not in browser.get("/probe/fine", headers=HTMX).text

    def test_admin_of_an_organization_waits_like_everybody(self, browser: FlaskClient) -> None:
        assert browser.get("/probe/private", headers=as_role(Role.OWNER, PAGE)).status_code == 503

    def test_page_has_its_stylesheet(self, browser: FlaskClient) -> None:
        assert browser.get("/static/css/app.css").status_code == 200

    def test_health_check_gets_through(self, browser: FlaskClient) -> None:
        assert browser.get("/probe/health").text == "healthy"

    def test_platform_admin_gets_through(self, browser: FlaskClient) -> None:
        headers = as_role(Role.ADMIN, {"Test-Granted": Permission.MAINTENANCE_WRITE})

        assert browser.get("/probe/private", headers=headers).text == "in"

    def test_ended_session_gets_the_page_and_not_an_error(self, browser: FlaskClient) -> None:
        assert browser.get("/probe/private", headers=as_role("ended", PAGE)).status_code == 503


def test_time_it_should_be_over_is_told(app: Flask, browser: FlaskClient) -> None:
    until = datetime.now(UTC) + timedelta(minutes=10)

    assert "Maintenance is on until" in run(app, "on", "--until", until.isoformat())

    error = error_of(browser.get("/api/probe/fine"))
    assert error["estimatedDowntime"] == "10 minutes"
    assert 590 <= error["retryAfter"] <= 600
    in_russian = error_of(browser.get("/api/probe/fine", headers={"Accept-Language": "ru"}))
    assert in_russian["estimatedDowntime"] == "10 минут"


def test_off_lets_everybody_in_again(app: Flask, browser: FlaskClient) -> None:
    run(app, "on")
    run(app, "off")

    assert browser.get("/probe/fine").status_code == 200


@pytest.mark.parametrize("until", ["tomorrow", "2020-01-01T00:00"])
def test_time_that_is_none_or_over_is_refused_with_a_sentence(app: Flask, until: str) -> None:
    result = app.test_cli_runner().invoke(args=["maintenance", "on", "--until", until])

    assert result.exit_code == 2
    assert until in result.output


def test_switch_is_read_once_in_a_while_only(
    browser: FlaskClient, monkeypatch: pytest.MonkeyPatch, admin_engine: Engine
) -> None:
    monkeypatch.setattr(maintenance, "CACHE_SECONDS", 60)
    browser.get("/probe/fine")

    with admin_engine.begin() as connection:
        connection.execute(text("UPDATE system_settings SET maintenance_on = true"))

    assert browser.get("/probe/fine").status_code == 200
