"""Settings of the weekly report: its local time, and who receives it by email."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import Engine, text

from app.insight.reports.jobs import write_weekly_report
from app.insight.reports.notices import REPORT_READY
from app.insight.reports.rules import next_report
from app.messaging.notifications.unsubscribe_service import unsubscribe_address
from app.models import Organization, Role, User
from tests.insight.metrics.test_weekly_report import written
from tests.support.client import Client
from tests.support.factories import Factories
from tests.support.pages import Page

SETTINGS = "/reports/settings"
NEW_YORK = "America/New_York"


@pytest.fixture
def due(admin_engine: Engine) -> Callable[[datetime], set[UUID]]:
    """Function that returns the IDs of the organizations whose report is due at a given time."""

    def ask(moment: datetime) -> set[UUID]:
        asked = text("SELECT organizations_with_weekly_reports_due(:moment)")
        with admin_engine.connect() as connection:
            return set(connection.scalars(asked, {"moment": moment}))

    return ask


def founded(make: Factories, **values: Any) -> Organization:
    """Create an organization that has existed for a long time."""
    return make.organization(timezone=NEW_YORK, created_at=datetime(2024, 1, 1, tzinfo=UTC), **values)


#: Local hours that the clocks skip (in spring) and show twice (in fall), on Sundays in New York.
SKIPPED = (datetime(2026, 3, 8, 6, 59, tzinfo=UTC), datetime(2026, 3, 8, 7, 0, tzinfo=UTC), 2)
TWICE = (datetime(2026, 11, 1, 4, 59, tzinfo=UTC), datetime(2026, 11, 1, 5, 0, tzinfo=UTC), 1)


@pytest.mark.parametrize(("before", "at", "hour"), [SKIPPED, TWICE])
def test_a_change_of_the_clocks_neither_loses_nor_doubles_it(
    app: Flask,
    make: Factories,
    due: Callable[[datetime], set[UUID]],
    before: datetime,
    at: datetime,
    hour: int,
) -> None:
    organization = founded(make, report_weekday=7, report_hour=hour)

    assert organization.id not in due(before)
    assert organization.id in due(at)
    assert next_report(before, NEW_YORK, 7, hour) == at
    written(app, organization, at)
    assert organization.id not in due(at)
    assert organization.id not in due(at + timedelta(hours=1))


def test_without_a_choice_it_is_due_on_monday_at_nine_and_made_up_for(
    app: Flask, make: Factories, due: Callable[[datetime], set[UUID]]
) -> None:
    organization = founded(make)
    nine = datetime(2026, 11, 9, 14, tzinfo=UTC)
    written(app, organization, nine - timedelta(weeks=1))

    assert organization.id not in due(nine - timedelta(seconds=1))
    assert organization.id in due(nine)
    assert organization.id in due(nine + timedelta(days=3))
    assert next_report(nine, NEW_YORK, 1, 9) == nine + timedelta(weeks=1)
    written(app, organization, nine)
    assert organization.id not in due(nine + timedelta(days=3))


def test_who_has_begun_since_has_no_week_to_tell_of(make: Factories, due: Callable[[datetime], set[UUID]]) -> None:
    nine = datetime(2026, 11, 9, 14, tzinfo=UTC)
    late = make.organization(timezone=NEW_YORK, created_at=nine + timedelta(minutes=1))
    suspended = founded(make, status="suspended")

    assert due(nine + timedelta(hours=1)).isdisjoint({late.id, suspended.id})


def test_the_schedule_looks_each_hour() -> None:
    schedule = write_weekly_report.schedule

    assert schedule is not None
    assert (schedule.cron, schedule.only) == ("0 * * * *", "organizations_with_weekly_reports_due")


def sent(page: Page, **changes: object) -> dict[str, Any]:
    """Return the values of the settings form as a browser would submit them, with changes."""
    form = page.fields(SETTINGS)
    boxes = page.all(".//input[@name='people']")
    return {
        **form,
        "shown": [one.get("value") for one in page.all(".//input[@name='shown']")],
        "people": [one.get("value") for one in boxes if one.get("checked") is not None],
        **changes,
    }


def mailed(app: Flask, organization: Organization, admin_engine: Engine, now: datetime) -> set[UUID]:
    """Write the week's report and return the IDs of the users to whom it is emailed."""
    report_id = written(app, organization, now)
    with admin_engine.connect() as connection:
        asked = text("SELECT receiver_id FROM messages WHERE template = 'weekly_report' AND about_id = :id")
        return set(connection.scalars(asked, {"id": report_id}))


@pytest.fixture
def admin(make: Factories, organization: Organization) -> User:
    return make.user(organization, role=Role.ADMIN, name="Ada Admin")


@pytest.fixture
def manager(make: Factories, organization: Organization) -> User:
    return make.user(organization, role=Role.MANAGER, name="Mia Manager")


def test_the_hour_and_the_day_are_saved_and_told(
    client: Client, organization: Organization, admin: User, admin_engine: Engine
) -> None:
    page = client.sign_in(admin).get(SETTINGS)

    page = client.follow(client.post(SETTINGS, sent(page, report_weekday="5", report_hour="17")))

    assert "Friday" in page.text
    with admin_engine.connect() as connection:
        asked = text("SELECT report_weekday, report_hour FROM organizations WHERE id = :id")
        assert tuple(connection.execute(asked, {"id": organization.id}).one()) == (5, 17)
        trail = text("""SELECT after FROM audit_logs WHERE action = 'organization.updated' AND user_id = :admin""")
        (after,) = connection.scalars(trail, {"admin": admin.id})
    assert (after["report_weekday"], after["report_hour"]) == (5, 17)


def test_who_is_not_ticked_gets_no_mail_and_the_trail_says_who_did_it(
    app: Flask, client: Client, organization: Organization, admin: User, manager: User, admin_engine: Engine
) -> None:
    page = client.sign_in(admin).get(SETTINGS)
    assert set(sent(page)["people"]) == {str(admin.id), str(manager.id)}

    page = client.follow(client.post(SETTINGS, sent(page, people=[str(admin.id)])))

    assert sent(page)["people"] == [str(admin.id)]
    assert sent(page)["shown"] == [str(admin.id), str(manager.id)]
    now = datetime(2026, 11, 9, 14, tzinfo=UTC)
    assert mailed(app, organization, admin_engine, now) == {admin.id}
    with admin_engine.connect() as connection:
        told = connection.scalar(
            text("SELECT count(*) FROM notifications WHERE user_id = :id AND kind = 'report_ready'"), {"id": manager.id}
        )
        trail = text("SELECT user_id, after FROM audit_logs WHERE resource_type = 'report_subscription'")
        (entry,) = connection.execute(trail).all()
    assert told == 1
    assert (entry.user_id, entry.after["user_id"], entry.after["is_on"]) == (admin.id, str(manager.id), False)
    client.follow(client.post(SETTINGS, sent(page, people=[str(admin.id), str(manager.id)])))
    assert mailed(app, organization, admin_engine, now + timedelta(weeks=1)) == {admin.id, manager.id}


def test_the_own_choice_goes_before_it(
    app: Flask, client: Client, organization: Organization, admin: User, manager: User, admin_engine: Engine
) -> None:
    page = client.sign_in(admin).get(SETTINGS)
    form = sent(page)
    with app.app_context():
        address = unsubscribe_address(REPORT_READY, organization.id, manager.id)
    app.test_client().post(urlsplit(address).path)

    page = client.follow(client.post(SETTINGS, form))

    assert "No, their choice" in page.text
    assert str(manager.id) not in sent(page)["shown"]
    assert mailed(app, organization, admin_engine, datetime(2026, 11, 9, 14, tzinfo=UTC)) == {admin.id}


def test_the_page_of_notifications_says_what_was_decided_and_keeps_the_own_choice(
    app: Flask, client: Client, make: Factories, organization: Organization, manager: User, admin_engine: Engine
) -> None:
    decided = make.report_subscription(manager, is_on=False)
    page = client.sign_in(manager).get("/notifications")
    action = "/notifications/choices"
    ways = [one.get("value") for one in page.all(".//input[@name='ways'][@checked]")]
    assert "report_ready:page" in ways
    assert "report_ready:mail" not in ways

    client.post(action, {**page.fields(action), "ways": [*ways, "report_ready:mail"]})

    now = datetime(2026, 11, 9, 14, tzinfo=UTC)
    assert mailed(app, organization, admin_engine, now) == {manager.id}
    with admin_engine.begin() as connection:
        connection.execute(text("UPDATE report_subscriptions SET is_on = true WHERE id = :id"), {"id": decided.id})
    page = client.get("/notifications")
    client.post(action, {**page.fields(action), "ways": ways})
    page = client.get("/notifications")
    client.post(action, {**page.fields(action), "ways": [*ways, "report_ready:mail"]})
    with admin_engine.connect() as connection:
        choices = connection.scalar(text("SELECT notification_choices FROM users WHERE id = :id"), {"id": manager.id})
    assert choices == {"report_ready": ["mail", "page"]}


@pytest.mark.parametrize("role", list(Role))
def test_admins_and_owners_say_so(client: Client, make: Factories, organization: Organization, role: Role) -> None:
    may = role in (Role.ADMIN, Role.OWNER)
    client.sign_in(make.user(organization, role=role))

    client.get(SETTINGS, status=200 if may else 403)
    client.post(SETTINGS, status=400 if may else 403)


def test_what_is_not_offered_is_refused(
    client: Client, organization: Organization, admin: User, make: Factories, admin_engine: Engine
) -> None:
    stranger = make.user(make.organization(), role=Role.MANAGER)
    page = client.sign_in(admin).get(SETTINGS)

    for wrong in (
        {"report_weekday": "8"},
        {"report_hour": "24"},
        {"shown": [str(stranger.id)], "people": [str(stranger.id)]},
    ):
        client.post(SETTINGS, sent(page, **wrong), status=400)

    with admin_engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM report_subscriptions")) == 0


def test_who_has_saved_meanwhile_is_shown(
    client: Client, organization: Organization, admin: User, admin_engine: Engine
) -> None:
    page = client.sign_in(admin).get(SETTINGS)
    with admin_engine.begin() as connection:
        change = text("UPDATE organizations SET report_hour = 7, version = version + 1 WHERE id = :id")
        connection.execute(change, {"id": organization.id})

    page = client.post(SETTINGS, sent(page, report_hour="8"), status=409)

    assert page.all(".//*[@id='settings-conflict']")
