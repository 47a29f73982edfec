"""The monthly export of all data: turned on by people, requested by the schedule, read by those in charge."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from flask import Flask

from app.directory import Directory
from app.models import Export, Notification, Organization, Role, User
from app.ops.jobs.clock import Clock
from app.trust.privacy.jobs import export_monthly
from tests.support.api_client import ApiClient
from tests.support.client import Client
from tests.support.direct_access import Behind
from tests.support.factories import Factories
from tests.trust.privacy.conftest import Work, download

PAGE = "/organization/export"
#: After 3:30 in New York on the first of a month.
FIRST_OF_MONTH = datetime(2030, 4, 1, 8, tzinfo=UTC)


def turn(client: Client, *, on: bool) -> None:
    opened = client.get(PAGE).fields(f"{PAGE}/monthly")
    client.post(
        f"{PAGE}/monthly", {"version": opened["version"], **({"monthly_export": "y"} if on else {})}, status=303
    )


@pytest.fixture
def manager(make: Factories, organization: Organization) -> User:
    return make.user(organization, Role.MANAGER)


def test_it_is_turned_on_and_off_and_recorded(
    client: Client, admin: User, organization: Organization, behind: Behind
) -> None:
    client.sign_in(admin)
    turn(client, on=True)
    assert behind.one(Organization, id=organization.id).monthly_export is True
    assert "checked" in client.get(PAGE).one(".//input[@name='monthly_export']").attrib
    turn(client, on=False)

    first, second = behind.trail(organization.id, "organization")
    assert ((first.before or {})["monthly_export"], (first.after or {})["monthly_export"]) == (False, True)
    assert (second.user_id, (second.after or {})["monthly_export"]) == (admin.id, False)


def test_a_setting_that_somebody_else_has_changed_is_compared(client: Client, admin: User, behind: Behind) -> None:
    client.sign_in(admin)
    opened = client.get(PAGE).fields(f"{PAGE}/monthly")
    turn(client, on=True)

    page = client.post(f"{PAGE}/monthly", {"version": opened["version"]}, status=409)
    assert page.one(".//*[@id='monthly-conflict']") is not None
    assert behind.one(Organization, id=admin.organization_id).monthly_export is True


@pytest.mark.usefixtures("stored_numbers")
def test_on_the_first_of_the_month_those_in_charge_get_the_file(
    app: Flask, client: Client, make: Factories, admin: User, owner: User, manager: User, work: Work, behind: Behind
) -> None:
    make.user(make.organization(name="Without"), Role.OWNER)
    turn(client.sign_in(admin), on=True)
    Clock(app, (export_monthly,)).tick(FIRST_OF_MONTH)
    work()

    export = behind.one(Export, kind="organization")
    assert (export.organization_id, export.status) == (admin.organization_id, "completed")
    assert (export.requested_by, export.filters) == (None, {})
    told = {(one.user_id, one.text, one.link) for one in behind.rows(Notification, kind="export_ready")}
    assert told == {(one.id, "The monthly export of all data is ready.", PAGE) for one in (admin, owner)}
    file = download(client, client.get(PAGE).links["Download"])
    assert "tables/calls.jsonl" in file.namelist()
    downloaded = [row for row in behind.trail(admin.organization_id, "export") if row.action == "export.downloaded"]
    assert [(row.user_id, row.resource_id) for row in downloaded] == [(admin.id, export.id)]
    whole = ApiClient(app, owner).get("/client/export", prefix="/api").get_json()
    assert str(export.id) in {row["id"] for row in whole["tables"]["exports"]}


def test_a_failed_export_is_reported_too(
    app: Flask,
    client: Client,
    admin: User,
    owner: User,
    work: Work,
    behind: Behind,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(*_arguments: object, **_named: object) -> None:
        raise AssertionError

    monkeypatch.setattr(Directory, "write", refuse)
    turn(client.sign_in(admin), on=True)
    Clock(app, (export_monthly,)).tick(FIRST_OF_MONTH)
    work()

    assert behind.one(Export).status == "failed"
    assert {one.text for one in behind.rows(Notification)} == {"The monthly export of all data failed."}
    assert client.get(PAGE).links.get("Download") is None


def test_the_newest_file_is_for_those_who_can_export_all_data(
    client: Client, new_client: Callable[[], Client], manager: User, admin: User
) -> None:
    client.sign_in(manager).get(f"{PAGE}/file", status=403)
    client.post(f"{PAGE}/monthly", {"version": "1"}, status=403)
    new_client().sign_in(admin).get(f"{PAGE}/file", status=404)
