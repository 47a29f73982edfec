"""One walk per role: each page is opened once, and its response is checked against all rules for pages.

A walk collects all findings, so that one broken page doesn't hide the others.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import pytest
from flask import Flask
from werkzeug.routing import Rule

from app.models import Role, StaffRole
from app.security.guard import Access, access_of, is_static
from app.security.matrix import STAFF_PERMISSIONS
from app.web.representation import is_for_programs
from tests.contract.conftest import OPEN_RECORDS
from tests.support.client import Client
from tests.support.company import Company, address_of, may_use
from tests.support.factories import Factories
from tests.support.owner_pages import Opened, OwnerPages, open_page, without_rate_limits
from tests.support.page_rules import Visit, broken_rules, marked
from tests.support.routes import page_routes

OK = 200
#: Statuses of pages, of parts that can be empty, and of redirects.
GOOD = frozenset({200, 204, 301, 303})
#: Routes to records that the tests' company doesn't have.
ABSENT: Mapping[str, str] = {
    "audit_log.confirm_revert_operation": "no operation has this id",
    "calls.audio": "the call was not recorded",
    "exports.file": "the export is still queued",
    "notifications.show": "there are no notifications",
    "privacy.organization_file": "all data has not been exported",
    "recordings.download": "the recording can be played",
    "users.show_picture": "no one has a picture",
}
#: Pages that a role can open in general, but not for this record.
SOMEBODY_ELSES: Mapping[str, str] = {"saved_views.edit": "shared views can only be changed by their owner"}


@dataclass(frozen=True)
class Walk:
    """A user's pages and permissions."""

    name: str
    open: Callable[[Rule], Opened]
    may_use: Callable[[Access], bool]
    opens_records: bool = False
    #: Further permissions of the pages that links lead to: those on a guest's own pages lead home.
    may_use_at_home: Callable[[Access], bool] = lambda _access: False

    def findings(self, app: Flask) -> Iterator[str]:
        """Open each page that the person has access to, and yield its errors.

        Pages with arguments are opened only with `opens_records`.
        """
        for rule in routes(app):
            access = access_of(app, rule.endpoint) or Access()
            if self.may_use(access) and (self.opens_records or not rule.arguments):
                opened = self.open(rule)
                for found in self._errors(app, rule, opened):
                    yield f"{self.name} {opened.url} {found}"

    def _errors(self, app: Flask, rule: Rule, opened: Opened) -> list[str]:
        if opened.error:
            return [opened.error]
        page = opened.page()
        if page.status not in self._expected(rule):
            return [f"status: {page.status}"]
        is_page = page.is_whole and page.status == OK
        return broken_rules(Visit(app, opened.url, page, self._may_follow)) if is_page else []

    def _expected(self, rule: Rule) -> frozenset[int]:
        """Return the valid statuses for a route.

        An owner sees every record; for others, a record can be someone else's and thus not found or refused.
        """
        if rule.endpoint in ABSENT:
            return frozenset({404})
        is_owner = self.name == Role.OWNER
        return (
            GOOD
            | (frozenset({404}) if rule.arguments and not is_owner else frozenset())
            | (frozenset({403}) if rule.endpoint in SOMEBODY_ELSES and not is_owner else frozenset())
        )

    def _may_follow(self, access: Access) -> bool:
        return self.may_use(access) or self.may_use_at_home(access)


def routes(app: Flask) -> Iterator[Rule]:
    """Yield all routes that answer GET for signed-in users."""
    for rule in page_routes(app):
        access = access_of(app, rule.endpoint)
        is_page = not is_static(rule.endpoint) and not is_for_programs(rule.rule)
        if is_page and access is not None and access.signed_in and "GET" in (rule.methods or ()):
            yield rule


@pytest.fixture
def open_in(app: Flask, company: Company) -> Iterator[Callable[[Client], Callable[[Rule], Opened]]]:
    """Function that returns how a browser opens the company's pages, without rate limits."""
    with without_rate_limits(app):
        yield lambda client: lambda rule: open_page(client, address_of(app, rule, company))


def test_every_page_of_an_owner_follows_the_rules(app: Flask, owner_pages: OwnerPages) -> None:
    walk = Walk(
        Role.OWNER,
        lambda rule: owner_pages[rule.rule],
        lambda access: may_use(access, Role.OWNER),
        opens_records=True,
    )

    found = list(walk.findings(app))
    assert not found, "\n".join(found)


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.OWNER])
def test_every_page_of_a_role_follows_the_rules(
    app: Flask,
    client: Client,
    company: Company,
    open_in: Callable[[Client], Callable[[Rule], Opened]],
    role: Role,
) -> None:
    client.sign_in(company.people[role])
    walk = Walk(role, open_in(client), lambda access: may_use(access, role), role in OPEN_RECORDS)

    found = list(walk.findings(app))
    assert not found, "\n".join(found)


@pytest.mark.parametrize("role", list(StaffRole))
def test_every_page_of_a_guest_from_the_platform_follows_the_rules(
    app: Flask,
    client: Client,
    company: Company,
    make: Factories,
    open_in: Callable[[Client], Callable[[Rule], Opened]],
    role: StaffRole,
) -> None:
    client.sign_in(make.staff(role))
    client.post(f"/organizations/{company.organization.id}/enter", {"reason": "They have asked for help"})
    walk = Walk(
        f"{role} of the platform",
        open_in(client),
        lambda access: may_use(access, Role(role), STAFF_PERMISSIONS[role]),
        may_use_at_home=lambda access: may_use(access, Role.CSR, STAFF_PERMISSIONS[role]),
    )

    found = list(walk.findings(app))
    assert not found, "\n".join(found)
    assert "Leave" in client.get("/account").text, "still inside"


def test_pages_of_the_platform_mark_their_place(client: Client, company: Company, make: Factories) -> None:
    client.sign_in(make.staff(StaffRole.ADMIN))
    for url in ("", "/new", f"/{company.organization.id}", f"/{company.organization.id}/enter"):
        assert marked(client.get(f"/organizations{url}")) == ["/organizations"], url
