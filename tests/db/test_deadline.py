"""Waiting for the database ends at the deadline of the work, whatever the server does."""

from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic
from typing import Any

import psycopg
import pytest
from sqlalchemy import Engine, text

from app.db.deadline import DeadlineExceeded, connecting_to, use_deadline
from tests.support.database import WorkerDatabase
from tests.support.relay import Relay

Connect = Callable[[], psycopg.Connection[Any]]


@pytest.fixture
def relay(database: WorkerDatabase) -> Iterator[Relay]:
    """A relay in front of the database's socket, for connections that can fall silent."""
    with TemporaryDirectory() as folder:  # the path of a Unix socket must be short
        relay = Relay(Path(folder), database.server.socket_dir)
        yield relay
        relay.close()


@pytest.fixture
def connect(relay: Relay, database: WorkerDatabase) -> Connect:
    return connecting_to(relay.address(database.url("app_rw")))


def test_a_statement_of_a_silent_server_ends_with_the_deadline(connect: Connect, relay: Relay) -> None:
    with connect() as connection:
        connection.execute("SELECT 1")
        relay.fall_silent()
        began = monotonic()
        with use_deadline(0.3), pytest.raises(DeadlineExceeded):
            connection.execute("SELECT 1")
        assert monotonic() - began < 1
        assert connection.closed


def test_a_slow_statement_ends_with_the_deadline(connect: Connect) -> None:
    with connect() as connection, use_deadline(0.3), pytest.raises(DeadlineExceeded):
        connection.execute("SELECT pg_sleep(5)")


def test_all_statements_of_the_work_have_one_deadline_together(connect: Connect) -> None:
    with connect() as connection, use_deadline(0.5):
        for _ in range(3):
            connection.execute("SELECT pg_sleep(0.1)")
        with pytest.raises(DeadlineExceeded):
            connection.execute("SELECT pg_sleep(0.4)")


def test_a_commit_is_not_even_sent_once_the_time_is_over(connect: Connect, admin_engine: Engine) -> None:
    connection = connect()
    connection.execute("SELECT count_hit('late', 60, 1)")
    with use_deadline(0), pytest.raises(DeadlineExceeded):
        connection.commit()
    with admin_engine.connect() as behind:
        assert behind.scalar(text("SELECT count(*) FROM rate_limits WHERE key = 'late'")) == 0


def test_a_download_has_the_time_for_each_wait_alone(connect: Connect) -> None:
    with connect() as connection, use_deadline(0.4) as deadline:
        deadline.hold_for_each_wait()
        for _ in range(6):
            connection.execute("SELECT pg_sleep(0.1)")
        with pytest.raises(DeadlineExceeded):
            connection.execute("SELECT pg_sleep(5)")


def test_without_a_deadline_a_statement_takes_its_time(connect: Connect) -> None:
    with connect() as connection:
        assert connection.execute("SELECT 'done', pg_sleep(0.2)").fetchone() == ("done", "")


def test_an_error_within_the_time_stays_what_it_is(connect: Connect) -> None:
    with connect() as connection, use_deadline(5), pytest.raises(psycopg.errors.DivisionByZero):
        connection.execute("SELECT 1 / 0")


def test_connecting_to_a_silent_server_ends_too(connect: Connect, relay: Relay) -> None:
    relay.fall_silent()
    began = monotonic()
    with use_deadline(1), pytest.raises(psycopg.OperationalError):
        connect()
    assert monotonic() - began < 4


def test_no_connection_is_tried_once_the_time_is_over(connect: Connect) -> None:
    with use_deadline(0), pytest.raises(DeadlineExceeded):
        connect()


@pytest.mark.parametrize(
    "sql", ["SELECT 1 AS one, 'шум' AS \"шум\", ARRAY[now()], 2.5::numeric(4, 1)", "SELECT", "SET a.b = 1"]
)
def test_columns_have_the_names_and_types_that_the_driver_says(
    connect: Connect, database: WorkerDatabase, sql: str
) -> None:
    with connect() as connection, psycopg.connect(database.url("app_rw")) as plain:
        theirs = plain.execute(sql).description

        assert connection.cursor().description is None
        ours = connection.execute(sql).description

    assert (ours is None) == (theirs is None)
    assert [tuple(column[:2]) for column in ours or ()] == [tuple(column[:2]) for column in theirs or ()]
    assert all(len(column) == 7 for column in ours or ())
