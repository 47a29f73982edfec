"""Security definer functions can't be redirected to a caller's own tables."""

from uuid import uuid4

import psycopg

from app.models import Role
from tests.support.contexts import enter
from tests.support.database import WorkerDatabase
from tests.support.factories import Factories


def test_every_one_of_them_looks_into_temporary_tables_last(database: WorkerDatabase) -> None:
    with psycopg.connect(database.url("app_owner")) as connection:
        found: dict[str, list[str]] = dict(
            connection.execute(
                "SELECT proname, proconfig FROM pg_proc WHERE prosecdef AND pronamespace = 'public'::regnamespace"
            ).fetchall()
        )

    assert "audit_append" in found
    assert {name: set_ for name, set_ in found.items() if "search_path=pg_catalog, public, pg_temp" not in set_} == {}


def test_strangers_may_call_no_function_of_ours(database: WorkerDatabase) -> None:
    with psycopg.connect(database.url("app_owner")) as connection:
        open_to_all = connection.execute(
            "SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace"
            # Constructors of our own types belong to the server's role, and only create values.
            " AND proowner <> (SELECT typowner FROM pg_type WHERE typname = 'uuid')"
            " AND (proacl IS NULL OR EXISTS (SELECT FROM aclexplode(proacl) WHERE grantee = 0))"
        ).fetchall()

    assert open_to_all == []


def test_a_temporary_table_does_not_catch_what_belongs_into_the_trail(
    database: WorkerDatabase, make: Factories
) -> None:
    organization_id = uuid4()
    with psycopg.connect(database.url("app_jobs")) as connection:
        connection.execute("CREATE TEMPORARY TABLE audit_logs (LIKE public.audit_logs)")
        connection.execute("GRANT ALL ON audit_logs TO PUBLIC")
        enter(connection, organization_id)
        connection.execute("SELECT record_event('permission.refused', 'permission', NULL, '{}')")

        caught = connection.execute("SELECT count(*) FROM pg_temp.audit_logs").fetchone()
        written = connection.execute("SELECT organization_id FROM public.audit_logs").fetchall()

    assert caught == (0,)
    assert written == [(organization_id,)]


def test_a_temporary_table_does_not_stand_in_for_the_last_owner(database: WorkerDatabase, make: Factories) -> None:
    organization = make.organization()
    make.user(organization, Role.OWNER)
    with psycopg.connect(database.url("app_jobs")) as connection:
        enter(connection, organization.id)
        connection.execute("CREATE TEMPORARY TABLE users AS SELECT * FROM public.users WITH NO DATA")
        connection.execute("GRANT ALL ON users TO PUBLIC")
        connection.execute(
            "INSERT INTO pg_temp.users (organization_id, role, status) SELECT id, 'owner', 'active' FROM organizations"
        )
        connection.execute("UPDATE public.users SET role = 'csr'")
        refused = None
        try:
            connection.commit()
        except psycopg.errors.CheckViolation as error:
            refused = error.diag.constraint_name

    assert refused == "last_owner"
