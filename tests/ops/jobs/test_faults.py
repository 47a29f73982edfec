"""Faults that a job survives: a killed worker, and a database that is temporarily unavailable."""

import os
import signal
import subprocess
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from time import monotonic, sleep

import pytest
from flask import Flask
from sqlalchemy import Engine, text

from app.data.imports.jobs import import_file
from app.db import migrate
from app.db.bootstrap import bootstrap
from app.db.context import Context, current_context, use_context
from app.db.context_signature import store_key
from app.db.embedded import SUPERUSER, EmbeddedServer
from app.declarations.job import Retries, nothing
from app.extensions import db
from app.factory import create_app
from app.models import Task
from app.ops.jobs.progress import progress
from app.ops.jobs.queue import enqueue
from app.ops.jobs.worker import run_worker
from tests.ops.jobs.conftest import Look, RunJobs
from tests.support.database import SECRET_KEY, WorkerDatabase
from tests.support.factories import Factories
from tests.support.processes import started

PATIENCE_SECONDS = 120.0
AWAY_SECONDS = 1.5
SOON = Retries(max_tries=3, first_wait=timedelta(seconds=1))

Titles = Callable[[], list[str]]


@pytest.fixture
def titles(admin_engine: Engine) -> Titles:
    """Function that returns the titles of committed tasks."""
    return lambda: _titles(admin_engine)


@pytest.fixture
def doomed_worker(app: Flask) -> Iterator[subprocess.Popen[bytes]]:
    """A process that takes the pending job and is killed in the middle of it."""
    with started(app, "tests.ops.jobs.dying") as process:
        yield process


@pytest.fixture
def own_server(tmp_path: Path) -> Iterator[EmbeddedServer]:
    """A separate database server that the test can stop and start."""
    server = EmbeddedServer(tmp_path / "postgres", durable=False)
    with server.running():
        bootstrap(server.url(SUPERUSER, "postgres"), "own")
        migrate.upgrade(server.url("app_owner", "own"))
        store_key(server.url("app_owner", "own"), SECRET_KEY)
        yield server


def test_a_job_whose_worker_is_killed_in_the_middle_has_its_effect_once(
    asking: Context,
    doomed_worker: subprocess.Popen[bytes],
    run_jobs: RunJobs,
    run_sql: Callable[..., None],
    stored_jobs: Look,
    titles: Titles,
) -> None:
    _ask(title="Call Ann")
    assert doomed_worker.wait(PATIENCE_SECONDS) == -signal.SIGKILL
    assert titles() == []
    assert [job.status for job in stored_jobs()] == ["running"]

    run_sql("UPDATE procrastinate_workers SET last_heartbeat = now() - interval '1 minute'")
    run_jobs(_add_task, retries=SOON)
    run_jobs(_add_task, retries=SOON)

    assert titles() == ["Call Ann"]
    assert [(job.status, job.tries) for job in stored_jobs()] == [("done", 2)]


def test_a_worker_outlives_a_restart_of_the_database_and_does_the_job_when_it_is_back(
    own_server: EmbeddedServer, tmp_path: Path
) -> None:
    database = WorkerDatabase("own", own_server)
    app, engine = create_app(database.settings(tmp_path)), database.admin_engine()
    organization = Factories(engine).organization()
    runs: list[str] = []

    def lose_the_database_at_first(title: str) -> None:
        runs.append(title)
        if len(runs) == 1:
            _stop(own_server)
            threading.Timer(AWAY_SECONDS, own_server.bring_back).start()
        _add_task(title)
        threading.Timer(0.5, os.kill, (os.getpid(), signal.SIGTERM)).start()

    with app.app_context(), use_context(Context(organization_id=organization.id)):
        _ask(title="Call Ann")
    run_worker(app, (replace(import_file, run=lose_the_database_at_first, give_up=nothing, retries=SOON),), schedule=())
    engine.dispose()

    assert runs == ["Call Ann"] * 2
    assert _titles(engine) == ["Call Ann"]
    engine.dispose()
    with app.app_context():
        for one in db.engines.values():
            one.dispose()


def test_progress_is_seen_while_the_job_is_not_committed(
    asking: Context, run_jobs: RunJobs, stored_jobs: Look, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.ops.jobs.progress.SECONDS_BETWEEN_WORDS", 0.0)
    seen: list[tuple[str, int, int]] = []

    def work(title: str) -> None:
        _add_task(title)
        progress(40, 100)
        seen.extend((job.status, job.progress_done, job.progress_total) for job in stored_jobs())

    _ask(title="Call Ann")
    run_jobs(work)

    assert seen == [("running", 40, 100)]


def test_progress_is_written_once_a_second_at_most(asking: Context, run_jobs: RunJobs, stored_jobs: Look) -> None:
    def work(title: str) -> None:
        for done in range(1_000):
            progress(done, 1_000)

    _ask(title="Call Ann")
    run_jobs(work)

    assert [job.progress_done for job in stored_jobs()] == [0]


def test_progress_outside_of_a_job_is_told_to_nobody(asking: Context, stored_jobs: Look) -> None:
    progress(1, 2)

    assert stored_jobs() == []


def _ask(**arguments: str) -> None:
    enqueue(import_file, **arguments)
    db.session.commit()


def _add_task(title: str) -> None:
    db.session.add(Task(organization_id=current_context().organization_id, title=title))
    db.session.flush()


def _titles(engine: Engine) -> list[str]:
    with engine.connect() as connection:
        return list(connection.scalars(text("SELECT title FROM tasks")))


def _stop(server: EmbeddedServer) -> None:
    """Stop the server as an operator does to restart it, disconnecting all clients."""
    os.kill(int((server.data / "postmaster.pid").read_text().split("\n", 1)[0]), signal.SIGINT)
    deadline = monotonic() + PATIENCE_SECONDS
    while server.is_running():
        assert monotonic() < deadline
        sleep(0.05)
