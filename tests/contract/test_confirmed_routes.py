"""Every route that asks for a confirmation, and when."""

import json
from collections.abc import Collection, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine, update
from werkzeug.routing import Rule

from app.models import Role, StaffRole, User, UserSession
from app.security.confirmation import MARK
from tests.support.client import Client
from tests.support.company import Company, address_of
from tests.support.factories import Factories
from tests.support.routes import page_routes

#: Always.
CONFIRMED = {
    "api_keys.create",
    "api_keys.new",
    "api_keys.rotate",
    "organizations.confirm_enter",
    "organizations.confirm_suspend",
    "organizations.create",
    "organizations.enter",
    "organizations.new",
    "organizations.renew_owner_link",
    "organizations.suspend",
    "privacy.create_organization_export",
    "privacy.new_organization_export",
    "privacy.organization_file",
    "privacy.update_monthly_export",
    "retention.update",
    "retention.withdraw",
    "sign_in.remove_second_factor",
    "users.confirm_reset_second_factor",
    "users.reset_second_factor",
}
#: Before it is turned off on that page, which is also where it is set up.
OF_PEOPLE_WITH_A_SECOND_FACTOR = {"sign_in.new_second_factor"}
#: If the time that records stay in the trash would change.
ABOUT_RETENTION = {"settings.update_deadlines"}
#: If the person is an owner or would become one.
ABOUT_OWNERS = {
    "invitations.create",
    "invitations.invite_all",
    "invitations.send_again",
    "roles.edit_role",
    "roles.update_role",
    "trash.confirm_restore",
    "trash.confirm_restore_bulk",
    "trash.restore",
    "trash.restore_bulk",
    "trash.restore_many",
    "trash.undo",
    "users.activate",
    "users.confirm_deactivate",
    "users.confirm_delete",
    "users.confirm_suspend",
    "users.deactivate",
    "users.delete",
    "users.let_back",
    "users.suspend",
}


#: With the same names for the person's page.
ABOUT_A_PERSON = {endpoint for endpoint in ABOUT_OWNERS if endpoint.startswith(("users.", "roles."))}
LATER = "/account/confirm?next="


@pytest.fixture
def another_owner(make: Factories, company: Company) -> User:
    """A second owner of the organization, whom the first one changes."""
    return make.user(company.organization, role=Role.OWNER)


@pytest.fixture
def as_owner(client: Client, company: Company, another_owner: User, admin_engine: Engine) -> Client:
    """The browser of an owner who signed in a quarter of an hour ago."""
    return aged(client.sign_in(company.people[Role.OWNER]), admin_engine)


def aged(client: Client, engine: Engine) -> Client:
    """Set the confirmation of all sessions to a quarter of an hour ago, and return the client."""
    with engine.begin() as connection:
        connection.execute(update(UserSession).values(confirmed_at=datetime.now(UTC) - timedelta(minutes=15)))
    return client


def asks(client: Client, method: str, url: str, data: Mapping[str, Any] | None = None) -> bool:
    """Return whether a request leads to the page that asks for the password."""
    page = client.look_at(url) if method == "GET" else client.answer_of(url, data or {})
    if page.status == 303:
        return str(page.headers["Location"]).startswith(LATER)
    return page.status == 403 and page.heading == "Confirm it’s you"


def requests_to(app: Flask, endpoints: Collection[str]) -> Iterator[tuple[str, Rule]]:
    """Yield the method and the route of each of `endpoints`."""
    for rule in page_routes(app):
        if rule.endpoint in endpoints:
            yield "GET" if "GET" in (rule.methods or ()) else "POST", rule


def test_these_and_no_others_are_marked(app: Flask) -> None:
    pages = {rule.endpoint for rule in page_routes(app)}
    with app.app_context():
        marked = {endpoint for endpoint, view in app.view_functions.items() if hasattr(view, MARK)} & pages
    assert marked == CONFIRMED | OF_PEOPLE_WITH_A_SECOND_FACTOR | ABOUT_RETENTION | ABOUT_OWNERS


def test_each_asks_whoever_may_use_it(app: Flask, as_owner: Client, company: Company) -> None:
    silent = [
        rule.endpoint
        for method, rule in requests_to(app, CONFIRMED)
        if not rule.endpoint.startswith("organizations.") and not asks(as_owner, method, address_of(app, rule, company))
    ]
    assert silent == []


def test_each_asks_the_platforms_people(
    app: Flask, client: Client, company: Company, make: Factories, admin_engine: Engine
) -> None:
    staff = aged(client.sign_in(make.staff(StaffRole.ADMIN)), admin_engine)
    of_platform = {endpoint for endpoint in CONFIRMED if endpoint.startswith("organizations.")}
    requests = [(method, address_of(app, rule, company)) for method, rule in requests_to(app, of_platform)]
    assert len(requests) == len(of_platform)
    assert [url for method, url in requests if not asks(staff, method, url)] == []


@pytest.mark.parametrize("endpoint", sorted(ABOUT_A_PERSON))
def test_a_change_of_an_owner_asks_and_one_of_a_csr_does_not(
    app: Flask, as_owner: Client, company: Company, another_owner: User, endpoint: str
) -> None:
    [(method, rule)] = requests_to(app, {endpoint})

    def url(person: User) -> str:
        with app.test_request_context():
            return app.url_for(rule.endpoint, user_id=person.id)

    assert asks(as_owner, method, url(another_owner))
    assert not asks(as_owner, method, url(company.people[Role.CSR]))


def test_another_retention_of_the_trash_asks_and_other_deadlines_do_not(as_owner: Client, company: Company) -> None:
    days = company.organization.trash_days
    assert asks(as_owner, "POST", "/organization/deadlines", {"trash_days": str(days - 1)})
    assert not asks(as_owner, "POST", "/organization/deadlines", {"trash_days": str(days)})


def test_making_someone_an_owner_asks(as_owner: Client, company: Company) -> None:
    role = f"/users/{company.people[Role.ADMIN].id}/role"
    assert asks(as_owner, "GET", f"{role}?role=owner")
    assert asks(as_owner, "POST", role, {"role": "owner"})
    assert asks(as_owner, "POST", f"{role}?role=csr", {"role": "owner"})
    assert not asks(as_owner, "POST", role, {"role": "csr"})


def test_inviting_an_owner_asks(as_owner: Client, company: Company, make: Factories) -> None:
    for role, is_asked in ((Role.OWNER, True), (Role.ADMIN, False)):
        person = {"name": "Dana Doe", "email": f"{role}@new.example", "role": role}
        rows = json.dumps([[2, f"{role}.many@new.example", "Dana Doe", role.title()]])
        again = make.invitation(company.organization, role=role)
        assert asks(as_owner, "POST", "/invitations", person) is is_asked
        assert asks(as_owner, "POST", f"/invitations/{again.id}/send-again") is is_asked
        assert asks(as_owner, "POST", "/invitations/import/confirm", {"rows": rows}) is is_asked


def test_restoring_an_owner_asks(as_owner: Client, company: Company, another_owner: User, make: Factories) -> None:
    for person, is_asked in ((another_owner, True), (company.people[Role.CSR], False)):
        batch = make.deletion(person, root_type="user", root_label=person.name)
        one = f"/trash/{batch.id}"
        assert asks(as_owner, "GET", f"{one}/restore") is is_asked
        assert asks(as_owner, "GET", f"/trash/restore?row={batch.id}") is is_asked
        for action, data in (
            (f"{one}/undo", {}),
            (f"{one}/restore", {}),
            (f"{one}/restore-all", {}),
            ("/trash/restore", {"row": str(batch.id)}),
        ):
            assert asks(as_owner, "POST", action, data) is is_asked
