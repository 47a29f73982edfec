"""Stored messages of failed merges no longer name people."""

from collections.abc import Iterator
from uuid import UUID

import psycopg
import pytest

from app.db import migrate
from app.db.embedded import SUPERUSER
from tests.support.database import WorkerDatabase, organization_of_old, scratch_database

BEFORE, AFTER = "0070_answers_to_coaching", "0071_merge_failures_name_nobody"

NAMED = {
    "Ruth Delgado was merged into Paul by Marcus Bell.": "One of the two is not there any more.",
    "Ruth: контакт уже объединён с контактом Paul (Marcus Bell).": "Одного из двух контактов больше нет.",  # noqa: RUF001
    "Ruth allaqachon Paul bilan birlashtirilgan (Marcus Bell).": "Ikki kontaktdan biri endi yoʻq.",  # noqa: RUF001
}
OTHERS = ("Something went wrong on our side.", "Together they have 60 tags, and 50 are the most. Take some away first.")


@pytest.fixture
def before(database: WorkerDatabase) -> Iterator[WorkerDatabase]:
    """An empty database at revision BEFORE, whose release named people in the messages of failed merges."""
    with scratch_database(database, "merge_failures", BEFORE) as scratch:
        yield scratch


def _store(connection: psycopg.Connection, failures: tuple[str, ...]) -> None:
    """Insert merges that failed, in this order, with the results of their jobs, and a job of another kind."""
    organization = organization_of_old(connection)
    for number, failure in enumerate(failures, start=1):
        connection.execute(
            "INSERT INTO contact_merges (organization_id, id, kept_version, merged_version, status, operation_id,"
            " failure, finished_at) VALUES (%s, %s, 1, 1, 'failed', new_uuid7(), %s, now())",
            [organization, UUID(int=number), failure],
        )
        connection.execute(
            "INSERT INTO jobs (organization_id, id, name, status, error, finished_at)"
            " VALUES (%s, %s, 'contacts.merge', 'failed', %s, now())",
            [organization, UUID(int=number), failure],
        )
    connection.execute(
        "INSERT INTO jobs (organization_id, id, name, error) VALUES (%s, new_uuid7(), 'imports.run', %s)",
        [organization, failures[0]],
    )


def test_failures_that_named_somebody_say_what_they_would_say_now(before: WorkerDatabase) -> None:
    with psycopg.connect(before.url(SUPERUSER)) as connection:
        _store(connection, (*NAMED, *OTHERS))

    migrate.upgrade(before.url("app_owner"), AFTER)

    with psycopg.connect(before.url(SUPERUSER)) as connection:
        failures = [why for (why,) in connection.execute("SELECT failure FROM contact_merges ORDER BY id")]
        merges = "SELECT error FROM jobs WHERE name = 'contacts.merge' ORDER BY id"
        errors = [why for (why,) in connection.execute(merges)]
        others = connection.execute("SELECT error FROM jobs WHERE name <> 'contacts.merge'").fetchall()
        [(recorded,)] = connection.execute("SELECT count(*) FROM audit_logs")
        [(is_followed,)] = connection.execute(
            "SELECT tgenabled = 'O' FROM pg_trigger WHERE tgrelid = 'contact_merges'::regclass AND tgname = 'audit'"
        )
    assert failures == errors == [*NAMED.values(), *OTHERS]
    assert others == [(next(iter(NAMED)),)]
    assert recorded == 0, "the trail would tell the names once more"
    assert is_followed
