"""Restores of large deletions, which the worker performs in portions with visible progress."""

from collections.abc import Callable
from itertools import count
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import Engine, select, text
from sqlalchemy.orm import Session

from app.models import Job, Notification, Organization, Role, StaffRole, User
from app.trust.trash import bulk_service, portion_service, restore_portion_service
from tests.people.users.pages import let_go
from tests.support.client import Client
from tests.support.factories import Factories
from tests.support.work import at_work
from tests.trust.trash.conftest import BatchOf, Delete, Stored, Trail


@pytest.fixture
def news(admin_engine: Engine) -> Callable[[User], list[tuple[str, str]]]:
    """Function that returns the text and link of each of a user's notifications."""

    def read(person: User) -> list[tuple[str, str]]:
        rows = select(Notification.text, Notification.link).where(Notification.user_id == person.id)
        with Session(admin_engine) as session:
            return [(words, link) for words, link in session.execute(rows)]

    return read


@pytest.mark.usefixtures("few_at_once")
def test_it_goes_on_in_portions_and_says_how_far_it_is_and_what_came_of_it(
    client: Client,
    make: Factories,
    organization: Organization,
    admin: User,
    soft_delete: Delete,
    stored: Stored,
    batch_of: BatchOf,
    work: Callable[[], None],
    news: Callable[[User], list[tuple[str, str]]],
) -> None:
    tasks = [make.task(organization, title=f"Task {number}") for number in range(7)]
    batch_id = soft_delete(admin, "task", *tasks)
    client.sign_in(admin)
    page = client.get(f"/trash/{batch_id}/restore")
    assert "This restore runs in the background" in page.text

    for _ in range(2):  # sent twice, it is queued once
        shown = client.follow(client.post(f"/trash/{batch_id}/restore-all"))

    assert "0 of 7 records restored" in shown.text
    assert shown.one(".//*[@id='deletion']").get("hx-trigger") == "every 2s"
    assert "Restoring…" in client.get("/trash").text
    work()
    assert not any(stored(task)["is_deleted"] for task in tasks)
    batch = batch_of(batch_id)
    assert (batch.restored_by, batch.restored_by_label, batch.restoring_at) == (admin.id, "Ada Byrne", None)
    assert news(admin) == [("“Task 0 and 6 more” was restored.", f"/trash/{batch_id}")]
    assert 'hx-trigger="every' not in client.get(f"/trash/{batch_id}").html


@pytest.mark.usefixtures("few_at_once")
def test_what_cannot_come_back_stays_and_is_decided_afterwards(
    client: Client,
    make: Factories,
    organization: Organization,
    admin: User,
    soft_delete: Delete,
    stored: Stored,
    work: Callable[[], None],
    news: Callable[[User], list[tuple[str, str]]],
) -> None:
    people = [make.user(organization, email=f"p{number}@blue.example") for number in range(5)]
    batch_id = soft_delete(admin, "user", *people)
    for number in (0, 4):
        make.user(organization, email=f"p{number}@blue.example")
    client.sign_in(admin)

    client.post(f"/trash/{batch_id}/restore-all")
    work()

    assert [stored(person)["is_deleted"] for person in people] == [True, False, False, False, True]
    assert "except for records with conflicts: 2." in news(admin)[0][0]
    page = client.get(f"/trash/{batch_id}")
    assert "3 of 5 records restored. You can still restore the rest." in page.text
    assert len(client.get(f"/trash/{batch_id}/restore").all(".//*[@data-conflict]")) == 2


@pytest.mark.usefixtures("few_at_once")
def test_meanwhile_nobody_else_restores_or_removes_it(
    client: Client, make: Factories, organization: Organization, owner: User, soft_delete: Delete, stored: Stored
) -> None:
    tasks = [make.task(organization) for _ in range(4)]
    batch_id = soft_delete(owner, "task", *tasks)
    client.sign_in(owner)
    client.post(f"/trash/{batch_id}/restore-all")

    words = "This is being restored in the background."
    assert words in client.follow(client.get(f"/trash/{batch_id}/restore", status=303)).text
    assert words in client.get(f"/trash/purge?row={batch_id}").text
    assert words in client.get(f"/trash/restore?row={batch_id}").text


@pytest.mark.usefixtures("few_at_once")
def test_a_restore_of_somebody_who_has_lost_their_role_stops_and_says_so(
    client: Client,
    make: Factories,
    organization: Organization,
    admin: User,
    manager: User,
    soft_delete: Delete,
    stored: Stored,
    work: Callable[[], None],
    admin_engine: Engine,
) -> None:
    tasks = [make.task(organization) for _ in range(4)]
    batch_id = soft_delete(manager, "task", *tasks)  # they could still restore their own deletions
    client.sign_in(admin)
    client.post(f"/trash/{batch_id}/restore-all")
    with admin_engine.begin() as connection:
        connection.execute(text("UPDATE users SET role = 'csr' WHERE id = :id"), {"id": admin.id})

    work()

    assert all(stored(task)["is_deleted"] for task in tasks)
    client.sign_in_by_form(make.user(organization, Role.OWNER))
    assert "Restore stopped: This requires the permission" in client.get(f"/trash/{batch_id}").text


@pytest.mark.usefixtures("few_at_once")
def test_a_guest_of_the_platform_restores_under_their_own_name(
    client: Client,
    make: Factories,
    organization: Organization,
    admin: User,
    soft_delete: Delete,
    stored: Stored,
    batch_of: BatchOf,
    work: Callable[[], None],
) -> None:
    tasks = [make.task(organization) for _ in range(4)]
    batch_id = soft_delete(admin, "task", *tasks)
    client.sign_in(make.staff(StaffRole.ADMIN, name="Sam Staff"))
    client.post(f"/organizations/{organization.id}/enter", {"reason": "They have asked for help"})

    client.post(f"/trash/{batch_id}/restore-all")
    work()

    assert not any(stored(task)["is_deleted"] for task in tasks)
    assert (batch_of(batch_id).restored_by, batch_of(batch_id).restored_by_label) == (None, "Sam Staff")


def test_portions_of_their_real_size_are_listed_restored_and_left_in_peace(
    client: Client,
    make: Factories,
    organization: Organization,
    admin: User,
    soft_delete: Delete,
    work: Callable[[], None],
    admin_engine: Engine,
    batch_of: BatchOf,
) -> None:
    many = 5 * portion_service.ROWS_A_STEP + 1  # six portions, the last one small
    card = make.contact(organization)
    with admin_engine.begin() as connection:
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        connection.execute(
            text(
                "INSERT INTO tasks (organization_id, id, title, contact_card_id) "
                "SELECT :organization, new_uuid7(), 'Task ' || i, :card FROM generate_series(1, :many) i"
            ),
            {"organization": organization.id, "card": card.id, "many": many},
        )
    batch_id = soft_delete(admin, "contact_card", card)
    work()
    client.sign_in(admin)
    page = client.get(f"/trash/{batch_id}")
    assert f"1 contact, 1 contact number, {many:,} tasks" in page.text
    assert len(page.all(".//input[@name='row']")) == 12

    client.post(f"/trash/{batch_id}/restore-all")
    work()

    with admin_engine.connect() as connection:
        left = connection.scalar(text("SELECT count(*) FROM tasks WHERE deletion_batch_id IS NOT NULL"))
    assert left == 0
    assert batch_of(batch_id).restored_at is not None


@pytest.mark.usefixtures("few_at_once")
class TestTold:
    """Audit trail entries of a restore in portions."""

    def test_two_at_once_are_counted_each_by_itself(
        self,
        client: Client,
        make: Factories,
        organization: Organization,
        admin: User,
        soft_delete: Delete,
        work: Callable[[], None],
        trail: Trail,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setattr(bulk_service, "MAX_IN_A_REQUEST", 3)
        five = soft_delete(admin, "task", *(make.task(organization) for _ in range(5)))
        four = soft_delete(admin, "task", *(make.task(organization) for _ in range(4)))

        client.sign_in(admin).post("/trash/restore", {"row": [str(five), str(four)]})
        work()

        told = {entry.resource_id: entry.details for entry in trail("deletion.restored")}
        assert told == {five: {"counts": {"task": 5}}, four: {"counts": {"task": 4}}}

    def test_what_came_before_it_stopped_is_not_counted_again(
        self,
        app: Flask,
        client: Client,
        make: Factories,
        organization: Organization,
        admin: User,
        soft_delete: Delete,
        work: Callable[[], None],
        trail: Trail,
        admin_engine: Engine,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        batch_id = soft_delete(admin, "task", *(make.task(organization) for _ in range(7)))
        restore_some, portions = restore_portion_service.restore_some, count(1)

        def break_in_the_second(*portion: Any) -> Any:
            if next(portions) == 2:
                raise RuntimeError("a bug")
            return restore_some(*portion)

        monkeypatch.setattr(restore_portion_service, "restore_some", break_in_the_second)
        monkeypatch.setattr("app.declarations.job.Retries.wait_after", lambda *_: None)
        client.sign_in(admin).post(f"/trash/{batch_id}/restore-all")
        work()
        assert "Restore stopped" in client.get(f"/trash/{batch_id}").text
        client.post(f"/jobs/{failed_job(admin_engine)}/retry")
        work()

        (part,) = trail("deletion.partly_restored")
        (whole,) = trail("deletion.restored")
        assert (part.details, whole.details) == ({"counts": {"task": 3}}, {"counts": {"task": 4}})

    def test_what_went_back_to_people_counts_as_rows_and_is_told(
        self,
        client: Client,
        make: Factories,
        organization: Organization,
        admin: User,
        work: Callable[[], None],
        trail: Trail,
    ) -> None:
        person, taker = make.user(organization), make.user(organization)
        tasks = [make.task(organization, assignee=person) for _ in range(4)]
        client.sign_in(admin)
        let_go(client, person, "delete", tasks=taker.id)
        (batch,) = trail("deletion_batch.created")
        assert "This restore runs in the background" in client.get(f"/trash/{batch.resource_id}/restore").text

        page = client.follow(
            client.post(f"/trash/{batch.resource_id}/undo", headers={"Referer": "http://localhost/users"})
        )
        assert f"Restoring “{person.name}”. You’ll be notified when it’s done." in page.text
        work()

        (whole,) = trail("deletion.restored")
        assert whole.details == {"counts": {"user": 1}, "handed_back": len(tasks)}


@pytest.mark.usefixtures("few_at_once")
def test_an_undo_that_was_asked_for_in_time_goes_on_at_any_time(
    client: Client,
    make: Factories,
    organization: Organization,
    admin: User,
    csr: User,
    soft_delete: Delete,
    stored: Stored,
    work: Callable[[], None],
    admin_engine: Engine,
    app: Flask,
) -> None:
    tasks = [make.task(organization) for _ in range(4)]
    batch_id = soft_delete(admin, "task", *tasks)
    with admin_engine.begin() as connection:
        connection.execute(text("UPDATE deletion_batches SET deleted_by = :csr"), {"csr": csr.id})
    client.sign_in(csr).post(f"/trash/{batch_id}/undo", headers={"Referer": "http://localhost/calls"})
    with at_work(app, organization.id):
        restore_portion_service.stop(batch_id, RuntimeError("a bug"))
    with admin_engine.begin() as connection:
        connection.execute(
            text(
                "UPDATE jobs SET status = 'failed', finished_at = now(), error = 'a bug',"
                " arguments = arguments || jsonb_build_object('asked_at', now() - interval '20 minutes')"
                " WHERE name = 'trash.restore'"
            )
        )
        connection.execute(text("UPDATE deletion_batches SET created_at = now() - interval '21 minutes'"))

    client.sign_in_by_form(admin)
    client.post(f"/jobs/{failed_job(admin_engine)}/retry")
    work()

    assert not any(stored(task)["is_deleted"] for task in tasks)


def failed_job(admin_engine: Engine) -> UUID:
    with Session(admin_engine) as session:
        return session.scalars(select(Job.id).where(Job.status == "failed")).one()
