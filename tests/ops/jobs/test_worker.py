"""The worker, which runs each job once on behalf of the user who requested it, and stops on request."""

import os
import signal
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from time import monotonic, sleep

import pytest
from flask import Flask
from flask_babel import force_locale, get_locale
from sqlalchemy import Engine, text

from app.data.imports.jobs import import_file
from app.db.context import Context, current_context, use_context
from app.declarations.job import Retries
from app.errors import InternalError
from app.extensions import db
from app.models import Task
from app.ops.jobs import worker
from app.ops.jobs.clock import Clock
from app.ops.jobs.queue import enqueue
from app.ops.jobs.run_service import StoppedTooOften
from app.ops.jobs.worker import run_worker
from tests.ops.jobs.conftest import Look, RunJobs

WAKES_WITHIN_SECONDS = 3.0  # without the notification it would poll after 5


@pytest.fixture
def titles(admin_engine: Engine) -> Callable[[], list[str]]:
    """Function that returns the titles of committed tasks."""

    def look() -> list[str]:
        with admin_engine.connect() as connection:
            return list(connection.scalars(text("SELECT title FROM tasks ORDER BY title")))

    return look


def _ask(**arguments: str) -> None:
    enqueue(import_file, **arguments)
    db.session.commit()


def _add_task(title: str) -> None:
    db.session.add(Task(organization_id=current_context().organization_id, title=title))
    db.session.flush()


def test_a_job_is_done_in_the_name_of_whoever_asked(
    asking: Context, run_jobs: RunJobs, admin_engine: Engine, titles: Callable[[], list[str]]
) -> None:
    _ask(title="Call Ann")
    run_jobs(_add_task)

    assert titles() == ["Call Ann"]
    with admin_engine.connect() as connection:
        [trace] = connection.execute(text("SELECT * FROM audit_logs WHERE resource_type = 'task'"))
    assert (trace.organization_id, trace.user_id, trace.actor_label) == (
        asking.organization_id,
        asking.actor_id,
        "Maria Manager",
    )
    assert (trace.source, trace.request_id, str(trace.ip_address)) == ("user", "request-0001", "192.0.2.7")
    assert trace.operation_id == asking.operation_id


def test_a_job_speaks_the_language_of_whoever_asked(asking: Context, run_jobs: RunJobs) -> None:
    spoken = []
    with force_locale("uz"):
        _ask()
    run_jobs(lambda: spoken.append(str(get_locale())))

    assert spoken == ["uz"]


def test_a_job_works_as_the_role_that_may_make_temporary_tables(asking: Context, run_jobs: RunJobs) -> None:
    roles = []
    _ask()
    run_jobs(lambda: roles.append(db.session.scalar(text("SELECT current_user"))))

    assert roles == ["app_jobs"]


def test_a_job_that_is_done_leaves_the_queue_and_its_record_stays(
    asking: Context, run_jobs: RunJobs, stored_jobs: Look, queued: Look
) -> None:
    _ask(title="Call Ann")
    run_jobs(_add_task)

    [job] = stored_jobs()
    assert queued() == []
    assert (job.status, job.tries, job.error) == ("done", 1, None)
    assert job.asked_at <= job.started_at <= job.finished_at


def test_a_job_that_fails_changes_nothing_but_what_tells_of_it(
    asking: Context, run_jobs: RunJobs, stored_jobs: Look, titles: Callable[[], list[str]]
) -> None:
    def fail(title: str) -> None:
        _add_task(title)
        raise InternalError

    def give_up(error: BaseException, title: str) -> None:
        _add_task(f"{title} failed: {type(error).__name__}")

    _ask(title="Call Ann")
    run_jobs(fail, give_up)

    assert titles() == ["Call Ann failed: InternalError"]
    assert [job.status for job in stored_jobs()] == ["failed"]


def test_a_job_whose_giving_up_breaks_has_failed_all_the_same(
    asking: Context, run_jobs: RunJobs, stored_jobs: Look, titles: Callable[[], list[str]]
) -> None:
    def fail(title: str) -> None:
        raise InternalError

    def give_up(error: BaseException, title: str) -> None:
        _add_task(title)
        raise ZeroDivisionError

    _ask(title="Call Ann")
    run_jobs(fail, give_up)

    assert titles() == []
    assert [job.status for job in stored_jobs()] == ["failed"]


def test_a_job_whose_worker_died_is_done_by_the_next_one(
    asking: Context, run_jobs: RunJobs, admin_engine: Engine, titles: Callable[[], list[str]]
) -> None:
    _ask(title="Call Ann")
    _let_a_worker_die_over_the_job(admin_engine)
    run_jobs(_add_task)

    assert titles() == ["Call Ann"]


def test_it_is_done_at_once_though_the_clock_of_the_next_one_is_ahead(
    asking: Context,
    run_jobs: RunJobs,
    admin_engine: Engine,
    titles: Callable[[], list[str]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    _ask(title="Call Ann")
    _let_a_worker_die_over_the_job(admin_engine)
    monkeypatch.setattr("procrastinate.utils.utcnow", lambda: datetime.now(UTC) + timedelta(minutes=1))
    run_jobs(_add_task)

    assert titles() == ["Call Ann"]


def test_a_job_of_a_worker_that_lives_is_left_to_it(
    asking: Context, run_jobs: RunJobs, admin_engine: Engine, queued: Look, titles: Callable[[], list[str]]
) -> None:
    _ask(title="Call Ann")
    _let_a_worker_die_over_the_job(admin_engine, silent_for="5 seconds")
    run_jobs(_add_task)

    assert titles() == []
    assert [job.status for job in queued()] == ["doing"]


def test_a_job_over_which_workers_die_again_and_again_is_given_up(
    asking: Context, run_jobs: RunJobs, admin_engine: Engine, run_sql: Callable[..., None]
) -> None:
    reasons = []
    _ask(title="Call Ann")
    run_sql("UPDATE jobs SET status = 'running', tries = 3")
    _let_a_worker_die_over_the_job(admin_engine)
    run_jobs(_add_task, lambda error, **_arguments: reasons.append(type(error)), retries=Retries(max_tries=3))

    assert reasons == [StoppedTooOften]


def test_a_job_that_is_done_is_not_done_again_when_it_comes_again(
    asking: Context,
    run_jobs: RunJobs,
    admin_engine: Engine,
    run_sql: Callable[..., None],
    titles: Callable[[], list[str]],
) -> None:
    _ask(title="Call Ann")
    _let_a_worker_die_over_the_job(admin_engine)  # immediately after it had committed
    run_sql("UPDATE jobs SET status = 'done', tries = 1, finished_at = now()")
    run_jobs(_add_task)

    assert titles() == []


def test_a_worker_that_was_taken_for_dead_undoes_its_work(
    asking: Context, run_jobs: RunJobs, stored_jobs: Look, run_sql: Callable[..., None], titles: Callable[[], list[str]]
) -> None:
    def be_overtaken(title: str) -> None:
        _add_task(title)
        run_sql("UPDATE jobs SET tries = tries + 1")  # another worker has started it again

    _ask(title="Call Ann")
    run_jobs(be_overtaken)

    assert titles() == []
    assert [(job.status, job.tries) for job in stored_jobs()] == [("running", 2)]


def test_a_job_of_an_organization_that_is_gone_is_dropped(
    asking: Context, run_jobs: RunJobs, queued: Look, run_sql: Callable[..., None], titles: Callable[[], list[str]]
) -> None:
    _ask(title="Call Ann")
    run_sql("DELETE FROM jobs")
    run_jobs(_add_task)

    assert (titles(), queued()) == ([], [])


def test_a_stop_signal_lets_the_job_at_hand_finish_and_leaves_the_next_one(
    asking: Context, run_jobs: RunJobs, stored_jobs: Look, titles: Callable[[], list[str]]
) -> None:
    def be_stopped(title: str) -> None:
        for _ in range(2):  # impatient users press twice
            os.kill(os.getpid(), signal.SIGTERM)
            sleep(0.2)
        _add_task(title)

    _ask(title="Call Ann")
    _ask(title="Call Bob")
    run_jobs(be_stopped, until_idle=False)

    assert titles() == ["Call Ann"]
    assert [job.status for job in stored_jobs()] == ["done", "waiting"]


def test_a_long_job_that_outlives_the_stop_signal_is_not_taken_for_abandoned(
    asking: Context, run_jobs: RunJobs, queued: Look, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "LIFE_SIGN_SECONDS", 0.1)
    monkeypatch.setattr(worker, "DEAD_AFTER_SECONDS", 0.8)

    def take_long() -> None:
        os.kill(os.getpid(), signal.SIGTERM)
        sleep(2)

    _ask()
    run_jobs(take_long, until_idle=False)

    assert queued() == []
    assert "its worker died" not in caplog.text


def test_a_stop_signal_at_the_start_is_not_lost(
    app: Flask, asking: Context, stored_jobs: Look, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Clock, "tick", lambda *_arguments: os.kill(os.getpid(), signal.SIGTERM))
    _ask(title="Call Ann")
    run_worker(app)

    assert [job.status for job in stored_jobs()] == ["waiting"]


def test_a_waiting_worker_wakes_when_a_job_is_committed(
    app: Flask, asking: Context, run_jobs: RunJobs, admin_engine: Engine
) -> None:
    asked_at: list[float] = []
    begun_at: list[float] = []

    def ask_once_it_waits() -> None:
        while not _is_listening(admin_engine):
            sleep(0.05)
        with app.app_context(), use_context(asking):
            _ask()
        asked_at.append(monotonic())

    def note_and_stop() -> None:
        begun_at.append(monotonic())
        os.kill(os.getpid(), signal.SIGTERM)

    thread = threading.Thread(target=ask_once_it_waits)
    thread.start()
    run_jobs(note_and_stop, until_idle=False)
    thread.join()

    assert begun_at[0] - asked_at[0] < WAKES_WITHIN_SECONDS


def _let_a_worker_die_over_the_job(engine: Engine, silent_for: str = "1 hour") -> None:
    """Leave the queue as if a worker had been killed during a job and been silent for `silent_for`."""
    with engine.begin() as connection:
        worker = connection.scalar(
            text(
                "INSERT INTO procrastinate_workers (last_heartbeat) "
                "VALUES (now() - CAST(:silent AS interval)) RETURNING id"
            ),
            {"silent": silent_for},
        )
        connection.execute(text("SELECT procrastinate_fetch_job_v2(NULL, :worker)"), {"worker": worker})


def _is_listening(engine: Engine) -> bool:
    with engine.connect() as connection:
        waits = text(
            "SELECT FROM pg_stat_activity WHERE application_name = 'switchboard-worker' AND query LIKE 'LISTEN%'"
        )
        return connection.execute(waits).first() is not None
