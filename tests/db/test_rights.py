"""The app role gets its privileges on new objects, and nobody keeps what the server grants everybody."""

from collections.abc import Iterator

import psycopg
import pytest
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import Column, Integer, Text, create_engine

from app.db.bootstrap import bootstrap
from app.db.embedded import SUPERUSER
from migrations.support import TENANT, create_tenant_table
from tests.support.database import WorkerDatabase, scratch_database

RIGHTS = """
SELECT 'table', relname, '', relacl::text FROM pg_class
  WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'S')
UNION ALL SELECT 'column', attrelid::regclass::text, attname, attacl::text FROM pg_attribute
  WHERE attacl IS NOT NULL AND attrelid IN (SELECT oid FROM pg_class WHERE relnamespace = 'public'::regnamespace)
UNION ALL SELECT 'function', oid::regprocedure::text, proowner::regrole::text, proacl::text FROM pg_proc
  WHERE pronamespace = 'public'::regnamespace OR proname ~ '^lo_|^pg_(terminate|cancel)_backend$|^pg_advisory_lock$'
UNION ALL SELECT 'policy', tablename, policyname, concat_ws(' ', roles, cmd, qual, with_check) FROM pg_policies
UNION ALL SELECT 'default', defaclrole::regrole::text, defaclobjtype::text, defaclacl::text FROM pg_default_acl
UNION ALL SELECT 'schema', nspname, '', nspacl::text FROM pg_namespace WHERE nspname = 'public'
"""


@pytest.fixture
def scratch(database: WorkerDatabase) -> Iterator[WorkerDatabase]:
    """A migrated database that a test can change."""
    with scratch_database(database, "rights") as scratch:
        yield scratch


def rights(database: WorkerDatabase) -> set[tuple[str, ...]]:
    with psycopg.connect(database.url(SUPERUSER)) as connection:
        return set(connection.execute(RIGHTS))


def refused(database: WorkerDatabase, statement: str) -> str | None:
    """Return the SQLSTATE with which the app's role is refused; None if the statement succeeds."""
    with psycopg.connect(database.url("app_rw")) as connection:
        try:
            connection.execute(statement)
        except psycopg.Error as error:
            return error.sqlstate
        finally:
            connection.rollback()
    return None


def test_what_the_server_let_everybody_do_is_taken_away_again(scratch: WorkerDatabase) -> None:
    with psycopg.connect(scratch.url(SUPERUSER)) as connection:
        connection.execute("GRANT EXECUTE ON FUNCTION lo_creat(integer) TO PUBLIC")
    assert refused(scratch, "SELECT lo_creat(1)") is None

    bootstrap(scratch.url(SUPERUSER), scratch.name)

    assert refused(scratch, "SELECT lo_creat(1)") == "42501"


def test_a_new_table_and_a_new_column_need_no_line(scratch: WorkerDatabase) -> None:
    engine = create_engine(scratch.url("app_owner").replace("postgresql:", "postgresql+psycopg:"))
    with engine.begin() as connection, Operations.context(MigrationContext.configure(connection)):
        create_tenant_table("vehicles", Column("plate", Text()), soft_deleted=True)
        connection.exec_driver_sql("SELECT settle_rights(), settle_context()")
    with engine.begin() as connection, Operations.context(MigrationContext.configure(connection)) as operations:
        operations.add_column("vehicles", Column("wheels", Integer()))
        connection.exec_driver_sql("SELECT settle_rights(), settle_context()")
    engine.dispose()

    may = ("SELECT * FROM vehicles", "UPDATE vehicles SET plate = 'a', wheels = 4", "SELECT FROM vehicles FOR UPDATE")
    may_not = (
        "LOCK TABLE vehicles IN SHARE MODE",
        "DELETE FROM vehicles",
        "UPDATE vehicles SET organization_id = id",
        "TRUNCATE vehicles",
    )
    assert [refused(scratch, statement) for statement in may] == [None] * len(may)
    assert [refused(scratch, statement) for statement in may_not] == ["42501"] * len(may_not)
    [policy] = [
        text for kind, table, name, text in rights(scratch) if (kind, table, name) == ("policy", "vehicles", "tenant")
    ]
    assert "SELECT current_organization()" in policy


@pytest.mark.parametrize(
    "condition",
    [
        "organization_id = current_setting('app.organization_id')::uuid",
        f"created_by IS NOT NULL AND {TENANT}",
    ],
)
def test_a_policy_of_another_form_is_not_guessed_at(scratch: WorkerDatabase, condition: str) -> None:
    with psycopg.connect(scratch.url("app_owner")) as connection:
        connection.execute(f"ALTER POLICY tenant ON tasks USING ({condition})")

        with pytest.raises(psycopg.errors.RaiseException, match="policy tenant of tasks"):
            connection.execute("SELECT settle_context()")


def test_only_what_makes_and_asks_for_the_proof_names_the_setting(database: WorkerDatabase) -> None:
    with psycopg.connect(database.url("app_owner")) as connection:
        found = connection.execute(
            "SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace"
            " AND strpos(prosrc, 'app.organization_id') > 0"
        ).fetchall()

    assert {name for (name,) in found} == {
        "context_proof", "current_organization", "set_context", "settle_context", "signed_entry",
    }  # fmt: skip


@pytest.mark.parametrize("table", ["calls", "users", "user_sessions", "organizations", "jobs", "audit_logs"])
def test_the_app_stops_no_reader_of_what_every_request_uses(database: WorkerDatabase, table: str) -> None:
    assert refused(database, f"LOCK TABLE {table} IN SHARE UPDATE EXCLUSIVE MODE") == "42501"
