"""Migrations that add a rule convert the rows that existed before it."""

from collections.abc import Iterator
from uuid import UUID, uuid4

import psycopg
import pytest

from app.db import migrate
from tests.support.database import WorkerDatabase, scratch_database

BEFORE_CALENDARS = "0010_telephony"


@pytest.fixture
def earlier(database: WorkerDatabase) -> Iterator[WorkerDatabase]:
    """A database from before there were calendars and plans."""
    with scratch_database(database, "earlier", BEFORE_CALENDARS) as scratch:
        yield scratch


def organization_with_quota(connection: psycopg.Connection, slug: str, minutes: int) -> UUID:
    """Insert an organization with a quota of its own, as before there were plans, and return its ID."""
    organization = uuid4()
    connection.execute(
        "INSERT INTO organizations (id, name, slug, webhook_key, call_minutes_quota) VALUES (%s, %s, %s, %s, %s)",
        [organization, slug, slug, slug, minutes],
    )
    return organization


def book(connection: psycopg.Connection, organization: UUID, rep: UUID, booked_at: str) -> UUID:
    """Insert an appointment at noon of a fixed day, and return its ID."""
    appointment = uuid4()
    connection.execute(
        "INSERT INTO contact_cards (organization_id, id, first_name) VALUES (%s, %s, 'Dana')",
        [organization, appointment],
    )
    connection.execute(
        "INSERT INTO appointments (organization_id, id, contact_card_id, sales_rep_id, service_type,"
        " scheduled_start_at, scheduled_end_at, timezone, booked_at)"
        " VALUES (%s, %s, %s, %s, 'Repair', '2026-03-18 16:00Z', '2026-03-18 18:00Z', 'America/New_York', %s)",
        [organization, appointment, appointment, rep, booked_at],
    )
    return appointment


def test_of_visits_that_overlap_the_one_that_was_booked_first_keeps_the_time(earlier: WorkerDatabase) -> None:
    rep = uuid4()
    with psycopg.connect(earlier.url("app_owner")) as connection:
        organization = organization_with_quota(connection, "comfort", 1_000)
        connection.execute(
            "INSERT INTO users (organization_id, id, email, name, role) VALUES (%s, %s, 'r@x.example', 'Rosa', 'csr')",
            [organization, rep],
        )
        book(connection, organization, rep, "2026-03-02 12:00Z")
        first = book(connection, organization, rep, "2026-03-01 12:00Z")

    migrate.upgrade(earlier.url("app_owner"))

    with psycopg.connect(earlier.url("app_owner")) as connection:
        assert connection.execute("SELECT appointment_id, user_id FROM busy_times").fetchall() == [(first, rep)]
        assert connection.execute("SELECT count(*) FROM appointments").fetchone() == (2,)


def test_every_organization_gets_the_largest_plan_that_its_quota_reaches(earlier: WorkerDatabase) -> None:
    with psycopg.connect(earlier.url("app_owner")) as connection:
        for slug, minutes in (("tiny", 10), ("small", 1_000), ("middle", 99_999), ("large", 100_000)):
            organization_with_quota(connection, slug, minutes)

    migrate.upgrade(earlier.url("app_owner"))

    with psycopg.connect(earlier.url("app_owner")) as connection:
        plans = connection.execute(
            "SELECT slug, plan FROM subscriptions JOIN organizations ON organizations.id = organization_id"
        ).fetchall()
    assert dict(plans) == {"tiny": "starter", "small": "starter", "middle": "professional", "large": "enterprise"}
