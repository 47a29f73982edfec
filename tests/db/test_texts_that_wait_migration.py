"""Queued text messages that were counted as attempts: their attempts are deleted, and entries recounted."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from app.db import migrate
from app.db.embedded import SUPERUSER
from tests.support.database import WorkerDatabase, organization_of_old, scratch_database

BEFORE, AFTER = "0099_takers_of_suggested_tasks", "0100_texts_that_wait"
MISSED = datetime(2026, 3, 3, 15, tzinfo=UTC)
CALLED, TEXTED, AGAIN = (MISSED + timedelta(minutes=minutes) for minutes in (10, 20, 30))

Tried = list[tuple[datetime, str]]
#: Attempts, each with its time and the result or the status of the text message → what is counted afterwards: attempts,
#: seconds until the first, time of the last, and whether the time of the next is known.
COUNTED: dict[str, tuple[Tried, tuple[Any, ...]]] = {
    "a text that waits": ([(TEXTED, "queued")], (0, None, None, False)),
    "two texts that wait": ([(TEXTED, "queued"), (AGAIN, "queued")], (0, None, None, False)),
    "a text that was sent": ([(TEXTED, "sent")], (1, 1, TEXTED, True)),
    "a text that waits, then a call": ([(TEXTED, "queued"), (AGAIN, "no_answer")], (1, 1800, AGAIN, True)),
    "a call, then a text that waits": ([(CALLED, "voicemail"), (TEXTED, "queued")], (1, 600, CALLED, True)),
    "a call that failed, and a text that waits": ([(CALLED, "failed"), (TEXTED, "queued")], (0, None, None, False)),
    "a text that was sent, then one that waits": ([(CALLED, "sent"), (AGAIN, "queued")], (1, 600, CALLED, True)),
    "a call that failed, one that did not, and a text that waits": (
        [(CALLED, "failed"), (AGAIN, "reached"), (TEXTED, "queued")],
        (1, 1800, AGAIN, True),
    ),
}
_TEXT_STATUSES = ("queued", "sent")


@pytest.fixture
def before(database: WorkerDatabase) -> Iterator[WorkerDatabase]:
    """An empty database at revision BEFORE, which counts a text message as an attempt once it is queued."""
    with scratch_database(database, "texts", BEFORE) as scratch:
        yield scratch


def _entry(connection: psycopg.Connection, organization: UUID, tried: Tried) -> UUID:
    """Insert an entry and its attempts as earlier releases left them, and return the entry's ID.

    Failed calls aren't counted as attempts, and the first attempt took a second.
    """
    entry = uuid4()
    counted = [at for at, how in tried if how != "failed"]
    connection.execute(
        "INSERT INTO calls (organization_id, id, direction, call_type, status, started_at)"
        " VALUES (%s, %s, 'inbound', 'csr_call', 'missed', %s)",
        [organization, entry, MISSED],
    )
    connection.execute(
        "INSERT INTO missed_call_entries (organization_id, id, call_id, first_missed_at, sla_due_at, attempts,"
        " first_attempt_seconds, last_attempt_at, next_attempt_at) VALUES (%s, %s, %s, %s, %s, %s, 1, %s, %s)",
        [organization, entry, entry, MISSED, MISSED, len(counted), max(counted), max(counted) + timedelta(hours=2)],
    )
    for at, how in tried:
        is_text, message = how in _TEXT_STATUSES, uuid4()
        if is_text:
            connection.execute(
                "INSERT INTO messages (organization_id, id, channel, to_address, body, status)"
                " VALUES (%s, %s, 'sms', '+12125550142', 'Hello', %s)",
                [organization, message, how],
            )
        connection.execute(
            "INSERT INTO missed_call_attempts (organization_id, id, entry_id, kind, by, at, result, message_id)"
            " VALUES (%s, gen_random_uuid(), %s, %s, 'human', %s, %s, %s)",
            [organization, entry, *(("text", at, "sent", message) if is_text else ("call", at, how, None))],
        )
    return entry


def test_entries_count_what_was_sent_and_called(before: WorkerDatabase) -> None:
    with psycopg.connect(before.url(SUPERUSER)) as connection:
        organization = organization_of_old(connection)
        entries = {name: _entry(connection, organization, tried) for name, (tried, _after) in COUNTED.items()}

    migrate.upgrade(before.url("app_owner"), AFTER)

    with psycopg.connect(before.url(SUPERUSER)) as connection:
        found = connection.execute(
            "SELECT id, attempts, first_attempt_seconds, last_attempt_at, next_attempt_at IS NOT NULL, version"
            " FROM missed_call_entries"
        ).fetchall()
        waiting = connection.execute("SELECT missed_entry_id FROM messages WHERE status = 'queued'").fetchall()
        tries = connection.execute(
            "SELECT entry_id FROM missed_call_attempts attempts WHERE message_id IN"
            " (SELECT id FROM messages WHERE status = 'queued')"
        ).fetchall()
        recorded = connection.execute("SELECT action, count(*) FROM audit_logs GROUP BY action ORDER BY action")
        told: dict[str, int] = dict(recorded.fetchall())
    names = {entry: name for name, entry in entries.items()}
    assert {names[row[0]]: row[1:5] for row in found} == {name: after for name, (_tried, after) in COUNTED.items()}
    assert {names[row[0]]: row[5] for row in found} == {
        name: 2 if any(how == "queued" for _at, how in tried) else 1 for name, (tried, _after) in COUNTED.items()
    }
    assert sorted(waiting) == sorted(
        (entries[name],) for name, (tried, _after) in COUNTED.items() for _at, how in tried if how == "queued"
    )
    assert tries == []
    assert told["message.updated"] == told["missed_call_attempt.deleted"] == len(waiting)
    assert told["missed_call_entry.updated"] == len(COUNTED) - 1


def test_the_way_back_keeps_cancelled_texts_out(before: WorkerDatabase) -> None:
    migrate.upgrade(before.url("app_owner"), AFTER)
    with psycopg.connect(before.url(SUPERUSER)) as connection:
        connection.execute(
            "INSERT INTO messages (organization_id, id, channel, to_address, body, status)"
            " VALUES (%s, gen_random_uuid(), 'sms', '+12125550142', 'Hello', 'cancelled')",
            [organization_of_old(connection)],
        )

    migrate.downgrade(before.url("app_owner"), BEFORE)

    with psycopg.connect(before.url(SUPERUSER)) as connection:
        assert connection.execute("SELECT status, error_code FROM messages").fetchall() == [("failed", "cancelled")]
