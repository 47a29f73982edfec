"""Summary of a user's deactivation: work is reassigned exactly as announced, or not at all."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine, text

from app.extensions import db
from app.models import Organization, User
from app.people.users import handover_service
from app.people.users.handover_rules import fingerprint
from tests.people.users.pages import WHY, chosen, filled, let_go
from tests.support.client import Client
from tests.support.database import WorkerDatabase
from tests.support.factories import Factories
from tests.support.locks import meanwhile
from tests.support.pages import Page, text_of
from tests.support.queries import recorded_queries

People = Callable[..., list[User]]
Now = Callable[..., Any]

WAYS = ("deactivate", "delete")
NOT_AS_SEEN = "Nothing was changed: the open work"


def summary_of(page: Page) -> dict[str, str]:
    """Return the announced consequences, by recipient or by kind of work."""
    terms, words = page.all(".//dl[@class='kv']/dt"), page.all(".//dl[@class='kv']/dd")
    return dict(zip(map(text_of, terms), map(text_of, words), strict=True))


@pytest.fixture
def much(make: Factories, organization: Organization, csr: User, tomorrow: datetime) -> None:
    """Open work of every kind that a CSR can have."""
    make.appointment(organization, csr_id=csr.id, scheduled_start_at=tomorrow)
    make.missed_entry(organization, status="claimed", claimed_by=csr.id, claim_expires_at=tomorrow)
    for _ in range(2):
        make.task(organization, assignee=csr)
        make.pending_action(organization, assigned_to_user_id=csr.id)
    make.event(organization, csr, start_at=tomorrow)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.usefixtures("much")
def test_it_follows_the_choices(as_admin: Client, admin: User, csr: User, other_csr: User, way: str) -> None:
    path = f"/users/{csr.id}/{way}"
    begun = as_admin.get(path)
    assert summary_of(begun) == {
        "Choices to make": "1 claimed missed call, 2 open tasks, 2 suggested tasks, 1 event as organizer",
        "Stays with Cem Csr": "1 upcoming appointment",
    }
    assert begun.one(".//fieldset[@hx-get]").get("hx-get") == path

    to = f"takeover_bookings={other_csr.id}&takeover_claims=nobody&takeover_tasks={other_csr.id}"
    for ask in (as_admin.get, as_admin.swap):
        page = ask(f"{path}?{to}&takeover_actions=nobody&takeover_events={admin.id}")
        assert summary_of(page) == {
            "Dora Csr": "1 upcoming appointment, 2 open tasks",
            "Ada Admin": "1 event as organizer",
            "Return to the queue": "1 claimed missed call Stays unassigned until someone takes over.",
            "Leave unassigned": "2 suggested tasks Stays unassigned until someone takes over.",
        }
        assert "7 records will be reassigned." in page.text

    assert summary_of(as_admin.swap(f"{path}?takeover_tasks={csr.id}&takeover_events=nobody")) == {
        "Choices to make": "1 upcoming appointment, 1 claimed missed call, 2 open tasks, 2 suggested tasks, "
        "1 event as organizer"
    }, "what nobody offers is no choice"


@pytest.mark.parametrize("way", WAYS)
def test_what_nobody_chooses_is_said_too(
    as_admin: Client,
    make: Factories,
    organization: Organization,
    csr: User,
    other_csr: User,
    tomorrow: datetime,
    way: str,
) -> None:
    path = f"/users/{csr.id}/{way}"
    assert summary_of(as_admin.get(path)) == {}
    for person, times in ((csr, 2), (other_csr, 1)):
        for _ in range(times):
            make.session_of(person)
            make.api_key(person)
            make.saved_view(person, is_shared=True)
            make.user(organization, manager_id=person.id)
    make.session_of(csr, revoked_at=tomorrow)
    make.api_key(csr, revoked_at=tomorrow)
    make.api_key(csr, expires_at=tomorrow - timedelta(days=3), created_at=tomorrow - timedelta(days=9))
    make.saved_view(csr)
    make.stream(organization, created_by=csr.id, enabled=True)
    make.stream(organization, name="Off", created_by=csr.id, enabled=False, paused_because=None)
    for days in (-30, 30):
        make.event(organization, csr, type="time_off", start_at=tomorrow + timedelta(days=days))

    expected = {
        "Stays with Cem Csr": "1 period of time off, 2 people reporting to them",
        "Ends now": "2 open sessions, 2 API keys they created",
        "Will be paused": "1 outbound stream A resumed stream is sent under the name of the person who resumes it.",
    }
    if way == "delete":
        expected["No longer available to others"] = "2 shared views"
    assert summary_of(as_admin.get(path)) == expected


@pytest.mark.parametrize("way", WAYS)
def test_choices_that_were_not_summed_up_are_summed_up_first(
    as_admin: Client, make: Factories, organization: Organization, csr: User, admin: User, now_of: Now, way: str
) -> None:
    task = make.task(organization, assignee=csr)
    path = f"/users/{csr.id}/{way}"

    page = as_admin.post(path, filled(as_admin, path, reason=WHY, takeover_tasks=str(admin.id)), status=409)

    assert NOT_AS_SEEN in page.text
    assert summary_of(page) == {"Ada Admin": "1 open task"}
    assert now_of(task, "assigned_to_user_id") == (csr.id,)
    as_admin.post(path, page.fields(path, "post"))
    assert now_of(task, "assigned_to_user_id") == (admin.id,)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("as_many", [False, True], ids=["more", "others, as many"])
def test_work_that_came_since_moves_only_once_it_was_summed_up(
    as_admin: Client,
    make: Factories,
    organization: Organization,
    csr: User,
    admin: User,
    now_of: Now,
    people: People,
    admin_engine: Engine,
    way: str,
    as_many: bool,
) -> None:
    path = f"/users/{csr.id}/{way}"
    seen = make.task(organization, assignee=csr)
    form = chosen(as_admin, path, tasks=admin.id)
    came = make.task(organization, assignee=csr)
    if as_many:
        with admin_engine.begin() as connection:
            done = text("UPDATE tasks SET status = 'completed', completed_at = now() WHERE id = :id")
            connection.execute(done, {"id": seen.id})

    page = as_admin.post(path, form, status=409)

    assert NOT_AS_SEEN in page.text
    assert summary_of(page) == {"Ada Admin": "1 open task" if as_many else "2 open tasks"}
    assert (now_of(came, "assigned_to_user_id"), people(id=csr.id)[0].is_active) == ((csr.id,), True)
    as_admin.post(path, page.fields(path, "post"))
    assert now_of(came, "assigned_to_user_id") == (admin.id,)
    assert now_of(seen, "assigned_to_user_id") == (csr.id if as_many else admin.id,)


@pytest.mark.parametrize("way", WAYS)
def test_work_given_to_them_at_that_moment_is_summed_up_first(
    as_admin: Client,
    make: Factories,
    organization: Organization,
    csr: User,
    other_csr: User,
    admin: User,
    now_of: Now,
    admin_engine: Engine,
    database: WorkerDatabase,
    way: str,
) -> None:
    path = f"/users/{csr.id}/{way}"
    task, given = make.task(organization, assignee=csr), make.task(organization, assignee=other_csr)
    form = chosen(as_admin, path, tasks=admin.id)
    answers: list[Page] = []

    with admin_engine.connect() as other:
        give = text("UPDATE tasks SET assigned_to_user_id = :csr, version = version + 1 WHERE id = :id")
        other.execute(give, {"csr": csr.id, "id": given.id})
        with meanwhile(lambda: answers.append(as_admin.post(path, form, status=409)), database):
            other.commit()

    (page,) = answers
    assert summary_of(page) == {"Ada Admin": "2 open tasks"}, "what the page says again is what has come of it"
    assert now_of(task, "assigned_to_user_id") == (csr.id,)
    as_admin.post(path, page.fields(path, "post"))
    assert [now_of(one, "assigned_to_user_id") for one in (task, given)] == [(admin.id,)] * 2


def test_work_reopened_while_it_is_handed_over_is_not_taken_along(
    as_admin: Client,
    make: Factories,
    organization: Organization,
    csr: User,
    admin: User,
    now_of: Now,
    people: People,
    admin_engine: Engine,
    tomorrow: datetime,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    task = make.task(organization, assignee=csr)
    done = make.task(organization, assignee=csr, status="completed", completed_at=tomorrow)

    def counted_and_reopened(*values: Any) -> str:
        with admin_engine.begin() as connection:
            again = text("UPDATE tasks SET status = 'pending', completed_at = NULL WHERE id = :id")
            connection.execute(again, {"id": done.id})
        return fingerprint(*values)

    monkeypatch.setattr(handover_service, "fingerprint", counted_and_reopened)
    page = let_go(as_admin, csr, status=409, tasks=admin.id)

    assert NOT_AS_SEEN in page.text
    assert summary_of(page) == {"Ada Admin": "2 open tasks"}
    assert [now_of(one, "assigned_to_user_id") for one in (task, done)] == [(csr.id,)] * 2
    assert people(id=csr.id)[0].is_active


@pytest.mark.parametrize(
    ("way", "told"),
    [
        ("deactivate", "Cem Csr was deactivated, and 7 records were reassigned. Their seat is available."),
        ("delete", "Cem Csr was deleted. Undo also brings back the 7 reassigned records."),
    ],
)
@pytest.mark.usefixtures("much")
def test_what_is_told_afterwards_is_what_was_summed_up(
    as_admin: Client, admin: User, csr: User, other_csr: User, way: str, told: str
) -> None:
    to: dict[str, Any] = {
        "bookings": other_csr.id,
        "claims": "nobody",
        "tasks": admin.id,
        "actions": "nobody",
        "events": admin.id,
    }

    assert told in as_admin.follow(let_go(as_admin, csr, way, **to)).text


def test_much_work_takes_no_more_queries(
    app: Flask, as_admin: Client, make: Factories, organization: Organization, csr: User
) -> None:
    with app.app_context():
        engine = db.engine

    def ask() -> int:
        with recorded_queries(engine) as queries:
            as_admin.get(f"/users/{csr.id}/delete")
        return len(queries)

    make.task(organization, assignee=csr)
    ask()
    few = ask()
    for _ in range(20):
        make.task(organization, assignee=csr)
        make.user(organization, manager_id=csr.id)

    assert ask() == few
