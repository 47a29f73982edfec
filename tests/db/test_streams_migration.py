"""Existing streams without an owner get the person who created them according to the trail."""

from collections.abc import Iterator
from uuid import UUID, uuid4

import psycopg
import pytest
from alembic.script import ScriptDirectory

from app.config import PROJECT_ROOT
from app.db import migrate
from tests.support.database import WorkerDatabase, scratch_database

REVISIONS = [script.revision for script in ScriptDirectory(str(PROJECT_ROOT / "migrations")).walk_revisions()]
AFTER = next(revision for revision in REVISIONS if revision.endswith("_streams_of_somebody"))
BEFORE = REVISIONS[REVISIONS.index(AFTER) + 1]


@pytest.fixture
def before(database: WorkerDatabase) -> Iterator[WorkerDatabase]:
    """A database from before streams had an owner."""
    with scratch_database(database, "streams", BEFORE) as scratch:
        yield scratch


def make_stream(connection: psycopg.Connection, organization: UUID, name: str, creator: UUID | None) -> None:
    connection.execute("SELECT set_config('app.actor_id', %s, true)", [str(creator or "")])
    connection.execute(
        "INSERT INTO outbound_streams (organization_id, id, name, url, secret)"
        " VALUES (%s, gen_random_uuid(), %s, 'https://siem.example/', '')",
        [organization, name],
    )


def test_they_get_their_creator_from_the_trail_and_no_entry_of_it(before: WorkerDatabase) -> None:
    organization, ada, guest = uuid4(), uuid4(), uuid4()
    with psycopg.connect(before.url("app_owner")) as connection:
        connection.execute(
            "INSERT INTO organizations (id, name, slug, webhook_key) VALUES (%s, 'Comfort', 'comfort', 'key')",
            [organization],
        )
        connection.execute(
            "INSERT INTO users (organization_id, id, email, name, role) VALUES (%s, %s, 'a@x.example', 'Ada', 'owner')",
            [organization, ada],
        )
        for name, creator in (("Adas", ada), ("A guest’s", guest), ("Nobodys", None)):
            make_stream(connection, organization, name, creator)
        [entries] = connection.execute("SELECT count(*) FROM audit_logs").fetchone() or (None,)

    migrate.upgrade(before.url("app_owner"), AFTER)

    with psycopg.connect(before.url("app_owner")) as connection:
        streams = connection.execute(
            "SELECT name, created_by, created_by_label, enabled FROM outbound_streams ORDER BY name"
        ).fetchall()
        [now] = connection.execute("SELECT count(*) FROM audit_logs").fetchone() or (None,)
    assert streams == [("A guest’s", None, "", True), ("Adas", ada, "Ada", True), ("Nobodys", None, "", True)]
    assert now == entries
