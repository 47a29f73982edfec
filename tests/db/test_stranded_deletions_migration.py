"""Rows left in the trash when their organization was restored become a deletion of their own."""

from collections.abc import Iterator
from uuid import UUID, uuid4

import psycopg
import pytest

from app.db import migrate
from app.db.embedded import SUPERUSER
from tests.support.database import WorkerDatabase, organization_of_old, scratch_database

BEFORE, AFTER = "0030_names_of_declarations", "0033_deletions_in_portions"


@pytest.fixture
def before(database: WorkerDatabase) -> Iterator[WorkerDatabase]:
    """A database from before deletions had parents."""
    with scratch_database(database, "stranded", BEFORE) as scratch:
        yield scratch


def _restored_in_part(connection: psycopg.Connection) -> tuple[UUID, UUID]:
    """Insert a restored organization, with a person and a phone number still in its deletion.

    Returns the IDs of the organization and of the deletion.
    """
    batch = uuid4()
    organization = organization_of_old(connection)
    connection.execute(
        "INSERT INTO deletion_batches (organization_id, id, deleted_by_label, reason, root_type, root_id, root_label,"
        " purge_after) VALUES (%s, %s, 'Olga Owner', 'They have moved', 'organization', %s, 'Blue Ridge Air', now())",
        [organization, batch, organization],
    )
    deleted = (organization, batch)
    connection.execute(
        "INSERT INTO users (organization_id, id, email, name, role, deleted_at, deletion_batch_id)"
        " VALUES (%s, gen_random_uuid(), 'ann@blue.example', 'Ann Away', 'csr', now(), %s)",
        deleted,
    )
    connection.execute(
        "INSERT INTO phone_numbers (organization_id, id, number, provider, deleted_at, deletion_batch_id)"
        " VALUES (%s, gen_random_uuid(), '+12125550100', 'twilio', now(), %s)",
        deleted,
    )
    return organization, batch


def test_it_can_be_seen_and_goes_in_time(before: WorkerDatabase) -> None:
    with psycopg.connect(before.url(SUPERUSER)) as connection:
        organization, batch = _restored_in_part(connection)

    migrate.upgrade(before.url("app_owner"), AFTER)

    with psycopg.connect(before.url("app_owner")) as connection:
        apart = connection.execute(
            "SELECT id, root_type, root_label, counts, deleted_by_label, reason,"
            " purge_after > now() + interval '29 days' FROM deletion_batches"
            " WHERE organization_id = %s AND parent_batch_id = %s",
            [organization, batch],
        ).fetchall()
        [(apart_id, *told)] = apart
        in_it = connection.execute(
            "SELECT deletion_batch_id FROM users UNION ALL SELECT deletion_batch_id FROM phone_numbers"
        ).fetchall()
        whole = connection.execute("SELECT restored_at FROM deletion_batches WHERE id = %s", [batch]).fetchone()

    assert told == ["user", "Ann Away", {"user": 1, "phone_number": 1}, "Olga Owner", "They have moved", True]
    assert in_it == [(apart_id,), (apart_id,)]
    assert whole != (None,)
