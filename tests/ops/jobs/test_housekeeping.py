"""Scheduled cleanup jobs: the rows that they change, and those that they leave alone."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine, text

from app.data.imports.jobs import clean_up_imports, import_file
from app.data.imports.service import receive_file
from app.db.context import Context, use_context
from app.declarations.job import Job as JobKind
from app.extensions import db
from app.models import (
    EntryStatus,
    ImportedRow,
    ImportKind,
    Job,
    KnownDevice,
    LoginAttempt,
    Organization,
    PasswordReset,
    RateLimit,
    User,
    UserSession,
)
from app.ops.jobs.jobs import clean_up_jobs
from app.ops.jobs.queue import enqueue
from app.ops.jobs.run_service import perform_for_all
from app.ops.jobs.worker import run_worker
from app.ops.system.jobs import prune_rate_limits
from app.people.sign_in.jobs import clean_up_accounts
from app.storage import storage
from app.work.missed_calls.jobs import lapse_claims
from tests.ops.jobs.conftest import Look
from tests.support.factories import Factories

NOW = datetime.now(UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)

Do = Callable[[JobKind], None]
Rows = Callable[[str], list[Any]]


@pytest.fixture
def do(app: Flask, organization: Organization) -> Do:
    """Function that has a worker run a job of the given kind for the organization."""

    def run(kind: JobKind) -> None:
        with app.app_context(), use_context(Context(organization_id=organization.id)):
            enqueue(kind)
            db.session.commit()
        run_worker(app, schedule=(), until_idle=True)

    return run


@pytest.fixture
def rows(admin_engine: Engine) -> Rows:
    """Function that returns the committed rows that a statement selects."""

    def look(statement: str) -> list[Any]:
        with admin_engine.connect() as connection:
            return list(connection.execute(text(statement)))

    return look


def test_claims_that_ran_out_are_open_again_and_others_stay(
    make: Factories, organization: Organization, manager: User, do: Do, rows: Rows
) -> None:
    def claimed(caller: str, expires_at: datetime) -> None:
        call = make.call(organization, status="missed", started_at=NOW - HOUR, caller_number=caller)
        make.missed_entry(organization, call=call, status="claimed", claimed_by=manager.id, claim_expires_at=expires_at)

    claimed("+12125550001", NOW - timedelta(seconds=1))
    claimed("+12125550002", NOW + HOUR)
    do(lapse_claims)

    assert rows(
        "SELECT caller_number, entries.status, claimed_by, entries.version FROM missed_call_entries AS entries "
        "JOIN calls ON calls.id = call_id ORDER BY 1"
    ) == [("+12125550001", "open", None, 2), ("+12125550002", "claimed", manager.id, 1)]


@pytest.mark.parametrize("status", [EntryStatus.OPEN, EntryStatus.CLAIMED])
def test_who_was_not_reached_within_the_window_is_lost(
    make: Factories, do: Do, rows: Rows, organization: Organization, manager: User, status: EntryStatus
) -> None:
    claim = {"claimed_by": manager.id, "claim_expires_at": NOW + HOUR} if status is EntryStatus.CLAIMED else {}
    for age in (8 * DAY, 6 * DAY):
        call = make.call(organization, status="missed", started_at=NOW - age)
        make.missed_entry(organization, call=call, status=status, **claim)
    do(lapse_claims)

    found = rows(
        "SELECT status, resolved_at IS NULL AS waits, claimed_by FROM missed_call_entries ORDER BY first_missed_at"
    )
    assert found == [("lost", False, None), (status, True, claim.get("claimed_by"))]


def test_what_is_resolved_stays_as_it_is(make: Factories, do: Do, rows: Rows, organization: Organization) -> None:
    make.missed_entry(organization, status="dismissed", resolved_at=NOW)
    do(lapse_claims)

    assert rows("SELECT status, version FROM missed_call_entries") == [("dismissed", 1)]


def test_a_lapse_is_in_the_trail(make: Factories, do: Do, rows: Rows, organization: Organization) -> None:
    entry = make.missed_entry(organization)
    do(lapse_claims)

    [found] = rows(
        f"SELECT source, after ->> 'status' FROM audit_logs WHERE resource_id = '{entry.id}' AND before IS NOT NULL"
    )
    assert found == ("system", "lost")


def test_sessions_links_and_attempts_go_when_they_are_long_over(
    make: Factories, do: Do, rows: Rows, organization: Organization, manager: User
) -> None:
    of = {"organization_id": organization.id, "user_id": manager.id}
    for number, (ends, revoked) in enumerate(((-91, None), (-89, None), (1, None), (1, -91), (1, -89))):
        make.add(
            UserSession(
                **of,
                token_hash=bytes([number]),
                last_seen_at=NOW,
                expires_at=NOW + ends * DAY,
                revoked_at=NOW + revoked * DAY if revoked else None,
            )
        )
    for number, ends in enumerate((-31, 1)):
        make.add(PasswordReset(**of, token_hash=bytes([number]), expires_at=NOW + ends * DAY))
    for number, ends in enumerate((-1, 1)):
        make.add(KnownDevice(**of, token_hash=bytes([number]), expires_at=NOW + ends * DAY))
    for age in (121, 119):
        make.add(LoginAttempt(**of, succeeded=False, created_at=NOW - age * DAY))
    do(clean_up_accounts)

    assert rows("SELECT token_hash FROM user_sessions ORDER BY 1") == [(b"\x01",), (b"\x02",), (b"\x04",)]
    assert rows("SELECT token_hash FROM password_resets") == [(b"\x01",)]
    assert rows("SELECT token_hash FROM known_devices") == [(b"\x01",)]
    assert rows("SELECT count(*) FROM login_attempts") == [(1,)]


def test_an_upload_that_nobody_started_goes_with_its_file(
    app: Flask, organization: Organization, do: Do, rows: Rows, run_sql: Callable[..., None]
) -> None:
    with app.app_context(), use_context(Context(organization_id=organization.id)):
        old, new = (receive_file(BytesIO(b"a,b"), "calls.csv", ImportKind.CALLS) for _ in range(2))
        keys = old.storage_key, new.storage_key
        db.session.commit()
    run_sql("ALTER TABLE imports DISABLE TRIGGER touch_updated_at")
    run_sql("UPDATE imports SET updated_at = now() - interval '8 days' WHERE storage_key = :key", key=keys[0])
    run_sql("ALTER TABLE imports ENABLE TRIGGER touch_updated_at")
    do(clean_up_imports)

    assert rows("SELECT storage_key FROM imports") == [(keys[1],)]
    with app.app_context():
        there = [(app.config["SETTINGS"].storage_dir / key).exists() for key in keys]
        storage().delete(keys[1])
    assert there == [False, True]


def test_what_an_import_did_is_forgotten_after_a_month(
    make: Factories, organization: Organization, do: Do, rows: Rows
) -> None:
    for days in (31, 29):
        ended = make.import_of_calls(organization, status="completed", finished_at=NOW - days * DAY)
        of = {"organization_id": organization.id, "import_id": ended.id, "resource": "call", "record_id": ended.id}
        make.add(ImportedRow(**of, line=days, effect="created"))
    do(clean_up_imports)

    assert rows("SELECT line FROM import_rows") == [(29,)]


def test_jobs_that_ended_long_ago_leave_the_list(
    make: Factories, organization: Organization, do: Do, stored_jobs: Look
) -> None:
    def job(status: str, days: int, **values: Any) -> Job:
        ended = {"finished_at": NOW - days * DAY} if status in ("done", "dismissed", "failed") else {}
        return make.job(organization, name=import_file.name, status=status, **ended, **values)

    for status, days in (("done", 31), ("dismissed", 31), ("failed", 91)):
        job(status, days)
    kept = {
        job(status, days, **values).id
        for status, days, values in (
            ("done", 29, {}),
            ("failed", 89, {}),
            ("waiting", 0, {}),
            ("done", 400, {"scheduled_for": NOW - 400 * DAY}),
        )
    }
    do(clean_up_jobs)

    assert {stored.id for stored in stored_jobs() if stored.name == import_file.name} == kept


def test_housekeeping_touches_no_other_organization(
    make: Factories, organization: Organization, do: Do, rows: Rows
) -> None:
    neighbour = make.organization()
    make.missed_entry(neighbour)
    make.job(neighbour, status="done", finished_at=NOW - 400 * DAY)
    for name in (lapse_claims, clean_up_jobs):
        do(name)

    assert rows("SELECT status FROM missed_call_entries") == [("open",)]
    assert rows(f"SELECT status FROM jobs WHERE organization_id = '{neighbour.id}'") == [("done",)]


def test_counters_of_limits_go_when_their_window_is_over(app: Flask, make: Factories, rows: Rows) -> None:
    for key, ends in (("old", -1), ("new", 1)):
        make.add(RateLimit(key=key, hits=1, expires_at=NOW + ends * HOUR))
    perform_for_all(app, prune_rate_limits, 1)

    assert rows("SELECT key FROM rate_limits") == [("new",)]
