"""`python -m bench.marks`: cost of the marks that make stored days stale, and of counting those days again.

ROWS calls (100,000) are imported in order of time and in no order; the database measures the triggers that write marks.
Eight writers change calls with and without them, and appointments are booked with and without them.
"""

import logging
import os
import tempfile
from datetime import UTC, datetime, timedelta
from itertools import count, cycle, islice
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any, LiteralString
from uuid import UUID

import psycopg
from flask import Flask
from psycopg import sql

from app.db.context import Context, use_context
from app.db.embedded import DATABASE, SUPERUSER, EmbeddedServer
from app.db.ids import uuid7
from app.db.session import jobs_role
from app.extensions import db
from app.factory import create_app
from app.insight.rollups.refresh_service import refresh_all
from app.security.actor import Actor
from app.work.appointments.booking_service import Wanted, book
from app.work.appointments.context_queries import About
from bench import audit_writes
from bench.data import HOME, LARGE, prepare
from bench.imports import ORGANIZATION, databases, import_file, write_file
from bench.measuring import settings_for

_ROWS, _CALLS, _ROUNDS = 100_000, 1_000_000, 30
_TURNS, _BOOKINGS_OF_A_TURN = 40, 10
_UNBOOKED = """
    SELECT id FROM calls
    WHERE organization_id = %(organization)s AND call_type = 'csr_call' AND status = 'completed'
      AND contact_card_id IS NOT NULL AND booking_status IS DISTINCT FROM 'booked'
    ORDER BY started_at DESC LIMIT 2000
"""
_REPS = "SELECT id FROM users WHERE organization_id = %(organization)s AND role = 'sales_rep' ORDER BY id"
#: After all appointments, also those of an earlier run.
_FREE_FROM = """
    SELECT date_trunc('hour', greatest(now(), max(scheduled_end_at)) + interval '1 day') FROM appointments
    WHERE organization_id = %(organization)s
"""
#: Seconds that writing marks has taken since the database was created.
_MARKING = "SELECT sum(total_time) / 1000 FROM pg_stat_user_functions WHERE funcname LIKE 'mark\\_%'"
_TRIGGERS = "SELECT tgrelid::regclass::text, tgname FROM pg_trigger WHERE tgname LIKE 'mark\\_%' AND NOT tgisinternal"


def main() -> None:
    """Measure both, and print the figures."""
    rows, calls = int(os.environ.get("ROWS", _ROWS)), int(os.environ.get("CALLS", _CALLS))
    logging.disable(logging.INFO)
    server = EmbeddedServer(HOME / "postgres", durable=False)
    with server.running(), tempfile.TemporaryDirectory() as folder:
        for in_order in (True, False):
            path = Path(folder, "calls.csv")
            write_file(path, rows, in_order=in_order)
            _import(server, path, rows, in_order=in_order)
        prepare(server, DATABASE, calls)
        app = create_app(settings_for(server, HOME / "storage"))
        _count(server, DATABASE, UUID(LARGE))
        rounds = int(os.environ.get("ROUNDS", _ROUNDS))
        print(audit_writes.measure(app, server.url(SUPERUSER), LARGE, "mark_update", rounds), flush=True)
        print(_bookings(app, server.url(SUPERUSER)))
        print(f"days of changed calls counted again in {_count(server, DATABASE, UUID(LARGE)):.2f} s")


def _import(server: EmbeddedServer, path: Path, rows: int, *, in_order: bool) -> None:
    """Import the file, count all days, and print the shares of the marks and of the counting.

    Two imports, with and without marks, differ by more than the marks take.
    """
    database, _ = databases(server)
    with psycopg.connect(server.url(SUPERUSER, "postgres"), autocommit=True) as admin:
        admin.execute(sql.SQL("ALTER DATABASE {} SET track_functions = 'pl'").format(sql.Identifier(database)))
    cost = import_file(server, database, path)
    again = _count(server, database, ORGANIZATION)
    with psycopg.connect(server.url(SUPERUSER, database)) as admin:
        [(marks,)] = admin.execute(_MARKING).fetchall()
    order = "order of time" if in_order else "no order"
    print(
        f"import of {rows:,} calls in {order}: {cost.wall:.1f} s, of which marks {marks:.2f}, {marks / cost.wall:.2%}; "
        f"all days counted in {again:.2f} s, {again / cost.wall:.1%}",
        flush=True,
    )


def _switch(admin: psycopg.Connection[Any], state: LiteralString) -> None:
    """Switch the triggers that write marks: ENABLE or DISABLE."""
    for table, trigger in admin.execute(_TRIGGERS).fetchall():
        names = sql.Identifier(table), sql.Identifier(trigger)
        admin.execute(sql.SQL("ALTER TABLE {} {} TRIGGER {}").format(names[0], sql.SQL(state), names[1]))


def _bookings(app: Flask, admin_url: str) -> str:
    """Book appointments from unbooked calls, in turn with and without marks; return the medians as text."""
    took: dict[LiteralString, list[float]] = {"ENABLE": [], "DISABLE": []}
    with psycopg.connect(admin_url, autocommit=True) as admin, app.app_context():
        manager = audit_writes.manager_of(admin, LARGE)
        calls, reps = (
            [row[0] for row in admin.execute(query, {"organization": LARGE}).fetchall()] for query in (_UNBOOKED, _REPS)
        )
        states: list[LiteralString] = ["ENABLE", "DISABLE"] * _TURNS
        [(first,)] = admin.execute(_FREE_FROM, {"organization": LARGE}).fetchall()
        times = (first + timedelta(hours=hour) for hour in count())
        todo = zip(calls, cycle(reps), times, strict=False)
        try:
            for state in states:
                _switch(admin, state)
                took[state] += [_book(manager, *one) for one in islice(todo, _BOOKINGS_OF_A_TURN)]
        finally:
            _switch(admin, "ENABLE")
    marked, unmarked = (median(took[state]) * 1000 for state in took)
    return f"a booking: {marked:.2f} ms with marks, {unmarked:.2f} without, {marked / unmarked:.3f}"


def _book(manager: Actor, call_id: UUID, rep_id: UUID, start: datetime) -> float:
    """Return the seconds that a booking takes with its commit."""
    with use_context(audit_writes.context_of(manager)):
        began = perf_counter()
        book(
            manager, uuid7(), About(call_id=call_id), Wanted(service_type="Furnace repair", rep_id=rep_id, start=start)
        )
        db.session.commit()
        took = perf_counter() - began
        db.session.remove()
    return took


def _count(server: EmbeddedServer, database: str, organization_id: UUID) -> float:
    """Count all days of an organization that are missing or stale; return the seconds."""
    app = create_app(settings_for(server, HOME / "storage", database))
    try:
        with app.app_context(), jobs_role(), use_context(Context(organization_id=organization_id)):
            began = perf_counter()
            refresh_all(datetime.now(UTC))
            return perf_counter() - began
    finally:
        with app.app_context():
            for engine in db.engines.values():
                engine.dispose()


if __name__ == "__main__":
    main()
