"""No call can be added to an organization, a phone number or a contact that is being deleted."""

import threading
from collections.abc import Callable
from typing import Any
from uuid import UUID

import psycopg
import pytest
from sqlalchemy.exc import IntegrityError

from app.db.constraints import translate
from app.errors import ActiveCalls
from app.models import ContactCard, Organization, PhoneNumber
from tests.support.database import WorkerDatabase
from tests.support.factories import DAY, Factories
from tests.support.locks import app_connection, meanwhile

STORE_CALL = """
INSERT INTO calls (organization_id, id, contact_card_id, phone_number_id, direction, call_type, status, started_at)
VALUES (%(organization)s, gen_random_uuid(), %(card)s, %(number)s, 'inbound', 'csr_call', %(status)s, now())
"""
DELETE_ORGANIZATION = "UPDATE organizations SET deleted_at = now() WHERE id = %s"
DELETE_NUMBER = "UPDATE phone_numbers SET deleted_at = now() WHERE id = %s"
DELETE_CARD = "UPDATE contact_cards SET deleted_at = now() WHERE id = %s"


@pytest.fixture
def organization(make: Factories) -> Organization:
    return make.organization()


@pytest.fixture
def number(make: Factories, organization: Organization) -> PhoneNumber:
    return make.phone_number(organization)


@pytest.fixture
def card(make: Factories, organization: Organization) -> ContactCard:
    return make.contact(organization)


def store_call(
    connection: psycopg.Connection,
    organization: Organization,
    *,
    status: str = "completed",
    number: UUID | None = None,
    card: UUID | None = None,
) -> None:
    connection.execute(STORE_CALL, {"organization": organization.id, "card": card, "number": number, "status": status})


def deleting(database: WorkerDatabase, statement: str, row_id: UUID) -> Callable[[], None]:
    """Return a function that deletes the row by hand."""

    def delete() -> None:
        with psycopg.connect(database.url("app_owner")) as connection:
            connection.execute(statement, [row_id])

    return delete


def constraints(refused: list[psycopg.Error]) -> list[str | None]:
    return [error.diag.constraint_name for error in refused]


def count_calls(database: WorkerDatabase) -> int:
    with psycopg.connect(database.url("app_owner")) as connection:
        row = connection.execute("SELECT count(*) FROM calls").fetchone()
    assert row is not None
    return int(row[0])


def test_a_deleted_organization_takes_no_call(database: WorkerDatabase, make: Factories) -> None:
    gone, other = make.organization(deleted_at=DAY), make.organization()

    with pytest.raises(psycopg.errors.CheckViolation) as refused, app_connection(database, gone.id) as connection:
        store_call(connection, gone)
    with app_connection(database, other.id) as connection:
        store_call(connection, other)

    assert refused.value.diag.constraint_name == "organization_not_deleted"
    assert count_calls(database) == 1


def test_a_call_that_comes_in_while_its_organization_is_deleted_waits_and_is_refused(
    database: WorkerDatabase, organization: Organization
) -> None:
    def call_comes_in() -> None:
        with app_connection(database, organization.id) as connection:
            store_call(connection, organization, status="active")

    with psycopg.connect(database.url("app_owner")) as connection:
        connection.execute(DELETE_ORGANIZATION, [organization.id])
        with meanwhile(call_comes_in, database) as refused:
            connection.commit()

    assert constraints(refused) == ["organization_not_deleted"]
    assert count_calls(database) == 0


def test_a_call_is_stored_when_the_deletion_it_waited_for_is_given_up(
    database: WorkerDatabase, organization: Organization
) -> None:
    def call_comes_in() -> None:
        with app_connection(database, organization.id) as connection:
            store_call(connection, organization)

    with psycopg.connect(database.url("app_owner")) as connection:
        connection.execute(DELETE_ORGANIZATION, [organization.id])
        with meanwhile(call_comes_in, database) as refused:
            connection.rollback()

    assert refused == []
    assert count_calls(database) == 1


def test_deleting_an_organization_waits_for_a_call_and_is_refused_when_it_is_active(
    database: WorkerDatabase, organization: Organization
) -> None:
    with app_connection(database, organization.id) as connection:
        store_call(connection, organization, status="active")
        with meanwhile(deleting(database, DELETE_ORGANIZATION, organization.id), database) as refused:
            connection.commit()

    assert constraints(refused) == ["active_calls"]


def test_of_many_callers_at_once_none_comes_in_after_the_organization_is_deleted(
    database: WorkerDatabase, organization: Organization
) -> None:
    under_way = threading.Barrier(5)

    def keep_calling() -> None:
        under_way.wait()
        for _ in range(2_000):
            try:
                with app_connection(database, organization.id) as connection:
                    store_call(connection, organization)
            except psycopg.errors.CheckViolation:
                return

    callers = [threading.Thread(target=keep_calling) for _ in range(4)]
    for caller in callers:
        caller.start()
    under_way.wait()
    deleting(database, DELETE_ORGANIZATION, organization.id)()
    there = count_calls(database)
    for caller in callers:
        caller.join(timeout=30)

    assert not any(caller.is_alive() for caller in callers)
    assert count_calls(database) == there


@pytest.mark.parametrize("statement", [DELETE_NUMBER, "DELETE FROM phone_numbers WHERE id = %s"], ids=["soft", "hard"])
def test_a_number_with_active_calls_is_not_deleted(
    database: WorkerDatabase, make: Factories, organization: Organization, number: PhoneNumber, statement: str
) -> None:
    for status in ("active", "active", "completed"):
        make.call(organization, phone_number_id=number.id, status=status)
    make.call(organization, phone_number_id=make.phone_number(organization).id, status="active")

    with pytest.raises(psycopg.errors.ForeignKeyViolation) as refused:
        deleting(database, statement, number.id)()

    error = translate(IntegrityError("", None, refused.value))
    assert isinstance(error, ActiveCalls)
    assert error.extra == {"count": 2}
    assert str(error.message) == "2 calls are still in progress. Try again when they end."


def test_a_number_whose_calls_are_over_is_deleted_and_they_keep_what_was_called(
    database: WorkerDatabase, make: Factories, organization: Organization, number: PhoneNumber
) -> None:
    make.call(organization, phone_number_id=number.id, called_number=number.number)

    deleting(database, "DELETE FROM phone_numbers WHERE id = %s", number.id)()

    with psycopg.connect(database.url("app_owner")) as connection:
        kept = connection.execute("SELECT organization_id, phone_number_id, called_number FROM calls").fetchall()
    assert kept == [(organization.id, None, number.number)]


def test_deleting_a_number_waits_for_the_call_that_comes_in_on_it(
    database: WorkerDatabase, organization: Organization, number: PhoneNumber
) -> None:
    with app_connection(database, organization.id) as connection:
        store_call(connection, organization, number=number.id, status="active")
        with meanwhile(deleting(database, DELETE_NUMBER, number.id), database) as refused:
            connection.commit()

    assert constraints(refused) == ["active_calls"]


def test_a_number_is_in_use_once_over_all_organizations_and_free_when_it_is_deleted(
    make: Factories, organization: Organization
) -> None:
    elsewhere = make.organization()
    make.phone_number(elsewhere, number="+12125550100", deleted_at=DAY)
    make.phone_number(elsewhere, number="+12125550100")

    with pytest.raises(IntegrityError) as refused:
        make.phone_number(organization, number="+12125550100")

    error = translate(refused.value)
    assert error is not None
    assert error.code == "RESOURCE_CONFLICT"
    assert [(wrong.field, str(wrong.message)) for wrong in error.field_errors] == [
        ("number", "This number is already in use. Enter another.")
    ]


def test_a_call_that_waited_for_its_card_does_not_find_it_in_the_trash(
    database: WorkerDatabase, organization: Organization, card: ContactCard
) -> None:
    def call_comes_in() -> None:
        with app_connection(database, organization.id) as connection:
            store_call(connection, organization, card=card.id)

    with psycopg.connect(database.url("app_owner")) as connection:
        connection.execute(DELETE_CARD, [card.id])
        with meanwhile(call_comes_in, database) as refused:
            connection.commit()

    assert constraints(refused) == ["contact_card_not_deleted"]


def by_its_card(kind: str, card: ContactCard) -> dict[str, Any]:
    """Return the factory's argument that refers to the contact, for this kind of row."""
    return {"contact_card_id": card.id} if kind in {"call", "task"} else {"contact": card}


@pytest.mark.parametrize("kind", ["call", "lead", "appointment", "task", "pending_action"])
def test_nothing_new_refers_to_a_card_in_the_trash(
    make: Factories, organization: Organization, database: WorkerDatabase, kind: str
) -> None:
    gone = make.contact(organization, deleted_at=DAY)
    kept = make.contact(organization)

    with pytest.raises(IntegrityError) as refused:
        getattr(make, kind)(organization, **by_its_card(kind, gone))
    error = translate(refused.value)
    assert error is not None
    assert [wrong.field for wrong in error.field_errors] == ["contact_card_id"]

    row = getattr(make, kind)(organization, **by_its_card(kind, kept))
    with psycopg.connect(database.url("app_owner")) as connection, pytest.raises(psycopg.errors.CheckViolation):
        connection.execute(f"UPDATE {row.__tablename__} SET contact_card_id = %s WHERE id = %s", [gone.id, row.id])


def test_a_reference_to_a_card_that_never_was_is_still_an_unknown_reference(
    make: Factories, organization: Organization
) -> None:
    with pytest.raises(IntegrityError) as refused:
        make.call(organization, contact_card_id=organization.id)

    assert isinstance(refused.value.orig, psycopg.errors.ForeignKeyViolation)
