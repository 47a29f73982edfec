"""A real PostgreSQL for the tests: one server per run, and one database per worker.

The database is emptied between tests.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from uuid import UUID, uuid4
from weakref import WeakKeyDictionary

import psycopg
from psycopg import sql
from sqlalchemy import Engine, create_engine, event

from app.config import PROJECT_ROOT, Settings
from app.db import migrate
from app.db.bootstrap import bootstrap, make_database
from app.db.context_signature import store_key
from app.db.embedded import SUPERUSER, EmbeddedServer
from tests.support.commits import Commits
from tests.support.shared import locked
from tests.support.template_store import place_template

TEMPLATE = "template_switchboard"
SECRET_KEY = "a secret that only the tests know"
SECRETS_KEY = "another one that only the tests know"
# Tables whose rows come from migrations and belong to the schema, not to a test.
SEEDED_TABLES = ("alembic_version", "audit_epoch", "context_keys", "plans", "system_settings")
_TRIES = 3


@dataclass(frozen=True)
class WorkerDatabase:
    """The database of one test worker, whose tests run one after the other and can thus commit."""

    name: str
    server: EmbeddedServer

    def url(self, role: str) -> str:
        """Return the URL of the database for one of the app's database roles."""
        return self.server.url(role, self.name)

    def settings(self, var_dir: Path) -> Settings:
        """Return the settings of an app that uses this database and stores its files in `var_dir`."""
        return Settings.model_validate(
            {
                "environment": "test",
                "secret_key": SECRET_KEY,
                "audit_seal_key": "another secret that only the tests know",
                "secrets_key": SECRETS_KEY,
                "database_url": self.url("app_rw"),
                "jobs_database_url": self.url("app_jobs"),
                "owner_database_url": self.url("app_owner"),
                "bootstrap_database_url": self.url(SUPERUSER),
                "backup_database_url": self.url("app_dump"),
                "var_dir": var_dir,
            }
        )

    def admin_engine(self) -> Engine:
        """Return an engine with the superuser's rights, to create and read data bypassing the app."""
        return create_engine(self.url(SUPERUSER))


#: Engines for rows without rules, by the engine of the same database with its rules.
_without_rules: WeakKeyDictionary[Engine, Engine] = WeakKeyDictionary()


def without_rules(engine: Engine) -> Engine:
    """Return an engine on the same database whose transactions fire no triggers and check no references.

    Its connections do so from their start. On a connection of `engine`, each change to that state and back would make
    the server forget the plans of all triggers, after which the next row takes a millisecond longer.
    """
    if engine not in _without_rules:
        replica = {"options": "-c session_replication_role=replica"}
        other = create_engine(engine.url, connect_args=replica, poolclass=type(engine.pool))
        event.listen(engine, "engine_disposed", lambda _engine: other.dispose())
        _without_rules[engine] = other
    return _without_rules[engine]


@contextmanager
def worker_database(folder: Path, worker: str) -> Iterator[WorkerDatabase]:
    """Create a database for `worker` on the server in `folder`, which all workers of the run share."""
    folder.mkdir(parents=True, exist_ok=True)
    server = EmbeddedServer(folder / "postgres", durable=False)
    with locked(folder / "template.lock"):
        place_template(server, make_template, salt=SECRET_KEY)
    with server.running():
        with locked(folder / "template.lock"):
            _analyze_only_on_request(server)
            copy_template(server, worker)  # one at a time: it sets the roles, which all databases share
        yield WorkerDatabase(worker, server)


def _analyze_only_on_request(server: EmbeddedServer) -> None:
    """Stop autovacuum from analyzing tables; it still vacuums them.

    A table analyzed between two tests has pages but no rows. Until its next vacuum, each plan would expect one row of
    it, and some statements of the next tests would take a hundred times longer.
    """
    with psycopg.connect(server.url(SUPERUSER, "postgres"), autocommit=True) as connection:
        connection.execute("ALTER SYSTEM SET autovacuum_analyze_threshold = 2147483647")
        connection.execute("SELECT pg_reload_conf()")


def copy_template(server: EmbeddedServer, name: str, template: str = TEMPLATE) -> None:
    """Create the database `name` as a copy of `template` in about 30 ms; replace any existing one.

    By default, it is migrated and empty.
    """
    with psycopg.connect(server.url(SUPERUSER, "postgres"), autocommit=True) as connection:
        copy = sql.SQL("CREATE DATABASE {} TEMPLATE {} OWNER app_owner STRATEGY file_copy")
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
        connection.execute(copy.format(sql.Identifier(name), sql.Identifier(template)))
        make_database(connection, name)  # a copy doesn't include who can connect


@contextmanager
def scratch_database(database: WorkerDatabase, label: str, revision: str | None = None) -> Iterator[WorkerDatabase]:
    """Create a separate empty database, fully migrated or at `revision`; drop it after the block."""
    scratch = WorkerDatabase(f"{database.name}_{label}", database.server)
    if revision is None:
        copy_template(database.server, scratch.name)
    else:
        _copy_of_before(database.server, scratch.name, revision)
    yield scratch
    with psycopg.connect(database.url(SUPERUSER), autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(scratch.name)))


def _copy_of_before(server: EmbeddedServer, name: str, revision: str) -> None:
    """Create the empty database `name` at `revision` from the next milestone.

    Every tenth revision is a milestone. A run downgrades to each only once, and keeps the result as a template.
    """
    revisions = sorted(path.stem for path in (PROJECT_ROOT / "migrations" / "versions").glob("[0-9]*.py"))
    milestones = [other for other in revisions if other >= revision and other.split("_")[0].endswith("0")]
    with locked(server.home / "milestones.lock"):
        template = _milestone(server, milestones)
    copy_template(server, name, template)
    migrate.downgrade(server.url("app_owner", name), revision)


def _milestone(server: EmbeddedServer, milestones: Sequence[str]) -> str:
    """Return the template at the first of `milestones`; if it is missing, create it from the next one."""
    if not milestones:
        return TEMPLATE
    template = f"{TEMPLATE}_{milestones[0]}"
    with psycopg.connect(server.url(SUPERUSER, "postgres"), autocommit=True) as connection:
        if connection.execute("SELECT FROM pg_database WHERE datname = %s", [template]).fetchone() is None:
            unfinished = f"{TEMPLATE}_unfinished"
            copy_template(server, unfinished, _milestone(server, milestones[1:]))
            migrate.downgrade(server.url("app_owner", unfinished), milestones[0])
            rename = sql.SQL("ALTER DATABASE {} RENAME TO {}")
            connection.execute(rename.format(sql.Identifier(unfinished), sql.Identifier(template)))
    return template


def organization_of_old(connection: psycopg.Connection) -> UUID:
    """Insert an organization into a database at any revision.

    It disables triggers and foreign keys for the superuser's `connection`, so that rows written later can refer to
    missing ones.
    """
    connection.execute("SET session_replication_role = replica")
    organization = uuid4()
    connection.execute(
        "INSERT INTO organizations (id, name, slug, webhook_key) VALUES (%s, 'Blue Ridge Air', 'blue', 'key')",
        [organization],
    )
    return organization


def make_template(server: EmbeddedServer) -> None:
    """Create the template on a server, or migrate an existing one."""
    bootstrap(server.url(SUPERUSER, "postgres"), TEMPLATE)
    migrate.upgrade(server.url("app_owner", TEMPLATE))
    store_key(server.url("app_owner", TEMPLATE), SECRET_KEY)


class Fillable(Protocol):
    """Rows that can be written to an empty database."""

    def put_back(self, connection: psycopg.Connection) -> None:
        """Write the rows in the transaction of `connection`."""


class Cleaner:
    """Cleaner that empties all tables except `SEEDED_TABLES` in one round trip.

    For empty tables, this costs a hundredth of truncating them: a temporary database function only looks for a row in
    each table, and the server caches its plans.
    """

    def __init__(self, admin_url: str) -> None:
        self._connection = psycopg.connect(admin_url, autocommit=True)
        # Without triggers and key checks, the audit trail's protection and the order of tables don't matter.
        self._connection.execute("SET session_replication_role = replica")
        self._connection.execute(_emptying_function(filled_by_tests(self._connection)))
        Commits.count()
        #: The rows that `fill` has written, and the number of commits right after that.
        self._filled: tuple[Fillable, int] | None = None

    def clean(self) -> None:
        """Delete every row except the schema's own, and reset the settings that tests change.

        Tries again after a deadlock with a request that a closed browser page has left behind.
        """
        for left in reversed(range(_TRIES)):
            try:
                self._connection.execute("SELECT pg_temp.empty_tables()")
            except psycopg.errors.DeadlockDetected:
                if not left:
                    raise
            else:
                break
        self._filled = None

    def fill(self, rows: "Fillable") -> None:
        """Replace all rows with `rows`, unless they are already there and nothing was written since."""
        if self.is_untouched and self._filled is not None and self._filled[0] is rows:
            return
        self.clean()
        self.write(rows)
        self._filled = rows, Commits.number

    def write(self, rows: "Fillable") -> None:
        """Write `rows` to the empty database, on a connection that keeps its plans."""
        with self._connection.transaction():
            rows.put_back(self._connection)
        Commits.number += 1

    @property
    def is_untouched(self) -> bool:
        """True if the database was filled and nothing can have been written since."""
        return self._filled is not None and self._filled[1] == Commits.number

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()


def _emptying_function(tables: Iterable[str]) -> sql.Composed:
    """Return the definition of `pg_temp.empty_tables`.

    The function deletes all rows of `tables` and resets the settings that tests change.
    """
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
    """Return the tables that tests fill, all but those whose rows belong to the schema."""
    names = connection.execute(
        "SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace "
        "AND NOT relispartition AND relname <> ALL (%s) ORDER BY relname",
        [list(SEEDED_TABLES)],
    )
    return [name for (name,) in names]
