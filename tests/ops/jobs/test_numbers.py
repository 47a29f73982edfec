"""Metrics of the job queue for monitoring the installation."""

from collections.abc import Callable

from flask import Flask

from app.db.context import Context, use_context
from app.extensions import db
from app.models import Organization
from app.ops.jobs.jobs import clean_up_jobs
from app.ops.jobs.queries import QueueNumbers, queue_numbers
from app.ops.jobs.queue import enqueue
from tests.support.factories import Factories


def numbers(app: Flask) -> QueueNumbers:
    """Return the queue's metrics outside the context of any organization."""
    with app.app_context():
        return queue_numbers()


def test_an_empty_queue_has_no_lag(app: Flask) -> None:
    assert numbers(app) == QueueNumbers(waiting=0, running=0, failed=0, lag_seconds=0.0, workers=0)


def test_the_numbers_are_of_all_organizations(app: Flask, make: Factories, run_sql: Callable[..., None]) -> None:
    for organization in (make.organization(), make.organization()):
        _ask(app, organization)
        _ask(app, organization)
        make.job(organization)
    run_sql("SELECT procrastinate_fetch_job_v2(NULL, worker_id) FROM procrastinate_register_worker_v1()")

    now = numbers(app)
    assert (now.waiting, now.running, now.failed, now.workers) == (3, 1, 2, 1)


def test_the_lag_is_that_of_the_job_that_has_waited_longest(
    app: Flask, organization: Organization, run_sql: Callable[..., None]
) -> None:
    _ask(app, organization)
    _ask(app, organization)
    run_sql("UPDATE procrastinate_events SET at = now() - interval '90 seconds' WHERE job_id % 2 = 0")

    assert 90 <= numbers(app).lag_seconds < 100


def test_a_job_that_waits_for_its_next_try_is_not_late(
    app: Flask, organization: Organization, run_sql: Callable[..., None]
) -> None:
    _ask(app, organization)
    run_sql("UPDATE procrastinate_jobs SET scheduled_at = now() + interval '1 hour'")

    assert numbers(app).lag_seconds == 0.0


def test_a_worker_without_a_life_sign_is_not_counted(app: Flask, run_sql: Callable[..., None]) -> None:
    run_sql("INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - interval '1 minute')")

    assert numbers(app).workers == 0


def _ask(app: Flask, organization: Organization) -> None:
    with app.app_context(), use_context(Context(organization_id=organization.id)):
        enqueue(clean_up_jobs)
        db.session.commit()
