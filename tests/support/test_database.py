"""`Cleaner`, which empties the database between tests."""

from concurrent.futures import ThreadPoolExecutor
from time import sleep

import psycopg

from app.db.embedded import SUPERUSER
from tests.support.database import Cleaner, WorkerDatabase
from tests.support.factories import Factories


def test_a_deadlock_with_a_late_request_is_survived(
    make: Factories, cleaner: Cleaner, database: WorkerDatabase
) -> None:
    organization = make.organization()
    make.contact(organization)
    make.user(organization)
    url = database.url(SUPERUSER)
    with psycopg.connect(url) as gate, psycopg.connect(url) as late, ThreadPoolExecutor() as threads:
        late.execute("SET LOCAL session_replication_role = replica")  # it locks no more than what it names
        late.execute("SET LOCAL deadlock_timeout = '1h'")  # so that the cleaner is the one that fails
        late.execute("UPDATE users SET name = 'Late'")
        gate.execute("SELECT FROM organizations FOR UPDATE")
        emptied = threads.submit(cleaner.clean)  # waits at the gate, after it has deleted the contact
        _wait_until_waiting(gate, 1)
        updated = threads.submit(late.execute, "UPDATE contact_cards SET last_name = 'Late'")
        _wait_until_waiting(gate, 2)
        gate.rollback()  # the cleaner goes on to the user, which closes the circle
        updated.result()
        late.commit()
        emptied.result()
        assert late.execute("SELECT count(*) FROM users").fetchone() == (0,)


def _wait_until_waiting(observer: psycopg.Connection, number: int) -> None:
    """Wait until `number` connections of the database wait for a lock."""
    query = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pg_blocking_pids(pid) <> '{}'"
    for _try in range(500):
        if observer.execute(query).fetchone() == (number,):
            return
        sleep(0.01)
    raise AssertionError(f"not {number} connections wait")
