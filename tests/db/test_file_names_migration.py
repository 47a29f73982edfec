"""Direction controls in the names of files imported earlier are escaped, so that they become visible."""

from collections.abc import Iterator

import psycopg
import pytest

from app.db import migrate
from app.db.embedded import SUPERUSER
from tests.support.database import WorkerDatabase, organization_of_old, scratch_database

BEFORE, AFTER = "0031_known_devices", "0032_file_names_without_controls"


@pytest.fixture
def before(database: WorkerDatabase) -> Iterator[WorkerDatabase]:
    """An empty database at revision BEFORE, whose release stored file names unchecked."""
    with scratch_database(database, "file_names", BEFORE) as scratch:
        yield scratch


def _store(connection: psycopg.Connection, names: list[str]) -> None:
    """Insert imports of an organization, in this order."""
    organization = organization_of_old(connection)
    for number, name in enumerate(names):
        connection.execute(
            "INSERT INTO imports (organization_id, id, kind, file_name, file_bytes, storage_key)"
            " VALUES (%s, new_uuid7(), 'calls', %s, 1, %s)",
            [organization, name, str(number)],
        )


def test_names_that_were_stored_before_are_escaped(before: WorkerDatabase) -> None:
    names = ["calls\u202excod.csv", "\u2066" * 3 + "x" * 248 + ".csv", "plain (1).csv", "звонки.csv", "C:\\u202e.csv"]
    with psycopg.connect(before.url(SUPERUSER)) as connection:
        _store(connection, names)

    migrate.upgrade(before.url("app_owner"), AFTER)

    with psycopg.connect(before.url(SUPERUSER)) as connection:
        kept = [name for (name,) in connection.execute("SELECT file_name FROM imports ORDER BY storage_key")]
        [(recorded,)] = connection.execute("SELECT count(*) FROM audit_logs WHERE action = 'import.updated'")
    assert kept[0] == "calls\\u202excod.csv"
    assert (len(kept[1]), kept[1][-12:]) == (255, "xxxxxxxx.csv")
    assert kept[2:] == names[2:]
    assert recorded == 2
