"""Leads whose stage contradicts their closing are repaired, and the database refuses new ones."""

from collections.abc import Iterator

import psycopg
import pytest

from app.db import migrate
from app.db.embedded import SUPERUSER
from tests.support.database import WorkerDatabase, organization_of_old, scratch_database

BEFORE, AFTER = "0068_events_listed", "0069_stage_of_closed_leads"
#: name → (stage, closed, won) before and after the migration
LEADS = {
    "open": (("qualified", False, False), ("qualified", False, False)),
    "reopened by a merge": (("qualified", True, False), ("dead", True, False)),
    "dead without an end": (("dead", False, False), ("dead", True, False)),
    "won": (("booked", True, True), ("booked", True, True)),
    "won and moved": (("pending", False, True), ("booked", True, True)),
}


@pytest.fixture
def before(database: WorkerDatabase) -> Iterator[WorkerDatabase]:
    """A database from before the rule that a lead is closed if and only if it is dead or won."""
    with scratch_database(database, "leads", BEFORE) as scratch:
        yield scratch


def test_what_contradicts_itself_is_mended_and_the_rest_stays(before: WorkerDatabase) -> None:
    with psycopg.connect(before.url(SUPERUSER)) as connection:
        organization = organization_of_old(connection)
        for name, ((stage, is_closed, is_won), _after) in LEADS.items():
            connection.execute(
                "INSERT INTO leads (organization_id, id, external_source, external_id, stage, closed_at, won_at)"
                " VALUES (%s, gen_random_uuid(), 'old', %s, %s,"
                " CASE WHEN %s THEN now() END, CASE WHEN %s THEN now() END)",
                [organization, name, stage, is_closed, is_won],
            )

    migrate.upgrade(before.url("app_owner"), AFTER)

    with psycopg.connect(before.url("app_owner")) as connection:
        rows = connection.execute(
            "SELECT external_id, stage, closed_at IS NOT NULL, won_at IS NOT NULL, version FROM leads"
        ).fetchall()
        with pytest.raises(psycopg.errors.CheckViolation, match="check_lead_closed"):
            connection.execute("UPDATE leads SET stage = 'new' WHERE stage = 'dead'")
    assert {name: tuple(values) for name, *values, _version in rows} == {
        name: is_now for name, (_, is_now) in LEADS.items()
    }
    assert {name: version - 1 for name, *_values, version in rows} == {
        name: int(was != is_now) for name, (was, is_now) in LEADS.items()
    }
