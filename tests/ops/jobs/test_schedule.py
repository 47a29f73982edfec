"""The schedule: each due job is queued once, however many workers run and however long they were down."""

import ast
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import Engine, text

from app.data.imports.jobs import clean_up_imports
from app.db.context import Context
from app.db.session import organization_scope
from app.declarations.registry import registry_of
from app.extensions import db
from app.models import Organization
from app.ops.jobs.clock import Clock
from app.ops.jobs.jobs import clean_up_jobs
from app.ops.jobs.queue import enqueue
from app.ops.jobs.worker import run_worker
from app.ops.system.jobs import prune_rate_limits
from app.people.sign_in.jobs import clean_up_accounts
from app.work.missed_calls.jobs import lapse_claims
from tests.ops.jobs.conftest import ONCE, Look
from tests.support.factories import Factories

#: 4:10 in New York, when accounts are cleaned up.
NIGHT = datetime(2030, 3, 20, 8, 10, 30, tzinfo=UTC)
NIGHTLY = (clean_up_accounts,)
FOR_ALL = (prune_rate_limits,)


@pytest.mark.parametrize(
    ("now", "due"),
    [
        ("2030-03-20T08:09:59+00:00", "2030-03-19T08:10:00+00:00"),
        ("2030-03-20T08:10:00+00:00", "2030-03-20T08:10:00+00:00"),
        ("2030-03-20T23:00:00+00:00", "2030-03-20T08:10:00+00:00"),
        ("2030-01-20T10:00:00+00:00", "2030-01-20T09:10:00+00:00"),
    ],
    ids=["a second before", "at the moment", "later", "in winter"],
)
def test_a_job_is_due_by_the_clock_of_the_organization(now: str, due: str) -> None:
    nightly = clean_up_accounts.schedule
    assert nightly is not None
    assert nightly.last_due(datetime.fromisoformat(now), "America/New_York") == datetime.fromisoformat(due)


def test_the_schedule_avoids_the_hours_that_the_clocks_change(app: Flask) -> None:
    scheduled = {job.name: job.schedule for job in registry_of(app).jobs if job.schedule}
    assert len(scheduled) > 10
    for name, schedule in scheduled.items():
        assert schedule.cron.split()[1] not in ("1", "2"), name


def test_each_organization_gets_its_job_when_it_is_due_there(app: Flask, make: Factories, stored_jobs: Look) -> None:
    here = make.organization()
    make.organization(timezone="Asia/Tashkent")
    Clock(app, NIGHTLY).tick(NIGHT)

    [job] = [job for job in stored_jobs() if job.organization_id == here.id]
    assert (job.name, job.status) == ("accounts.clean_up", "waiting")
    assert job.scheduled_for == NIGHT.replace(second=0)


def test_who_is_gone_suspended_or_new_gets_none(app: Flask, make: Factories, stored_jobs: Look) -> None:
    make.organization(status="suspended")
    make.organization(created_at=NIGHT)
    Clock(app, NIGHTLY).tick(NIGHT)

    assert stored_jobs() == []


def test_two_workers_start_a_job_once(app: Flask, make: Factories, stored_jobs: Look, queued: Look) -> None:
    for _ in range(3):
        make.organization()
    both = threading.Barrier(2)

    def tick() -> None:
        clock = Clock(app, (*NIGHTLY, *FOR_ALL))
        both.wait()
        clock.tick(NIGHT)

    threads = [threading.Thread(target=tick) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(stored_jobs()) == 3
    assert sorted(job.task_name for job in queued()) == ["accounts.clean_up"] * 3 + ["rate_limits.prune"]


def test_only_a_scheduled_run_that_went_wrong_is_worth_a_line(
    app: Flask, organization: Organization, caplog: pytest.LogCaptureFixture
) -> None:
    def fail() -> None:
        raise ValueError

    failing = replace(clean_up_jobs, run=fail, retries=ONCE, schedule=clean_up_accounts.schedule)
    Clock(app, (*NIGHTLY, failing)).tick(NIGHT)
    with app.app_context(), organization_scope(Context(organization_id=organization.id), db.session):
        enqueue(clean_up_imports)
        db.session.commit()
    run_worker(app, (failing, clean_up_accounts, clean_up_imports), schedule=(), until_idle=True)

    said = [ast.literal_eval(str(record.msg)) for record in caplog.records if record.name == "switchboard.job"]
    lines = {line["job"]: line["outcome"] for line in said if line["event"] == "job"}
    assert lines == {"jobs.clean_up": "failed", "imports.clean_up": "done"}


def test_a_worker_that_starts_anew_does_not_start_the_same_run_again(
    app: Flask, organization: Organization, stored_jobs: Look
) -> None:
    Clock(app, NIGHTLY).tick(NIGHT)
    run_worker(app, schedule=(), until_idle=True)
    Clock(app, NIGHTLY).tick(NIGHT + timedelta(hours=1))

    assert [(job.status, job.tries) for job in stored_jobs()] == [("done", 1)]


def test_a_worker_whose_clock_was_wrong_stops_no_job_until_then(
    app: Flask, organization: Organization, stored_jobs: Look
) -> None:
    Clock(app, NIGHTLY).tick(NIGHT + timedelta(days=365))
    run_worker(app, schedule=(), until_idle=True)
    Clock(app, NIGHTLY).tick(NIGHT)

    [job] = stored_jobs()
    assert (job.status, job.scheduled_for) == ("waiting", NIGHT.replace(second=0))


def test_runs_that_were_missed_are_made_up_for_once(
    app: Flask, organization: Organization, stored_jobs: Look, queued: Look
) -> None:
    Clock(app, (*NIGHTLY, *FOR_ALL)).tick(NIGHT)
    Clock(app, (*NIGHTLY, *FOR_ALL)).tick(NIGHT + timedelta(days=5))

    assert len(stored_jobs()) == 1
    assert len(queued()) == 2


def test_the_next_run_begins_from_zero_on_the_same_record(
    app: Flask, organization: Organization, stored_jobs: Look, run_sql: Callable[..., None]
) -> None:
    clock = Clock(app, NIGHTLY)
    clock.tick(NIGHT)
    run_sql("UPDATE jobs SET status = 'failed', tries = 5, error = 'Out of luck.', finished_at = now()")
    clock.tick(NIGHT + timedelta(days=1))

    [job] = stored_jobs()
    assert (job.status, job.tries, job.finished_at) == ("waiting", 0, None)
    assert job.scheduled_for == NIGHT.replace(second=0) + timedelta(days=1)


def test_a_run_that_nothing_was_heard_of_for_a_day_blocks_no_other(
    app: Flask, organization: Organization, stored_jobs: Look, run_sql: Callable[..., None]
) -> None:
    clock = Clock(app, NIGHTLY)
    clock.tick(NIGHT)
    run_sql("ALTER TABLE jobs DISABLE TRIGGER touch_updated_at")
    run_sql("UPDATE jobs SET status = 'running', tries = 1, updated_at = now() - interval '25 hours'")
    run_sql("ALTER TABLE jobs ENABLE TRIGGER touch_updated_at")
    clock.tick(NIGHT + timedelta(days=1))

    assert [job.status for job in stored_jobs()] == ["waiting"]


def test_a_job_that_few_need_is_started_for_those(app: Flask, make: Factories, stored_jobs: Look) -> None:
    make.organization()
    waiting = make.organization()
    make.missed_entry(waiting)
    Clock(app, (lapse_claims,)).tick(NIGHT)

    assert [job.organization_id for job in stored_jobs()] == [waiting.id]


def test_people_come_before_the_clock(
    app: Flask, asking: Context, organization: Organization, admin_engine: Engine
) -> None:
    Clock(app, NIGHTLY).tick(NIGHT)
    enqueue(clean_up_jobs)
    db.session.commit()
    with admin_engine.begin() as connection:
        first = text("SELECT task_name FROM procrastinate_fetch_job_v2(NULL, NULL)")
        assert connection.scalar(first) == "jobs.clean_up"


def test_a_job_of_the_installation_that_fails_is_tried_again_and_then_waits_for_its_next_run(
    app: Flask, queued: Look, run_sql: Callable[..., None]
) -> None:
    def fail() -> None:
        raise OSError("No space left on device")

    failing = replace(prune_rate_limits, run=fail)
    Clock(app, FOR_ALL).tick(NIGHT)
    tries = 0
    while queued():
        run_sql("UPDATE procrastinate_jobs SET scheduled_at = now()")
        run_worker(app, (failing,), schedule=(), until_idle=True)
        tries += 1

    assert tries == 5


def test_a_worker_that_is_idle_has_looked_at_its_schedule(
    app: Flask, organization: Organization, stored_jobs: Look, run_sql: Callable[..., None]
) -> None:
    run_sql("UPDATE organizations SET created_at = now() - interval '2 days'")
    run_worker(app, schedule=NIGHTLY, until_idle=True)

    assert [(job.name, job.status) for job in stored_jobs()] == [("accounts.clean_up", "done")]
