"""The watchdog, which ends overlong statements and transactions even if they lifted their limits."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from time import monotonic, sleep

import psycopg
import pytest
from flask import Flask

from app.data.imports.jobs import import_file
from app.extensions import db
from app.ops.jobs import watch_service, worker
from app.ops.jobs.queue import enqueue
from app.ops.jobs.watch_service import end_overlong_work
from tests.ops.jobs.conftest import RunJobs
from tests.support.database import WorkerDatabase

#: A statement that lifts its limit, and catches the error that would end it.
DEFIANT = """
DO $$
BEGIN
  LOOP
    BEGIN
      PERFORM pg_sleep(60);
    EXCEPTION WHEN query_canceled THEN
      NULL;
    END;
  END LOOP;
END
$$
"""


@pytest.fixture
def short_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Limit of half a second for statements and for idle transactions."""
    monkeypatch.setattr(watch_service, "MARGIN", timedelta(0))
    monkeypatch.setattr(watch_service, "STATEMENT_LIMIT", timedelta(seconds=0.5))
    monkeypatch.setattr(watch_service, "IDLE_LIMIT", timedelta(seconds=0.5))


@contextmanager
def running(connection: psycopg.Connection, statement: str) -> Iterator[list[psycopg.Error]]:
    """Run `statement` in a separate thread; after the block, the list contains the error that ended it."""
    ended: list[psycopg.Error] = []

    def run() -> None:
        try:
            connection.execute(statement)
        except psycopg.Error as error:
            ended.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    yield ended
    thread.join(timeout=10)
    assert not thread.is_alive(), "the statement still runs"


@contextmanager
def unlimited(database: WorkerDatabase) -> Iterator[psycopg.Connection]:
    """Open a connection with the app's role that has lifted its own limits."""
    connection = psycopg.connect(database.url("app_rw"))
    connection.execute("SET statement_timeout = 0")
    connection.execute("SET idle_in_transaction_session_timeout = 0")
    connection.commit()
    try:
        yield connection
    finally:
        connection.close()


def until(condition: Callable[[], bool]) -> None:
    ends = monotonic() + 10
    while not condition():
        assert monotonic() < ends
        sleep(0.05)


@pytest.mark.usefixtures("short_limits")
def test_a_statement_that_defies_its_limit_is_ended(app: Flask, database: WorkerDatabase) -> None:
    with unlimited(database) as connection, running(connection, DEFIANT) as ended:
        pid = connection.info.backend_pid
        sleep(0.7)
        [found] = end_overlong_work(app)

    assert (found.pid, found.state) == (pid, "active")
    assert [error.sqlstate for error in ended] == ["57P01"]


@pytest.mark.usefixtures("short_limits")
def test_a_transaction_that_only_holds_its_locks_is_ended(app: Flask, database: WorkerDatabase) -> None:
    with unlimited(database) as connection:
        connection.execute("SELECT 1")
        sleep(0.7)
        [found] = end_overlong_work(app)

        assert found.state == "idle in transaction"
        with pytest.raises(psycopg.OperationalError):
            connection.execute("SELECT 1")


def test_what_keeps_to_the_limits_is_left_alone(app: Flask, database: WorkerDatabase) -> None:
    with unlimited(database) as connection, running(connection, "SELECT pg_sleep(1)") as ended:
        sleep(0.3)
        assert end_overlong_work(app) == []

    assert ended == []


@pytest.mark.usefixtures("short_limits")
def test_other_roles_have_limits_of_their_own(app: Flask, database: WorkerDatabase) -> None:
    with psycopg.connect(database.url("app_jobs")) as connection, running(connection, "SELECT pg_sleep(1)") as ended:
        sleep(0.7)
        assert end_overlong_work(app) == []

    assert ended == []


@pytest.mark.usefixtures("short_limits", "asking")
def test_the_worker_looks_beside_its_jobs(
    monkeypatch: pytest.MonkeyPatch, database: WorkerDatabase, run_jobs: RunJobs
) -> None:
    monkeypatch.setattr(worker, "WATCH_SECONDS", 0.1)
    with unlimited(database) as connection, running(connection, DEFIANT) as ended:
        enqueue(import_file)
        db.session.commit()
        run_jobs(lambda: until(lambda: bool(ended)))

    assert [error.sqlstate for error in ended] == ["57P01"]
