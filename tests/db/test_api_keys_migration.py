"""Keys and background work that exist when keys become callers, and when the migration is reverted."""

from collections.abc import Iterator
from hashlib import sha256
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg.types.json import Jsonb

from app.db import migrate
from app.db.embedded import SUPERUSER
from tests.support.contexts import enter
from tests.support.database import WorkerDatabase, organization_of_old, scratch_database

BEFORE, AFTER = "0112_refresh_tokens", "0113_api_keys_as_callers"
DIGEST = sha256(b"a key").digest()
FIND = "SELECT name, permissions, creator_id FROM find_api_key(%s, %s)"


@pytest.fixture
def before(database: WorkerDatabase) -> Iterator[WorkerDatabase]:
    with scratch_database(database, "callers", BEFORE) as scratch:
        yield scratch


def _fill(connection: psycopg.Connection) -> tuple[UUID, UUID]:
    """Insert a key without a creator, and a waiting export and a job; return the organization and the key."""
    organization, key = organization_of_old(connection), uuid4()
    connection.execute(
        "INSERT INTO api_keys (organization_id, id, name, prefix, key_hash, permissions)"
        " VALUES (%s, %s, 'Zapier', 'abc', %s, '{calls:read}')",
        [organization, key, DIGEST],
    )
    connection.execute(
        "INSERT INTO exports (organization_id, id, kind) VALUES (%s, gen_random_uuid(), 'calls')", [organization]
    )
    connection.execute(
        "INSERT INTO jobs (organization_id, id, name, context, asked_by_label)"
        " VALUES (%s, gen_random_uuid(), 'exports.make', %s, 'Ann Lee')",
        [organization, Jsonb({"actor_id": str(uuid4()), "source": "user"})],
    )
    return organization, key


def test_what_is_there_stays_and_keys_are_found(before: WorkerDatabase) -> None:
    with psycopg.connect(before.url(SUPERUSER)) as connection:
        organization, key = _fill(connection)

    migrate.upgrade(before.url("app_owner"), AFTER)

    with psycopg.connect(before.url("app_rw")) as connection:
        enter(connection, organization, actor_label="Zapier", api_key_id=key)
        assert connection.execute(FIND, [organization, DIGEST]).fetchall() == [("Zapier", ["calls:read"], None)]
        assert connection.execute(FIND, [uuid4(), DIGEST]).fetchall() == []
        assert connection.execute("SELECT api_key_id FROM exports").fetchall() == [(None,)]
        assert connection.execute("SELECT context ? 'api_key_id' FROM jobs").fetchall() == [(False,)]


def test_work_of_a_key_outlives_the_key_and_the_way_back(before: WorkerDatabase) -> None:
    with psycopg.connect(before.url(SUPERUSER)) as connection:
        organization, key = _fill(connection)
    migrate.upgrade(before.url("app_owner"), AFTER)
    with psycopg.connect(before.url(SUPERUSER)) as connection:
        connection.execute("UPDATE exports SET api_key_id = %s", [key])
        connection.execute("DELETE FROM api_keys")
        assert connection.execute("SELECT api_key_id FROM exports").fetchall() == [(None,)]

    migrate.downgrade(before.url("app_owner"), BEFORE)

    with psycopg.connect(before.url("app_rw")) as connection:
        enter(connection, organization, actor_label="Ann Lee")
        connection.execute("SELECT record_event('session.ended', 'session', NULL, '{}')")
        assert connection.execute("SELECT count(*) FROM exports").fetchall() == [(1,)]
        told = connection.execute("SELECT actor_label FROM audit_logs WHERE action = 'session.ended'").fetchall()
    assert told == [("Ann Lee",)]
