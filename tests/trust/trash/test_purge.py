"""Purging of due rows, which keeps the audit trail and users who count in past numbers."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import Engine, text

from app.errors import Conflict
from app.models import DeletionBatch, Organization, Role, User
from app.trust.trash import purge_service
from app.trust.trash.purge_service import purge_due
from app.trust.trash.restore_service import restore
from tests.support.factories import DAY, Factories
from tests.support.owner_races import acting
from tests.support.work import at_work
from tests.trust.trash.conftest import Delete, Stored, Trail

BatchOf = Callable[[UUID], DeletionBatch]
YESTERDAY = datetime.now(UTC) - timedelta(days=1)


@pytest.fixture
def purge(app: Flask, organization: Organization) -> Callable[[], int]:
    """Function that purges what is due in the organization and returns the number of deletions."""

    def run() -> int:
        with at_work(app, organization.id):
            return purge_due(organization.id)

    return run


def test_what_is_due_is_gone_with_what_went_along_and_the_trail_remembers(
    make: Factories,
    organization: Organization,
    manager: User,
    soft_delete: Delete,
    expire: Callable[[], None],
    purge: Callable[[], int],
    stored: Stored,
    batch_of: BatchOf,
    trail: Trail,
) -> None:
    card = make.contact(organization)
    lead = make.lead(organization, contact=card, stage="dead", closed_at=DAY)
    task = make.task(organization, contact_card_id=card.id, title="Call about the boiler")
    due = soft_delete(manager, "contact_card", card)
    expire()
    later = make.task(organization)
    waiting = soft_delete(manager, "task", later)

    assert purge() == 1

    assert [stored(row) for row in (card, lead, task)] == [{}, {}, {}]
    assert batch_of(due).purged_at is not None
    assert stored(later)["deletion_batch_id"] == waiting
    (purged,) = trail("task.purged")
    assert purged.before is not None
    assert purged.before["title"] == "Call about the boiler"
    assert len(trail("deletion.purged")) == 1


def test_more_than_a_thousand_go_too(
    make: Factories,
    organization: Organization,
    manager: User,
    soft_delete: Delete,
    expire: Callable[[], None],
    purge: Callable[[], int],
    monkeypatch: pytest.MonkeyPatch,
    stored: Stored,
) -> None:
    monkeypatch.setattr(purge_service, "ROWS_A_STATEMENT", 2)
    tasks = [make.task(organization) for _ in range(5)]
    soft_delete(manager, "task", *tasks)
    expire()

    purge()

    assert [stored(task) for task in tasks] == [{}] * 5


def test_what_was_purged_is_not_restored(
    make: Factories,
    organization: Organization,
    admin: User,
    soft_delete: Delete,
    expire: Callable[[], None],
    purge: Callable[[], int],
    app: Flask,
) -> None:
    batch_id = soft_delete(admin, "task", make.task(organization))
    expire()
    purge()

    with pytest.raises(Conflict, match="permanently deleted"), at_work(app, organization.id):
        restore(acting(admin), batch_id)


def test_what_is_held_for_a_court_stays(
    make: Factories,
    soft_delete: Delete,
    expire: Callable[[], None],
    app: Flask,
    stored: Stored,
) -> None:
    held = make.organization(legal_hold=True, legal_hold_reason="Case 12-345.")
    task = make.task(held)
    soft_delete(make.user(held, Role.ADMIN), "task", task)
    expire()

    with pytest.raises(Conflict, match="Case 12-345"), at_work(app, held.id):
        purge_due(held.id)

    assert stored(task) != {}


def test_what_something_in_the_trash_still_refers_to_waits_for_it(
    make: Factories,
    organization: Organization,
    manager: User,
    soft_delete: Delete,
    admin_engine: Engine,
    purge: Callable[[], int],
    stored: Stored,
) -> None:
    card = make.contact(organization)
    lead = make.lead(organization, contact=card)
    soft_delete(manager, "lead", lead)
    soft_delete(manager, "contact_card", card)
    with admin_engine.begin() as connection:
        connection.execute(
            text("UPDATE deletion_batches SET purge_after = :at WHERE root_type = 'contact_card'"), {"at": YESTERDAY}
        )

    assert purge() == 0
    assert stored(card) != {}
    with admin_engine.begin() as connection:
        connection.execute(text("UPDATE deletion_batches SET purge_after = :at"), {"at": YESTERDAY})
    assert purge() == 2
    assert [stored(row) for row in (card, lead)] == [{}, {}]


class TestPeople:
    def test_somebody_old_figures_count_stays_as_a_former_user(
        self,
        make: Factories,
        organization: Organization,
        admin: User,
        soft_delete: Delete,
        expire: Callable[[], None],
        purge: Callable[[], int],
        stored: Stored,
        trail: Trail,
    ) -> None:
        person = make.user(organization, phone="+12125550100", avatar_url="https://pictures.example/1")
        call = make.call(organization, csr=person)
        soft_delete(admin, "user", person)
        expire()

        purge()

        left = stored(person)
        assert (left["name"], left["email"]) == ("Former user", f"{person.id}@former-user.invalid")
        assert [left[name] for name in ("phone", "avatar_url", "password_hash", "mfa_secret")] == [None] * 4
        assert left["is_deleted"]
        assert stored(call)["csr_id"] == person.id
        assert len(trail("user.anonymized")) == 1

    def test_a_note_keeps_its_author_too(
        self,
        make: Factories,
        organization: Organization,
        admin: User,
        soft_delete: Delete,
        expire: Callable[[], None],
        purge: Callable[[], int],
        stored: Stored,
    ) -> None:
        person = make.user(organization)
        note = make.note(make.call(organization), person)
        soft_delete(admin, "user", person)
        expire()

        purge()

        assert stored(note)["user_id"] == person.id
        assert stored(person)["name"] == "Former user"

    def test_somebody_nothing_refers_to_is_gone(
        self,
        make: Factories,
        organization: Organization,
        admin: User,
        soft_delete: Delete,
        expire: Callable[[], None],
        purge: Callable[[], int],
        stored: Stored,
    ) -> None:
        person = make.user(organization)
        soft_delete(admin, "user", person)
        expire()

        purge()

        assert stored(person) == {}
