"""The page `/organization/retention`: upcoming deletions, retention periods, and the legal hold."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine, text, update

from app.db.session import jobs_role
from app.extensions import db
from app.models import Message, Organization, Role, User
from app.ops.jobs.worker import run_worker
from app.security.permissions import Permission
from app.trust.retention.rules import days_in_force
from app.trust.retention.sweep_service import sweep
from tests.support.client import Client
from tests.support.direct_access import Behind
from tests.support.factories import Factories
from tests.support.pages import Page, text_of
from tests.support.queries import recorded_queries
from tests.support.work import at_work

PAGE = "/organization/retention"
RUN = f"{PAGE}/run"
WITHDRAW = f"{PAGE}/withdraw"
MAX_QUERIES = 15


@pytest.fixture
def organization(make: Factories) -> Organization:
    return make.organization()


@pytest.fixture
def owner(make: Factories, organization: Organization) -> User:
    return make.user(organization, role=Role.OWNER, name="Olivia Owner", email="olivia@comfort.example")


@pytest.fixture
def admin(client: Client, make: Factories, organization: Organization, owner: User) -> Client:
    return client.sign_in(make.user(organization, role=Role.ADMIN, name="Ada Admin"))


@pytest.fixture
def as_owner(new_client: Callable[[], Client], owner: User) -> Client:
    return new_client().sign_in(owner)


@pytest.fixture
def old_message(make: Factories, organization: Organization, admin_engine: Engine) -> Message:
    """A message whose retention period is over."""
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


def save(client: Client, status: int = 303, **days: str) -> Page:
    return client.post(PAGE, {**client.get(PAGE).fields(PAGE), **days}, status=status)


def run_now(client: Client) -> Page:
    return client.follow(client.post(RUN, {**client.get(RUN).fields(RUN), "word": "delete"}))


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


def test_longer_days_count_at_once(
    admin: Client, make: Factories, organization: Organization, old_message: Message, behind: Behind
) -> None:
    save(admin, messages="900")

    assert due(admin, "messages") == "0"
    assert behind.one(Organization, id=organization.id).retention_days["messages"] == 900
    [told] = behind.trail(organization.id, "organization")
    assert (told.actor_label, "retention_days" in (told.after or {})) == ("Ada Admin", True)


def test_shorter_days_count_after_a_day_and_owners_are_told(
    admin: Client, as_owner: Client, app: Flask, make: Factories, organization: Organization, behind: Behind
) -> None:
    message = make.message(organization)
    behind.change(message, created_at=datetime.now(UTC) - timedelta(days=60))

    page = admin.follow(save(admin, messages="45"))

    assert "Messages: 45 days instead of 730" in page.text
    assert page.fields(PAGE)["messages"] == "45"
    with app.app_context():
        run_worker(app, until_idle=True)
    stored = behind.one(Organization, id=organization.id)
    assert (days_in_force(stored, datetime.now(UTC))["messages"], stored.pending_retention) == (730, {"messages": 45})
    [mail] = [row for row in behind.rows(Message) if row.template == "retention_shortened"]
    assert mail.to_address == "olivia@comfort.example"
    assert "Ada Admin" in mail.body
    assert "Messages: 45 days instead of 730" in mail.body

    behind.change(stored, pending_retention_at=datetime.now(UTC) - timedelta(seconds=1))

    assert "instead of" not in admin.get(PAGE).text
    run_now(as_owner)
    run_worker(app, schedule=(), until_idle=True)
    assert message.id not in {row.id for row in behind.rows(Message)}
    settled = behind.one(Organization, id=organization.id)
    assert (settled.retention_days["messages"], settled.pending_retention) == (45, None)


def test_shorter_days_are_withdrawn_until_they_count(
    admin: Client, as_owner: Client, organization: Organization, behind: Behind
) -> None:
    save(admin, messages="45", leads="900")

    page = as_owner.follow(as_owner.post(WITHDRAW, as_owner.get(PAGE).fields(WITHDRAW)))

    assert "instead of" not in page.text
    stored = behind.one(Organization, id=organization.id)
    assert (stored.pending_retention, stored.pending_retention_at) == (None, None)
    assert (page.fields(PAGE)["messages"], page.fields(PAGE)["leads"]) == ("730", "900")


def test_what_has_taken_effect_is_not_withdrawn_any_more(
    admin: Client, organization: Organization, behind: Behind
) -> None:
    save(admin, messages="45")
    form = admin.get(PAGE).fields(WITHDRAW)
    behind.change(organization, pending_retention_at=datetime.now(UTC) - timedelta(seconds=1))

    page = admin.post(WITHDRAW, form, status=409)

    assert "The shorter retention has already taken effect" in page.text
    assert behind.one(Organization, id=organization.id).pending_retention == {"messages": 45}


def test_days_that_are_longer_again_keep_what_shorter_ones_had_not_removed_yet(
    admin: Client, app: Flask, make: Factories, organization: Organization, behind: Behind
) -> None:
    message = make.message(organization)
    behind.change(message, created_at=datetime.now(UTC) - timedelta(days=60))
    save(admin, messages="45")
    behind.change(organization, pending_retention_at=datetime.now(UTC) - timedelta(seconds=1))

    save(admin, messages="730")

    with app.app_context(), jobs_role(), at_work(app, organization.id):
        assert sweep(organization.id)["messages"] == 0
    assert message.id in {row.id for row in behind.rows(Message)}
    stored = behind.one(Organization, id=organization.id)
    assert (stored.retention_days["messages"], stored.pending_retention) == (730, None)


def test_saving_again_neither_shortens_the_day_nor_mails_again(
    admin: Client, organization: Organization, behind: Behind
) -> None:
    save(admin, messages="45")
    waits_until = behind.one(Organization, id=organization.id).pending_retention_at

    save(admin, leads="900")

    stored = behind.one(Organization, id=organization.id)
    assert (stored.pending_retention, stored.pending_retention_at) == ({"messages": 45}, waits_until)
    assert len(behind.rows(Message, template="retention_shortened")) == 1


@pytest.mark.parametrize(("kind", "days"), [("calls", "800"), ("calls", "100"), ("audit", "800")])
def test_calls_and_the_trail_are_the_owners(
    admin: Client, as_owner: Client, organization: Organization, behind: Behind, kind: str, days: str
) -> None:
    admin.post(PAGE, {**admin.get(PAGE).fields(PAGE), kind: days}, status=403)
    assert behind.one(Organization, id=organization.id).retention_days == {}
    assert admin.get(PAGE).one(f".//input[@name='{kind}']").get("readonly") is not None

    as_owner.post(PAGE, {**as_owner.get(PAGE).fields(PAGE), kind: days})

    stored = behind.one(Organization, id=organization.id)
    assert {**stored.retention_days, **(stored.pending_retention or {})}[kind] == int(days)


def test_an_admin_with_the_permission_changes_periods_like_an_owner(
    client: Client, make: Factories, organization: Organization, behind: Behind
) -> None:
    admin = make.user(organization, role=Role.ADMIN)
    make.grant(admin, Permission.RETENTION_UPDATE)
    client.sign_in(admin)

    form = client.get(PAGE)
    client.post(PAGE, {**form.fields(PAGE), "calls": "800"})

    assert form.one(".//input[@name='calls']").get("readonly") is None
    assert behind.one(Organization, id=organization.id).retention_days["calls"] == 800


@pytest.mark.parametrize(("kind", "days", "least"), [("calls", "89", 90), ("audit", "364", 365), ("leads", "29", 30)])
def test_less_than_the_least_is_refused(as_owner: Client, kind: str, days: str, least: int) -> None:
    page = as_owner.post(PAGE, {**as_owner.get(PAGE).fields(PAGE), kind: days}, status=400)

    assert f"Enter a whole number of days from {least} to 3650." in page.text


def test_only_those_who_can_delete_permanently_run_it_now(
    admin: Client, as_owner: Client, app: Flask, old_message: Message, behind: Behind
) -> None:
    page = as_owner.get(RUN)

    assert RUN not in admin.get(PAGE).links.values()
    assert RUN in as_owner.get(PAGE).links.values()
    admin.get(RUN, status=403)
    admin.get(PAGE)
    admin.post(RUN, {"version": page.fields(RUN).get("version", ""), "word": "delete"}, status=403)
    run_worker(app, schedule=(), until_idle=True)
    assert len(behind.rows(Message)) == 1


def test_running_now_shows_what_goes_and_asks_for_a_word(
    as_owner: Client, app: Flask, old_message: Message, behind: Behind
) -> None:
    page = as_owner.get(RUN)

    assert text_of(page.one(".//*[@data-due='messages']")) == "1"
    for typed in ("", "yes"):
        refused = as_owner.post(RUN, {**page.fields(RUN), "word": typed}, status=400)
        assert "word" in refused.text
    run_worker(app, schedule=(), until_idle=True)
    assert len(behind.rows(Message)) == 1

    run_now(as_owner)
    run_worker(app, schedule=(), until_idle=True)

    assert behind.rows(Message) == []


def test_where_nothing_is_due_there_is_nothing_to_confirm(as_owner: Client) -> None:
    page = as_owner.get(RUN)

    assert "Nothing is due" in page.text
    assert page.all(f".//form[@action='{RUN}']") == []


@pytest.mark.parametrize("days", ["", "7", "-1", "many", "1e9", "99999999999999999999"])
def test_a_wrong_number_is_told_and_what_was_typed_stays(admin: Client, days: str, admin_engine: Engine) -> None:
    page = save(admin, 400, messages=days, leads="100")

    assert "Enter a whole number of days from 30 to 3650." in page.text or "Not a valid integer" in page.text
    assert page.fields(PAGE)["leads"] == "100"
    assert one(admin_engine, "SELECT retention_days FROM organizations LIMIT 1") == {}


def test_two_who_change_it_at_once_see_each_other(admin: Client, admin_engine: Engine) -> None:
    form = admin.get(PAGE).fields(PAGE)
    admin.post(PAGE, {**form, "leads": "800"})

    page = admin.post(PAGE, {**form, "leads": "900"}, status=409)

    assert "Changed since you opened this page" in page.text
    assert one(admin_engine, "SELECT retention_days->>'leads' FROM organizations LIMIT 1") == "800"


def test_a_hold_keeps_everything_until_it_is_ended(
    admin: Client, as_owner: Client, app: Flask, old_message: Message, admin_engine: Engine
) -> None:
    hold = f"{PAGE}/hold"
    admin.post(hold, {**admin.get(PAGE).fields(hold), "reason": "A court wants it"})
    assert "A court wants it" in admin.get(PAGE).text
    assert as_owner.get(RUN).all(f".//form[@action='{RUN}']") == []
    refused = as_owner.post(RUN, {"word": "delete"}, status=409)
    assert "This organization is under legal hold" in refused.text
    run_worker(app, until_idle=True)
    assert one(admin_engine, "SELECT count(*) FROM messages") == 1

    admin.post(f"{PAGE}/release", admin.get(PAGE).fields(f"{PAGE}/release"))
    run_now(as_owner)
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
    for path in ("", "/hold", "/release", "/run", "/withdraw"):
        client.post(f"{PAGE}{path}", status=403)
    client.get(RUN, status=403)


def test_the_command_shows_what_goes_and_asks(
    app: Flask, organization: Organization, old_message: Message, behind: Behind
) -> None:
    command = ["retention", "run", "--organization", organization.slug]

    refused = app.test_cli_runner().invoke(args=command, input="yes\n")

    assert refused.exit_code == 1
    assert f"{organization.slug}: 1 messages will be deleted." in refused.output
    assert len(behind.rows(Message)) == 1

    result = app.test_cli_runner().invoke(args=command, input="delete\n")

    assert result.exit_code == 0, result.output
    assert result.output.endswith(f"{organization.slug}: deleted 1 messages.\n")
    assert behind.rows(Message) == []


def test_the_command_asks_nothing_of_a_script(app: Flask, organization: Organization, old_message: Message) -> None:
    result = app.test_cli_runner().invoke(args=["retention", "run", "--organization", organization.slug, "--yes"])

    assert result.exit_code == 0, result.output
    assert result.output == f"{organization.slug}: deleted 1 messages.\n"
