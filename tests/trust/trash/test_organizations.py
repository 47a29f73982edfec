"""Deletion and restoration of an organization, with the service and with the command."""

import threading
from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import Engine, text

from app.db.context import Context
from app.db.session import organization_scope
from app.db.transaction import retried
from app.errors import ActiveCalls, Conflict, LastOwner, NotFound, ValidationFailed
from app.extensions import db
from app.models import Organization, User
from app.organization.settings.deletion_service import delete_organization, restore_organization
from app.trust.trash.rules import Choices
from tests.support.client import Client
from tests.support.database import WorkerDatabase
from tests.support.factories import Factories
from tests.support.owner_races import acting
from tests.trust.trash.conftest import Delete, Stored, Trail, kept

REASON = "They moved to another product"


@pytest.fixture
def flask(app: Flask) -> Callable[..., Result]:
    """Function that runs a command of the app: `flask("org", "delete", …)`."""

    def run(*arguments: str) -> Result:
        return app.test_cli_runner().invoke(args=list(arguments))

    return run


@pytest.fixture
def in_organization(app: Flask, organization: Organization) -> Callable[..., Any]:
    """Function that calls its argument as in a request: committed, and retried after a conflict."""

    def run(work: Callable[[], Any]) -> Any:
        def once() -> Any:
            result = work()
            db.session.commit()
            return result

        with app.app_context(), organization_scope(Context(organization_id=organization.id), db.session):
            return retried(once)

    return run


def deletion(organization: Organization, **options: Any) -> Callable[[], Any]:
    values = {"slug": organization.slug, "reason": REASON, **options}
    return lambda: delete_organization(organization.id, **values)


def test_it_goes_with_its_people_who_are_signed_out(
    make: Factories,
    organization: Organization,
    owner: User,
    csr: User,
    client: Client,
    in_organization: Callable[..., Any],
    stored: Stored,
    trail: Trail,
) -> None:
    client.sign_in(csr)
    task = make.task(organization)

    in_organization(deletion(organization, actor=acting(owner)))

    gone = stored(organization)
    assert [stored(person)["deletion_batch_id"] for person in (owner, csr)] == [gone["deletion_batch_id"]] * 2
    assert stored(task)["deleted_at"] is None
    client.get("/calls", status=303)
    (deleted,) = trail("organization.deleted")
    assert deleted.details == {"retentionDays": 30}
    assert {row.operation_id for row in trail("user.deleted")} == {deleted.operation_id}
    assert [row.details for row in trail("user.deleted")] == [{}, {}]


def test_people_who_are_talking_keep_it(
    make: Factories, organization: Organization, owner: User, in_organization: Callable[..., Any], stored: Stored
) -> None:
    for _ in range(3):
        make.call(organization, status="active", ended_at=None)

    with pytest.raises(ActiveCalls) as refused:
        in_organization(deletion(organization))

    assert "3 calls are still in progress" in refused.value.sentence
    assert stored(organization)["deleted_at"] is None


def test_the_short_name_is_typed_to_confirm(
    organization: Organization, owner: User, in_organization: Callable[..., Any], stored: Stored
) -> None:
    with pytest.raises(ValidationFailed):
        in_organization(deletion(organization, slug="blue-rigde"))

    assert stored(organization)["deleted_at"] is None


def test_exactly_what_went_comes_back(
    make: Factories,
    organization: Organization,
    owner: User,
    admin: User,
    csr: User,
    soft_delete: Delete,
    in_organization: Callable[..., Any],
    stored: Stored,
) -> None:
    soft_delete(admin, "user", csr)
    rows = (organization, owner, admin)
    before = [kept(stored(row)) for row in rows]

    in_organization(deletion(organization))
    in_organization(lambda: restore_organization(organization.id))

    assert [kept(stored(row)) for row in rows] == before
    assert [stored(row)["is_deleted"] for row in (*rows, csr)] == [False, False, False, True]


def test_it_does_not_come_back_without_an_owner(
    organization: Organization, owner: User, admin: User, in_organization: Callable[..., Any], stored: Stored
) -> None:
    in_organization(deletion(organization))

    with pytest.raises(LastOwner):
        in_organization(lambda: restore_organization(organization.id, choices=Choices(skipped=frozenset({owner.id}))))

    assert stored(organization)["is_deleted"]


def test_the_database_itself_lets_no_organization_be_made_or_revived_without_an_owner(
    organization: Organization, owner: User, in_organization: Callable[..., Any], admin_engine: Engine
) -> None:
    in_organization(deletion(organization))

    for statement in (
        "UPDATE organizations SET deleted_at = NULL WHERE slug = 'blue-ridge'",
        "INSERT INTO organizations (id, name, slug, webhook_key) VALUES (gen_random_uuid(), 'New', 'new', 'k')",
    ):
        with admin_engine.connect() as connection:
            connection.execute(text(statement))
            with pytest.raises(Exception, match="at least one active owner"):
                connection.commit()


def test_deleted_twice_it_is_not_there_the_second_time(
    organization: Organization, owner: User, in_organization: Callable[..., Any]
) -> None:
    in_organization(deletion(organization))

    with pytest.raises(NotFound):
        in_organization(deletion(organization))


def test_what_is_not_deleted_is_not_restored(
    organization: Organization, owner: User, in_organization: Callable[..., Any]
) -> None:
    with pytest.raises(Conflict):
        in_organization(lambda: restore_organization(organization.id))


def test_a_change_of_its_people_meanwhile_has_it_tried_again(
    organization: Organization,
    owner: User,
    csr: User,
    database: WorkerDatabase,
    in_organization: Callable[..., Any],
    stored: Stored,
) -> None:
    """A deletion that conflicts with a concurrent change to a user is retried, and keeps that change."""
    with psycopg.connect(database.url("app_owner")) as other:
        other.execute("UPDATE users SET name = 'New Name' WHERE id = %s", [csr.id])
        deleting = threading.Thread(target=in_organization, args=(deletion(organization),))
        deleting.start()
        deleting.join(timeout=0.5)
        assert deleting.is_alive()
        other.commit()
        deleting.join(timeout=10)

    assert stored(organization)["is_deleted"]
    assert (stored(csr)["name"], stored(csr)["is_deleted"]) == ("New Name", True)


class TestCommands:
    def test_delete_and_restore(
        self, flask: Callable[..., Result], organization: Organization, owner: User, stored: Stored, trail: Trail
    ) -> None:
        deleted = flask("org", "delete", "blue-ridge", "--confirm", "blue-ridge", "--reason", REASON)

        assert deleted.exit_code == 0, deleted.output
        assert "to the trash with 1 person, until" in deleted.output
        assert stored(owner)["is_deleted"]
        assert trail("organization.deleted")[0].actor_label == "flask org delete"
        restored = flask("org", "restore", "blue-ridge")
        assert restored.exit_code == 0, restored.output
        assert restored.output == "Restored Blue Ridge Air with 1 person.\n"
        assert not stored(owner)["is_deleted"]

    def test_a_wrong_confirmation_deletes_nothing(
        self, flask: Callable[..., Result], organization: Organization, owner: User, stored: Stored
    ) -> None:
        refused = flask("org", "delete", "blue-ridge", "--confirm", "blue", "--reason", REASON)

        assert (refused.exit_code, stored(organization)["is_deleted"]) == (1, False)
        assert "URL name" in refused.output

    def test_an_address_taken_meanwhile_is_told_and_can_be_left_behind(
        self,
        flask: Callable[..., Result],
        make: Factories,
        organization: Organization,
        owner: User,
        csr: User,
        stored: Stored,
    ) -> None:
        flask("org", "delete", "blue-ridge", "--confirm", "blue-ridge", "--reason", REASON)
        make.user(organization, email=csr.email)

        refused = flask("org", "restore", "blue-ridge")
        assert refused.exit_code == 1
        assert f"{csr.id}  Maya Torres: Someone here already has this email address." in refused.output

        assert flask("org", "restore", "blue-ridge", "--skip", str(csr.id)).exit_code == 0
        assert [stored(row)["is_deleted"] for row in (organization, owner, csr)] == [False, False, True]
