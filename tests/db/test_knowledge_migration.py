"""Existing knowledge items count as confirmed at their last change, whose time stays the same."""

from collections.abc import Iterator

import psycopg
import pytest

from app.db import migrate
from app.db.embedded import SUPERUSER
from tests.support.database import WorkerDatabase, organization_of_old, scratch_database

BEFORE, AFTER = "0060_calendar", "0061_knowledge"


@pytest.fixture
def before(database: WorkerDatabase) -> Iterator[WorkerDatabase]:
    """A database from before knowledge items were confirmed."""
    with scratch_database(database, "knowledge", BEFORE) as scratch:
        yield scratch


def test_an_answer_is_as_old_as_it_was(before: WorkerDatabase) -> None:
    with psycopg.connect(before.url(SUPERUSER)) as connection:
        organization = organization_of_old(connection)
        connection.execute(
            "INSERT INTO knowledge_items (organization_id, id, question, answer, category, updated_at)"
            " VALUES (%s, gen_random_uuid(), 'Do you come on Sundays?',"
            " 'Yes, we come on every day.', 'hours', '2026-01-05 12:00+00')",
            [organization],
        )

    migrate.upgrade(before.url("app_owner"), AFTER)

    with psycopg.connect(before.url(SUPERUSER)) as connection:
        times = connection.execute(
            "SELECT updated_at = '2026-01-05 12:00+00', confirmed_at = updated_at FROM knowledge_items"
        ).fetchall()
        connection.execute("UPDATE knowledge_items SET answer = 'No, we come from Monday to Saturday only.'")
        touched = connection.execute("SELECT updated_at > '2026-01-06' FROM knowledge_items").fetchall()
    assert times == [(True, True)]
    assert touched == [(True,)]
