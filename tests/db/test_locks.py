"""Tables that requests of every organization use: the app's role can't lock them against others."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from flask import Flask
from psycopg.pq import TransactionStatus
from sqlalchemy import Connection, Engine, event

from app.extensions import db
from app.models import Role
from tests.support.api_client import ApiClient
from tests.support.client import Client, bearer
from tests.support.database import WorkerDatabase
from tests.support.factories import Factories
from tests.support.program import Program
from tests.support.programs import make_key

#: Tables that the transaction has read or changed so far, however deep in functions and triggers.
USED = """
SELECT relname FROM pg_stat_xact_user_tables
WHERE coalesce(seq_scan, 0) + coalesce(idx_scan, 0) + n_tup_ins + n_tup_upd + n_tup_del > 0
"""


@contextmanager
def used_tables(app: Flask) -> Iterator[set[str]]:
    """Yield the set of tables that transactions of this process use, of those that begin in the block."""
    # PostgreSQL publishes a connection's counts once a second, so one used before would add its earlier transactions.
    with app.app_context():
        for engine in db.engines.values():
            engine.dispose()
    tables: set[str] = set()
    begun: set[Connection] = set()

    def note(connection: Connection) -> None:
        driver: Any = connection.connection.driver_connection
        if connection in begun and driver.info.transaction_status is TransactionStatus.INTRANS:
            with driver.cursor() as cursor:
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # triggers that wait for the commit
                tables.update(name for (name,) in cursor.execute(USED))

    # A response of an earlier test that wasn't closed can end its transaction here.
    listeners = (("begin", begun.add), ("commit", note), ("rollback", note))
    for name, listener in listeners:
        event.listen(Engine, name, listener)
    try:
        yield tables
    finally:
        for name, listener in listeners:
            event.remove(Engine, name, listener)


def test_no_table_that_a_request_uses_can_be_locked_against_others(
    app: Flask, database: WorkerDatabase, make: Factories
) -> None:
    organization = make.organization()
    person = make.user(organization, Role.ADMIN)
    make.call(organization)
    _key, token = make_key(make, person, "calls:read", "tasks:read", "tasks:write")

    with used_tables(app) as tables:
        browser = Client(app).sign_in_by_form(person)
        browser.get("/calls")
        browser.get("/organizations", status=403)
        program = Program(app)
        program.sign_in(person)
        program.refresh()
        program.get("/calls")
        api, headers = ApiClient(app), bearer(token)
        assert api.get("/calls", headers=headers).status_code == 200
        sent = {"title": "Call back", "assignedToType": "csr"}
        assert api.post("/tasks", sent, headers={**headers, "Idempotency-Key": "one"}).status_code == 201

    assert {"user_sessions", "refresh_tokens", "api_keys", "list_reads", "idempotency_keys", "saved_views"} <= tables
    assert {"users", "calls", "audit_logs", "refused_requests"} <= tables
    lockable = [table for table in sorted(tables) if not _is_refused(database, table)]
    assert lockable == []


def _is_refused(database: WorkerDatabase, table: str) -> bool:
    with psycopg.connect(database.url("app_rw")) as connection:
        try:
            connection.execute(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE NOWAIT")
        except psycopg.errors.InsufficientPrivilege:
            return True
        finally:
            connection.rollback()
    return False
