"""Helpers for tests in which one database connection waits for another one's lock."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from uuid import UUID

import psycopg

from tests.support.contexts import enter
from tests.support.database import WorkerDatabase


@contextmanager
def app_connection(database: WorkerDatabase, organization_id: UUID) -> Iterator[psycopg.Connection]:
    """Open a connection with the app's role and an organization's context; commit after the block.

    The context lasts for the first transaction.
    """
    with psycopg.connect(database.url("app_rw")) as connection:
        enter(connection, organization_id, actor_label="Somebody", source="user")
        yield connection


@contextmanager
def meanwhile(work: Callable[[], None], database: WorkerDatabase) -> Iterator[list[psycopg.Error]]:
    """Run `work` in a thread, and run the block once `work` waits for a lock.

    After the block, wait for `work` to end. The yielded list then contains the database error with which it failed, if
    any.
    """
    refused: list[psycopg.Error] = []

    def run() -> None:
        try:
            work()
        except psycopg.Error as error:
            refused.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    wait_for_a_lock(database)
    try:
        yield refused
    finally:
        thread.join(timeout=10)


def wait_for_a_lock(database: WorkerDatabase, waiting: int = 1) -> None:
    """Wait until this many sessions of the database wait for a lock; fail after 5 s."""
    wait = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pg_blocking_pids(pid) <> '{}'"
    with psycopg.connect(database.url("app_owner"), autocommit=True) as looking:
        for _ in range(100):
            found = looking.execute(wait).fetchone()
            if found is not None and found[0] >= waiting:
                return
            time.sleep(0.05)
    raise AssertionError("nobody waits for a lock")
