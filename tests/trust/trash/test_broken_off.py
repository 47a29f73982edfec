"""Deletions that stopped partway, which can be continued or restored but not purged."""

from collections.abc import Callable
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import Engine, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.errors import Conflict
from app.models import ContactCard, Job, Organization, User
from app.trust.trash import delete_portion_service
from app.trust.trash.background_service import purge
from app.trust.trash.purge_service import purge_due
from app.trust.trash.rules import Choices
from tests.support.client import Client
from tests.support.factories import Factories
from tests.support.owner_races import acting
from tests.support.work import at_work
from tests.trust.trash.conftest import TASKS, BatchOf, Delete, Restore, Stored, Work

pytestmark = pytest.mark.usefixtures("few_at_once")


@pytest.fixture
def stopped(
    app: Flask,
    organization: Organization,
    card: ContactCard,
    manager: User,
    soft_delete: Delete,
    portion: Callable[[UUID], bool],
    admin_engine: Engine,
) -> UUID:
    """ID of a deletion that failed after its first portion."""
    batch_id = soft_delete(manager, "contact_card", card)
    portion(batch_id)
    with at_work(app, organization.id):
        delete_portion_service.stop(batch_id, RuntimeError("a bug"))
    with admin_engine.begin() as connection:
        connection.execute(
            text("UPDATE jobs SET status = 'failed', finished_at = now(), error = 'a bug' WHERE name = 'trash.delete'")
        )
    return batch_id


@pytest.fixture
def with_contact(admin_engine: Engine, card: ContactCard) -> Callable[[], int]:
    """Function that returns how many tasks still refer to the contact."""
    counted = text("SELECT count(*) FROM tasks WHERE contact_card_id = :id")

    def count() -> int:
        with admin_engine.connect() as connection:
            return int(connection.scalar(counted, {"id": card.id}) or 0)

    return count


def test_one_that_was_given_up_says_so_and_goes_on_or_is_restored(
    client: Client, admin: User, stopped: UUID, work: Work, live: Callable[[], int], admin_engine: Engine
) -> None:
    client.sign_in(admin)
    assert "Deletion stopped: Something broke on our side." in client.get(f"/trash/{stopped}").text

    with Session(admin_engine) as session:
        job_id = session.scalars(select(Job.id).where(Job.name == "trash.delete")).one()
    client.post(f"/jobs/{job_id}/retry")
    assert "5 of 12 records deleted" in client.get(f"/trash/{stopped}").text
    work()

    assert live() == 1
    assert "Deletion stopped" not in client.get(f"/trash/{stopped}").text
    client.post(f"/trash/{stopped}/undo")
    work()
    assert live() == TASKS + 1


def test_it_is_not_removed_for_good_and_says_what_to_do_first(
    app: Flask,
    client: Client,
    organization: Organization,
    owner: User,
    stopped: UUID,
    expire: Callable[[], None],
    stored: Stored,
    card: ContactCard,
    with_contact: Callable[[], int],
) -> None:
    expire()

    with at_work(app, organization.id):
        assert purge_due(organization.id) == 0
    refused = pytest.raises(Conflict, match="stopped partway")
    with refused, at_work(app, organization.id):
        purge(acting(owner), stopped)

    page = client.sign_in(owner).get(f"/trash/{stopped}")
    assert "Delete permanently" not in page.text
    assert "Partly deleted" in page.text
    assert stored(card)["is_deleted"]
    assert with_contact() == TASKS


def test_the_database_holds_that_too(stopped: UUID, admin_engine: Engine) -> None:
    with pytest.raises(IntegrityError, match="check_purged_when_all_deleted"), admin_engine.begin() as connection:
        connection.execute(text("UPDATE deletion_batches SET purged_at = now() WHERE id = :id"), {"id": stopped})


def test_after_its_record_is_back_the_rest_is_removed_in_time(
    app: Flask,
    organization: Organization,
    admin: User,
    stopped: UUID,
    card: ContactCard,
    bring_back: Restore,
    expire: Callable[[], None],
    with_contact: Callable[[], int],
) -> None:
    bring_back(admin, stopped, only=[card.id])
    expire()

    with at_work(app, organization.id):
        assert purge_due(organization.id) == 1
    assert with_contact() == TASKS - 3, "those of the portion went"


@pytest.mark.parametrize("is_stopped", [True, False])
def test_a_restore_that_stops_before_the_record_is_back_does_not_make_it_whole(
    request: pytest.FixtureRequest,
    app: Flask,
    client: Client,
    organization: Organization,
    card: ContactCard,
    admin: User,
    manager: User,
    soft_delete: Delete,
    work: Work,
    expire: Callable[[], None],
    with_contact: Callable[[], int],
    admin_engine: Engine,
    is_stopped: bool,
) -> None:
    batch_id = request.getfixturevalue("stopped") if is_stopped else soft_delete(manager, "contact_card", card)
    client.sign_in(admin).post(f"/trash/{batch_id}/restore-all")
    with admin_engine.begin() as connection:
        connection.execute(text("UPDATE users SET role = 'csr' WHERE id = :id"), {"id": admin.id})
    work()
    expire()

    with at_work(app, organization.id):
        assert purge_due(organization.id) == 0
    assert with_contact() == TASKS


def test_restoring_it_counts_what_there_is_to_come_back(
    client: Client, admin: User, stopped: UUID, batch_of: BatchOf
) -> None:
    client.sign_in(admin).post(f"/trash/{stopped}/restore-all")

    assert "0 of 5 records restored" in client.get(f"/trash/{stopped}").text


def test_what_is_still_being_deleted_does_not_come_back_with_something_of_it(
    client: Client,
    make: Factories,
    organization: Organization,
    card: ContactCard,
    admin: User,
    soft_delete: Delete,
    bring_back: Restore,
    work: Work,
    stored: Stored,
    live: Callable[[], int],
) -> None:
    task = make.task(organization, contact_card_id=card.id)
    of_the_task = soft_delete(admin, "task", task)
    soft_delete(admin, "contact_card", card)

    with pytest.raises(Conflict, match="still being deleted"):
        bring_back(admin, of_the_task, choices=Choices(with_parent=frozenset([task.id])))
    path = f"/trash/{of_the_task}/restore"
    page = client.sign_in(admin).post(path, {f"choice-{task.id}": "with_parent"}, status=200)
    assert "still being deleted" in page.text

    work()
    assert stored(card)["is_deleted"]
    assert live() == 1
