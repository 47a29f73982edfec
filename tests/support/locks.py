"""Two connections that block each other on purpose."""

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
    """Open a connection of the app within an organization, for its first transaction; it is committed at the end."""
    with psycopg.connect(database.url("app_rw")) as connection:
        enter(connection, organization_id, actor_label="Somebody", source="user")
        yield connection


@contextmanager
def meanwhile(work: Callable[[], None], database: WorkerDatabase) -> Iterator[list[psycopg.Error]]:
    """Start `work` in a thread, continue once it waits for a lock, and wait for its end after the block.

    The yielded list then contains the database error that it was refused with, if any.
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
    """Wait until this many sessions wait for a lock in this database; fail after 5 s."""
    wait = "SELECT count(DISTINCT pid) FROM pg_locks WHERE NOT granted"
    with psycopg.connect(database.url("app_owner"), autocommit=True) as looking:
        for _ in range(100):
            found = looking.execute(wait).fetchone()
            if found is not None and found[0] >= waiting:
                return
            time.sleep(0.05)
    raise AssertionError("nobody waits for a lock")
