"""A real PostgreSQL for the tests: one server a run, one database a worker, emptied between tests."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql
from sqlalchemy import Engine, create_engine

from app.config import Settings
from app.db import migrate
from app.db.bootstrap import bootstrap
from app.db.embedded import SUPERUSER, EmbeddedServer

TEMPLATE = "template_switchboard"
# What migrations leave in a new database belongs to the schema, not to a test.
SEEDED_TABLES = ("alembic_version", "audit_epoch", "plans", "system_settings")


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
                "secret_key": "a secret that only the tests know",
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
    with server.running():
        with (folder / "template.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            _make_template(server)
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


def _make_template(server: EmbeddedServer) -> None:
    admin_url = server.url(SUPERUSER, "postgres")
    with psycopg.connect(admin_url, autocommit=True) as connection:
        if connection.execute("SELECT FROM pg_database WHERE datname = %s", [TEMPLATE]).fetchone() is not None:
            return
    unfinished = f"{TEMPLATE}_unfinished"
    bootstrap(admin_url, unfinished)
    migrate.upgrade(server.url("app_owner", unfinished))
    with psycopg.connect(admin_url, autocommit=True) as connection:
        rename = sql.SQL("ALTER DATABASE {} RENAME TO {}")
        connection.execute(rename.format(sql.Identifier(unfinished), sql.Identifier(TEMPLATE)))


class Cleaner:
    """Empties every table, in one round trip: deleting from empty tables costs a hundredth of truncating them."""

    def __init__(self, admin_url: str) -> None:
        self._connection = psycopg.connect(admin_url, autocommit=True)
        names = self._connection.execute(
            "SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace "
            "AND NOT relispartition AND relname <> ALL (%s) ORDER BY relname",
            [list(SEEDED_TABLES)],
        )
        deletes = [sql.SQL("DELETE FROM {}").format(sql.Identifier(name)) for (name,) in names]
        self._statements = sql.SQL("; ").join(
            [
                sql.SQL("BEGIN"),
                # No trigger fires and no key is checked: the audit's guard and the order do not matter.
                sql.SQL("SET LOCAL session_replication_role = replica"),
                *deletes,
                sql.SQL(
                    "UPDATE system_settings SET maintenance_on = false, maintenance_until = NULL, "
                    "platform_organization_id = NULL WHERE maintenance_on OR platform_organization_id IS NOT NULL"
                ),
                sql.SQL("COMMIT"),
            ]
        )

    def clean(self) -> None:
        """Delete every row but the schema's own."""
        self._connection.execute(self._statements)

    def close(self) -> None:
        """End the connection."""
        self._connection.close()
