"""Existing accounts with VAPI authenticate its requests by signature, as VAPI does by default."""

from collections.abc import Iterator
from uuid import UUID

import psycopg
import pytest

from app.db import migrate
from app.db.embedded import SUPERUSER
from tests.support.database import WorkerDatabase, organization_of_old, scratch_database

BEFORE, AFTER = "0152_waiting_for_storage", "0153_accounts_that_verify"


@pytest.fixture
def before(database: WorkerDatabase) -> Iterator[WorkerDatabase]:
    """A database from before accounts said how requests are authenticated."""
    with scratch_database(database, "accounts", BEFORE) as scratch:
        yield scratch


def make_account(connection: psycopg.Connection, organization: UUID, provider: str) -> None:
    connection.execute(
        "INSERT INTO integrations (organization_id, id, provider, account_id, secrets, updated_at)"
        " VALUES (%s, gen_random_uuid(), %s, '1', '', '2026-01-05 12:00+00')",
        [organization, provider],
    )


def test_they_are_changed_without_a_trace(before: WorkerDatabase) -> None:
    with psycopg.connect(before.url(SUPERUSER)) as connection:
        organization = organization_of_old(connection)
        for provider in ("callrail", "vapi"):
            make_account(connection, organization, provider)
        entries = connection.execute("SELECT count(*) FROM audit_logs").fetchall()

    migrate.upgrade(before.url("app_owner"), AFTER)

    with psycopg.connect(before.url(SUPERUSER)) as connection:
        accounts = connection.execute(
            "SELECT provider, company_id, webhook_authentication, version, updated_at = '2026-01-05 12:00+00'"
            " FROM integrations ORDER BY provider"
        ).fetchall()
        assert connection.execute("SELECT count(*) FROM audit_logs").fetchall() == entries
    assert accounts == [("callrail", None, None, 1, True), ("vapi", None, "signature", 1, True)]
