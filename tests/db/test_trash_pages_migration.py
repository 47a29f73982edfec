"""An interrupted migration that prepares the pages of the trash can be repeated."""

from collections.abc import Iterator

import psycopg
import pytest

from app.db import migrate
from tests.support.database import WorkerDatabase, scratch_database

BEFORE, AFTER = "0020_reverts", "0021_trash_pages"
INDEX = "SELECT pg_get_indexdef('idx_deletion_batches_kind'::regclass)"


@pytest.fixture
def before(database: WorkerDatabase) -> Iterator[WorkerDatabase]:
    """A database from before the trash had pages."""
    with scratch_database(database, "trash_pages", BEFORE) as scratch:
        yield scratch


def test_a_try_that_broke_off_is_finished_by_the_next(before: WorkerDatabase) -> None:
    with psycopg.connect(before.url("app_owner"), autocommit=True) as connection:
        connection.execute("ALTER TABLE deletion_batches ADD restoring_at timestamptz, ADD restore_failure text")
        connection.execute("CREATE INDEX idx_deletion_batches_kind ON deletion_batches (id)")

    migrate.upgrade(before.url("app_owner"), AFTER)

    with psycopg.connect(before.url("app_owner")) as connection:
        [definition] = connection.execute(INDEX).fetchone() or [""]
    assert "(organization_id, root_type, created_at DESC, id DESC)" in definition
