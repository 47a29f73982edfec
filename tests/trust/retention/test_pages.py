"""`/organization/retention`: what goes next, who may change it, and the hold."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine, text, update

from app.extensions import db
from app.models import Message, Organization, Role
from app.ops.jobs.worker import run_worker
from tests.support.client import Client
from tests.support.factories import Factories
from tests.support.pages import text_of
from tests.support.queries import recorded_queries

PAGE = "/organization/retention"
MAX_QUERIES = 15


@pytest.fixture
def organization(make: Factories) -> Organization:
    return make.organization()


@pytest.fixture
def admin(client: Client, make: Factories, organization: Organization) -> Client:
    return client.sign_in(make.user(organization, role=Role.ADMIN, name="Ada Admin"))


@pytest.fixture
def old_message(make: Factories, organization: Organization, admin_engine: Engine) -> Message:
    """A message that is due."""
    message = make.message(organization)
    came = datetime.now(UTC) - timedelta(days=800)
    with admin_engine.begin() as connection:
        connection.execute(update(Message).where(Message.id == message.id).values(created_at=came))
    return message


def one(engine: Engine, statement: str, **values: Any) -> Any:
    with engine.connect() as connection:
        return connection.execute(text(statement), values).scalar()


def due(client: Client, kind: str) -> str:
    return text_of(client.get(PAGE).one(f".//*[@data-due='{kind}']"))


def test_the_forecast_tells_what_goes_next(admin: Client, old_message: Message, make: Factories) -> None:
    make.message(make.organization())

    assert due(admin, "messages") == "1"
    assert due(admin, "calls") == "0"


def test_the_forecast_is_one_question(admin: Client, app: Flask) -> None:
    with app.app_context():
        engine = db.engine
    with recorded_queries(engine) as asked:
        admin.get(PAGE)

    assert len(asked) <= MAX_QUERIES


def test_days_are_changed_and_the_forecast_follows(
    admin: Client, make: Factories, organization: Organization, admin_engine: Engine
) -> None:
    message = make.message(organization)
    with admin_engine.begin() as connection:
        came = datetime.now(UTC) - timedelta(days=60)
        connection.execute(update(Message).where(Message.id == message.id).values(created_at=came))

    admin.post(PAGE, {**admin.get(PAGE).fields(PAGE), "messages": "45"})

    assert due(admin, "messages") == "1"
    changed = "SELECT actor_label FROM audit_logs WHERE action = 'organization.updated' AND after ? 'retention_days'"
    assert one(admin_engine, changed) == "Ada Admin"


@pytest.mark.parametrize("days", ["", "7", "-1", "many", "1e9", "99999999999999999999"])
def test_a_wrong_number_is_told_and_what_was_typed_stays(admin: Client, days: str, admin_engine: Engine) -> None:
    page = admin.post(PAGE, {**admin.get(PAGE).fields(PAGE), "calls": days, "leads": "100"}, status=400)

    assert "Enter a whole number of days from 30 to 3650." in page.text or "Not a valid integer" in page.text
    assert page.fields(PAGE)["leads"] == "100"
    assert one(admin_engine, "SELECT retention_days FROM organizations LIMIT 1") == {}


def test_two_who_change_it_at_once_see_each_other(admin: Client, admin_engine: Engine) -> None:
    form = admin.get(PAGE).fields(PAGE)
    admin.post(PAGE, {**form, "calls": "100"})

    page = admin.post(PAGE, {**form, "calls": "200"}, status=409)

    assert "Changed meanwhile" in page.text
    assert one(admin_engine, "SELECT retention_days->>'calls' FROM organizations LIMIT 1") == "100"


def test_a_hold_keeps_everything_until_it_is_ended(
    admin: Client, app: Flask, old_message: Message, admin_engine: Engine
) -> None:
    hold = f"{PAGE}/hold"
    admin.post(hold, {**admin.get(PAGE).fields(hold), "reason": "A court wants it"})
    assert "A court wants it" in admin.get(PAGE).text
    refused = admin.follow(admin.post(f"{PAGE}/run"))
    assert "data is held" in refused.text
    run_worker(app, until_idle=True)
    assert one(admin_engine, "SELECT count(*) FROM messages") == 1

    admin.post(f"{PAGE}/release", admin.get(PAGE).fields(f"{PAGE}/release"))
    admin.post(f"{PAGE}/run")
    run_worker(app, schedule=(), until_idle=True)

    assert one(admin_engine, "SELECT count(*) FROM messages") == 0
    page = admin.get(PAGE)
    assert "Messages: 1" in page.text
    told = "SELECT string_agg(action, ' ' ORDER BY id) FROM audit_logs WHERE actor_label = 'Ada Admin' AND action IN"
    both = "('organization.held', 'organization.released')"
    assert one(admin_engine, f"{told} {both}") == "organization.held organization.released"


def test_a_hold_needs_a_reason(admin: Client, admin_engine: Engine) -> None:
    hold = f"{PAGE}/hold"
    page = admin.post(hold, {**admin.get(PAGE).fields(hold), "reason": " x "}, status=400)

    assert "Use 3 to 500 characters." in page.text
    assert one(admin_engine, "SELECT legal_hold FROM organizations LIMIT 1") is False


@pytest.mark.parametrize("role", [Role.SUPPORT, Role.MANAGER, Role.EXEC])
def test_others_look_and_change_nothing(
    client: Client, make: Factories, organization: Organization, role: Role
) -> None:
    client.sign_in(make.user(organization, role=role))

    page = client.get(PAGE)

    assert page.all(f".//form[@action='{PAGE}']") == []
    for path in ("", "/hold", "/release", "/run"):
        client.post(f"{PAGE}{path}", status=403)


def test_the_command_reports_what_went(app: Flask, organization: Organization, old_message: Message) -> None:
    result = app.test_cli_runner().invoke(args=["retention", "run", "--organization", organization.slug])

    assert result.exit_code == 0, result.output
    assert result.output == f"{organization.slug}: removed 1 messages.\n"
