"""Effects that need a confirmed session: one request for each place in the app that asks, and those that don't ask."""

import ast
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from itertools import chain
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine

from app.config import PROJECT_ROOT
from app.models import DeletionBatch, PlanCode, Role, User
from app.security import confirmation
from app.security.permissions import Permission
from tests.support.api_client import ApiClient
from tests.support.client import Client
from tests.support.company import Company
from tests.support.direct_access import Behind
from tests.support.factories import DAY, Factories
from tests.support.second_factor import set_up
from tests.support.sources import parsed
from tests.support.unconfirmed import aged, answer_to, asks, count_changes, is_question

API = "/api/v1"
DEADLINES, RETENTION, SECURITY = "/organization/deadlines", "/organization/retention", "/organization/security"
WEBHOOK_KEY, PLAN, REPAIR = "/organization/webhook-key", "/organization/billing/plan", "/system/repair"

#: A method, a URL and the form, or the body for a program.
Request = tuple[str, str, dict[str, Any]]


@dataclass
class Scene:
    """A company, and its owner’s browser, which was confirmed until the request is ready."""

    app: Flask
    company: Company
    make: Factories
    behind: Behind
    owner: Client
    monkeypatch: pytest.MonkeyPatch

    @property
    def csr(self) -> User:
        return self.company.people[Role.CSR]

    @cached_property
    def deleted_person(self) -> DeletionBatch:
        """The deletion of a CSR."""
        return self.make.deletion(self.csr, root_type="user", root_label=self.csr.name)

    def form(self, url: str, page: str = "") -> dict[str, str]:
        """Return the values of the form to `url`, on the page there or on another one."""
        return self.owner.get(page or url).fields(url)

    def confirm(self, permission: Permission) -> None:
        """Add a permission to those that need a confirmation."""
        self.monkeypatch.setattr(confirmation, "CONFIRMED", confirmation.CONFIRMED | {permission})

    def change(self, **values: Any) -> None:
        """Set values of the organization."""
        self.behind.change(self.company.organization, **values)

    def plan_form(self, *leaving: User) -> dict[str, Any]:
        """Return the form for a smaller plan and the people who lose their seat."""
        subscription = self.company.rows["subscription"]
        self.behind.change(subscription, plan=PlanCode.PROFESSIONAL)
        return {"plan": "starter", "version": subscription.version, "users": [str(one.id) for one in leaving]}


@pytest.fixture
def scene(
    app: Flask,
    client: Client,
    company: Company,
    make: Factories,
    behind: Behind,
    monkeypatch: pytest.MonkeyPatch,
) -> Scene:
    owner = client.sign_in(company.people[Role.OWNER])
    return Scene(app, company, make, behind, owner, monkeypatch)


#: Prepares a request within a scene.
Prepare = Callable[[Scene], Request]


def another_address(scene: Scene) -> Request:
    url = f"/users/{scene.csr.id}/edit"
    return "POST", url, {**scene.form(url), "email": "thief@elsewhere.example"}


def own_address_by_a_program(scene: Scene) -> Request:
    owner = scene.company.people[Role.OWNER]
    return "PATCH", f"{API}/users/{owner.id}", {"email": "thief@elsewhere.example"}


def password_link(scene: Scene) -> Request:
    return "POST", f"/users/{scene.csr.id}/password-link", {"version": scene.csr.version, "reason": "They asked for it"}


def loss_of_a_second_factor(scene: Scene) -> Request:
    scene.behind.change(scene.csr, mfa_secret=b"sealed")
    return "POST", f"/users/{scene.csr.id}/second-factor", {"version": scene.csr.version, "reason": "They lost it"}


def two_factors_no_longer_required(scene: Scene) -> Request:
    set_up(scene.owner)
    scene.change(require_mfa=True)
    return "POST", SECURITY, {"version": scene.company.organization.version}


def another_time_in_the_trash(scene: Scene) -> Request:
    return "POST", DEADLINES, {**scene.form(DEADLINES), "trash_days": "31"}


def purges_brought_forward(scene: Scene) -> Request:
    return "POST", DEADLINES, {**scene.form(DEADLINES), "shorten_trash": "y"}


def another_webhook_key(scene: Scene) -> Request:
    organization = scene.company.organization
    return "POST", WEBHOOK_KEY, {"slug": organization.slug, "version": organization.version}


def smaller_plan_that_takes_a_seat(scene: Scene) -> Request:
    return "POST", PLAN, scene.plan_form(scene.company.rows["user"])


def smaller_plan_that_takes_a_seat_by_a_program(scene: Scene) -> Request:
    leaving = scene.plan_form(scene.company.rows["user"])["users"]
    return "POST", f"{API}/subscription/plan", {"plan": "starter", "usersToDeactivate": leaving}


def page_that_restores_a_person(scene: Scene) -> Request:
    return "GET", f"/trash/{scene.deleted_person.id}/restore", {}


def page_that_restores_many(scene: Scene) -> Request:
    return "GET", f"/trash/restore?row={scene.deleted_person.id}", {}


def undo_of_a_deletion(scene: Scene) -> Request:
    return "POST", f"/trash/{scene.deleted_person.id}/undo", {}


def restore(scene: Scene) -> Request:
    return "POST", f"/trash/{scene.deleted_person.id}/restore", {"step": "restore", "seen": "y"}


def restore_by_the_worker(scene: Scene) -> Request:
    return "POST", f"/trash/{scene.deleted_person.id}/restore-all", {}


def restore_of_many(scene: Scene) -> Request:
    return "POST", "/trash/restore", {"row": str(scene.deleted_person.id)}


def restore_by_a_program(scene: Scene) -> Request:
    return "POST", f"{API}/trash/{scene.deleted_person.id}/restore", {}


def other_retention(scene: Scene) -> Request:
    days = scene.form(RETENTION)
    longer = {name: str(int(value) + 1) for name, value in days.items() if name != "version" and value.isdigit()}
    return "POST", RETENTION, {**days, **longer}


def shorter_retention_canceled(scene: Scene) -> Request:
    scene.change(pending_retention={"calls": 400}, pending_retention_at=datetime.now(UTC) + timedelta(hours=1))
    return "POST", f"{RETENTION}/withdraw", {"version": scene.company.organization.version}


def legal_hold_lifted(scene: Scene) -> Request:
    scene.change(legal_hold=True, legal_hold_reason="A lawsuit")
    url = f"{RETENTION}/release"
    return "POST", url, {**scene.form(url, RETENTION), "sure": "y"}


def another_calendar_feed(scene: Scene) -> Request:
    return "POST", "/calendar/address", {}


def file_of_all_data(scene: Scene) -> Request:
    row = scene.make.export_of_calls(scene.company.people[Role.OWNER], kind="organization")
    return "GET", f"/exports/{row.id}/file", {}


def file_of_a_person_for_a_program(scene: Scene) -> Request:
    about = {"contact_id": str(scene.company.rows["contact"].id)}
    row = scene.make.export_of_calls(scene.company.people[Role.OWNER], kind="person", filters=about)
    return "GET", f"{API}/exports/{row.id}/file", {}


def all_data_requested_by_a_program(scene: Scene) -> Request:
    return "POST", f"{API}/exports", {"kind": "organization"}


def newest_file_of_all_data(_scene: Scene) -> Request:
    return "GET", "/organization/export/file", {}


def newest_file_of_all_data_for_a_program(_scene: Scene) -> Request:
    return "GET", "/api/client/export", {}


def change_of_many(scene: Scene) -> Request:
    scene.confirm(Permission.CALLS_UPDATE)  # no bulk change needs a permission of the list so far
    url = f"/bulk/new?action=set_outcome&row={scene.company.rows['call'].id}"
    return "POST", url, {**scene.form(url), "outcome": "resolved"}


def undo_of_a_change_of_many(scene: Scene) -> Request:
    scene.confirm(Permission.CALLS_UPDATE)
    return "POST", f"/bulk/{scene.company.rows['bulk_operation'].id}/undo", {}


def another_name(scene: Scene) -> Request:
    url = f"/users/{scene.csr.id}/edit"
    return "POST", url, {**scene.form(url), "name": "Another Name"}


def other_deadlines(scene: Scene) -> Request:
    return "POST", DEADLINES, {**scene.form(DEADLINES), "rescue_window_days": "9"}


def two_factors_required(scene: Scene) -> Request:
    return "POST", SECURITY, {"version": scene.company.organization.version, "require_mfa": "y"}


def smaller_plan(scene: Scene) -> Request:
    return "POST", PLAN, scene.plan_form()


def legal_hold(scene: Scene) -> Request:
    url = f"{RETENTION}/hold"
    return "POST", url, {**scene.form(url, RETENTION), "reason": "A lawsuit"}


def repair(scene: Scene) -> Request:
    scene.behind.change(scene.csr, email="csr@a..example")
    return "POST", REPAIR, {"subject": "users"}


def calendar_feed_revoked(scene: Scene) -> Request:
    scene.behind.change(scene.company.people[Role.OWNER], calendar_feed_hash=b"a" * 32)
    return "POST", "/calendar/address/remove", {}


#: Requests by the function, below `app`, that asks, and its reason as the source has it.
CASES: dict[tuple[str, str], tuple[Prepare, ...]] = {
    ("people.users.edit_service.check_address_change", "Effect.ADDRESS"): (another_address,),
    ("people.users.record_service.change_person", "Effect.ADDRESS"): (own_address_by_a_program,),
    ("people.users.credential_service.send_password_link", "Effect.LINK"): (password_link,),
    ("people.users.credential_service.reset_second_factor", "Effect.SECOND_FACTOR"): (loss_of_a_second_factor,),
    ("organization.settings.profile_service.change_settings", "Effect.SECOND_FACTOR"): (
        two_factors_no_longer_required,
    ),
    ("organization.settings.profile_service.change_settings", "Effect.RETENTION"): (another_time_in_the_trash,),
    ("organization.settings.profile_service.change_deadlines", "Permission.TRASH_PURGE"): (purges_brought_forward,),
    ("organization.settings.profile_service.renew_webhook_key", "Effect.WEBHOOK_KEY"): (another_webhook_key,),
    ("organization.billing.service.schedule_downgrade", "Permission.USERS_DEACTIVATE"): (
        smaller_plan_that_takes_a_seat,
        smaller_plan_that_takes_a_seat_by_a_program,
    ),
    ("people.users.trash._may_restore", "Effect.PERSON_BACK"): (
        page_that_restores_a_person,
        page_that_restores_many,
        undo_of_a_deletion,
        restore,
        restore_by_the_worker,
        restore_of_many,
        restore_by_a_program,
    ),
    ("trust.retention.service.set_days", "Effect.RETENTION"): (other_retention,),
    ("trust.retention.service.withdraw", "Effect.RETENTION"): (shorter_retention_canceled,),
    ("trust.retention.service.release", "Effect.RETENTION"): (legal_hold_lifted,),
    ("work.calendar.feed_service.renew", "Effect.CALENDAR_FEED"): (another_calendar_feed,),
    ("data.exports.service.take_file", "source.permission"): (
        file_of_all_data,
        file_of_a_person_for_a_program,
    ),
    ("data.exports.record_service._request_archive", "archive.permission"): (all_data_requested_by_a_program,),
    ("trust.privacy.newest_export_service.take_newest_export", "Permission.ORGANIZATION_EXPORT"): (
        newest_file_of_all_data,
        newest_file_of_all_data_for_a_program,
    ),
    ("data.bulk.service.start", "permission"): (change_of_many,),
    ("data.bulk.service.undo", "change.permission"): (undo_of_a_change_of_many,),
}
#: Requests that don't ask, with the reason.
UNASKED: dict[Prepare, str] = {
    another_name: "an address opens an account, a name doesn’t",
    other_deadlines: "deleted items stay in the trash as long as before",
    two_factors_required: "it requires more of the people who sign in",
    smaller_plan: "no one is deactivated",
    legal_hold: "it deletes nothing",
    repair: "it deactivates only people whose address is invalid, whom its user can’t choose",
    calendar_feed_revoked: "it takes access away",
}


@pytest.mark.parametrize("prepare", [*chain(*CASES.values())], ids=lambda prepare: prepare.__name__)
def test_each_of_them_asks_and_changes_nothing(scene: Scene, admin_engine: Engine, prepare: Prepare) -> None:
    method, url, data = prepare(scene)
    program = ApiClient(scene.app, scene.company.people[Role.OWNER], confirmed_at=DAY)
    browser, before = aged(scene.owner, admin_engine), count_changes(admin_engine)

    if url.startswith("/api/"):
        response = program.send(method, url, None if method == "GET" else data, prefix="")
        assert response.get_json()["error"]["code"] == "REAUTHENTICATION_REQUIRED"
    else:
        assert asks(browser, method, url, data)
    assert count_changes(admin_engine) == before


@pytest.mark.parametrize("prepare", UNASKED, ids=lambda prepare: prepare.__name__)
def test_these_do_not_ask(scene: Scene, admin_engine: Engine, prepare: Prepare) -> None:
    method, url, data = prepare(scene)
    before = count_changes(admin_engine)
    page = answer_to(aged(scene.owner, admin_engine), method, url, data)

    assert (page.status, is_question(page)) == (303, False)
    assert count_changes(admin_engine) > before


def test_a_restore_that_a_program_previews_does_not_ask(scene: Scene, admin_engine: Engine) -> None:
    program = ApiClient(scene.app, scene.company.people[Role.OWNER], confirmed_at=DAY)
    preview, before = f"/trash/{scene.deleted_person.id}/preview", count_changes(admin_engine)

    assert program.post(preview, {}).get_json()["data"]["canRestore"] is True
    assert count_changes(admin_engine) == before


def test_each_place_that_asks_has_a_case() -> None:
    places = set()
    for path, tree in parsed(PROJECT_ROOT / "app", {"require_confirmation"}):
        module = ".".join(path.relative_to(PROJECT_ROOT / "app").with_suffix("").parts)
        for function in (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)):
            calls = (node for node in ast.walk(function) if isinstance(node, ast.Call))
            asking = [one for one in calls if ast.unparse(one.func).startswith("require_confirmation")]
            places |= {(f"{module}.{function.name}", ast.unparse(one.args[1])) for one in asking}

    assert CASES.keys() == places
