"""Every route × every role × a stranger × another organization's person, found by walking the app's routes."""

from collections.abc import Iterator

import pytest
from flask import Flask
from werkzeug.routing import Rule

from app.models import Role, StaffRole
from app.security.guard import Access, access_of, is_static
from app.security.matrix import STAFF_PERMISSIONS
from tests.support.client import Client
from tests.support.company import Company, address_of, may_use
from tests.support.factories import Factories


def guarded(app: Flask) -> Iterator[tuple[Rule, str, Access]]:
    """Every route that is not public, with a method it takes and who may use it."""
    for rule in app.url_map.iter_rules():
        access = access_of(app, rule.endpoint)
        if is_static(rule.endpoint) or access is None or not access.signed_in:
            continue
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            yield rule, method, access


def ask(client: Client, method: str, url: str) -> int:
    """The status of the answer; whatever it is."""
    return client.status_of(method, url)


def test_a_stranger_gets_no_further_than_the_sign_in_page(app: Flask, client: Client, company: Company) -> None:
    for rule, method, _access in guarded(app):
        assert ask(client, method, address_of(app, rule, company)) in (303, 401), f"{method} {rule.rule}"


@pytest.mark.parametrize("role", list(Role))
def test_every_role_gets_what_the_matrix_says(app: Flask, client: Client, company: Company, role: Role) -> None:
    client.sign_in(company.people[role])
    for rule, method, access in guarded(app):
        if rule.endpoint in ENDS_THE_SESSION:
            continue
        status = ask(client, method, address_of(app, rule, company))
        if may_use(access, role):
            assert status not in (401, 500), f"{role} {method} {rule.rule}: {status}"
            if not rule.arguments:
                assert status != 403, f"{role} {method} {rule.rule}: {status}"
        else:
            assert status == 403, f"{role} {method} {rule.rule}: {status}"


#: Tried on their own elsewhere: what comes after one of them would be a stranger's request, or one from home.
ENDS_THE_SESSION = frozenset({"sign_in.sign_out", "organizations.leave"})


@pytest.mark.parametrize("staff_role", list(StaffRole))
def test_the_platforms_people_inside_an_organization_get_what_their_role_gets_there(
    app: Flask, client: Client, company: Company, make: Factories, staff_role: StaffRole
) -> None:
    client.sign_in(make.staff(staff_role))
    client.post(f"/organizations/{company.organization.id}/enter", {"reason": "They have asked for help"})
    for rule, method, access in guarded(app):
        if rule.endpoint in ENDS_THE_SESSION:
            continue
        status = ask(client, method, address_of(app, rule, company))
        if may_use(access, Role(staff_role), STAFF_PERMISSIONS[staff_role]):
            assert status not in (401, 500), f"{staff_role} {method} {rule.rule}: {status}"
            if not rule.arguments:
                assert status != 403, f"{staff_role} {method} {rule.rule}: {status}"
        else:
            assert status == 403, f"{staff_role} {method} {rule.rule}: {status}"
    assert "Leave" in client.get("/account").text, "still inside"


@pytest.mark.parametrize("role", list(Role))
def test_another_organizations_rows_are_not_found(
    app: Flask, client: Client, company: Company, neighbour: Company, role: Role
) -> None:
    client.sign_in(neighbour.people[role])
    for rule, method, _access in guarded(app):
        if rule.arguments:
            status = ask(client, method, address_of(app, rule, company))
            assert status in (403, 404), f"{role} {method} {rule.rule}: {status}"


def test_a_csr_finds_no_trace_of_another_csrs_rows(
    app: Flask, client: Client, company: Company, make: Factories
) -> None:
    client.sign_in(make.user(company.organization))
    for rule, method, access in guarded(app):
        if "call_id" in rule.arguments:
            status = ask(client, method, address_of(app, rule, company))
            assert status == (404 if may_use(access, Role.CSR) else 403), f"{method} {rule.rule}"
