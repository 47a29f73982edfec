"""Bulk deletion: all rows in one deletion, a list of the refused ones, and Undo."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask

from app.models import BulkOperation, ContactCard, ContactPhone, DeletionBatch, Lead, Organization, Role, Task, User
from app.ops.jobs.worker import run_worker
from app.trust.trash import bulk_restore_service
from app.trust.trash.delete_service import delete
from tests.support.client import Client
from tests.support.direct_access import Behind
from tests.support.factories import DAY, Factories
from tests.support.pages import Page
from tests.support.work import at_work
from tests.work.conftest import ActorOf, actor_of, manager

__all__ = ["actor_of", "manager"]

Press = Callable[..., Page]


@pytest.fixture
def work(app: Flask) -> Callable[[], None]:
    """Function that has a worker run all pending jobs."""
    return lambda: run_worker(app, schedule=(), until_idle=True)


@pytest.fixture
def remove(client: Client, manager: User, work: Callable[[], None]) -> Press:
    """Function that confirms and runs a bulk deletion, and returns the page with its result."""
    client.sign_in(manager)

    def do(action: str, *rows: Any, query: str = "scope=all") -> Page:
        address = f"/bulk/new?action={action}&" + ("&".join(f"row={row.id}" for row in rows) or query)
        answer = client.post(address, client.get(address).fields(address))
        work()
        return client.follow(answer)

    return do


@pytest.fixture
def undo(client: Client, work: Callable[[], None]) -> Callable[[Page], Page]:
    """Function that presses Undo on the page of an operation, and returns the resulting page."""

    def do(page: Page) -> Page:
        [action] = {one for form in page.all(".//form") if (one := form.get("action", "")).endswith("/undo")}
        answer = client.post(action, page.fields(action))
        work()
        return client.follow(answer)

    return do


def counts(page: Page) -> tuple[str, str]:
    return page.metrics["rows_changed"], page.metrics["rows_refused"]


def live(behind: Behind, model: type[Any], organization: Organization) -> set[Any]:
    return {row.id for row in behind.rows(model, organization_id=organization.id) if row.deleted_at is None}


def titles(page: Page) -> list[str]:
    """Return the titles of the deletion's history, the newest first."""
    return ["".join(title.itertext()) for title in page.all(".//*[@class='timeline']//b")]


def test_ticked_tasks_are_one_deletion_and_come_back(
    client: Client,
    remove: Press,
    undo: Callable[[Page], Page],
    make: Factories,
    organization: Organization,
    behind: Behind,
) -> None:
    tasks = [make.task(organization, title=f"Task {number}") for number in range(3)]
    other, gone_before = make.task(organization), make.task(organization, title="Gone before")
    make.deletion(gone_before)

    page = remove("delete_tasks", *tasks)

    assert counts(page) == ("3", "0")
    batch = behind.one(DeletionBatch, id=behind.one(BulkOperation).deletion_batch_id)
    assert (batch.counts, batch.deleted_by_label) == ({"task": 3}, "Marcus Bell")
    assert "and 2 more" in batch.root_label
    assert live(behind, Task, organization) == {other.id}
    assert titles(client.get(f"/trash/{batch.id}")) == ["Deleted: Marcus Bell"]

    page = undo(page)

    assert (page.metrics["rows_undone"], page.metrics["rows_moved_on"]) == ("3", "0")
    assert live(behind, Task, organization) == {other.id, *(task.id for task in tasks)}
    assert behind.one(DeletionBatch, id=batch.id).restored_at is not None
    assert titles(client.get(f"/trash/{batch.id}")) == ["Restored: Marcus Bell", "Deleted: Marcus Bell"]


def test_all_that_match_go_in_steps_into_the_same_deletion(
    remove: Press,
    undo: Callable[[Page], Page],
    make: Factories,
    organization: Organization,
    behind: Behind,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(bulk_restore_service.DeletionOfMany, "rows_a_step", 2)
    monkeypatch.setattr(bulk_restore_service, "ROWS_A_STEP", 2)
    with make.batch():
        wanted = {make.task(organization, title=f"Old {number}", priority="low").id for number in range(5)}
        kept = make.task(organization, priority="high")

    page = remove("delete_tasks", query="scope=all&priority=low")

    assert counts(page) == ("5", "0")
    [batch] = behind.rows(DeletionBatch, organization_id=organization.id)
    assert {row.id for row in behind.rows(Task, deletion_batch_id=batch.id)} == wanted
    assert batch.counts == {"task": 5}

    assert undo(page).metrics["rows_undone"] == "5"
    assert live(behind, Task, organization) == wanted | {kept.id}


def test_contacts_that_are_needed_stay_and_it_is_said_for_what(
    remove: Press, undo: Callable[[Page], Page], make: Factories, organization: Organization, behind: Behind
) -> None:
    free, called, visited, both = (make.contact(organization) for _ in range(4))
    make.add(ContactPhone(organization_id=organization.id, phone=make.phone(), contact_card_id=free.id))
    task = make.task(organization, contact_card_id=free.id)
    dead = make.lead(organization, contact=free, stage="dead", dead_reason="Moved away", closed_at=DAY)
    for contact in (called, both):
        make.call(organization, contact_card_id=contact.id)
    for contact in (visited, both):
        make.appointment(organization, contact=contact)
    before = {model: live(behind, model, organization) for model in (ContactCard, ContactPhone, Task, Lead)}

    page = remove("delete_contacts", free, called, visited, both)

    assert counts(page) == ("1", "3")
    assert (page.metrics["refused_calls"], page.metrics["refused_appointments"]) == ("2", "2")
    assert live(behind, ContactCard, organization) == before[ContactCard] - {free.id}
    assert task.id not in live(behind, Task, organization)
    assert dead.id not in live(behind, Lead, organization)
    [batch] = behind.rows(DeletionBatch, organization_id=organization.id)
    assert (batch.root_id, batch.counts["contact_card"], batch.counts["task"]) == (free.id, 1, 1)

    undo(page)
    assert {model: live(behind, model, organization) for model in before} == before


def test_where_nothing_can_go_there_is_no_deletion(
    remove: Press, make: Factories, organization: Organization, behind: Behind
) -> None:
    contact = make.contact(organization)
    make.call(organization, contact_card_id=contact.id)

    page = remove("delete_contacts", contact)

    assert counts(page) == ("0", "1")
    assert behind.rows(DeletionBatch, organization_id=organization.id) == []
    assert [form for form in page.all(".//form") if form.get("action", "").endswith("/undo")] == []


def test_to_whom_very_much_belongs_is_deleted_by_itself(
    remove: Press, make: Factories, organization: Organization, behind: Behind, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk_restore_service, "MAX_IN_A_REQUEST", 2)
    busy, free = make.contact(organization), make.contact(organization)
    for _ in range(3):
        make.task(organization, contact_card_id=busy.id)

    page = remove("delete_contacts", busy, free)

    assert counts(page) == ("1", "1")
    assert page.metrics["refused_too_much"] == "1"
    assert live(behind, ContactCard, organization) == {busy.id}


def test_leads_go_and_what_was_taken_meanwhile_stays_away(
    remove: Press, undo: Callable[[Page], Page], make: Factories, organization: Organization, behind: Behind
) -> None:
    contact = make.contact(organization)
    lead, other = make.lead(organization, contact=contact), make.lead(organization)
    page = remove("delete_leads", lead, other)
    assert counts(page) == ("2", "0")
    # A contact can have only one open lead per source.
    newer = make.lead(organization, contact=contact)

    page = undo(page)

    assert (page.metrics["rows_undone"], page.metrics["rows_moved_on"]) == ("1", "1")
    assert live(behind, Lead, organization) == {other.id, newer.id}


def test_what_the_trash_has_restored_is_not_restored_twice(
    client: Client,
    remove: Press,
    undo: Callable[[Page], Page],
    make: Factories,
    organization: Organization,
    behind: Behind,
    app: Flask,
    actor_of: ActorOf,
    manager: User,
) -> None:
    task = make.task(organization)
    page = remove("delete_tasks", task)
    batch = behind.one(BulkOperation).deletion_batch_id
    restored = client.get(page.links["View in trash"])
    client.post(f"/trash/{batch}/undo", restored.fields_of(restored.all(".//form[@method='post']")[0]))
    with at_work(app, organization.id):
        delete(actor_of(manager), "task", [task.id])

    page = undo(page)

    assert page.metrics["rows_undone"] == "1"
    assert live(behind, Task, organization) == set()


def test_who_may_not_delete_is_not_offered_it(
    client: Client, csr_of: User, make: Factories, organization: Organization, behind: Behind
) -> None:
    task = make.task(organization, assignee=csr_of)
    client.sign_in(csr_of)

    assert "delete_tasks" not in client.get("/tasks").html
    client.get(f"/bulk/new?action=delete_tasks&row={task.id}", status=403)
    form = {"row_id": str(uuid4()), "count": "1", "until": datetime.now(UTC).isoformat()}
    client.post(f"/bulk/new?action=delete_tasks&row={task.id}", form, status=403)

    assert live(behind, Task, organization) == {task.id}


@pytest.fixture
def csr_of(make: Factories, organization: Organization) -> User:
    return make.user(organization, Role.CSR)


def test_rows_of_another_organization_are_not_among_them(
    remove: Press, make: Factories, organization: Organization, behind: Behind
) -> None:
    own, theirs = make.task(organization), make.task(make.organization())

    page = remove("delete_tasks", own, theirs)

    assert counts(page) == ("1", "0")
    assert behind.one(Task, id=theirs.id).deleted_at is None
