"""Migrations that add a rule convert the rows that existed before it; an upgraded database has a new one’s rights."""

import json
from collections.abc import Iterator
from typing import NamedTuple
from uuid import UUID, uuid4

import psycopg
import pytest

from app.db import migrate
from app.db.embedded import SUPERUSER
from tests.db.test_rights import rights
from tests.support.database import WorkerDatabase, scratch_database

BEFORE_CALENDARS, BEFORE_RETENTION, BEFORE_RIGHTS = "0010_telephony", "0030_names_of_declarations", "0039_pictures"
QUOTAS = {"tiny": 10, "small": 1_000, "middle": 99_999, "large": 100_000}
RETENTION = {"low": {"calls": 30, "audit": 1, "leads": 30}, "none": {}, "high": {"calls": 91, "audit": 730}}


class Upgraded(NamedTuple):
    """A database upgraded from before there were calendars and plans, and what it contained on the way."""

    database: WorkerDatabase
    rep: UUID
    first_booked: UUID
    rights_before: set[tuple[str, ...]]


@pytest.fixture(scope="module")
def upgraded(database: WorkerDatabase) -> Iterator[Upgraded]:
    """A database that gets rows at some of its revisions, and is now at the newest."""
    with scratch_database(database, "earlier", BEFORE_CALENDARS) as scratch:
        owner = scratch.url("app_owner")
        with psycopg.connect(owner) as connection:
            rep, first_booked = insert_overlapping_visits(connection)
            for slug, minutes in QUOTAS.items():
                organization_with_quota(connection, slug, minutes)
        migrate.upgrade(owner, BEFORE_RETENTION)
        with psycopg.connect(scratch.url(SUPERUSER)) as connection:
            insert_retention(connection)
        migrate.upgrade(owner, BEFORE_RIGHTS)
        rights_before = rights(scratch)
        migrate.upgrade(owner)
        yield Upgraded(scratch, rep, first_booked, rights_before)


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


def insert_overlapping_visits(connection: psycopg.Connection) -> tuple[UUID, UUID]:
    """Insert two appointments of a rep at the same time; return the IDs of the rep and of the one booked first."""
    organization, rep = organization_with_quota(connection, "comfort", 1_000), uuid4()
    connection.execute(
        "INSERT INTO users (organization_id, id, email, name, role) VALUES (%s, %s, 'r@x.example', 'Rosa', 'csr')",
        [organization, rep],
    )
    book(connection, organization, rep, "2026-03-02 12:00Z")
    return rep, book(connection, organization, rep, "2026-03-01 12:00Z")


def insert_retention(connection: psycopg.Connection) -> None:
    """Insert organizations with the retention periods of `RETENTION`, through the superuser's `connection`."""
    connection.execute("SET session_replication_role = replica")
    for slug, days in RETENTION.items():
        connection.execute(
            "INSERT INTO organizations (id, name, slug, webhook_key, retention_days)"
            " VALUES (%s, 'Comfort', %s, %s, %s)",
            [uuid4(), slug, slug, json.dumps(days)],
        )


def test_of_visits_that_overlap_the_one_that_was_booked_first_keeps_the_time(upgraded: Upgraded) -> None:
    with psycopg.connect(upgraded.database.url("app_owner")) as connection:
        busy = connection.execute("SELECT appointment_id, user_id FROM busy_times").fetchall()
        assert busy == [(upgraded.first_booked, upgraded.rep)]
        assert connection.execute("SELECT count(*) FROM appointments").fetchone() == (2,)


def test_every_organization_gets_the_largest_plan_that_its_quota_reaches(upgraded: Upgraded) -> None:
    with psycopg.connect(upgraded.database.url("app_owner")) as connection:
        plans = connection.execute(
            "SELECT slug, plan FROM subscriptions JOIN organizations ON organizations.id = organization_id"
            " WHERE slug = ANY (%s)",
            [list(QUOTAS)],
        ).fetchall()
    assert dict(plans) == {"tiny": "starter", "small": "starter", "middle": "professional", "large": "enterprise"}


def test_days_below_the_least_are_raised_and_others_stay(upgraded: Upgraded) -> None:
    with psycopg.connect(upgraded.database.url(SUPERUSER)) as connection:
        found: dict[str, object] = dict(connection.execute("SELECT slug, retention_days FROM organizations").fetchall())
    assert found["low"] == {"calls": 90, "audit": 365, "leads": 30}
    assert (found["none"], found["high"]) == (RETENTION["none"], RETENTION["high"])


def test_a_database_of_before_has_the_rights_of_a_new_one(upgraded: Upgraded, database: WorkerDatabase) -> None:
    with scratch_database(database, "new") as new:
        expected = rights(new)

    assert upgraded.rights_before != expected
    assert rights(upgraded.database) == expected
