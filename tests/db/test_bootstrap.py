"""The database roles that everything else relies on, and the database they share."""

import psycopg
import pytest
from psycopg import sql

from app.db.bootstrap import ROLES, BootstrapError, bootstrap, password_of
from app.db.embedded import SUPERUSER
from tests.support.database import WorkerDatabase


def test_nobody_but_the_backup_gets_past_row_level_security(database: WorkerDatabase) -> None:
    assert attributes(database) == {
        "app_owner": (True, False, False),
        "app_rw": (True, False, False),
        "app_jobs": (True, False, False),
        "app_platform": (True, False, False),
        "app_search": (False, False, False),
        "app_dump": (True, True, False),
    }


def test_a_second_run_changes_nothing(database: WorkerDatabase) -> None:
    before = attributes(database)
    bootstrap(database.url(SUPERUSER), database.name)
    assert attributes(database) == before


@pytest.mark.parametrize(
    ("role", "setting", "value"),
    [
        ("app_rw", "statement_timeout", "20s"),
        ("app_rw", "lock_timeout", "5s"),
        ("app_rw", "idle_in_transaction_session_timeout", "30s"),
        ("app_rw", "plan_cache_mode", "auto"),
        ("app_rw", "timezone", "UTC"),
        ("app_dump", "timezone", "UTC"),
        ("app_jobs", "plan_cache_mode", "auto"),
        ("app_platform", "default_transaction_read_only", "on"),
        ("app_dump", "default_transaction_read_only", "on"),
    ],
)
def test_a_role_brings_its_limits(database: WorkerDatabase, role: str, setting: str, value: str) -> None:
    with psycopg.connect(database.url(role)) as connection:
        assert connection.execute(sql.SQL("SHOW {}").format(sql.Identifier(setting))).fetchone() == (value,)


@pytest.mark.parametrize("role", ["app_rw", "app_jobs", "app_platform", "app_dump"])
def test_only_the_owner_makes_tables(database: WorkerDatabase, role: str) -> None:
    with psycopg.connect(database.url(role)) as connection:
        connection.execute("SET transaction_read_only = off")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("CREATE TABLE mine (x int)")


def test_strangers_may_not_connect(database: WorkerDatabase) -> None:
    with psycopg.connect(database.url(SUPERUSER)) as connection:
        connection.execute("CREATE ROLE stranger LOGIN")
        allowed = connection.execute(
            "SELECT has_database_privilege('stranger', current_database(), 'CONNECT, TEMPORARY, CREATE')"
        ).fetchone()
        connection.rollback()
    assert allowed == (False,)


def test_text_sorts_alike_on_every_machine(database: WorkerDatabase) -> None:
    with psycopg.connect(database.url("app_rw")) as connection:
        assert connection.execute(
            "SELECT datlocprovider, datlocale, pg_encoding_to_char(encoding) FROM pg_database "
            "WHERE datname = current_database()"
        ).fetchone() == ("b", "C.UTF-8", "UTF8")


def test_passwords_are_those_of_the_addresses() -> None:
    assert password_of("postgresql://app_rw:s3cret@db.example/switchboard", "app_rw") == "s3cret"
    assert password_of("postgresql://app_rw@db.example/switchboard", "app_rw") is None


def test_an_address_of_another_role_is_refused_by_name() -> None:
    with pytest.raises(BootstrapError, match="app_rw, not as admin"):
        password_of("postgresql://admin:s3cret@db.example/switchboard", "app_rw")


def test_who_is_no_superuser_is_told_so(database: WorkerDatabase) -> None:
    with pytest.raises(BootstrapError, match="superuser"):
        bootstrap(database.url("app_owner"), database.name)


def attributes(database: WorkerDatabase) -> dict[str, tuple[bool, bool, bool]]:
    """Return whether each role can sign in, bypasses row-level security, and is a superuser."""
    with psycopg.connect(database.url(SUPERUSER)) as connection:
        rows = connection.execute(
            "SELECT rolname, rolcanlogin, rolbypassrls, rolsuper FROM pg_roles WHERE rolname = ANY (%s)",
            [[role.name for role in ROLES]],
        )
        return {name: (signs_in, bypasses, rules) for name, signs_in, bypasses, rules in rows}
