"""`python -m bench.imports`: import of ROWS calls (500,000) compared with a plain COPY of the rows.

There is one phone number per four calls, and none of the numbers is known beforehand. The import does what the worker
does, as the jobs role. The COPY is done by the superuser, for the same calls, contacts and numbers, under the same
triggers, into an equally empty database. On a busy machine the CPU seconds are more meaningful than the elapsed time.
"""

import csv
import logging
import os
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from time import perf_counter, thread_time
from typing import Any
from uuid import UUID

import psycopg
from sqlalchemy import text

from app.data.imports.load_service import load_file
from app.data.imports.mapping_rules import Mapping
from app.data.imports.run_service import complete
from app.data.imports.service import begin_dry_run
from app.db import migrate
from app.db.bootstrap import bootstrap
from app.db.context import Context, use_context
from app.db.context_signature import store_key
from app.db.embedded import SUPERUSER, EmbeddedServer
from app.db.session import jobs_role, one_connection
from app.extensions import db
from app.factory import create_app
from app.models import Role
from bench.data import HOME
from bench.measuring import SECRET_KEY, settings_for
from bench.memory import grown_by
from bench.servers import worked

ORGANIZATION = UUID("0198c000-0000-7000-8000-000000000003")
MANAGER = UUID("0198c000-0000-7000-8000-000000000004")
ROWS = 500_000
AGENTS = 40
CALLS_PER_NUMBER = 4
#: In the order of their references.
TABLES = ("contact_cards", "contact_phones", "calls")

_MAPPING = {
    "kind": "calls",
    "source": "bench",
    "columns": {
        "Id": "external_id", "Agent": "agent", "Started": "started_at", "Direction": "direction",
        "Answered": "answered", "Wait": "speed_of_answer", "Talk": "talk_time", "Resolved": "resolved",
        "Rating": "satisfaction", "Topic": "topic", "From": "caller_number", "To": "called_number", "Cost": "cost",
    },
    "timezone": "America/New_York",
    "country": "US",
}  # fmt: skip
_COLUMNS = """
    SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) FROM pg_attribute
    WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = ''
"""


def main() -> None:
    """Create both databases, measure the import and the COPY, and print the ratios."""
    rows = int(os.environ.get("ROWS", ROWS))
    logging.disable(logging.INFO)
    server = EmbeddedServer(HOME / "postgres", durable=False)
    with server.running(), tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "calls.csv")
        write_file(path, rows)
        ours, beside = databases(server)
        imported = import_file(server, ours, path)
        _keep_rows(server.url(SUPERUSER, ours), Path(folder))
        copied = _copy(server.url(SUPERUSER, beside), Path(folder))
    print(f"{rows:,} calls, {rows // CALLS_PER_NUMBER:,} new numbers")
    for name, cost in (("import", imported), ("COPY", copied)):
        worked_for = f"of work {cost.program:.1f} s here and {cost.database:.1f} s in the database"
        print(f"{name:7} {cost.wall:7.1f} s {rows / cost.wall:7,.0f} rows/s; {worked_for}; +{cost.grown:.0f} MB")
    work, least = (cost.program + cost.database for cost in (imported, copied))
    print(f"of the pace of COPY: {copied.wall / imported.wall:.2f} by the clock, {least / work:.2f} by work")


@dataclass(frozen=True, slots=True)
class Cost:
    """Elapsed seconds, CPU seconds of this process and its backend, and megabytes that this process grew by."""

    wall: float
    program: float
    database: float
    grown: float


def write_file(path: Path, rows: int, *, in_order: bool = True) -> None:
    """Write the calls of a year, oldest first or in no order; each number calls again after all others have."""
    first, step = datetime.now(UTC).replace(tzinfo=None) - timedelta(days=365), timedelta(days=364) / rows
    places = list(range(rows))
    if not in_order:
        Random(1).shuffle(places)  # noqa: S311 - reproducible, not secret
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(_MAPPING["columns"])
        writer.writerows(
            _call(number, first + place * step, rows // CALLS_PER_NUMBER) for number, place in enumerate(places)
        )


def _call(number: int, at: datetime, numbers: int) -> Sequence[object]:
    is_answered = number % 7 > 0
    return (
        f"C-{number:08}", f"Person {number % AGENTS}", at.strftime("%Y-%m-%d %H:%M:%S"),
        "inbound", "Y" if is_answered else "N", number % 60,
        30 + number % 600 if is_answered else "", "Y" if number % 3 else "N", number % 5 + 1 if number % 3 else "",
        f"Topic {number % 12}", f"+1212{2000000 + number % max(numbers, 1):07}", "+16465550100",
        f"{number % 90 / 100:.2f}",
    )  # fmt: skip


def databases(server: EmbeddedServer) -> tuple[str, str]:
    """Create two databases with the same organization and its people, and return their names."""
    names = ("imports_ours", "imports_beside")
    admin = server.url(SUPERUSER, "postgres")
    with psycopg.connect(admin, autocommit=True) as connection:
        for name in names:
            connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)".encode())
        bootstrap(admin, names[0])
        migrate.upgrade(server.url("app_owner", names[0]))
        store_key(server.url("app_owner", names[0]), SECRET_KEY)
        with psycopg.connect(server.url(SUPERUSER, names[0])) as made:
            _fill(made)
        connection.execute(f"CREATE DATABASE {names[1]} TEMPLATE {names[0]}".encode())
    return names


def _fill(connection: psycopg.Connection[Any]) -> None:
    connection.execute("SET session_replication_role = replica")
    connection.execute(
        "INSERT INTO organizations (id, name, slug, timezone, webhook_key) "
        "VALUES (%s, 'Bench', 'bench', 'UTC', 'bench')",
        (ORGANIZATION,),
    )
    connection.execute(
        """
        INSERT INTO users (organization_id, id, email, name, role)
        SELECT %(organization)s::uuid, new_uuid7(), 'csr' || i || '@bench.example', 'Person ' || i, 'csr'
        FROM generate_series(0, %(agents)s - 1) i
        UNION ALL SELECT %(organization)s, %(manager)s::uuid, 'manager@bench.example', 'Manager', 'manager'
        """,
        {"organization": ORGANIZATION, "agents": AGENTS, "manager": MANAGER},
    )


def import_file(server: EmbeddedServer, database: str, path: Path) -> Cost:
    """Import the file as the worker does, and return the cost."""
    app = create_app(settings_for(server, HOME, database))
    manager = Context(organization_id=ORGANIZATION, actor_id=MANAGER, actor_label="Manager", actor_role=Role.MANAGER)
    try:
        with app.app_context(), use_context(manager), jobs_role(), one_connection(db.session()):
            backend = db.session.scalar(text("SELECT pg_backend_pid()"))
            return _cost(lambda: _load(path), backend or 0)
    finally:
        with app.app_context():
            for engine in db.engines.values():
                engine.dispose()


def _load(path: Path) -> None:
    row = begin_dry_run(path, Mapping.model_validate(_MAPPING), create_users=False)
    load_file(row, path, keep=True)
    complete(row)
    if row.rows_created != row.rows_total:
        raise SystemExit(f"{row.rows_created} of {row.rows_total} calls came in")
    db.session.commit()


def _keep_rows(admin_url: str, folder: Path) -> None:
    with psycopg.connect(admin_url) as admin:
        for table in TABLES:
            with (folder / table).open("wb") as file, admin.cursor().copy(_copying(admin, table, out=True)) as rows:
                file.writelines(rows)


def _copy(admin_url: str, folder: Path) -> Cost:
    """Load the saved rows of all tables with COPY in one transaction, and return the cost."""
    with psycopg.connect(admin_url) as admin:

        def work() -> None:
            for table in TABLES:
                with (
                    (folder / table).open("rb") as file,
                    admin.cursor().copy(_copying(admin, table, out=False)) as copy,
                ):
                    while part := file.read(1 << 16):
                        copy.write(part)
            admin.commit()

        return _cost(work, admin.info.backend_pid)


def _cost(work: Callable[[], None], backend: int) -> Cost:
    wall, program, database = perf_counter(), thread_time(), worked(backend)
    grown = grown_by(work)
    return Cost(perf_counter() - wall, thread_time() - program, (worked(backend) - database) / 1000, grown)


def _copying(admin: psycopg.Connection[Any], table: str, *, out: bool) -> bytes:
    found = admin.execute(_COLUMNS, (table,)).fetchone()
    columns = found[0] if found else ""
    wanted = f"(SELECT {columns} FROM {table} ORDER BY id) TO STDOUT" if out else f"{table} ({columns}) FROM STDIN"
    return f"COPY {wanted}".encode()


if __name__ == "__main__":
    main()
