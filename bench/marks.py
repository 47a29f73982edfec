"""`python -m bench.marks`: cost of the marks that make stored days stale, and of counting those days again.

ROWS calls (100,000) are imported with and without the triggers that write marks, in order of time and in no order.
Eight writers change calls with and without them.
"""

import logging
import os
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter
from uuid import UUID

import psycopg
from psycopg import sql

from app.db.context import Context, use_context
from app.db.embedded import DATABASE, SUPERUSER, EmbeddedServer
from app.db.session import jobs_role
from app.extensions import db
from app.factory import create_app
from app.insight.rollups.remake_service import remake_all
from bench import audit_writes
from bench.data import HOME, LARGE, prepare
from bench.imports import ORGANIZATION, databases, import_file, write_file
from bench.measuring import settings_for

_ROWS, _CALLS, _ROUNDS = 100_000, 1_000_000, 3
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
            for _ in range(int(os.environ.get("ROUNDS", _ROUNDS))):
                _import(server, path, rows, in_order=in_order)
        prepare(server, DATABASE, calls)
        app = create_app(settings_for(server, HOME / "storage"))
        _count(server, DATABASE, UUID(LARGE))
        print(audit_writes.measure(app, server.url(SUPERUSER), LARGE, "mark_update"))
        print(f"days of changed calls counted again in {_count(server, DATABASE, UUID(LARGE)):.2f} s")


def _import(server: EmbeddedServer, path: Path, rows: int, *, in_order: bool) -> None:
    marked, unmarked = databases(server)
    with psycopg.connect(server.url(SUPERUSER, unmarked), autocommit=True) as admin:
        for table, trigger in admin.execute(_TRIGGERS).fetchall():
            disable = sql.SQL("ALTER TABLE {} DISABLE TRIGGER {}")
            admin.execute(disable.format(sql.Identifier(table), sql.Identifier(trigger)))
    without, with_marks = (import_file(server, database, path) for database in (unmarked, marked))
    again = _count(server, marked, ORGANIZATION)
    works = [cost.program + cost.database for cost in (with_marks, without)]
    order = "order of time" if in_order else "no order"
    print(
        f"import of {rows:,} calls in {order}: {with_marks.wall:.1f} s with marks, {without.wall:.1f} without, "
        f"{with_marks.wall / without.wall:.3f}; work {works[0] / works[1]:.3f}; all days counted in {again:.1f} s",
        flush=True,
    )


def _count(server: EmbeddedServer, database: str, organization_id: UUID) -> float:
    """Count all days of an organization that are missing or stale; return the seconds."""
    app = create_app(settings_for(server, HOME / "storage", database))
    try:
        with app.app_context(), jobs_role(), use_context(Context(organization_id=organization_id)):
            began = perf_counter()
            remake_all(datetime.now(UTC))
            return perf_counter() - began
    finally:
        with app.app_context():
            for engine in db.engines.values():
                engine.dispose()


if __name__ == "__main__":
    main()
