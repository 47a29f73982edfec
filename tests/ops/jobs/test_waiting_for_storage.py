"""Jobs that fail because of storage: tried again without end, while others of their key run."""

import errno
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, text
from sqlalchemy.exc import OperationalError

from app.data.imports.jobs import import_file
from app.db.context import Context
from app.declarations.job import WAITS_FOR_STORAGE, Retries, nothing
from app.errors import ExternalServiceError, NotFound, StorageFull, StorageUnavailable, is_storage_fault
from app.extensions import db
from app.models import Job, JobStatus
from app.ops.backups.manifest import BackupError
from app.ops.jobs.queue import enqueue
from app.ops.jobs.run_service import TryAgain, perform
from tests.ops.jobs.conftest import Look, RunJobs
from tests.support.direct_access import Behind

PATIENT = Retries(max_tries=3, first_wait=timedelta(seconds=10), max_wait=timedelta(seconds=60))
DUE = "UPDATE procrastinate_jobs SET scheduled_at = now()"


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (StorageFull(), True),
        (StorageUnavailable(), True),
        (OSError(errno.ENOSPC, "No space left on device"), True),
        (OSError(errno.EROFS, "Read-only file system"), True),
        (OSError(errno.EIO, "Input/output error"), True),
        (OperationalError("", {}, psycopg.errors.DiskFull()), True),
        (BackupError("The disk is full.", is_storage_fault=True), True),
        (BackupError("Another backup is being written."), False),
        (OSError(errno.ENOENT, "No such file or directory"), False),
        (OperationalError("", {}, psycopg.errors.DeadlockDetected()), False),
        (ExternalServiceError(), False),
        (NotFound("file"), False),
    ],
    ids=lambda value: repr(value)[:40],
)
def test_only_storage_is_a_storage_fault(error: BaseException, expected: bool) -> None:
    assert is_storage_fault(error) is expected


@given(failures=st.integers(0, 10_000))
def test_storage_is_waited_for_without_end_but_an_hour_at_most(failures: int) -> None:
    wait = PATIENT.wait_after(failures + 1, StorageFull(retry_after=0), failures)

    ceiling = min(10 * 2.0 ** min(failures, 20), 3600)
    assert wait is not None
    assert ceiling / 2 <= wait.total_seconds() <= ceiling


def test_failures_of_storage_do_not_count_toward_the_limit() -> None:
    assert PATIENT.wait_after(12, ExternalServiceError(retry_after=0), 10) is not None
    assert PATIENT.wait_after(13, ExternalServiceError(retry_after=0), 10) is None


def test_a_job_that_fails_ten_times_for_want_of_space_succeeds_at_last(
    app: Flask, asking: Context, behind: Behind
) -> None:
    runs: list[Exception | None] = [StorageFull()] * 10 + [ExternalServiceError(), None]

    def run() -> None:
        if error := runs.pop(0):
            raise error

    kind = replace(import_file, run=run, give_up=nothing, wait_for_storage=nothing, retries=PATIENT)
    job_id = enqueue(import_file)
    db.session.commit()
    assert asking.organization_id is not None
    for number in range(1, 12):
        with pytest.raises(TryAgain):
            perform(app, kind, asking.organization_id, job_id)
        waiting = behind.one(Job)
        assert (waiting.status, waiting.tries, waiting.storage_failures) == (JobStatus.WAITING, number, min(number, 10))
        assert waiting.next_try_at is not None
        assert waiting.next_try_at - datetime.now(UTC) <= timedelta(hours=1)
        assert (waiting.error == WAITS_FOR_STORAGE) is (number <= 10)
    perform(app, kind, asking.organization_id, job_id)

    done = behind.one(Job)
    assert (done.status, done.tries, done.error, done.next_try_at) == (JobStatus.DONE, 12, None, None)


def test_a_job_that_is_retried_by_hand_counts_anew(app: Flask, asking: Context, behind: Behind) -> None:
    def fail() -> None:
        raise StorageFull

    kind = replace(import_file, run=fail, wait_for_storage=nothing)
    job_id = enqueue(import_file)
    db.session.commit()
    assert asking.organization_id is not None
    behind.change(behind.one(Job), tries=0, storage_failures=8)
    with pytest.raises(TryAgain):
        perform(app, kind, asking.organization_id, job_id)

    assert behind.one(Job).storage_failures == 1


def test_one_that_waits_lets_others_of_its_key_pass_and_runs_when_it_is_due(
    asking: Context, run_jobs: RunJobs, stored_jobs: Look, queued: Look, run_sql: Callable[..., None]
) -> None:
    done: list[str] = []
    for title in ("first", "second"):
        enqueue(import_file, one_by_one="imports", title=title)
    db.session.commit()

    def note(title: str) -> None:
        done.append(title)

    def full_for_the_first(title: str) -> None:
        if title == "first":
            raise StorageFull
        note(title)

    run_jobs(full_for_the_first)
    assert done == ["second"]
    assert [(job.status, job.error is None) for job in stored_jobs()] == [("waiting", False), ("done", True)]

    enqueue(import_file, one_by_one="imports", title="third")
    db.session.commit()
    run_sql(DUE)
    run_jobs(note)
    assert done == ["second", "third", "first"]
    assert queued() == []


def test_due_again_it_does_not_run_beside_another_of_its_key(
    asking: Context, run_jobs: RunJobs, run_sql: Callable[..., None], admin_engine: Engine
) -> None:
    def full() -> None:
        raise StorageFull

    def look() -> None:
        with admin_engine.connect() as connection:
            locks.extend(connection.scalars(text("SELECT lock FROM procrastinate_jobs WHERE status = 'doing'")))

    locks: list[str | None] = []
    enqueue(import_file, one_by_one="imports")
    db.session.commit()
    run_jobs(full)
    run_sql(DUE)
    run_jobs(look)

    assert locks == ["imports"]
