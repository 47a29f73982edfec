"""A real PostgreSQL for the tests: one server a run, one database a worker, emptied between tests."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from uuid import UUID, uuid4

import psycopg
from psycopg import sql
from sqlalchemy import Engine, create_engine

from app.config import Settings
from app.db import migrate
from app.db.bootstrap import bootstrap
from app.db.context_signature import tell_key
from app.db.embedded import SUPERUSER, EmbeddedServer
from tests.support.commits import Commits
from tests.support.shared import locked
from tests.support.template_store import place_template

TEMPLATE = "template_switchboard"
SECRET_KEY = "a secret that only the tests know"
# What migrations leave in a new database belongs to the schema, not to a test.
SEEDED_TABLES = ("alembic_version", "audit_epoch", "context_keys", "plans", "system_settings")


@dataclass(frozen=True)
class WorkerDatabase:
    """The database of one test worker. Its tests run one after the other, so that they may commit."""

    name: str
    server: EmbeddedServer

    def url(self, role: str) -> str:
        """Address of the database for one of the product's roles."""
        return self.server.url(role, self.name)

    def settings(self, var_dir: Path) -> Settings:
        """Settings of an app that works on this database and keeps its files in `var_dir`."""
        return Settings.model_validate(
            {
                "environment": "test",
                "secret_key": SECRET_KEY,
                "audit_seal_key": "another secret that only the tests know",
                "secrets_key": "another one that only the tests know",
                "database_url": self.url("app_rw"),
                "jobs_database_url": self.url("app_jobs"),
                "owner_database_url": self.url("app_owner"),
                "bootstrap_database_url": self.url(SUPERUSER),
                "backup_database_url": self.url("app_dump"),
                "var_dir": var_dir,
            }
        )

    def admin_engine(self) -> Engine:
        """Connections that see and may do everything, for building data and for looking behind the app."""
        return create_engine(self.url(SUPERUSER))


@contextmanager
def worker_database(folder: Path, worker: str) -> Iterator[WorkerDatabase]:
    """Give `worker` a database on the server in `folder`, which all workers of the run share."""
    server = EmbeddedServer(folder / "postgres", durable=False)
    with locked(folder / "template.lock"):
        place_template(server, _make_template, salt=SECRET_KEY)
    with server.running():
        with locked(folder / "template.lock"):
            copy_template(server, worker)  # one at a time: it sets the roles, which all databases share
        yield WorkerDatabase(worker, server)


def copy_template(server: EmbeddedServer, name: str) -> None:
    """Make the database `name`, migrated and empty, in some 30 ms."""
    admin_url = server.url(SUPERUSER, "postgres")
    with psycopg.connect(admin_url, autocommit=True) as connection:
        copy = sql.SQL("CREATE DATABASE {} TEMPLATE {} OWNER app_owner STRATEGY file_copy")
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
        connection.execute(copy.format(sql.Identifier(name), sql.Identifier(TEMPLATE)))
    bootstrap(admin_url, name)  # a copy does not take over who may connect


@contextmanager
def scratch_database(database: WorkerDatabase, label: str, revision: str | None = None) -> Iterator[WorkerDatabase]:
    """An empty database beside `database`, as it is today or as it was at `revision`; gone after the block."""
    scratch = WorkerDatabase(f"{database.name}_{label}", database.server)
    copy_template(database.server, scratch.name)
    if revision is not None:
        migrate.downgrade(scratch.url("app_owner"), revision)
    yield scratch
    with psycopg.connect(database.url(SUPERUSER), autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(scratch.name)))


def organization_of_old(connection: psycopg.Connection) -> UUID:
    """An organization in a database as it was at any revision. From here on `connection`, the superuser's, writes past
    triggers and references: what a row refers to need not be there."""
    connection.execute("SET session_replication_role = replica")
    organization = uuid4()
    connection.execute(
        "INSERT INTO organizations (id, name, slug, webhook_key) VALUES (%s, 'Blue Ridge Air', 'blue', 'key')",
        [organization],
    )
    return organization


def _make_template(server: EmbeddedServer) -> None:
    bootstrap(server.url(SUPERUSER, "postgres"), TEMPLATE)
    migrate.upgrade(server.url("app_owner", TEMPLATE))
    tell_key(server.url("app_owner", TEMPLATE), SECRET_KEY)


class Fillable(Protocol):
    """Rows that can be put into an empty database."""

    def put_back(self, connection: psycopg.Connection) -> None:
        """Store them in the transaction of `connection`."""


class Cleaner:
    """Empties every table, in one round trip: deleting from empty tables costs a hundredth of truncating them.

    A function of its connection does it, whose plans the server keeps: it asks an empty table for a row and no more.
    """

    def __init__(self, admin_url: str) -> None:
        self._connection = psycopg.connect(admin_url, autocommit=True)
        # No trigger fires and no key is checked: the audit's guard and the order do not matter.
        self._connection.execute("SET session_replication_role = replica")
        self._connection.execute(_emptying_function(filled_by_tests(self._connection)))
        Commits.count()
        #: The rows that `fill` has put there, and the number of commits right after.
        self._filled: tuple[Fillable, int] | None = None

    def clean(self) -> None:
        """Delete every row but the schema's own."""
        self._connection.execute("SELECT pg_temp.empty_tables()")
        self._filled = None

    def fill(self, rows: "Fillable") -> None:
        """Have the database hold `rows` and no others. Where it does since the last call, they stay as they are."""
        if self.is_untouched and self._filled is not None and self._filled[0] is rows:
            return
        self.clean()
        with self._connection.transaction():
            rows.put_back(self._connection)
        self._filled = rows, Commits.number

    @property
    def is_untouched(self) -> bool:
        """Tell whether `fill` was called, and nothing may have been written since."""
        return self._filled is not None and self._filled[1] == Commits.number

    def close(self) -> None:
        """End the connection."""
        self._connection.close()


def _emptying_function(tables: Iterable[str]) -> sql.Composed:
    """Define `pg_temp.empty_tables`, which deletes all rows of `tables` and what tests write into the settings."""
    delete = sql.SQL("IF EXISTS (SELECT FROM {0}) THEN DELETE FROM {0}; END IF;")
    return sql.SQL(
        """
        CREATE FUNCTION pg_temp.empty_tables() RETURNS void LANGUAGE plpgsql AS $$
        BEGIN
          {}
          UPDATE system_settings
          SET maintenance_on = false, maintenance_until = NULL, platform_organization_id = NULL
          WHERE maintenance_on OR platform_organization_id IS NOT NULL;
        END $$
        """
    ).format(sql.SQL("\n").join(delete.format(sql.Identifier(table)) for table in tables))


def filled_by_tests(connection: psycopg.Connection) -> list[str]:
    """List the tables whose rows are not the schema's own."""
    names = connection.execute(
        "SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace "
        "AND NOT relispartition AND relname <> ALL (%s) ORDER BY relname",
        [list(SEEDED_TABLES)],
    )
    return [name for (name,) in names]
