"""Bulk changes of tasks, and their undo."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from app.models import Organization, Task, User
from tests.data.bulk.conftest import Work, address, confirm, id_of, work
from tests.support.client import Client
from tests.support.factories import DAY, Factories
from tests.work.calls.conftest import Trail

__all__ = ["work"]

Stored = Callable[[Any], Any]


@pytest.fixture
def both(make: Factories, organization: Organization, csr: User) -> list[Task]:
    """A pending task and a completed one."""
    done = make.task(organization, assignee=csr, status="completed", completed_at=DAY)
    return [make.task(organization, assignee=csr), done]


def undo(client: Client, started: Any) -> None:
    client.post(f"/bulk/{id_of(started)}/undo")


def test_many_are_completed_and_opened_again(
    client: Client, manager: User, both: list[Task], stored: Stored, work: Work, trail: Trail
) -> None:
    started = confirm(client.sign_in(manager), address("complete_tasks", *both))
    work()
    assert stored(both[0]).status == "completed"
    assert len(trail("task.completed")) == 1, "what was completed is not completed again"

    undo(client, started)
    work()
    assert [stored(task).status for task in both] == ["pending", "completed"]
    assert (stored(both[0]).completed_at, stored(both[1]).completed_at) == (None, DAY)


def test_the_pending_action_of_each_goes_along(
    client: Client, make: Factories, organization: Organization, manager: User, stored: Stored, work: Work
) -> None:
    action = make.pending_action(organization)
    task = make.task(organization, pending_action_id=action.id)
    confirm(client.sign_in(manager), address("complete_tasks", task))
    work()

    assert stored(action).status == "completed"


def test_dates_are_moved_and_come_back(
    client: Client, manager: User, both: list[Task], stored: Stored, work: Work, trail: Trail
) -> None:
    started = confirm(client.sign_in(manager), address("move_tasks", *both), day="2027-03-08")
    work()
    assert [stored(task).due_at for task in both] == [datetime(2027, 3, 8, 14, tzinfo=UTC), DAY]

    undo(client, started)
    work()
    assert [stored(task).due_at for task in both] == [DAY, DAY]
    assert len(trail("task.date.moved")) == 2, "there and back"


def test_many_are_snoozed_with_their_dates_as_they_are_and_come_back(
    client: Client, manager: User, both: list[Task], stored: Stored, work: Work, trail: Trail
) -> None:
    started = confirm(client.sign_in(manager), address("snooze_tasks", *both), day="2027-03-08")
    work()
    assert [stored(task).snoozed_until for task in both] == [datetime(2027, 3, 8, 14, tzinfo=UTC), None]
    assert [stored(task).due_at for task in both] == [DAY, DAY]

    undo(client, started)
    work()
    assert [stored(task).snoozed_until for task in both] == [None, None]
    assert len(trail("task.snoozed")) == 2, "there and back"


def test_a_manager_gives_many_to_somebody_and_to_nobody(
    client: Client, manager: User, csr: User, colleague: User, both: list[Task], stored: Stored, work: Work
) -> None:
    client.sign_in(manager)
    started = confirm(client, address("assign_tasks", *both), assignee=str(colleague.id))
    work()
    assert [stored(task).assigned_to_user_id for task in both] == [colleague.id] * 2
    undo(client, started)
    work()
    assert [stored(task).assigned_to_user_id for task in both] == [csr.id] * 2
    confirm(client, address("assign_tasks", *both), assignee="none")
    work()
    assert [stored(task).assigned_to_user_id for task in both] == [None] * 2


def test_a_csr_changes_their_own_only_and_assigns_nothing(
    client: Client,
    make: Factories,
    organization: Organization,
    csr: User,
    colleague: User,
    both: list[Task],
    stored: Stored,
    work: Work,
) -> None:
    theirs = make.task(organization, assignee=colleague)
    client.sign_in(csr).get(address("assign_tasks", both[0]), status=403)

    confirm(client, address("complete_tasks", both[0], theirs))
    work()

    assert [stored(task).status for task in (both[0], theirs)] == ["completed", "pending"]


@pytest.mark.parametrize("sent", [{"day": ""}, {"day": "soon"}, {"day": "1066-10-14"}])
def test_a_day_that_is_none_comes_back(client: Client, manager: User, both: list[Task], sent: dict[str, str]) -> None:
    there = address("snooze_tasks", *both)
    form = client.sign_in(manager).get(there).fields(there)

    client.post(there, {**form, **sent}, status=400)
