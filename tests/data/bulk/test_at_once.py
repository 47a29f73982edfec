"""Bulk changes of a few rows: made and undone in the request, all or nothing."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine

from app.data.bulk import service
from app.data.bulk.selection_queries import Selection
from app.db.ids import uuid7
from app.declarations import bulk
from app.declarations.bulk import Verdict
from app.declarations.registry import registry_of
from app.errors import Conflict
from app.extensions import db
from app.models import Organization, Task, User
from app.security.actor import Actor
from app.work.tasks.bulk import COMPLETE_TASKS, complete
from app.work.tasks.filters import TaskFilters
from tests.data.bulk.conftest import Operations, Stored, Trail, confirm
from tests.support.client import Client
from tests.support.factories import Factories
from tests.support.owner_races import acting
from tests.support.pages import Page, text_of
from tests.support.work import both_at_once

Jobs = Callable[[], int]


@pytest.fixture
def jobs(admin_engine: Engine) -> Jobs:
    """Function that returns the number of jobs ever queued."""

    def read() -> int:
        with admin_engine.connect() as connection:
            return int(connection.exec_driver_sql("SELECT count(*) FROM jobs").scalar_one())

    return read


@pytest.fixture
def tasks(make: Factories, organization: Organization, csr: User) -> list[Task]:
    return [make.task(organization, assignee=csr, title=title) for title in ("Order the filter", "Call Ruth", "Quote")]


def press(client: Client, action: str, rows: Sequence[Any], *, status: int = 303, **values: str) -> Page:
    """Open the list of tasks, select `rows`, or all that match if there are none, and press a button of the bar."""
    form = client.get("/tasks").fields("/bulk", "post")
    chosen = {"row": [str(row.id) for row in rows]} if rows else {"scope": "all"}
    return client.post("/bulk", {**form, "action": action, **chosen, **values}, status=status)


def toasts(page: Page) -> str:
    return text_of(page.one(".//*[@id='toasts']"))


def undo_address(page: Page) -> str:
    """Return the address of Undo in the newest toast."""
    return str(page.all(".//*[@id='toasts']//form")[-1].get("action"))


class TestFewRows:
    def test_they_are_changed_in_the_request_and_undo_is_offered_for_ten_minutes(
        self, client: Client, csr: User, tasks: list[Task], stored: Stored, jobs: Jobs
    ) -> None:
        answer = press(client.sign_in(csr), "complete_tasks", tasks[:2])

        assert [stored(task).status for task in tasks] == ["completed", "completed", "pending"]
        assert jobs() == 0
        assert answer.headers["Location"].startswith("/tasks")
        page = client.follow(answer)
        assert "2 tasks completed." in toasts(page)
        assert page.one(".//*[@id='toasts']/*").get("data-toast") == "600"

    def test_undo_reverts_them_in_the_request(
        self, client: Client, csr: User, tasks: list[Task], stored: Stored, jobs: Jobs, trail: Trail
    ) -> None:
        page = client.follow(press(client.sign_in(csr), "complete_tasks", tasks[:2]))

        undone = client.follow(client.post(undo_address(page)))

        assert [stored(task).status for task in tasks] == ["pending"] * 3
        assert [stored(task).completed_at for task in tasks] == [None] * 3
        assert "2 changes undone." in toasts(undone)
        assert jobs() == 0
        assert len(trail("bulk_operation.undone")) == 1

    def test_undo_leaves_what_somebody_has_changed_since_and_says_so(
        self, client: Client, csr: User, tasks: list[Task], stored: Stored
    ) -> None:
        page = client.follow(press(client.sign_in(csr), "complete_tasks", tasks))
        client.post(f"/tasks/{tasks[0].id}/reopen", {"status": "in_progress"})

        undone = client.follow(client.post(undo_address(page)))

        assert [stored(task).status for task in tasks] == ["in_progress", "pending", "pending"]
        assert "2 changes undone. 1 record was changed since then and stays as it is." in toasts(undone)

    def test_undo_pressed_twice_undoes_once(
        self, client: Client, csr: User, tasks: list[Task], stored: Stored, trail: Trail
    ) -> None:
        page = client.follow(press(client.sign_in(csr), "complete_tasks", tasks[:1]))

        for _time in range(2):
            assert "1 change undone." in toasts(client.follow(client.post(undo_address(page))))

        assert stored(tasks[0]).version == 3
        assert len(trail("bulk_operation.undone")) == 1

    def test_what_was_not_changed_is_told_apart(
        self,
        client: Client,
        make: Factories,
        organization: Organization,
        manager: User,
        csr: User,
        tasks: list[Task],
    ) -> None:
        done = make.task(organization, assignee=csr, status="completed", completed_at=datetime.now(UTC))
        canceled = make.task(organization, assignee=csr, status="cancelled")
        form = client.sign_in(manager).get("/tasks").fields("/bulk", "post")
        client.post(f"/tasks/{tasks[1].id}/delete")

        rows = [str(one.id) for one in (tasks[0], tasks[1], done, canceled)]
        page = client.follow(client.post("/bulk", {**form, "action": "complete_tasks", "row": rows}))

        assert (
            "1 task completed. 1 was already up to date. 1 couldn’t be changed. 1 is no longer in the list."
            in toasts(page)
        )

    def test_nothing_to_undo_is_not_offered(
        self, client: Client, make: Factories, organization: Organization, csr: User
    ) -> None:
        done = make.task(organization, assignee=csr, status="completed", completed_at=datetime.now(UTC))
        make.task(organization, assignee=csr)

        page = client.follow(press(client.sign_in(csr), "complete_tasks", [done]))

        assert "Nothing was changed. 1 was already up to date." in toasts(page)
        assert page.all(".//*[@id='toasts']//form") == []

    def test_those_of_others_stay_as_they_are(
        self,
        client: Client,
        make: Factories,
        organization: Organization,
        csr: User,
        colleague: User,
        tasks: list[Task],
        stored: Stored,
    ) -> None:
        theirs = make.task(organization, assignee=colleague)

        press(client.sign_in(csr), "complete_tasks", [tasks[0], theirs])

        assert [stored(task).status for task in (tasks[0], theirs)] == ["completed", "pending"]

    def test_settings_are_asked_for_and_then_the_list_follows(
        self, client: Client, csr: User, tasks: list[Task], stored: Stored, jobs: Jobs
    ) -> None:
        answer = press(client.sign_in(csr), "snooze_tasks", tasks[:2])
        there = answer.headers["Location"]
        assert there.startswith("/bulk/new?")
        page = client.get(there)
        assert "Snooze 2" in [text_of(button) for button in page.all(".//main//button")]

        page = client.follow(confirm(client, there, day="2027-03-08"))

        assert [stored(task).snoozed_until is not None for task in tasks] == [True, True, False]
        assert "2 tasks snoozed." in toasts(page)
        assert jobs() == 0

    def test_without_a_selection_the_list_says_so(self, client: Client, csr: User, tasks: list[Task]) -> None:
        form = client.sign_in(csr).get("/tasks").fields("/bulk", "post")

        page = client.follow(client.post("/bulk", {**form, "action": "complete_tasks"}))

        assert "Select at least one row first." in toasts(page)

    @pytest.mark.parametrize("sent", [{"query": "colour=red"}, {"action": "explode"}, {"row": "7"}])
    def test_a_selection_that_means_nothing_is_refused(
        self, client: Client, csr: User, tasks: list[Task], sent: dict[str, str], stored: Stored
    ) -> None:
        form = client.sign_in(csr).get("/tasks").fields("/bulk", "post")
        client.post("/bulk", {**form, "action": "complete_tasks", "row": str(tasks[0].id), **sent}, status=400)

        assert stored(tasks[0]).status == "pending"


class TestAllThatMatch:
    def test_they_are_those_that_were_counted(
        self, client: Client, csr: User, tasks: list[Task], stored: Stored, jobs: Jobs
    ) -> None:
        page = client.follow(press(client.sign_in(csr), "complete_tasks", []))

        assert "3 tasks completed." in toasts(page)
        assert [stored(task).status for task in tasks] == ["completed"] * 3
        assert jobs() == 0

    def test_another_number_is_shown_and_has_to_be_confirmed(
        self, client: Client, csr: User, tasks: list[Task], stored: Stored
    ) -> None:
        page = press(client.sign_in(csr), "complete_tasks", [], status=409, count="2")

        assert "The number of matching rows is now 3." in text_of(page.one(".//*[@data-error-summary]"))
        assert [stored(task).status for task in tasks] == ["pending"] * 3
        form = page.one(".//main//form[@method='post']")
        client.post(str(form.get("action")), page.fields_of(form))
        assert [stored(task).status for task in tasks] == ["completed"] * 3


class TestWhatTheJobDoes:
    def test_more_rows_than_that_have_the_page_of_a_job(
        self,
        client: Client,
        csr: User,
        tasks: list[Task],
        stored: Stored,
        jobs: Jobs,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setattr(bulk, "ROWS_AT_ONCE", 2)
        client.sign_in(csr)

        for chosen in (tasks, []):
            answer = press(client, "complete_tasks", chosen)
            assert answer.headers["Location"].startswith("/bulk/new?")
        assert confirm(client, answer.headers["Location"]).headers["Location"].startswith("/bulk/")

        assert stored(tasks[0]).status == "pending"
        assert jobs() == 1

    def test_so_do_deletions_whatever_their_number(
        self, client: Client, manager: User, tasks: list[Task], jobs: Jobs
    ) -> None:
        answer = press(client.sign_in(manager), "delete_tasks", tasks[:1])
        started = confirm(client, answer.headers["Location"])

        assert started.headers["Location"].startswith("/bulk/")
        assert jobs() == 1


class TestAllOrNothing:
    @pytest.fixture
    def failing(self, app: Flask, tasks: list[Task], monkeypatch: pytest.MonkeyPatch) -> None:
        """The second of the tasks can't be completed for an unforeseen reason."""

        def fail(actor: Actor, task: Task, settings: Any) -> Verdict:
            if task.id == tasks[1].id:
                raise Conflict(None, "It has gone wrong.")
            return complete(actor, task, settings)

        changes: Any = registry_of(app).bulk
        monkeypatch.setitem(changes, "complete_tasks", replace(COMPLETE_TASKS, apply=fail))

    @pytest.mark.usefixtures("failing")
    def test_a_row_that_fails_is_named_and_nothing_is_changed(
        self, client: Client, csr: User, tasks: list[Task], stored: Stored, operations: Operations
    ) -> None:
        page = press(client.sign_in(csr), "complete_tasks", tasks, status=409)

        wrong = text_of(page.one(".//*[@data-error-summary]"))
        assert "“Call Ruth” can’t be changed, so nothing was changed. It has gone wrong." in wrong
        assert [stored(task).status for task in tasks] == ["pending"] * 3
        assert operations() == []


class TestOnce:
    def test_a_double_click_is_one_change_with_one_undo(
        self, client: Client, csr: User, tasks: list[Task], stored: Stored, operations: Operations
    ) -> None:
        form = client.sign_in(csr).get("/tasks").fields("/bulk", "post")
        sent = {**form, "action": "complete_tasks", "row": [str(task.id) for task in tasks[:2]]}

        client.post("/bulk", sent)
        page = client.follow(client.post("/bulk", sent))

        assert "2 tasks completed." in toasts(page)
        assert len(operations()) == 1
        client.post(undo_address(page))
        assert [stored(task).version for task in tasks] == [3, 3, 1]

    def test_an_old_page_with_another_selection_changes_nothing(
        self, client: Client, csr: User, tasks: list[Task], stored: Stored
    ) -> None:
        form = client.sign_in(csr).get("/tasks").fields("/bulk", "post")
        client.post("/bulk", {**form, "action": "complete_tasks", "row": str(tasks[0].id)})

        page = client.post("/bulk", {**form, "action": "complete_tasks", "row": str(tasks[1].id)}, status=409)

        assert "This list is out of date." in page.text
        assert stored(tasks[1]).status == "pending"

    def test_two_people_at_once_change_each_row_once(
        self,
        app: Flask,
        organization: Organization,
        manager: User,
        csr: User,
        tasks: list[Task],
        stored: Stored,
        operations: Operations,
    ) -> None:
        ids = tuple(task.id for task in tasks)
        now = datetime.now(UTC)

        def begin(person: User, chosen: tuple[Any, ...]) -> None:
            selection = Selection(COMPLETE_TASKS, TaskFilters(), chosen)
            service.start(acting(person), uuid7(), selection, {"words": {}}, until=now, count=None)
            db.session.flush()

        both = (partial(begin, manager, ids), partial(begin, csr, ids[::-1]))

        assert both_at_once(app, organization.id, *both) == []
        assert [stored(task).version for task in tasks] == [2, 2, 2]
        made = operations()
        assert sorted((one.rows_changed, one.rows_unchanged) for one in made) == [(0, 3), (3, 0)]


def test_the_bar_names_each_act(client: Client, manager: User, tasks: list[Task]) -> None:
    page = client.sign_in(manager).get("/tasks")

    buttons = page.all(".//form[@action='/bulk']//button[@name='action']")
    assert [(text_of(button), button.get("data-bulk-act")) for button in buttons] == [
        ("Complete", "Complete {count}"),
        ("Assign…", "Assign {count}…"),
        ("Snooze…", "Snooze {count}…"),
        ("Reschedule…", "Reschedule {count}…"),
        ("Delete…", "Delete {count}…"),
    ]
