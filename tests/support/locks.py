"""Two connections that get in each other's way on purpose."""

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
    """A connection of the app within an organization, as far as its first transaction goes; committed at the end."""
    with psycopg.connect(database.url("app_rw")) as connection:
        enter(connection, organization_id, actor_label="Somebody", source="user")
        yield connection


@contextmanager
def meanwhile(work: Callable[[], None], database: WorkerDatabase) -> Iterator[list[psycopg.Error]]:
    """Begin `work` in another thread and go on when it waits for a lock; wait for its end after the block.

    What the database refused it with is in the list by then.
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
    """Until so many wait for a row of this database; fails after 5 s."""
    wait = "SELECT count(DISTINCT pid) FROM pg_locks WHERE NOT granted"
    with psycopg.connect(database.url("app_owner"), autocommit=True) as looking:
        for _ in range(100):
            found = looking.execute(wait).fetchone()
            if found is not None and found[0] >= waiting:
                return
            time.sleep(0.05)
    raise AssertionError("nobody waits for a lock")
