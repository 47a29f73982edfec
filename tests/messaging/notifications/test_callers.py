"""Notifications about other people's actions, claims and budgets, and the counts in the sidebar."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine, text

from app.db.ids import uuid7
from app.models import Budget, MissedCallEntry, Organization, Role, UsageCost, User
from app.ops.jobs.worker import run_worker
from app.organization.billing.budget_service import warn_of_budgets
from app.organization.billing.rules import level_reached
from app.people.roles import service as roles
from app.people.users import suspension_service
from app.security.actor import Actor
from app.security.guard import POLL_HEADER
from app.security.permissions import Permission
from app.work.appointments import service as appointments
from app.work.leads import service as leads
from app.work.missed_calls.lapse_service import lapse_missed_calls, warn_of_claims_ending
from app.work.tasks import service as tasks
from app.work.tasks.rules import NewTaskInput
from tests.data.bulk.conftest import address, confirm
from tests.messaging.notifications.conftest import Told, acting
from tests.support.client import Client
from tests.support.direct_access import Behind
from tests.support.factories import Factories
from tests.support.pages import text_of

As = Callable[..., Any]


@pytest.fixture
def manager(make: Factories, organization: Organization) -> User:
    return make.user(organization, role=Role.MANAGER, name="Marcus Bell")


def actor_of(user: User) -> Actor:
    return Actor(
        organization_id=user.organization_id, user_id=user.id, name=user.name, email=user.email, role=Role(user.role)
    )


def kinds(told: Told, person: User) -> list[str]:
    return [row["kind"] for row in told() if row["user_id"] == person.id]


def test_a_task_that_is_given(
    app: Flask, organization: Organization, manager: User, csr: User, make: Factories, told: Told
) -> None:
    there = make.task(organization)
    with acting(app, organization, manager):
        tasks.create(actor_of(manager), uuid7(), NewTaskInput(title="Send the plan", assigned_to_user_id=csr.id))
        tasks.create(actor_of(manager), uuid7(), NewTaskInput(title="Mine", assigned_to_user_id=manager.id))
        tasks.assign(actor_of(manager), there.id, csr.id)

    [row] = told()
    assert (row["user_id"], row["count"], row["text"]) == (csr.id, 2, "Marcus Bell assigned you a task.")


def test_a_task_sent_twice_is_told_once(
    app: Flask, organization: Organization, manager: User, csr: User, told: Told
) -> None:
    new_id = uuid7()
    for _ in range(2):
        with acting(app, organization, manager):
            tasks.create(actor_of(manager), new_id, NewTaskInput(title="Send the plan", assigned_to_user_id=csr.id))

    assert [row["count"] for row in told()] == [1]


def test_many_tasks_that_are_given_at_once_are_one(
    app: Flask, as_manager: Client, organization: Organization, csr: User, make: Factories, told: Told
) -> None:
    with make.batch():
        given = [make.task(organization) for _ in range(12)]

    confirm(as_manager, address("assign_tasks", *given), assignee=str(csr.id))
    run_worker(app, schedule=(), until_idle=True)

    assert [(row["user_id"], row["count"]) for row in told() if row["kind"] == "task_assigned"] == [(csr.id, 12)]


@pytest.fixture
def as_manager(new_client: Callable[[], Client], manager: User) -> Client:
    return new_client().sign_in(manager)


def test_a_lead_and_a_visit_that_are_given(
    app: Flask, organization: Organization, manager: User, rep: User, make: Factories, told: Told
) -> None:
    lead = make.lead(organization)
    soon = datetime.now(UTC) + timedelta(days=2)
    visit = make.appointment(
        organization,
        sales_rep_id=make.user(organization, role=Role.SALES_REP).id,
        scheduled_start_at=soon,
        scheduled_end_at=soon + timedelta(hours=2),
    )
    with acting(app, organization, manager):
        leads.assign(actor_of(manager), lead.id, rep.id, version=lead.version)
        appointments.assign(actor_of(manager), visit.id, rep.id, version=visit.version)

    assert kinds(told, rep) == ["lead_assigned", "appointment_assigned"]


def test_rights_that_change_and_being_kept_out(
    app: Flask, organization: Organization, admin: User, csr: User, told: Told, admin_engine: Engine
) -> None:
    who = actor_of(admin)
    with acting(app, organization, admin):
        roles.grant(who, csr.id, Permission.REPORTS_READ, reason="Helps with the report")
    with acting(app, organization, admin):
        suspension_service.suspend(who, csr.id, "On leave", None, version=csr.version + 1)
    with acting(app, organization, admin):
        suspension_service.let_back(who, csr.id)

    assert kinds(told, csr) == ["access_changed"] * 3
    with admin_engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM messages WHERE template = 'notification'")) == 3


class TestClaims:
    def test_one_that_ends_soon_is_told_once_until_it_is_renewed(
        self, app: Flask, organization: Organization, csr: User, make: Factories, told: Told, admin_engine: Engine
    ) -> None:
        now = datetime.now(UTC)
        ends = now + timedelta(seconds=90)
        make.missed_entry(organization, status="claimed", claimed_by=csr.id, claim_expires_at=ends)
        make.missed_entry(
            organization, status="claimed", claimed_by=csr.id, claim_expires_at=now + timedelta(minutes=20)
        )
        for _minute in range(2):
            with acting(app, organization):
                warn_of_claims_ending(now)
        assert [(row["user_id"], row["count"]) for row in told()] == [(csr.id, 1)]

        with admin_engine.begin() as connection:
            renewed = {"ends": now + timedelta(minutes=12), "before": ends}
            connection.execute(
                text("UPDATE missed_call_entries SET claim_expires_at = :ends WHERE claim_expires_at = :before"),
                renewed,
            )
        with acting(app, organization):
            warn_of_claims_ending(now + timedelta(minutes=11))

        assert [row["count"] for row in told()] == [2]

    def test_a_caller_who_was_reached_is_told_once_an_hour_before(
        self, app: Flask, organization: Organization, csr: User, make: Factories, told: Told
    ) -> None:
        now = datetime.now(UTC)
        ends = now + timedelta(minutes=50)
        of_claim: dict[str, Any] = {
            "status": "claimed",
            "claimed_by": csr.id,
            "claim_expires_at": ends,
            "next_attempt_at": ends,
        }
        make.missed_entry(organization, attempts=1, **of_claim)
        for minutes in (-20, 0, 1, 49):
            with acting(app, organization):
                warn_of_claims_ending(now + timedelta(minutes=minutes))

        assert [(row["user_id"], row["kind"], row["count"]) for row in told()] == [(csr.id, "follow_up_ending", 1)]

    @pytest.mark.parametrize("is_follow_up", [False, True])
    def test_one_that_has_ended_is_told_instead_of_its_end_without_a_button(
        self,
        app: Flask,
        organization: Organization,
        csr: User,
        make: Factories,
        told: Told,
        new_client: Callable[[], Client],
        behind: Behind,
        is_follow_up: bool,
    ) -> None:
        ends = datetime(2026, 3, 19, 1, 40, tzinfo=UTC)
        call = make.call(organization, status="missed", caller_number="+18285550188")
        entry = make.missed_entry(
            organization,
            call=call,
            first_missed_at=ends - timedelta(hours=1),
            status="claimed",
            claimed_by=csr.id,
            claim_expires_at=ends,
            next_attempt_at=ends if is_follow_up else None,
        )
        with acting(app, organization):
            warn_of_claims_ending(ends - timedelta(minutes=1))
        for minutes in (1, 2):
            with acting(app, organization):
                lapse_missed_calls(ends + timedelta(minutes=minutes))

        assert behind.one(MissedCallEntry, id=entry.id).status == "open"
        shown = [row for row in told() if row["is_shown"]]
        clock = "9:40\N{NO-BREAK SPACE}PM"
        assert [(row["text"], row["count"]) for row in shown] == [(f"Your claim on (828) 555-0188 ended at {clock}", 1)]
        page = new_client().sign_in(csr).get("/notifications")
        assert f"/missed-calls/{entry.id}/claim" not in page.html
        assert page.text.count("Your claim on") == 1

    def test_they_are_kept_where_they_are_told(
        self,
        app: Flask,
        organization: Organization,
        csr: User,
        make: Factories,
        new_client: Callable[[], Client],
        behind: Behind,
    ) -> None:
        now = datetime.now(UTC)
        ends = now + timedelta(seconds=60)
        entry = make.missed_entry(organization, status="claimed", claimed_by=csr.id, claim_expires_at=ends)
        with acting(app, organization):
            warn_of_claims_ending(now)
        client = new_client().sign_in(csr)
        keep = f"/missed-calls/{entry.id}/claim"
        assert keep in client.get("/notifications/newest").html

        client.post(keep, client.get("/notifications").fields(keep), headers={"Referer": "/notifications"})

        kept = behind.one(MissedCallEntry, id=entry.id)
        assert (kept.claimed_by, (kept.claim_expires_at or now) > ends) == (csr.id, True)
        page = client.get("/notifications")
        assert "Claimed for 10 minutes." in page.text

    def test_who_was_too_late_is_told_who_has_it(
        self,
        app: Flask,
        organization: Organization,
        csr: User,
        make: Factories,
        new_client: Callable[[], Client],
        behind: Behind,
    ) -> None:
        now = datetime.now(UTC)
        ends = now + timedelta(seconds=60)
        entry = make.missed_entry(organization, status="claimed", claimed_by=csr.id, claim_expires_at=ends)
        with acting(app, organization):
            warn_of_claims_ending(now)
        client = new_client().sign_in(csr)
        keep = f"/missed-calls/{entry.id}/claim"
        form = client.get("/notifications").fields(keep)
        quicker = make.user(organization, name="Cyd Quick")
        behind.change(entry, claimed_by=quicker.id, claim_expires_at=now + timedelta(minutes=10))

        client.post(keep, form, headers={"Referer": "/notifications"})

        assert behind.one(MissedCallEntry, id=entry.id).claimed_by == quicker.id
        assert "Cyd Quick" in client.get("/notifications").text

    def test_the_job_is_due_before_they_end(
        self, organization: Organization, csr: User, make: Factories, admin_engine: Engine
    ) -> None:
        ends = datetime.now(UTC) + timedelta(seconds=90)
        make.missed_entry(
            organization,
            status="claimed",
            claimed_by=csr.id,
            claim_expires_at=ends,
            first_missed_at=datetime.now(UTC),
        )
        with admin_engine.connect() as connection:
            due = connection.scalars(text("SELECT organizations_with_missed_calls_due()")).all()

        assert organization.id in due

    @pytest.mark.parametrize(("minutes", "is_due"), [(59, True), (61, False)])
    def test_the_job_is_due_an_hour_before_the_end_for_a_caller_who_was_reached(
        self,
        organization: Organization,
        csr: User,
        make: Factories,
        admin_engine: Engine,
        minutes: int,
        is_due: bool,
    ) -> None:
        now = datetime.now(UTC)
        ends = now + timedelta(minutes=minutes)
        of_claim: dict[str, Any] = {
            "status": "claimed",
            "claimed_by": csr.id,
            "claim_expires_at": ends,
            "next_attempt_at": ends,
        }
        make.missed_entry(organization, first_missed_at=now, **of_claim)
        with admin_engine.connect() as connection:
            due = connection.scalars(text("SELECT organizations_with_missed_calls_due()")).all()

        assert (organization.id in due) is is_due


class TestBudgets:
    def test_each_level_is_told_once_a_month(
        self, app: Flask, organization: Organization, owner: User, make: Factories, told: Told
    ) -> None:
        now = datetime.now(UTC)
        make.add(Budget(organization_id=organization.id, kind="sms", monthly_amount=Decimal(100)))

        def spend(amount: int) -> None:
            values = {"quantity": 1, "unit_cost": Decimal(amount), "amount": Decimal(amount), "occurred_at": now}
            make.add(UsageCost(organization_id=organization.id, kind="sms", **values))
            for _ in range(2):
                with acting(app, organization):
                    warn_of_budgets(organization.id, now)

        spend(79)
        assert told() == []
        spend(2)
        spend(30)

        assert [(row["user_id"], row["text"]) for row in told()] == [
            (owner.id, "80% of a monthly budget has been used."),
            (owner.id, "100% of a monthly budget has been used."),
        ]

    @pytest.mark.parametrize(
        ("spent", "budget", "level"), [(0, 0, 0), (1, 0, 100), (79, 100, 0), (80, 100, 80), (500, 100, 100)]
    )
    def test_level(self, spent: int, budget: int, level: int) -> None:
        assert level_reached(Decimal(spent), Decimal(budget), [80, 100]) == level


class TestCountsOfTheShell:
    def test_what_waits_stands_beside_its_place(
        self, as_csr: Client, csr: User, make: Factories, organization: Organization, owner: User
    ) -> None:
        now = datetime.now(UTC)
        make.task(organization, assignee=csr, due_at=now - timedelta(hours=1))
        make.task(organization, assignee=csr, due_at=now + timedelta(days=3))
        make.task(organization, assignee=csr, due_at=now, snoozed_until=now + timedelta(days=1))
        make.task(organization, assignee=owner, due_at=now)
        make.missed_entry(organization, first_missed_at=now)

        page = as_csr.get("/calls")

        side = page.one(".//aside[@class='side']")
        counts = {one.get("data-waiting"): text_of(one[0]) for one in side.findall(".//span[@data-waiting]")}
        assert counts == {"tasks": "1", "queue": "1"}

    def test_the_poll_of_the_queue_renews_them(
        self, as_csr: Client, make: Factories, organization: Organization
    ) -> None:
        first = as_csr.swap("/missed-calls/news")
        make.missed_entry(organization, first_missed_at=datetime.now(UTC))
        second = as_csr.swap("/missed-calls/news")

        assert first.headers["ETag"] != second.headers["ETag"]
        assert [text_of(one[0]) for one in second.all(".//span[@data-waiting='queue']")] == ["1"]

    def test_they_take_no_statement_of_their_own(self, as_csr: Client, queries: Callable[..., Any]) -> None:
        as_csr.get("/account")
        with queries() as sent:
            as_csr.get("/account")

        assert [one for one in sent if "notifications" in one or "counts_of_person" in one] == []
        assert len([one for one in sent if "find_session" in one]) == 1

    def test_each_is_read_from_an_index_alone(
        self, make: Factories, organization: Organization, csr: User, admin_engine: Engine
    ) -> None:
        plans = {
            "notifications": "SELECT FROM notifications WHERE organization_id = :of AND user_id = :who"
            " AND read_at IS NULL AND is_shown LIMIT 100",
            "tasks": "SELECT FROM tasks WHERE organization_id = :of AND assigned_to_user_id = :who"
            " AND status IN ('pending', 'in_progress') AND deleted_at IS NULL AND due_at < now()"
            " AND (snoozed_until IS NULL OR snoozed_until <= now()) LIMIT 100",
            "missed_call_entries": "SELECT FROM missed_call_entries WHERE organization_id = :of"
            " AND status IN ('open', 'claimed') AND (next_attempt_at IS NULL OR next_attempt_at < now()) LIMIT 100",
        }
        given = {"of": csr.organization_id, "who": csr.id}
        make.notification(csr)
        make.missed_entry(organization)
        others = (
            "INSERT INTO tasks (organization_id, id, title, due_at, assigned_to_user_id)"
            " SELECT :of, gen_random_uuid(), 'Call', now(), CASE WHEN n % 50 = 0 THEN CAST(:who AS uuid) END"
            " FROM generate_series(1, 3000) n"
        )
        with admin_engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text(others), given)
            # For pages that are visible to all transactions, an index scan doesn't need the table rows.
            connection.execute(text("VACUUM ANALYZE tasks, notifications, missed_call_entries"))
            connection.execute(text("SET enable_seqscan = off"))
            connection.execute(text("SET enable_bitmapscan = off"))
            for table, statement in plans.items():
                plan = "\n".join(connection.scalars(text(f"EXPLAIN {statement}"), given))
                assert "Index Only Scan" in plan, f"{table}: {plan}"
            connection.execute(text("RESET ALL"))


def test_a_poll_is_no_sign_of_life(as_csr: Client, csr: User, admin_engine: Engine) -> None:
    a_while_ago = datetime.now(UTC) - timedelta(hours=2)
    with admin_engine.begin() as connection:
        connection.execute(text("UPDATE user_sessions SET last_seen_at = :then"), {"then": a_while_ago})
        connection.execute(text("UPDATE users SET last_seen_at = :then"), {"then": a_while_ago})

    def seen() -> set[datetime]:
        with admin_engine.connect() as connection:
            of = {"id": csr.id}
            rows = connection.scalars(
                text(
                    "SELECT last_seen_at FROM user_sessions WHERE user_id = :id"
                    " UNION ALL SELECT last_seen_at FROM users WHERE id = :id"
                ),
                of,
            )
            return set(rows)

    as_csr.swap("/missed-calls/news")
    as_csr.get("/missed-calls", headers={POLL_HEADER: "true"})
    assert seen() == {a_while_ago}

    as_csr.get("/missed-calls")
    assert a_while_ago not in seen()
