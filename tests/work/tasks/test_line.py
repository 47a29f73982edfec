"""Creation of a task from one line of text."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from app.models import ContactCard, Organization, Role, Task, User
from tests.support.client import Client
from tests.support.factories import Factories
from tests.support.pages import Page, text_of
from tests.work.calls.conftest import Trail

TasksOf = Callable[[], list[Task]]


@pytest.fixture
def tasks_there(admin_engine: Engine, organization: Organization) -> TasksOf:
    """Function that returns all tasks of the organization as stored."""

    def read() -> list[Task]:
        with Session(admin_engine) as session:
            return list(session.scalars(select(Task).where(Task.organization_id == organization.id)))

    return read


def add(client: Client, line: str, *, status: int = 303, **more: Any) -> Page:
    form = client.get("/tasks").fields("/tasks/line", "post")
    return client.post("/tasks/line", {**form, "line": line, **more}, status=status)


def test_what_is_added_is_said_as_it_was_read_and_taken_back_by_undo(
    client: Client, csr: User, tasks_there: TasksOf
) -> None:
    page = client.follow(add(client.sign_in(csr), "Call Ruth tomorrow at 9 !"))

    [task] = tasks_there()
    assert (task.title, task.assigned_to_user_id, task.created_by, task.priority) == (
        "Call Ruth",
        csr.id,
        csr.id,
        "high",
    )
    assert task.due_at is not None
    assert "Added: Call Ruth · for Maya Torres · due " in page.text

    client.post(f"/tasks/{task.id}/cancel")
    assert tasks_there()[0].status == "cancelled"


def test_a_manager_adds_it_for_somebody_else(client: Client, csr: User, manager: User, tasks_there: TasksOf) -> None:
    add(client.sign_in(manager), "Call Ruth @Maya friday 4pm")

    assert tasks_there()[0].assigned_to_user_id == csr.id


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("Call Ruth @Tom", "You can only add tasks for yourself"),
        ("tomorrow 9", "Enter what needs to be done."),
        ("", "Enter what needs to be done."),
        ("x" * 401, "Use up to 400 characters."),
        ("Call \0 Ruth", "can’t be used"),
    ],
)
def test_what_cannot_be_added_comes_back_with_what_was_typed(
    client: Client, csr: User, colleague: User, tasks_there: TasksOf, line: str, says: str
) -> None:
    page = add(client.sign_in(csr), line, status=400)

    assert says in text_of(page.one(".//*[@data-error-summary]"))
    assert page.fields("/tasks/line", "post")["line"] == line.replace("\0", "\N{REPLACEMENT CHARACTER}")
    assert tasks_there() == []


def test_a_manager_is_told_that_nobody_is_called_so(client: Client, manager: User, tasks_there: TasksOf) -> None:
    page = add(client.sign_in(manager), "Call Ruth @Timothy", status=400)

    assert "No one called “@Timothy” can be assigned tasks." in page.text
    assert tasks_there() == []


def test_a_title_that_is_too_long_comes_back(client: Client, csr: User, tasks_there: TasksOf) -> None:
    page = add(client.sign_in(csr), "x" * 201, status=400)

    assert "Use up to 200 characters." in page.text
    assert tasks_there() == []


def test_sent_twice_it_is_added_once(client: Client, csr: User, tasks_there: TasksOf, trail: Trail) -> None:
    form = client.sign_in(csr).get("/tasks").fields("/tasks/line", "post")
    for _ in range(2):
        client.post("/tasks/line", {**form, "line": "Call Ruth"})

    assert len(tasks_there()) == len(trail("task.created")) == 1


def test_exactly_what_was_shown_below_the_line_is_added(client: Client, csr: User, tasks_there: TasksOf) -> None:
    shown = datetime.now(UTC) - timedelta(minutes=9)
    add(client.sign_in(csr), "Call Ruth in 2 hours", read_at=shown.isoformat())

    assert tasks_there()[0].due_at == (shown + timedelta(hours=2)).replace(second=0, microsecond=0)


@pytest.mark.parametrize(
    "read_at", ["", "yesterday", "2020-01-01T00:00:00+00:00", "2199-01-01T00:00:00+00:00", "2026-01-01"]
)
def test_a_moment_that_nobody_was_shown_does_not_count(
    client: Client, csr: User, tasks_there: TasksOf, read_at: str
) -> None:
    add(client.sign_in(csr), "Call Ruth in 2 hours", read_at=read_at)

    due_at = tasks_there()[0].due_at
    assert due_at is not None
    assert abs(due_at - datetime.now(UTC) - timedelta(hours=2)) < timedelta(minutes=2)


class TestReading:
    def test_it_says_what_who_and_when(self, client: Client, csr: User) -> None:
        page = client.sign_in(csr).get("/tasks/reading?line=Call+Ruth+tomorrow+9+%21%21")

        assert "Will be saved as Call Ruth for Maya Torres due" in page.text
        assert "Urgent" in page.text

    def test_it_says_what_is_wrong(self, client: Client, csr: User) -> None:
        assert "Enter what needs to be done." in client.sign_in(csr).get("/tasks/reading?line=tomorrow").text

    def test_no_more_of_it_is_read_than_the_field_takes(self, client: Client, csr: User) -> None:
        shown = client.sign_in(csr).get(f"/tasks/reading?line={'a+' * 100}{'+' * 1000}{'b+' * 2000}").text

        assert "a a a" in shown
        assert "a b" not in shown
        assert len(shown) < 500

    def test_what_is_too_long_for_a_task_is_said_before_it_is_sent(self, client: Client, csr: User) -> None:
        line = "a " * 110

        assert "Use up to 200 characters." in client.sign_in(csr).get(f"/tasks/reading?line={line}").text
        assert "Use up to 200 characters." in add(client, line, status=400).text

    @pytest.mark.parametrize("query", ["", "?line=%20"])
    def test_nothing_is_said_of_nothing(self, client: Client, csr: User, query: str) -> None:
        assert "Will be saved as" not in client.sign_in(csr).get(f"/tasks/reading{query}").text

    def test_it_is_for_those_who_may_add(self, client: Client, make: Factories, organization: Organization) -> None:
        client.sign_in(make.user(organization, Role.EXEC)).get("/tasks/reading?line=Call", status=403)
        client.post("/tasks/line", {"line": "Call"}, status=403)


class TestContacts:
    """Contacts whose name is in the line."""

    @pytest.fixture
    def ruth(self, make: Factories, organization: Organization, csr: User) -> ContactCard:
        return make.contact(organization, first_name="Ruth", last_name="Delgado", created_by=csr.id)

    @pytest.mark.parametrize(
        "line", ["Call Ruth Delgado tomorrow 9", "ruth delgado: ask about the plan", "Meet Ruth Delgado’s son"]
    )
    def test_the_only_contact_of_a_name_is_linked(
        self, client: Client, csr: User, ruth: ContactCard, tasks_there: TasksOf, line: str
    ) -> None:
        page = client.follow(add(client.sign_in(csr), line))

        [task] = tasks_there()
        assert task.contact_card_id == ruth.id
        assert "about Ruth Delgado" in page.text
        assert "about Ruth Delgado" in client.get(f"/tasks/reading?line={line}").text

    @pytest.mark.parametrize("line", ["Call Ruth tomorrow", 'Print "Ruth Delgado" on the sign', "Call Delgado Ruth"])
    def test_other_words_link_nobody(
        self, client: Client, csr: User, ruth: ContactCard, tasks_there: TasksOf, line: str
    ) -> None:
        add(client.sign_in(csr), line)

        assert [task.contact_card_id for task in tasks_there()] == [None]

    def test_the_longer_name_is_meant(
        self, client: Client, make: Factories, organization: Organization, csr: User, ruth: ContactCard,
        tasks_there: TasksOf,
    ) -> None:  # fmt: skip
        longer = make.contact(organization, first_name="Ruth", last_name="Delgado Smith", created_by=csr.id)

        add(client.sign_in(csr), "Call Ruth Delgado Smith")

        assert [task.contact_card_id for task in tasks_there()] == [longer.id]

    def test_of_several_one_is_chosen_or_none(
        self, client: Client, make: Factories, organization: Organization, csr: User, ruth: ContactCard,
        tasks_there: TasksOf,
    ) -> None:  # fmt: skip
        other = make.contact(organization, first_name="Ruth", last_name="Delgado", city="Kyle", created_by=csr.id)
        line = "Call Ruth Delgado"

        refused = add(client.sign_in(csr), line, status=400)

        assert tasks_there() == []
        offered = [str(one.get("value")) for one in refused.all(".//select[@name='contact']/option")]
        assert sorted(offered) == sorted(["none", str(ruth.id), str(other.id)])
        assert refused.fields("/tasks/line", "post")["line"] == line
        assert "Kyle" in client.get(f"/tasks/reading?line={line}").text
        add(client, line, contact=str(other.id))
        add(client, line, contact="none")
        assert {task.contact_card_id for task in tasks_there()} == {other.id, None}

    def test_contacts_outside_the_scope_are_not_known(
        self, client: Client, make: Factories, organization: Organization, csr: User, manager: User,
        tasks_there: TasksOf,
    ) -> None:  # fmt: skip
        make.contact(organization, first_name="Ada", last_name="King", created_by=manager.id)

        add(client.sign_in(csr), "Call Ada King", contact="")

        assert [task.contact_card_id for task in tasks_there()] == [None]
