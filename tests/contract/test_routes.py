"""Access to every route and method in the URL map: by each role, a stranger, and people of another organization.

Access is decided before a view runs, so the matrix asks the app for that decision alone. Pages are opened by
`test_walks.py`; here forms are sent, and people of another organization try to find rows.
"""

from collections.abc import Callable, Iterator
from functools import cache

import pytest
from flask import Flask
from werkzeug.routing import Rule

from app.models import Role, StaffRole
from app.security.api_requests import API_PREFIX
from app.security.guard import Access, access_of, is_static
from app.security.identity_queries import find_entered_organization, find_session, find_visit
from app.security.matrix import STAFF_PERMISSIONS
from tests.contract.conftest import OPEN_RECORDS
from tests.support.client import Client
from tests.support.company import Company, address_of, may_use
from tests.support.factories import Factories
from tests.support.routes import page_routes

#: After these, requests come from a stranger or from the home organization. They have tests of their own.
ENDS_THE_SESSION = frozenset({"sign_in.sign_out", "organizations.leave"})


def guarded(app: Flask) -> Iterator[tuple[Rule, str, Access]]:
    """Yield every route that is not public, with each of its methods and the required access."""
    for rule in page_routes(app):
        access = access_of(app, rule.endpoint)
        if is_static(rule.endpoint) or access is None or not access.signed_in:
            continue
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            yield rule, method, access


def wrong_decisions(
    app: Flask, client: Client, company: Company, may: Callable[[Access], bool], *, on_pages_only: bool = False
) -> list[str]:
    """Return the requests that are allowed or refused contrary to the matrix.

    The session and the organization that staff have entered are read once, since nothing changes them.
    """
    wrong = []
    with pytest.MonkeyPatch.context() as patch:
        for query in (find_session, find_visit, find_entered_organization):
            patch.setattr(f"app.security.identity.{query.__name__}", cache(query))
        for rule, method, access in guarded(app):
            if on_pages_only and rule.rule.startswith(API_PREFIX):
                continue
            status = client.refusal_of(method, address_of(app, rule, company))
            if (status in (401, 403, 500)) if may(access) else (status != 403):
                wrong.append(f"{method} {rule.rule}: {status}")
    return wrong


def test_a_stranger_gets_no_further_than_the_sign_in_page(app: Flask, client: Client, company: Company) -> None:
    wrong = []
    for rule, method, _access in guarded(app):
        status = client.status_of(method, address_of(app, rule, company))
        if status not in (303, 401):
            wrong.append(f"{method} {rule.rule}: {status}")

    assert wrong == []


@pytest.mark.parametrize("role", list(Role))
def test_every_role_is_let_in_where_the_matrix_says(app: Flask, client: Client, company: Company, role: Role) -> None:
    client.sign_in(company.people[role])

    assert wrong_decisions(app, client, company, lambda access: may_use(access, role)) == []


@pytest.mark.parametrize("role", list(StaffRole))
def test_the_platforms_people_inside_an_organization_are_let_in_where_their_role_is(
    app: Flask, client: Client, company: Company, make: Factories, role: StaffRole
) -> None:
    client.sign_in(make.staff(role))
    client.post(f"/organizations/{company.organization.id}/enter", {"reason": "They have asked for help"})

    def may(access: Access) -> bool:
        return may_use(access, Role(role), STAFF_PERMISSIONS[role])

    assert wrong_decisions(app, client, company, may, on_pages_only=True) == [], "the API has no visits"
    assert "Leave" in client.get("/account").text, "still inside"


@pytest.mark.parametrize("role", list(Role))
def test_an_empty_form_breaks_nothing_and_is_refused_to_nobody_who_may_send_it(
    app: Flask, client: Client, company: Company, role: Role
) -> None:
    client.sign_in(company.people[role])
    wrong = []
    for rule, method, access in guarded(app):
        is_asked = method != "GET" and may_use(access, role) and (role in OPEN_RECORDS or not rule.arguments)
        if is_asked and rule.endpoint not in ENDS_THE_SESSION:
            status = client.status_of(method, address_of(app, rule, company))
            # The record can belong to another person.
            if status in (401, 500) or (status == 403 and not rule.arguments):
                wrong.append(f"{method} {rule.rule}: {status}")

    assert wrong == []


@pytest.mark.parametrize("role", OPEN_RECORDS)
def test_another_organizations_rows_are_not_found(
    app: Flask, client: Client, company: Company, neighbour: Company, role: Role
) -> None:
    client.sign_in(neighbour.people[role])
    wrong = []
    for rule, method, access in guarded(app):
        if rule.arguments:
            url = address_of(app, rule, company)
            # Who may not use the route is refused before any row is read.
            refusal = None if may_use(access, role) else client.refusal_of(method, url)
            status = refusal or client.status_of(method, url)
            if status not in (403, 404):
                wrong.append(f"{method} {rule.rule}: {status}")

    assert wrong == []


def test_a_csr_finds_no_trace_of_another_csrs_rows(
    app: Flask, client: Client, company: Company, make: Factories
) -> None:
    client.sign_in(make.user(company.organization))
    wrong = []
    for rule, method, access in guarded(app):
        if "call_id" in rule.arguments:
            status = client.status_of(method, address_of(app, rule, company))
            if status != (404 if may_use(access, Role.CSR) else 403):
                wrong.append(f"{method} {rule.rule}: {status}")

    assert wrong == []
