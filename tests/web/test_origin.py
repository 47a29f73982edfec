"""Forms sent from other sites, which are refused even with a valid token."""

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.web.callers import HTMX, JSON, PAGE, error_of


def send(browser: FlaskClient, home: str = "http://localhost", **headers: str) -> int:
    """Submit a form with a valid token and these origin headers; return the status."""
    token = browser.get("/probe/token", base_url=home).text
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    sent = {"X-CSRFToken": token, "Referer": home, **named}
    return browser.post("/probe/form", data={"name": "Maya"}, base_url=home, headers=sent).status_code


@pytest.mark.parametrize(
    ("site", "status"), [("same-origin", 200), ("none", 200), ("same-site", 403), ("cross-site", 403), ("odd", 403)]
)
def test_the_browser_says_whose_page_it_was(browser: FlaskClient, site: str, status: int) -> None:
    assert send(browser, Sec_Fetch_Site=site) == status
    assert send(browser, Sec_Fetch_Site=site, Origin="http://localhost") == status


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        ("http://localhost", 200),
        ("https://localhost", 200),
        ("http://localhost:8080", 403),
        ("http://localhost.evil.example", 403),
        ("http://evil.example", 403),
        ("null", 403),
        ("", 403),
    ],
)
def test_a_browser_that_says_no_site_says_the_origin(browser: FlaskClient, origin: str, status: int) -> None:
    assert send(browser, Origin=origin) == status


def test_a_program_says_neither(browser: FlaskClient) -> None:
    assert send(browser) == 200


@pytest.mark.parametrize(
    ("origin", "status"),
    [("https://calls.example", 200), ("http://calls.example", 403), ("https://calls.example:8443", 403)],
)
def test_the_public_address_is_the_one_origin(app_with: Callable[..., Flask], origin: str, status: int) -> None:
    browser = app_with(public_url="https://calls.example/").test_client()

    assert send(browser, "http://calls.example", Origin=origin) == status


def test_whoever_only_looks_may_come_from_anywhere(browser: FlaskClient) -> None:
    assert browser.get("/probe/fine", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 200


def test_the_answer_says_what_is_wrong(browser: FlaskClient) -> None:
    foreign = {"Sec-Fetch-Site": "cross-site"}
    page = browser.post("/probe/form", headers={**PAGE, **foreign})
    fragment = browser.post("/probe/form", headers={**HTMX, **foreign})
    error = error_of(browser.post("/probe/form", headers={**JSON, **foreign}))

    assert (page.status_code, fragment.status_code) == (403, 403)
    assert page.text.startswith("<!doctype html>")
    for answer in (page, fragment):
        assert "This form came from another site" in answer.text
    assert error["code"] == "CSRF_FAILED"
    assert "wasn’t on a Switchboard page" in error["message"]


def test_a_forged_form_uses_up_nobodys_tries(browser: FlaskClient) -> None:
    for _ in range(5):
        browser.post("/probe/limited", headers={"Sec-Fetch-Site": "cross-site"})

    assert browser.post("/probe/limited").headers["X-RateLimit-Remaining"] == "2"
