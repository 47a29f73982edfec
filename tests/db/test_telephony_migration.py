"""Calls can be written while their new index is built, and an interrupted migration can be repeated."""

from collections.abc import Iterator

import psycopg
import pytest

from app.db import migrate
from tests.support.database import WorkerDatabase, scratch_database

BEFORE, AFTER = "0009_accounts", "0010_telephony"
INDEX = "SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass('idx_calls_phone_number')"


@pytest.fixture
def before(database: WorkerDatabase) -> Iterator[WorkerDatabase]:
    """A database from before calls referred to a phone number of the organization."""
    with scratch_database(database, "telephony", BEFORE) as scratch:
        yield scratch


def test_a_try_that_broke_off_is_finished_by_the_next(before: WorkerDatabase) -> None:
    with psycopg.connect(before.url("app_owner"), autocommit=True) as connection:
        connection.execute("ALTER TABLE calls ADD COLUMN phone_number_id uuid")
        connection.execute("CREATE INDEX idx_calls_phone_number ON calls (id)")

    migrate.upgrade(before.url("app_owner"), AFTER)

    with psycopg.connect(before.url("app_owner")) as connection:
        assert connection.execute(INDEX).fetchone() == (True,)
        columns = connection.execute("SELECT pg_get_indexdef('idx_calls_phone_number'::regclass)").fetchone()
    assert columns is not None
    assert "(organization_id, phone_number_id) WHERE (phone_number_id IS NOT NULL)" in columns[0]


def test_the_index_is_built_beside_the_calls_that_are_being_written() -> None:
    statements = migrate.render_sql(f"{BEFORE}:{AFTER}").split(";")
    built = next(place for place, one in enumerate(statements) if "CREATE INDEX CONCURRENTLY" in one)
    begun = [one.split()[-1] for one in statements[:built] if one.split()[-1:] in (["BEGIN"], ["COMMIT"])]

    assert "idx_calls_phone_number" in statements[built]
    assert begun[-1] == "COMMIT", "no transaction is open"
    assert any("NOT VALID" in one for one in statements)
    assert any("VALIDATE CONSTRAINT fk_calls_phone_number_id" in one for one in statements)
