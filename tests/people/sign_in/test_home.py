"""The root URL, which redirects each user to the first page of their role."""

import pytest
from flask import Flask

from app.models import Role, StaffRole
from tests.support.client import Client
from tests.support.factories import PASSWORD, Factories

WANTED = {
    Role.CSR: ["/csr"],
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
