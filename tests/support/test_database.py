"""`Cleaner`, which empties the database between tests."""

from concurrent.futures import ThreadPoolExecutor

import psycopg

from app.db.embedded import SUPERUSER
from tests.support.database import Cleaner, WorkerDatabase
from tests.support.factories import Factories
from tests.support.locks import wait_for_a_lock


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
        wait_for_a_lock(database)
        updated = threads.submit(late.execute, "UPDATE contact_cards SET last_name = 'Late'")
        wait_for_a_lock(database, waiting=2)
        gate.rollback()  # the cleaner goes on to the user, which closes the circle
        updated.result()
        late.commit()
        emptied.result()
        assert late.execute("SELECT count(*) FROM users").fetchone() == (0,)
