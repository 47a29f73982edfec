"""Cascading deletions performed in portions: progress, undo, concurrency, and a killed worker."""

import signal
from collections.abc import Callable
from functools import partial
from uuid import UUID

import psycopg
import pytest
from flask import Flask
from sqlalchemy import Engine, select, text
from sqlalchemy.orm import Session

from app.db.context import Context
from app.db.session import organization_scope
from app.errors import Conflict, NotFound
from app.extensions import db
from app.models import ContactCard, Notification, Organization, User
from app.trust.trash import delete_portion_service
from app.trust.trash.background_service import start
from app.trust.trash.delete_service import delete
from app.trust.trash.purge_service import purge_due
from app.trust.trash.undo_service import undo
from tests.support.client import Client
from tests.support.database import WorkerDatabase
from tests.support.factories import Factories
from tests.support.locks import app_connection, meanwhile
from tests.support.organization_snapshot import differences, everything
from tests.support.owner_races import acting
from tests.support.processes import started
from tests.support.work import at_work, both_at_once
from tests.trust.trash.conftest import TASKS, BatchOf, Delete, Stored, Trail, Work

NEW_TASK = "INSERT INTO tasks (organization_id, id, title, contact_card_id) VALUES (%s, new_uuid7(), 'New', %s)"
pytestmark = pytest.mark.usefixtures("few_at_once")


def test_the_contact_goes_at_once_and_its_tasks_in_portions_that_can_be_watched(
    app: Flask,
    client: Client,
    card: ContactCard,
    manager: User,
    portion: Callable[[UUID], bool],
    work: Work,
    live: Callable[[], int],
    stored: Stored,
    batch_of: BatchOf,
    admin_engine: Engine,
) -> None:
    by_manager = Context(manager.organization_id, actor_id=manager.id, actor_label=manager.name)
    with app.app_context(), organization_scope(by_manager, db.session):
        batch_id = delete(acting(manager), "contact_card", [card.id]).id
        db.session.commit()
    assert stored(card)["is_deleted"]
    assert live() == TASKS + 1
    assert batch_of(batch_id).counts == {"contact_card": 1, "contact_phone": 1, "task": TASKS}

    portion(batch_id)

    client.sign_in(manager)
    page = client.get(f"/trash/{batch_id}")
    assert "5 of 12 records deleted" in page.text
    assert page.one(".//*[@id='deletion']").get("hx-trigger") == "every 2s"
    assert "Deleting…" in client.get("/trash").text
    assert "still being deleted" in client.follow(client.get(f"/trash/{batch_id}/restore", status=303)).text
    work()
    assert live() == 1
    batch = batch_of(batch_id)
    assert (batch.deleting_at, batch.counts["task"]) == (None, TASKS)
    assert 'hx-trigger="every' not in client.get(f"/trash/{batch_id}").html
    with Session(admin_engine) as session:
        told = session.scalars(select(Notification.text).where(Notification.user_id == manager.id)).all()
    assert told == [f"“{batch.root_label}” was deleted, with everything that belongs to it."]


@pytest.mark.parametrize("portions", [0, 2])
def test_undo_while_it_is_being_deleted_ends_it_and_brings_all_of_it_back(
    client: Client,
    organization: Organization,
    card: ContactCard,
    manager: User,
    soft_delete: Delete,
    portion: Callable[[UUID], bool],
    work: Work,
    batch_of: BatchOf,
    admin_engine: Engine,
    portions: int,
) -> None:
    client.sign_in(manager)
    before = everything(admin_engine, organization)
    batch_id = soft_delete(manager, "contact_card", card)
    for _ in range(portions):
        assert portion(batch_id)

    client.post(f"/trash/{batch_id}/undo")
    work()

    assert differences(before, everything(admin_engine, organization)) == []
    batch = batch_of(batch_id)
    assert (batch.deleting_at, batch.restoring_at, batch.restored_at is not None) == (None, None, True)


def test_undo_that_meets_a_conflict_leaves_the_deletion_going_on(
    client: Client,
    make: Factories,
    organization: Organization,
    card: ContactCard,
    manager: User,
    soft_delete: Delete,
    work: Work,
    live: Callable[[], int],
    batch_of: BatchOf,
) -> None:
    batch_id = soft_delete(manager, "contact_card", card)
    make.contact(organization, primary_phone=card.primary_phone)
    client.sign_in(manager)

    client.post(f"/trash/{batch_id}/undo")

    assert batch_of(batch_id).deleting_at is not None
    work()
    assert live() == 1
    assert batch_of(batch_id).deleting_at is None


def test_undo_of_many_is_the_workers_also_for_who_may_not_restore(
    client: Client,
    organization: Organization,
    make: Factories,
    csr: User,
    manager: User,
    soft_delete: Delete,
    work: Work,
    live: Callable[[], int],
    batch_of: BatchOf,
    admin_engine: Engine,
    card: ContactCard,
) -> None:
    client.sign_in(csr)
    before = everything(admin_engine, organization)
    batch_id = soft_delete(manager, "contact_card", card)
    work()
    with admin_engine.begin() as connection:  # deleted by a user without access to the trash
        connection.execute(text("UPDATE deletion_batches SET deleted_by = :csr"), {"csr": csr.id})

    page = client.follow(client.post(f"/trash/{batch_id}/undo", headers={"Referer": "http://localhost/calls"}))
    assert f"Restoring “{batch_of(batch_id).root_label}”. You’ll be notified when it’s done." in page.text
    work()

    assert live() == TASKS + 1
    assert differences(before, everything(admin_engine, organization)) == []


def test_a_task_that_waited_for_its_contact_is_refused_and_one_that_came_before_goes_along(
    database: WorkerDatabase,
    organization: Organization,
    card: ContactCard,
    manager: User,
    soft_delete: Delete,
    work: Work,
    live: Callable[[], int],
) -> None:
    def add() -> None:
        with app_connection(database, organization.id) as connection:
            connection.execute(NEW_TASK, [organization.id, card.id])

    add()
    with psycopg.connect(database.url("app_owner")) as connection:
        connection.execute("SELECT FROM contact_cards WHERE id = %s FOR UPDATE", [card.id])
        with meanwhile(add, database) as refused:
            connection.execute("UPDATE contact_cards SET deleted_at = now() WHERE id = %s", [card.id])
            connection.commit()
    assert [error.diag.constraint_name for error in refused] == ["contact_card_not_deleted"]
    with psycopg.connect(database.url("app_owner")) as connection:
        connection.execute("UPDATE contact_cards SET deleted_at = NULL WHERE id = %s", [card.id])

    soft_delete(manager, "contact_card", card)
    with pytest.raises(psycopg.errors.CheckViolation):
        add()
    work()

    assert live() == 1


def test_of_two_deletions_of_one_contact_one_wins(
    app: Flask, organization: Organization, card: ContactCard, manager: User, work: Work, admin_engine: Engine
) -> None:
    again = partial(delete, acting(manager), "contact_card", [card.id])

    refused = both_at_once(app, organization.id, again, again)
    work()

    assert [type(error) for error in refused] == [NotFound]
    with admin_engine.connect() as connection:
        batches = connection.execute(text("SELECT DISTINCT deletion_batch_id FROM tasks WHERE is_deleted")).all()
    assert len(batches) == 1


@pytest.mark.parametrize("take_back", [undo, start])
def test_taken_back_beside_a_portion_nothing_stays_behind(
    app: Flask,
    make: Factories,
    organization: Organization,
    admin: User,
    card: ContactCard,
    soft_delete: Delete,
    work: Work,
    live: Callable[[], int],
    stored: Stored,
    take_back: Callable[..., object],
) -> None:
    for _ in range(5):
        batch_id = soft_delete(admin, "contact_card", card)

        refused = both_at_once(
            app,
            organization.id,
            partial(take_back, acting(admin), batch_id),
            partial(delete_portion_service.delete_some, batch_id),
        )
        work()

        assert refused == []
        assert not stored(card)["is_deleted"]
        assert live() == TASKS + 1


def test_what_is_being_deleted_is_neither_restored_in_part_nor_removed(
    app: Flask,
    organization: Organization,
    card: ContactCard,
    admin: User,
    soft_delete: Delete,
    expire: Callable[[], None],
    bring_back: Callable[..., object],
    stored: Stored,
) -> None:
    batch_id = soft_delete(admin, "contact_card", card)
    expire()

    with pytest.raises(Conflict, match="still being deleted"):
        bring_back(admin, batch_id, only=[card.id])
    with at_work(app, organization.id):
        assert purge_due(organization.id) == 0

    assert stored(card)["is_deleted"]


def test_a_worker_killed_in_a_portion_loses_nothing(
    app: Flask,
    card: ContactCard,
    manager: User,
    soft_delete: Delete,
    work: Work,
    live: Callable[[], int],
    batch_of: BatchOf,
    admin_engine: Engine,
    trail: Trail,
) -> None:
    batch_id = soft_delete(manager, "contact_card", card)
    with started(app, "tests.trust.trash.dying") as doomed:
        assert doomed.wait(60) == -signal.SIGKILL
    assert live() == TASKS + 1 - 3
    assert batch_of(batch_id).deleting_at is not None

    with admin_engine.begin() as connection:
        connection.execute(text("UPDATE procrastinate_workers SET last_heartbeat = now() - interval '1 minute'"))
    work()

    assert live() == 1
    assert batch_of(batch_id).deleting_at is None
    assert len(trail("task.deleted")) == TASKS
