"""Removing for good: what is due, children first; the trail stays, and so do people whom old figures count."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import Engine, text

from app.errors import Conflict
from app.models import DeletionBatch, Organization, Role, User
from app.trash import purging
from app.trash.purging import purge_due
from app.trash.restoring import restore
from tests.support.company import make_company
from tests.support.factories import DAY, Factories
from tests.support.owner_races import acting
from tests.support.work import at_work
from tests.trash.conftest import Delete, Stored, Trail

BatchOf = Callable[[UUID], DeletionBatch]
YESTERDAY = datetime.now(UTC) - timedelta(days=1)


@pytest.fixture
def expire(admin_engine: Engine) -> Callable[[], None]:
    """The time of everything in the trash has come."""

    def run() -> None:
        with admin_engine.begin() as connection:
            connection.execute(text("UPDATE deletion_batches SET purge_after = now() - interval '1 day'"))

    return run


@pytest.fixture
def purge(app: Flask, organization: Organization) -> Callable[[], int]:
    """Purges what is due of the organization, committed; how many deletions."""

    def run() -> int:
        with at_work(app, organization.id):
            return purge_due(organization.id)

    return run


def test_what_is_due_is_gone_with_what_went_along_and_the_trail_remembers(
    make: Factories,
    organization: Organization,
    manager: User,
    put_away: Delete,
    expire: Callable[[], None],
    purge: Callable[[], int],
    stored: Stored,
    batch_of: BatchOf,
    trail: Trail,
) -> None:
    card = make.contact(organization)
    lead = make.lead(organization, contact=card, stage="dead", closed_at=DAY)
    task = make.task(organization, contact_card_id=card.id, title="Call about the boiler")
    due = put_away(manager, "contact_card", card)
    expire()
    later = make.task(organization)
    waiting = put_away(manager, "task", later)

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
    put_away: Delete,
    expire: Callable[[], None],
    purge: Callable[[], int],
    monkeypatch: pytest.MonkeyPatch,
    stored: Stored,
) -> None:
    monkeypatch.setattr(purging, "ROWS_A_STATEMENT", 2)
    tasks = [make.task(organization) for _ in range(5)]
    put_away(manager, "task", *tasks)
    expire()

    purge()

    assert [stored(task) for task in tasks] == [{}] * 5


def test_what_was_purged_is_not_restored(
    make: Factories,
    organization: Organization,
    admin: User,
    put_away: Delete,
    expire: Callable[[], None],
    purge: Callable[[], int],
    app: Flask,
) -> None:
    batch_id = put_away(admin, "task", make.task(organization))
    expire()
    purge()

    with pytest.raises(Conflict, match="removed for good"), at_work(app, organization.id):
        restore(acting(admin), batch_id)


def test_what_is_held_for_a_court_stays(
    make: Factories,
    put_away: Delete,
    expire: Callable[[], None],
    app: Flask,
    stored: Stored,
) -> None:
    held = make.organization(legal_hold=True, legal_hold_reason="Case 12-345.")
    task = make.task(held)
    put_away(make.user(held, Role.ADMIN), "task", task)
    expire()

    with pytest.raises(Conflict, match="Case 12-345"), at_work(app, held.id):
        purge_due(held.id)

    assert stored(task) != {}


def test_what_something_in_the_trash_still_refers_to_waits_for_it(
    make: Factories,
    organization: Organization,
    manager: User,
    put_away: Delete,
    admin_engine: Engine,
    purge: Callable[[], int],
    stored: Stored,
) -> None:
    card = make.contact(organization)
    lead = make.lead(organization, contact=card)
    put_away(manager, "lead", lead)
    put_away(manager, "contact_card", card)
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
        put_away: Delete,
        expire: Callable[[], None],
        purge: Callable[[], int],
        stored: Stored,
        trail: Trail,
    ) -> None:
        person = make.user(organization, phone="+12125550100", avatar_url="https://pictures.example/1")
        call = make.call(organization, csr=person)
        put_away(admin, "user", person)
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
        put_away: Delete,
        expire: Callable[[], None],
        purge: Callable[[], int],
        stored: Stored,
    ) -> None:
        person = make.user(organization)
        note = make.note(make.call(organization), person)
        put_away(admin, "user", person)
        expire()

        purge()

        assert stored(note)["user_id"] == person.id
        assert stored(person)["name"] == "Former user"

    def test_somebody_nothing_refers_to_is_gone(
        self,
        make: Factories,
        organization: Organization,
        admin: User,
        put_away: Delete,
        expire: Callable[[], None],
        purge: Callable[[], int],
        stored: Stored,
    ) -> None:
        person = make.user(organization)
        put_away(admin, "user", person)
        expire()

        purge()

        assert stored(person) == {}


class TestOrganizations:
    @pytest.fixture
    def flask(self, app: Flask) -> Callable[..., Result]:
        """What is typed after `flask` on the command line."""

        def run(*arguments: str) -> Result:
            return app.test_cli_runner().invoke(args=list(arguments))

        return run

    @pytest.fixture
    def deleted(
        self, make: Factories, organization: Organization, owner: User, csr: User, flask: Callable[..., Result]
    ) -> Organization:
        """In the trash, with rows of many kinds."""
        call = make.call(organization, csr=csr, contact_card_id=make.contact(organization).id)
        make.note(call, csr)
        make.transcript(call)
        make.missed_entry(organization)
        make.appointment(organization, csr_id=csr.id)
        make.task(organization, assignee=csr)
        done = flask("org", "delete", "blue-ridge", "--confirm", "blue-ridge", "--reason", "They moved away")
        assert done.exit_code == 0, done.output
        return organization

    def test_it_goes_with_all_its_rows_and_leaves_its_trail(
        self,
        deleted: Organization,
        flask: Callable[..., Result],
        expire: Callable[[], None],
        admin_engine: Engine,
        trail: Trail,
    ) -> None:
        expire()

        done = flask("trash", "purge")

        assert done.exit_code == 0, done.output
        assert "1 organization" in done.output
        assert _rows_of(admin_engine, deleted.id) == {}
        assert len(trail("organization.purged")) == 1
        assert len(trail("call.deleted")) == 2

    def test_whatever_kinds_of_rows_it_has(
        self, make: Factories, flask: Callable[..., Result], expire: Callable[[], None], admin_engine: Engine
    ) -> None:
        company = make_company(make, slug="all-kinds").organization
        others = make_company(make, slug="others").organization
        before = _rows_of(admin_engine, others.id)
        done = flask("org", "delete", "all-kinds", "--confirm", "all-kinds", "--reason", "They moved away")
        assert done.exit_code == 0, done.output
        expire()

        done = flask("trash", "purge")

        assert done.exit_code == 0, done.output
        assert _rows_of(admin_engine, company.id) == {}
        # Their trash was due as well.
        assert _rows_of(admin_engine, others.id) == {**before, "tasks": before["tasks"] - 1}

    def test_before_its_time_it_stays(
        self, deleted: Organization, flask: Callable[..., Result], stored: Stored
    ) -> None:
        flask("trash", "purge")

        assert stored(deleted) != {}

    def test_while_it_is_held_it_stays(
        self,
        deleted: Organization,
        flask: Callable[..., Result],
        expire: Callable[[], None],
        admin_engine: Engine,
        stored: Stored,
    ) -> None:
        expire()
        with admin_engine.begin() as connection:
            connection.execute(text("UPDATE organizations SET legal_hold = true"))

        flask("trash", "purge")

        assert stored(deleted) != {}


def _rows_of(engine: Engine, organization_id: UUID) -> dict[str, int]:
    """How many rows every table has of an organization; the trail is left out."""
    with engine.connect() as connection:
        tables = connection.scalars(
            text(
                "SELECT table_name FROM information_schema.columns WHERE table_schema = 'public'"
                " AND column_name = 'organization_id' AND table_name NOT LIKE 'audit%' ORDER BY table_name"
            )
        ).all()
        counts: dict[str, Any] = {
            table: connection.scalar(
                text(f"SELECT count(*) FROM {table} WHERE organization_id = :id"), {"id": organization_id}
            )
            for table in tables
        }
    return {table: number for table, number in counts.items() if number}
