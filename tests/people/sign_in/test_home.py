"""The root URL, which redirects each user to the first page of their role."""

import pytest
from flask import Flask
from sqlalchemy.exc import IntegrityError

from app.models import Role, StaffRole
from tests.support.client import Client
from tests.support.factories import PASSWORD, Factories

WANTED = {
    Role.CSR: ["/my-day"],
    Role.SALES_REP: ["/rep"],
    Role.SUPPORT: ["/audit"],
    Role.MANAGER: ["/exec/csr", "/csr"],
    Role.EXEC: ["/exec/csr", "/csr"],
    Role.ADMIN: ["/organization", "/csr"],
    Role.OWNER: ["/organization", "/csr"],
}


@pytest.mark.parametrize("role", list(Role))
def test_each_role_begins_on_its_own_page(app: Flask, client: Client, make: Factories, role: Role) -> None:
    there = {rule.rule for rule in app.url_map.iter_rules()}
    first = next(page for page in [*WANTED[role], "/calls", "/account"] if page in there)

    client.sign_in(make.user(make.organization(), role=role))

    assert client.get("/", status=303).headers["Location"] == first


def test_a_stranger_is_led_to_the_sign_in_page(client: Client) -> None:
    assert client.get("/", status=303).headers["Location"] == "/login"


@pytest.mark.parametrize("role", list(StaffRole))
def test_the_platforms_people_begin_with_the_organizations(client: Client, make: Factories, role: StaffRole) -> None:
    staff = make.staff(role)
    assert client.post("/login", {"email": staff.email, "password": PASSWORD}).headers["Location"] == "/organizations"
    assert client.get("/", status=303).headers["Location"] == "/organizations"


def test_one_starts_where_one_chose_to(client: Client, make: Factories) -> None:
    csr = make.user(make.organization(), role=Role.CSR)
    page = client.sign_in_by_form(csr).get("/account")
    offered = [option.get("value") for option in page.all(".//select[@name='start_page']/option")]

    assert "/tasks" in offered
    assert "/users" not in offered
    client.post("/account/preferences", {**page.fields("/account/preferences"), "start_page": "/tasks"})

    assert client.get("/", status=303).headers["Location"] == "/tasks"
    assert client.post("/login", {"email": csr.email, "password": PASSWORD}).headers["Location"] == "/tasks"


def test_only_pages_of_ones_role_are_taken(client: Client, make: Factories) -> None:
    client.sign_in(make.user(make.organization(), role=Role.CSR))
    fields = client.get("/account").fields("/account/preferences")
    client.post("/account/preferences", {**fields, "start_page": "/users"}, status=400)
    assert client.get("/", status=303).headers["Location"] == WANTED[Role.CSR][0]


def test_a_page_that_one_lost_is_not_where_one_starts(client: Client, make: Factories) -> None:
    csr = make.user(make.organization(), role=Role.CSR, start_page="/users")
    client.sign_in(csr)
    assert client.get("/", status=303).headers["Location"] == WANTED[Role.CSR][0]
    assert client.get("/account").all(".//select[@name='start_page']/option[@selected]") == []


def test_a_start_page_is_a_path(make: Factories) -> None:
    organization = make.organization()
    with pytest.raises(IntegrityError, match="check_start_page"):
        make.user(organization, start_page="https://elsewhere.example")
