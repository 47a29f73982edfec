"""Requests by users who aren't signed in or who lack the permission."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from flask.testing import FlaskClient

from app.db.ids import uuid7
from app.security.permissions import Role
from tests.support.factories import Factories
from tests.web.callers import HTMX, JSON, ORGANIZATION_ID, PAGE, USER_ID, as_role, error_of

Trail = Callable[[], list[Mapping[str, Any]]]


def test_stranger_is_led_to_sign_in_and_back(browser: FlaskClient) -> None:
    response = browser.get("/probe/private?status=missed&page=2", headers=PAGE)

    assert response.status_code == 303
    assert response.location == "/login?next=/probe/private?status%3Dmissed%26page%3D2"


def test_form_of_a_stranger_leads_back_to_the_page_it_stood_on(browser: FlaskClient) -> None:
    response = browser.post("/probe/private", headers={**PAGE, "Referer": "http://localhost/calls?page=2"})

    assert response.location == "/login?next=/calls?page%3D2"


@pytest.mark.parametrize("page", ["/logout", "/nowhere"])
def test_what_answers_forms_only_is_no_page_to_be_led_back_to(browser: FlaskClient, page: str) -> None:
    response = browser.post("/probe/private", headers={**PAGE, "Referer": f"http://localhost{page}"})

    assert response.location == "/login"


def test_form_from_elsewhere_leads_to_no_place_in_particular(browser: FlaskClient) -> None:
    response = browser.post("/probe/private", headers={**PAGE, "Referer": "https://evil.example/calls"})

    assert response.location == "/login"


def test_swap_of_a_stranger_makes_the_whole_page_go_to_sign_in(browser: FlaskClient) -> None:
    response = browser.get("/probe/private?page=2", headers=HTMX)

    assert response.status_code == 401
    assert response.headers["HX-Redirect"] == "/login?next=/probe/private?page%3D2"
    assert "WWW-Authenticate" in response.headers
    assert response.text == ""


def test_swap_on_a_page_of_another_site_leads_to_no_place_in_particular(browser: FlaskClient) -> None:
    response = browser.post("/probe/private", headers={**HTMX, "HX-Current-URL": "https://evil.example/calls"})

    assert response.headers["HX-Redirect"] == "/login"


def test_program_without_a_token_is_told_so(browser: FlaskClient) -> None:
    response = browser.get("/api/probe/private")

    assert response.status_code == 401
    assert error_of(response)["code"] == "TOKEN_MISSING"


def test_form_in_a_swap_leads_back_to_its_page(browser: FlaskClient) -> None:
    response = browser.post("/probe/private", headers=HTMX)

    assert response.headers["HX-Redirect"] == "/login?next=/calls?status%3Dmissed"


def test_session_that_ended_inside_a_swap_leads_to_sign_in(browser: FlaskClient) -> None:
    response = browser.get("/probe/private", headers=as_role("ended", HTMX))

    assert response.status_code == 401
    assert response.headers["HX-Redirect"].startswith("/login?next=")


def test_session_that_ended_does_not_break_public_error_pages(browser: FlaskClient) -> None:
    assert browser.get("/nothing", headers=as_role("ended", PAGE)).status_code == 404


def test_refusal_says_what_is_needed_and_what_one_is(browser: FlaskClient) -> None:
    response = browser.get("/api/probe/audit", headers=as_role(Role.CSR))

    assert response.status_code == 403
    assert {name: error_of(response)[name] for name in ("requiredPermission", "requiredRole", "currentRole")} == {
        "requiredPermission": "audit:read",
        "requiredRole": "support",
        "currentRole": "csr",
    }


def test_refusal_is_a_page_that_names_the_roles(browser: FlaskClient) -> None:
    response = browser.get("/probe/audit", headers=as_role(Role.CSR, PAGE))

    assert response.status_code == 403
    assert "Support" in response.text
    assert "CSR" in response.text


def test_refusal_stands_in_the_audit_trail_under_the_persons_name(
    browser: FlaskClient, trail: Trail, make: Factories
) -> None:
    make.organization(id=ORGANIZATION_ID)

    response = browser.get("/probe/audit?filter=x", headers=as_role(Role.CSR, JSON))

    [event] = trail()
    assert event["action"] == "permission.refused"
    assert event["user_id"] == USER_ID
    assert event["actor_label"] == "Maya Torres"
    assert event["metadata"] == {"permission": "audit:read", "method": "GET", "route": "/probe/audit"}
    assert event["request_id"] == response.headers["X-Request-ID"]
    assert str(event["ip_address"]) == "127.0.0.1"


def test_being_let_in_is_no_event(browser: FlaskClient, trail: Trail) -> None:
    assert browser.get("/probe/audit", headers=as_role(Role.ADMIN)).text == "in"
    assert trail() == []


def test_only_people_are_asked_to_confirm_their_session(browser: FlaskClient) -> None:
    program = as_role(Role.OWNER, JSON)
    person = {**program, "Test-Session": str(uuid7())}

    assert browser.get("/probe/confirmed", headers=program).text == "in"
    refused = browser.get("/probe/confirmed", headers=person)

    assert (refused.status_code, error_of(refused)["code"]) == (403, "REAUTHENTICATION_REQUIRED")
