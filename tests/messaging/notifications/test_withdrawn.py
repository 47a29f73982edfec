"""Withdrawal of notifications when the change behind them is reversed, without notifying anyone."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from flask import Flask

from app.db.ids import uuid7
from app.models import Organization, Role, Task, User
from app.tenancy.notification_service import NewNotification, Taken, withdraw
from tests.data.bulk.conftest import address, confirm
from tests.messaging.notifications.conftest import Tell, Told, acting
from tests.messaging.notifications.test_telling import EACH, OF_KIND
from tests.support.client import Client
from tests.support.factories import Factories

Withdraw = Callable[..., None]


@pytest.fixture
def take_back(app: Flask, organization: Organization) -> Withdraw:
    def do(notice: Any, *taken: Taken) -> None:
        with acting(app, organization):
            withdraw(notice, taken)

    return do


@pytest.fixture
def manager(make: Factories, organization: Organization) -> User:
    return make.user(organization, role=Role.MANAGER, name="Marcus Bell")


@pytest.fixture
def records(make: Factories, organization: Organization) -> list[UUID]:
    return [make.task(organization).id for _ in range(3)]


def shown(told: Told, who: User) -> list[tuple[int, bool, bool]]:
    """Return the count of each of a user's notifications, and whether it is new and in the daily email."""
    mine = [row for row in told() if row["user_id"] == who.id]
    return [(row["count"], row["is_shown"] and row["read_at"] is None, row["in_digest"]) for row in mine]


def now() -> datetime:
    return datetime.now(UTC)


def test_of_many_some_are_taken_back_and_then_the_rest(
    tell: Tell, told: Told, take_back: Withdraw, rep: User, records: list[UUID]
) -> None:
    tell(OF_KIND, *(NewNotification(rep.id, "Given", f"/tasks/{one}", one) for one in records))

    take_back(OF_KIND, *(Taken(rep.id, one, now()) for one in records[:2]))
    assert shown(told, rep) == [(1, True, False)]
    assert told()[0]["link"] == "/tasks"
    take_back(OF_KIND, Taken(rep.id, records[2], now()))

    assert shown(told, rep) == [(1, False, False)]


def test_what_comes_later_stands_by_itself(
    tell: Tell, told: Told, take_back: Withdraw, rep: User, records: list[UUID]
) -> None:
    tell(OF_KIND, NewNotification(rep.id, "Given", "/tasks", records[0]))
    take_back(OF_KIND, Taken(rep.id, records[0], now()))

    tell(OF_KIND, NewNotification(rep.id, "Given", "/tasks", records[1]))

    assert shown(told, rep) == [(1, False, False), (1, True, False)]


def test_other_records_kinds_people_and_organizations_keep_theirs(
    tell: Tell, told: Told, take_back: Withdraw, rep: User, owner: User, records: list[UUID], app: Flask,
    make: Factories,
) -> None:  # fmt: skip
    tell(OF_KIND, NewNotification(rep.id, "Given", "/tasks", records[0]))

    take_back(
        OF_KIND, Taken(rep.id, records[1], now()), Taken(owner.id, records[0], now()), Taken(None, records[0], now())
    )
    take_back(EACH, Taken(rep.id, records[0], now()))
    with acting(app, make.organization()):
        withdraw(OF_KIND, [Taken(rep.id, records[0], now())])

    assert shown(told, rep) == [(1, True, False)]


def test_what_was_read_before_stays_and_so_does_what_came_after_it(
    client: Client, tell: Tell, told: Told, take_back: Withdraw, rep: User, records: list[UUID]
) -> None:
    given_at = now() - timedelta(minutes=5)
    tell(OF_KIND, *(NewNotification(rep.id, "Given", "/tasks", one) for one in records))

    take_back(OF_KIND, Taken(rep.id, uuid7(), given_at))

    assert shown(told, rep) == [(3, True, False)]


def test_a_task_given_and_taken_back_tells_nobody(
    client: Client, told: Told, make: Factories, organization: Organization, manager: User, rep: User, csr: User
) -> None:
    task = make.task(organization, assignee=csr)
    client.sign_in(manager)
    give = f"/tasks/{task.id}/assign"
    page = client.follow(client.post(give, {"assignee": str(rep.id)}))
    assert shown(told, rep) == [(1, True, False)]

    (undo,) = [form.get("action", "") for form in page.all(".//form") if f"{give}?" in (form.get("action") or "")]
    back = client.follow(client.post(undo))

    assert shown(told, rep) == [(1, False, False)]
    assert shown(told, csr) == []
    (again,) = [form.get("action", "") for form in back.all(".//form") if f"{give}?" in (form.get("action") or "")]
    client.post(again)
    assert shown(told, rep) == [(1, False, False), (1, True, False)]


@pytest.mark.parametrize("kind", ["tasks", "leads"])
def test_many_given_and_taken_back_tell_nobody(
    app: Flask, client: Client, told: Told, make: Factories, organization: Organization, manager: User, rep: User,
    kind: str,
) -> None:  # fmt: skip
    before = make.user(organization, role=Role.SALES_REP)
    rows: list[Any]
    if kind == "tasks":
        rows = [make.task(organization, assignee=before) for _ in range(3)]
        confirm(client.sign_in(manager), address("assign_tasks", *rows), assignee=str(rep.id))
    else:
        rows = [make.lead(organization, assigned_rep_id=before.id) for _ in range(3)]
        confirm(client.sign_in(manager), address("assign_leads", *rows), rep=str(rep.id))
    assert shown(told, rep) == [(3, True, False)]

    toast = client.get(f"/{kind}").one(".//*[@id='toasts']//form")
    client.post(str(toast.get("action")))

    assert shown(told, rep) == [(3, False, False)]
    assert shown(told, before) == []


def test_a_lead_given_and_taken_back_tells_nobody(
    client: Client, told: Told, make: Factories, organization: Organization, manager: User, rep: User
) -> None:
    before = make.user(organization, role=Role.SALES_REP)
    lead = make.lead(organization, assigned_rep_id=before.id)
    client.sign_in(manager)
    client.post(f"/leads/{lead.id}/assign", {"rep": str(rep.id), "version": "1"})
    assert shown(told, rep) == [(1, True, False)]

    client.post(f"/leads/{lead.id}/undo?version=2")

    assert shown(told, rep) == [(1, False, False)]
    assert shown(told, before) == []


def test_the_task_stays_with_whoever_had_it(
    client: Client, told: Told, make: Factories, organization: Organization, manager: User, rep: User, csr: User,
    behind: Any,
) -> None:  # fmt: skip
    until = datetime(2027, 1, 5, 14, tzinfo=UTC)
    task = make.task(organization, assignee=csr, snoozed_until=until)
    client.sign_in(manager)
    give = f"/tasks/{task.id}/assign"
    page = client.follow(client.post(give, {"assignee": str(rep.id)}))
    (undo,) = [form.get("action", "") for form in page.all(".//form") if f"{give}?" in (form.get("action") or "")]

    client.post(undo)

    row = behind.one(Task, id=task.id)
    assert (row.assigned_to_user_id, row.snoozed_until) == (csr.id, until)
