"""A task created from a suggested task stays in sync with it, whichever of the two is changed."""

import threading
from collections.abc import Iterator
from datetime import datetime

import psycopg
import pytest

from app.declarations.personal import ERASED
from app.models import Organization, PendingAction, Task
from tests.support.database import WorkerDatabase
from tests.support.factories import DAY, Factories

PAIRS = [
    ("pending", "open"),
    ("in_progress", "in_progress"),
    ("completed", "completed"),
    ("cancelled", "cancelled"),
]


@pytest.fixture
def organization(make: Factories) -> Organization:
    return make.organization()


@pytest.fixture
def action(make: Factories, organization: Organization) -> PendingAction:
    return make.pending_action(organization, status="in_progress")


@pytest.fixture
def owner(database: WorkerDatabase, clean_database: None) -> Iterator[psycopg.Connection]:
    """A connection as the owner of the tables, in autocommit mode."""
    with psycopg.connect(database.url("app_owner"), autocommit=True) as connection:
        yield connection


def of_task(connection: psycopg.Connection, task: Task) -> tuple[str, datetime | None, int]:
    """Return the task's status, completion time and version."""
    row = connection.execute("SELECT status, completed_at, version FROM tasks WHERE id = %s", [task.id]).fetchone()
    assert row is not None
    return row[0], row[1], row[2]


def of_action(connection: psycopg.Connection, action: PendingAction) -> tuple[str, int]:
    """Return the suggested task's status and version."""
    row = connection.execute("SELECT status, version FROM pending_actions WHERE id = %s", [action.id]).fetchone()
    assert row is not None
    return row[0], row[1]


def test_a_task_begins_where_its_action_is(
    make: Factories, owner: psycopg.Connection, organization: Organization, action: PendingAction
) -> None:
    task = make.task(organization, pending_action_id=action.id, status="pending")

    assert of_task(owner, task)[0] == "in_progress"
    assert of_action(owner, action) == ("in_progress", 1)


def test_a_task_of_an_action_that_is_done_is_done(
    make: Factories, owner: psycopg.Connection, organization: Organization
) -> None:
    done = make.pending_action(organization, status="completed")
    imported = make.task(organization, pending_action_id=done.id, status="completed", completed_at=DAY)
    late = make.pending_action(organization, status="completed", category="other")
    made_now = make.task(organization, pending_action_id=late.id)

    assert of_task(owner, imported)[:2] == ("completed", DAY)
    status, completed_at, _ = of_task(owner, made_now)
    assert status == "completed"
    assert completed_at is not None


@pytest.mark.parametrize(("task_status", "action_status"), PAIRS)
def test_the_action_follows_its_task(
    make: Factories,
    owner: psycopg.Connection,
    organization: Organization,
    action: PendingAction,
    task_status: str,
    action_status: str,
) -> None:
    task = make.task(organization, pending_action_id=action.id)
    decoy = make.pending_action(organization, status="in_progress")
    owner.execute(
        "UPDATE tasks SET status = %s, completed_at = CASE %s WHEN 'completed' THEN now() END WHERE id = %s",
        [task_status, task_status, task.id],
    )

    changed = action_status != "in_progress"
    assert of_action(owner, action) == (action_status, 2 if changed else 1)
    assert of_action(owner, decoy) == ("in_progress", 1)


@pytest.mark.parametrize(("task_status", "action_status"), PAIRS)
def test_the_task_follows_its_action(
    make: Factories,
    owner: psycopg.Connection,
    organization: Organization,
    action: PendingAction,
    task_status: str,
    action_status: str,
) -> None:
    task = make.task(organization, pending_action_id=action.id)
    decoy = make.task(organization)
    owner.execute("UPDATE pending_actions SET status = %s WHERE id = %s", [action_status, action.id])

    status, completed_at, version = of_task(owner, task)
    assert (status, completed_at is not None) == (task_status, task_status == "completed")
    assert version == (2 if task_status != "in_progress" else 1)
    assert of_task(owner, decoy) == ("pending", None, 1)


def test_both_go_back_when_the_transaction_does(
    make: Factories,
    database: WorkerDatabase,
    owner: psycopg.Connection,
    organization: Organization,
    action: PendingAction,
) -> None:
    task = make.task(organization, pending_action_id=action.id)
    with psycopg.connect(database.url("app_owner")) as connection:
        connection.execute("UPDATE tasks SET status = 'completed', completed_at = now()")
        connection.rollback()

    assert of_task(owner, task)[0] == of_action(owner, action)[0] == "in_progress"


def test_an_action_has_one_task(make: Factories, owner: psycopg.Connection, organization: Organization) -> None:
    action = make.pending_action(organization)
    make.task(organization, pending_action_id=action.id)
    second = make.task(organization)

    with pytest.raises(psycopg.errors.UniqueViolation) as refused:
        owner.execute("UPDATE tasks SET pending_action_id = %s WHERE id = %s", [action.id, second.id])
    assert refused.value.diag.constraint_name == "uq_tasks_pending_action"


@pytest.mark.parametrize("due_at", [DAY, None])
def test_the_same_thing_is_there_once_even_when_it_is_done(
    make: Factories, owner: psycopg.Connection, organization: Organization, due_at: datetime | None
) -> None:
    contact = make.contact(organization)
    first = make.pending_action(organization, contact=contact, due_at=due_at, status="completed")
    again = (
        "INSERT INTO pending_actions (organization_id, id, contact_card_id, category, raw_text, due_at)"
        " VALUES (%s, gen_random_uuid(), %s, 'call_back', 'Call back.', %s)"
    )
    values = [organization.id, contact.id, due_at]

    with pytest.raises(psycopg.errors.UniqueViolation) as refused:
        owner.execute(again, values)
    assert refused.value.diag.constraint_name == "uq_pending_actions_contact_category_due_text"
    assert owner.execute(f"{again} ON CONFLICT DO NOTHING", values).rowcount == 0
    assert of_action(owner, first) == ("completed", 1)


def test_others_without_a_date_are_told_apart_by_their_text(
    make: Factories, owner: psycopg.Connection, organization: Organization
) -> None:
    contact = make.contact(organization)
    texts = ("Look for the warranty.", "Ask the landlord.", "x" * 5000)
    for words in texts:
        make.pending_action(organization, contact=contact, category="other", due_at=None, raw_text=words)
    again = (
        "INSERT INTO pending_actions (organization_id, id, contact_card_id, category, raw_text, due_at)"
        " VALUES (%s, gen_random_uuid(), %s, 'other', %s, %s) ON CONFLICT DO NOTHING"
    )

    added = [owner.execute(again, [organization.id, contact.id, words, None]).rowcount for words in texts]
    with_a_date = [owner.execute(again, [organization.id, contact.id, words, DAY]).rowcount for words in texts]

    assert added == [0, 0, 0]
    assert with_a_date == [1, 0, 0]


def test_several_of_an_erased_person_stay_side_by_side(
    make: Factories, owner: psycopg.Connection, organization: Organization
) -> None:
    contact = make.contact(organization)
    for words in ("Look for the warranty.", "Ask the landlord."):
        make.pending_action(organization, contact=contact, category="other", due_at=None, raw_text=words)

    erased = owner.execute("UPDATE pending_actions SET raw_text = %s WHERE contact_card_id = %s", [ERASED, contact.id])

    assert erased.rowcount == 2


def test_a_task_that_is_made_while_its_action_is_being_completed_is_completed(
    make: Factories,
    database: WorkerDatabase,
    owner: psycopg.Connection,
    organization: Organization,
    action: PendingAction,
) -> None:
    made = threading.Event()

    def make_task() -> None:
        make.task(organization, pending_action_id=action.id)
        made.set()

    with psycopg.connect(database.url("app_owner")) as completing:
        completing.execute("UPDATE pending_actions SET status = 'completed'")
        thread = threading.Thread(target=make_task)
        thread.start()
        assert not made.wait(timeout=0.3)  # waits for the action
        completing.commit()
        thread.join(timeout=10)

    assert owner.execute("SELECT status FROM tasks").fetchall() == [("completed",)]
