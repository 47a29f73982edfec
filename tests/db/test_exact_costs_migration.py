"""The costs of existing calls get six decimals in portions, beside running work, without an entry in the trail."""

from collections.abc import Iterator
from datetime import datetime
from uuid import UUID, uuid4

import psycopg
import pytest

from app.db import migrate
from tests.db.test_migrations import REVISIONS
from tests.support.database import WorkerDatabase, scratch_database

BESIDE, AFTER = "0125_exact_costs_beside", "0126_exact_costs"
BEFORE = REVISIONS[REVISIONS.index(BESIDE) + 1]
#: More than two portions.
CALLS = 10_001


@pytest.fixture
def before(database: WorkerDatabase) -> Iterator[WorkerDatabase]:
    """A database in which costs still have two decimals."""
    with scratch_database(database, "costs", BEFORE) as scratch:
        yield scratch


def insert_call(connection: psycopg.Connection, organization: UUID, cost: str | None) -> UUID:
    """Insert a call at a fixed time, and return its ID."""
    call = uuid4()
    connection.execute(
        "INSERT INTO calls (organization_id, id, direction, call_type, status, started_at, cost)"
        " VALUES (%s, %s, 'inbound', 'csr_call', 'missed', '2026-03-18 16:00Z', %s)",
        [organization, call, cost],
    )
    return call


@pytest.fixture
def organization(before: WorkerDatabase) -> UUID:
    """An organization with calls, every second of which has a cost."""
    with psycopg.connect(before.url("app_owner")) as connection:
        organization = uuid4()
        connection.execute(
            "INSERT INTO organizations (id, name, slug, webhook_key) VALUES (%s, 'Comfort', 'comfort', 'key')",
            [organization],
        )
        connection.execute(
            "INSERT INTO users (organization_id, id, email, name, role) VALUES (%s, %s, 'a@x.example', 'Ada', 'owner')",
            [organization, uuid4()],
        )
        connection.execute(
            "INSERT INTO calls (organization_id, id, direction, call_type, status, started_at, cost)"
            " SELECT %s, gen_random_uuid(), 'inbound', 'csr_call', 'missed', '2026-03-18 16:00Z',"
            " CASE WHEN n %% 2 = 0 THEN n / 100.0 END FROM generate_series(1, %s) n",
            [organization, CALLS],
        )
    return organization


def state(connection: psycopg.Connection) -> tuple[object, ...] | None:
    """Return the sum of the costs, the latest change of a call, and the number of entries in the trail."""
    return connection.execute(
        "SELECT count(cost), sum(cost), max(updated_at), (SELECT count(*) FROM audit_logs) FROM calls"
    ).fetchone()


def changes_of(connection: psycopg.Connection, *calls: UUID) -> dict[UUID, datetime]:
    """Return the time of the latest change of each call."""
    return dict(connection.execute("SELECT id, updated_at FROM calls WHERE id = ANY (%s)", [list(calls)]).fetchall())


def test_costs_stay_the_same_and_nothing_is_recorded_or_dated(before: WorkerDatabase, organization: UUID) -> None:
    with psycopg.connect(before.url("app_owner")) as connection:
        was = state(connection)

    migrate.upgrade(before.url("app_owner"), AFTER)

    with psycopg.connect(before.url("app_owner")) as connection:
        assert state(connection) == was
        assert was is not None
        assert was[0] == CALLS // 2
        call = insert_call(connection, organization, "0.0085")
        assert connection.execute("SELECT cost::text FROM calls WHERE id = %s", [call]).fetchone() == ("0.008500",)
    migrate.downgrade(before.url("app_owner"), BEFORE)
    with psycopg.connect(before.url("app_owner")) as connection:
        assert connection.execute("SELECT cost::text FROM calls WHERE id = %s", [call]).fetchone() == ("0.01",)
        connection.execute("DELETE FROM calls WHERE id = %s", [call])
        assert state(connection) == (*was[:3], was[3] + 2)  # type: ignore[operator]


def test_the_running_release_goes_on_between_the_two_steps(before: WorkerDatabase, organization: UUID) -> None:
    migrate.upgrade(before.url("app_owner"), BESIDE)
    with psycopg.connect(before.url("app_owner")) as connection:
        new, other = insert_call(connection, organization, "1.25"), insert_call(connection, organization, None)
        inserted = changes_of(connection, new, other)
    with psycopg.connect(before.url("app_owner")) as connection:
        connection.execute("UPDATE calls SET cost = 2.50 WHERE id = %s", [other])
        entries = connection.execute(
            "SELECT action, after FROM audit_logs WHERE resource_id = %s AND action = 'call.updated'", [other]
        ).fetchall()
        changed = changes_of(connection, new, other)

    migrate.upgrade(before.url("app_owner"), AFTER)

    with psycopg.connect(before.url("app_owner")) as connection:
        costs = connection.execute(
            "SELECT cost FROM calls WHERE id = ANY (%s) ORDER BY cost", [[new, other]]
        ).fetchall()
    assert [str(cost) for (cost,) in costs] == ["1.250000", "2.500000"]
    assert entries == [("call.updated", {"cost": 2.50})]
    assert changed[new] == inserted[new]
    assert changed[other] > inserted[other]
