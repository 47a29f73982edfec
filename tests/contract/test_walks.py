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
    """A signed-in browser, with the permissions of its user."""

    name: str
    client: Client
    may_use: Callable[[Access], bool]
    opens_records: bool = False
    #: Further permissions of the pages that links lead to: those on a guest's own pages lead home.
    may_use_at_home: Callable[[Access], bool] = lambda _access: False

    def findings(self, app: Flask, company: Company) -> Iterator[str]:
        """Open each page that the person has access to, and yield its errors.

        Pages with arguments are opened only with `opens_records`.
        """
        for rule in routes(app):
            access = access_of(app, rule.endpoint) or Access()
            if self.may_use(access) and (self.opens_records or not rule.arguments):
                url = address_of(app, rule, company)
                for found in self._look(app, rule, url):
                    yield f"{self.name} {url} {found}"

    def _look(self, app: Flask, rule: Rule, url: str) -> list[str]:
        try:
            page = self.client.look_at(url)
        except Exception as error:  # noqa: BLE001 - an error in a view is a finding like others
            return [f"{type(error).__name__}: {error}"]
        if page.status not in self._expected(rule):
            return [f"status: {page.status}"]
        return broken_rules(Visit(app, url, page, self._may_follow)) if page.is_whole and page.status == OK else []

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


@pytest.fixture(autouse=True)
def _no_rates(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Disabled rate limits, since a walk downloads more files than a person does in an hour."""
    for limiter in app.extensions["switchboard_limiters"]:
        monkeypatch.setattr(limiter, "enabled", False)


@pytest.mark.parametrize("role", list(Role))
def test_every_page_of_a_role_follows_the_rules(app: Flask, client: Client, company: Company, role: Role) -> None:
    walk = Walk(role, client.sign_in(company.people[role]), lambda access: may_use(access, role), role in OPEN_RECORDS)

    found = list(walk.findings(app, company))
    assert not found, "\n".join(found)


@pytest.mark.parametrize("role", list(StaffRole))
def test_every_page_of_a_guest_from_the_platform_follows_the_rules(
    app: Flask, client: Client, company: Company, make: Factories, role: StaffRole
) -> None:
    client.sign_in(make.staff(role))
    client.post(f"/organizations/{company.organization.id}/enter", {"reason": "They have asked for help"})
    walk = Walk(
        f"{role} of the platform",
        client,
        lambda access: may_use(access, Role(role), STAFF_PERMISSIONS[role]),
        may_use_at_home=lambda access: may_use(access, Role.CSR, STAFF_PERMISSIONS[role]),
    )

    found = list(walk.findings(app, company))
    assert not found, "\n".join(found)
    assert "Leave" in client.get("/account").text, "still inside"


def test_pages_of_the_platform_mark_their_place(client: Client, company: Company, make: Factories) -> None:
    client.sign_in(make.staff(StaffRole.ADMIN))
    for url in ("", "/new", f"/{company.organization.id}", f"/{company.organization.id}/enter"):
        assert marked(client.get(f"/organizations{url}")) == ["/organizations"], url
