"""Failed jobs: retried with growing delays, then left for a person to look at."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from errno import ENOSPC

import psycopg
import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.exc import DataError, OperationalError, ProgrammingError, StatementError

from app.data.imports.jobs import import_file
from app.db.context import Context
from app.declarations.job import WAITS_FOR_STORAGE, Retries, is_worth_retrying
from app.errors import Conflict, ExternalServiceError, NotFound, RateLimited
from app.extensions import db
from app.ops.jobs.queue import enqueue
from app.ops.jobs.worker import run_worker
from tests.ops.jobs.conftest import Look, RunJobs

PATIENT = Retries(max_tries=3, first_wait=timedelta(seconds=10), max_wait=timedelta(seconds=60))
NOTICE = "UPDATE procrastinate_jobs SET scheduled_at = now()"


class Hiccup(Exception):
    """An error that might be temporary."""


def _hiccup(**_arguments: str) -> None:
    raise Hiccup


@given(tries=st.integers(1, 9))
def test_each_wait_is_up_to_twice_the_last_one_and_never_beyond_the_longest(tries: int) -> None:
    patience = Retries(max_tries=10, first_wait=timedelta(seconds=10), max_wait=timedelta(seconds=60))
    ceiling = min(10 * 2 ** (tries - 1), 60)

    wait = patience.wait_after(tries, Hiccup())
    assert wait is not None
    assert ceiling / 2 <= wait.total_seconds() <= ceiling


def test_what_failed_together_is_not_tried_together_again() -> None:
    waits = {PATIENT.wait_after(1, Hiccup()) for _ in range(20)}

    assert len(waits) > 1


def test_the_last_try_is_followed_by_none() -> None:
    assert PATIENT.wait_after(2, Hiccup()) is not None
    assert PATIENT.wait_after(3, Hiccup()) is None


def test_who_asks_for_more_patience_gets_it() -> None:
    assert PATIENT.wait_after(1, ExternalServiceError(retry_after=90)) == timedelta(seconds=90)


@pytest.mark.parametrize(
    ("error", "worth"),
    [
        (Hiccup(), True),
        (ExternalServiceError(), True),
        (OperationalError("", {}, psycopg.errors.DeadlockDetected()), True),
        (OSError("No space left on device"), True),
        (NotFound("file"), False),
        (KeyError("name"), False),
        (DataError("", {}, psycopg.DataError("timestamp too small")), False),
        (StatementError("", "", {}, ValueError("not a UUID")), False),
        (ProgrammingError("", {}, psycopg.errors.SyntaxError()), False),
        (ProgrammingError("", {}, psycopg.errors.UndefinedColumn()), True),
        (Conflict(), False),
        (RateLimited(retry_after=1, limit=1, remaining=0, reset=0), False),
    ],
    ids=lambda value: type(value).__name__,
)
def test_data_at_fault_stays_at_fault(error: BaseException, worth: bool) -> None:
    assert is_worth_retrying(error) is worth


def test_a_job_that_failed_waits_for_its_next_try(
    asking: Context, run_jobs: RunJobs, stored_jobs: Look, queued: Look
) -> None:
    _ask()
    began = datetime.now(UTC)
    run_jobs(_hiccup, retries=PATIENT)

    [job], [delivery] = stored_jobs(), queued()
    assert (job.status, job.tries, job.finished_at) == ("waiting", 1, None)
    assert job.error == "Something broke on our side (Hiccup). See the server log for details."
    assert timedelta(seconds=5) <= job.next_try_at - began <= timedelta(seconds=15)
    assert delivery.status == "todo"
    assert delivery.scheduled_at == job.next_try_at


def test_a_job_for_which_the_disk_has_no_space_says_so(asking: Context, run_jobs: RunJobs, stored_jobs: Look) -> None:
    def no_space(**_arguments: str) -> None:
        raise OSError(ENOSPC, "No space left on device")

    _ask()
    run_jobs(no_space, retries=PATIENT)

    [job] = stored_jobs()
    assert (job.status, job.error) == ("waiting", str(WAITS_FOR_STORAGE))


def test_a_job_of_a_kind_that_the_worker_does_not_know_waits_and_is_left_to_people_at_last(
    app: Flask, asking: Context, stored_jobs: Look, queued: Look, run_sql: Callable[..., None]
) -> None:
    _ask()
    run_worker(app, {}, schedule=(), until_idle=True)

    [job], [delivery] = stored_jobs(), queued()
    assert (job.status, job.tries, delivery.status) == ("waiting", 1, "todo")
    assert job.error.startswith("This worker version can’t run this job.")
    for _ in range(job.tries, Retries().max_tries):
        run_sql(NOTICE)
        run_worker(app, {}, schedule=(), until_idle=True)

    [job] = stored_jobs()
    assert (job.status, job.tries, queued()) == ("failed", Retries().max_tries, [])


def test_a_job_that_succeeds_at_last_is_done(
    asking: Context, run_jobs: RunJobs, stored_jobs: Look, run_sql: Callable[..., None]
) -> None:
    _ask()
    run_jobs(_hiccup, retries=PATIENT)
    run_sql(NOTICE)
    run_jobs(lambda: None, retries=PATIENT)

    [job] = stored_jobs()
    assert (job.status, job.tries, job.error, job.next_try_at) == ("done", 2, None, None)


def test_a_job_is_given_up_after_its_last_try_and_only_then(
    asking: Context, run_jobs: RunJobs, stored_jobs: Look, queued: Look, run_sql: Callable[..., None]
) -> None:
    given_up: list[int] = []
    _ask()
    for number in range(1, 4):
        run_sql(NOTICE)
        run_jobs(_hiccup, lambda _error, number=number: given_up.append(number), retries=PATIENT)

    [job] = stored_jobs()
    assert given_up == [3]
    assert (job.status, job.tries) == ("failed", 3)
    assert job.finished_at is not None
    assert queued() == []


def test_a_refusal_is_final_at_once_in_its_own_words(asking: Context, run_jobs: RunJobs, stored_jobs: Look) -> None:
    def refuse() -> None:
        raise Conflict(None, "This file is of last year.")

    _ask()
    run_jobs(refuse, lambda _error: None, retries=PATIENT)

    [job] = stored_jobs()
    assert (job.status, job.tries, job.error) == ("failed", 1, "This file is of last year.")


def test_jobs_that_run_one_by_one_keep_their_order_while_the_first_is_retried(
    asking: Context, run_jobs: RunJobs, stored_jobs: Look, run_sql: Callable[..., None]
) -> None:
    done: list[str] = []
    for title in ("first", "second"):
        enqueue(import_file, one_by_one="imports", title=title)
    db.session.commit()
    run_jobs(_hiccup, retries=PATIENT)
    assert [job.tries for job in stored_jobs()] == [1, 0]

    run_sql(NOTICE)

    def note(title: str) -> None:
        done.append(title)

    run_jobs(note, retries=PATIENT)
    assert done == ["first", "second"]


def _ask() -> None:
    enqueue(import_file)
    db.session.commit()
