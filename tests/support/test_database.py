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
    with psycopg.connect(database.url(SUPERUSER)) as late, ThreadPoolExecutor() as threads:
        late.execute("UPDATE users SET name = 'Late'")
        emptied = threads.submit(cleaner.clean)  # waits for the user, after it has deleted the contact
        _wait_until_blocked(late)
        late.execute("UPDATE contact_cards SET last_name = 'Late'")
        late.commit()
        emptied.result()
        assert late.execute("SELECT count(*) FROM users").fetchone() == (0,)


def _wait_until_blocked(connection: psycopg.Connection) -> None:
    mine = connection.info.backend_pid
    for _try in range(500):
        found = connection.execute("SELECT FROM pg_stat_activity WHERE %s = ANY (pg_blocking_pids(pid))", [mine])
        if found.fetchone() is not None:
            return
        sleep(0.01)
    raise AssertionError("nothing waits for this connection")
