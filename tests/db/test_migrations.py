"""The schema migrates up, down and up again, and each downgrade undoes exactly its own upgrade."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from alembic.script import ScriptDirectory
from sqlalchemy.exc import ProgrammingError

from app.config import PROJECT_ROOT
from app.db import migrate
from app.db.embedded import SUPERUSER
from tests.support.database import WorkerDatabase, organization_of_old, scratch_database

SCRIPTS = list(ScriptDirectory(str(PROJECT_ROOT / "migrations")).walk_revisions())
REVISIONS = [script.revision for script in SCRIPTS]
#: Migrations that build objects concurrently, oldest first.
BESIDE_RUNNING_WORK = [
    script.revision for script in reversed(SCRIPTS) if "autocommit_block" in Path(script.path).read_text("utf-8")
]
#: Separates the texts of a kind: one row per object would take longer to read than to select.
SEPARATOR = "\x1e"
OBJECTS = """
SELECT kind, string_agg(object, chr(30)) FROM (
SELECT 'relation', concat_ws(' ', relname, relkind, relacl) FROM pg_class
  WHERE relnamespace = 'public'::regnamespace AND relname NOT LIKE 'alembic_version%'
UNION ALL SELECT 'function', concat_ws(' ', oid::regprocedure, proacl, md5(prosrc)) FROM pg_proc
  WHERE pronamespace = 'public'::regnamespace
UNION ALL SELECT 'column', concat_ws(' ', attrelid::regclass, attname, format_type(atttypid, atttypmod), attnotnull)
  FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
  WHERE relnamespace = 'public'::regnamespace AND relname NOT LIKE 'alembic_version%'
    AND attnum > 0 AND NOT attisdropped
UNION ALL SELECT 'constraint', concat_ws(' ', conrelid::regclass, conname, pg_get_constraintdef(oid))
  FROM pg_constraint WHERE connamespace = 'public'::regnamespace AND conname NOT LIKE 'alembic_version%'
UNION ALL SELECT 'policy', concat_ws(' ', tablename, policyname, roles, cmd, qual, with_check) FROM pg_policies
UNION ALL SELECT 'trigger', concat_ws(' ', tgrelid::regclass, pg_get_triggerdef(oid))
  FROM pg_trigger WHERE NOT tgisinternal
UNION ALL SELECT 'type', typname FROM pg_type
  WHERE typnamespace = 'public'::regnamespace AND typname !~ 'alembic_version'
) AS objects (kind, object) GROUP BY kind
"""


@pytest.fixture
def scratch(database: WorkerDatabase) -> Iterator[WorkerDatabase]:
    """A migrated database that a test can take apart."""
    with scratch_database(database, "migrations") as scratch:
        yield scratch


def test_the_migrations_make_what_the_models_say(scratch: WorkerDatabase) -> None:
    assert migrate.differences(scratch.url("app_owner")) == []


def test_each_step_back_undoes_its_step_and_no_other(scratch: WorkerDatabase, shared_connection: None) -> None:
    """Migrations that build objects concurrently can also be run again after an interruption.

    These objects are not built in the transaction that sets the version.
    """
    owner = scratch.url("app_owner")
    after = {}
    with psycopg.connect(scratch.url(SUPERUSER), autocommit=True) as connection:
        for revision in REVISIONS:
            after[revision] = objects(connection)
            migrate.downgrade(owner)
        assert objects(connection) == {}
        for revision in reversed(REVISIONS):
            migrate.upgrade(owner, revision)
            assert objects(connection) == after[revision], revision
            if revision in BESIDE_RUNNING_WORK:
                migrate.downgrade(owner)
                with breaking_off(owner), pytest.raises(ProgrammingError, match="broken off"):
                    migrate.upgrade(owner, revision)
                migrate.upgrade(owner, revision)
                assert objects(connection) == after[revision], revision


@contextmanager
def breaking_off(owner: str) -> Iterator[None]:
    """Make every update of the version fail inside the block."""
    with psycopg.connect(owner, autocommit=True) as connection:
        connection.execute("CREATE SCHEMA aside")
        connection.execute(
            "CREATE FUNCTION aside.break_off() RETURNS trigger LANGUAGE plpgsql AS"
            " $$ BEGIN RAISE 'broken off' USING ERRCODE = '42501'; END $$"
        )
        connection.execute(
            "CREATE TRIGGER break_off BEFORE UPDATE ON alembic_version FOR EACH ROW EXECUTE FUNCTION aside.break_off()"
        )
        yield
        connection.execute("DROP SCHEMA aside CASCADE")


def test_the_sql_can_be_read_without_a_database() -> None:
    up = migrate.render_sql()
    assert all(f"version_num='{revision}'" in up or f"'{revision}'" in up for revision in REVISIONS)
    assert "DROP TABLE calls" in migrate.render_sql(f"{REVISIONS[0]}:base", down=True)


def objects(connection: psycopg.Connection) -> dict[str, set[str]]:
    """Return the texts of all objects, by kind."""
    return {kind: set(texts.split(SEPARATOR)) for kind, texts in connection.execute(OBJECTS)}


@pytest.fixture
def before_jobs(database: WorkerDatabase) -> Iterator[WorkerDatabase]:
    """A database from before jobs had records."""
    with scratch_database(database, "before_jobs", "0007_audit_seals") as scratch:
        yield scratch


def test_jobs_that_wait_when_records_come_go_on_with_one_each(before_jobs: WorkerDatabase) -> None:
    owner = before_jobs.url("app_owner")
    asked = '{"context": {"organization_id": "%s", "actor_label": "Maria"}, "language": "ru", "arguments": {"a": 1}}'
    with psycopg.connect(before_jobs.url(SUPERUSER)) as connection:
        organization = organization_of_old(connection)
        connection.execute(
            "INSERT INTO procrastinate_jobs (queue_name, task_name, lock, args) VALUES ('switchboard', 'a.b', 'c', %s)",
            [asked % organization],
        )
    migrate.upgrade(owner, "0008_jobs")

    with psycopg.connect(before_jobs.url(SUPERUSER)) as connection:
        row = connection.execute(
            "SELECT name, jobs.status, arguments, language, one_by_one, asked_by_label,"
            " args = jsonb_build_object('organization_id', organization_id, 'job_id', jobs.id)"
            " FROM jobs, procrastinate_jobs"
        ).fetchone()
    assert row == ("a.b", "waiting", {"a": 1}, "ru", "c", "Maria", True)

    migrate.downgrade(owner)
    with psycopg.connect(before_jobs.url(SUPERUSER)) as connection:
        [args] = connection.execute("SELECT args FROM procrastinate_jobs").fetchone() or ()
    assert args == json.loads(asked % organization)
