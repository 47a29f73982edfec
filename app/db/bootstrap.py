"""Setup of what migrations cannot create: the server-wide roles and the database itself.

It runs as a superuser and can be repeated: it creates what is missing and resets everything else to the expected state.
Passwords are those of the configured addresses; a role without an address gets none and cannot log in over the network.

Roles (docs/decisions explains the reasons): `app_owner` owns the tables and migrates; `app_rw` serves requests;
`app_jobs` runs the worker; `app_platform` reads across organizations for the platform's staff; `app_search` owns the
search functions and never logs in; `app_dump` takes backups and is the only one that bypasses row-level security.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

OLDEST_SERVER = 170000  # introduced the builtin C.UTF-8 locale, which sorts the same on every machine

_ONE_AT_A_TIME = 7_204_312  # an arbitrary number; the lock is held until the connection ends

#: Limits for the app's role; the worker's watchdog ends what gets past them.
STATEMENT_LIMIT, IDLE_LIMIT = timedelta(seconds=20), timedelta(seconds=30)

#: Days and hours of statements don't depend on the settings of the server.
_UTC = {"timezone": "UTC"}
_SETTINGS = {
    **_UTC,
    "statement_timeout": f"{STATEMENT_LIMIT.seconds}s",
    "lock_timeout": "5s",
    "idle_in_transaction_session_timeout": f"{IDLE_LIMIT.seconds}s",
    # A flash disk reads a random page about as fast as a sequential one. With the default of 4, meant for spinning
    # disks, a query for one month's objections read every analysis in the table.
    "random_page_cost": "1.1",
}


class BootstrapError(Exception):
    """Failure to prepare the database; the text is the complete message for the operator."""


@dataclass(frozen=True, slots=True)
class Role:
    """A role of the server: its attributes as SQL, its settings, and its privileges on the database."""

    name: str
    attributes: str
    settings: Mapping[str, str] = field(default_factory=dict)
    database_rights: str = "CONNECT"


ROLES = (
    Role("app_owner", "LOGIN NOBYPASSRLS", {**_UTC, "lock_timeout": "5s"}, "CONNECT, CREATE, TEMPORARY"),
    Role("app_rw", "LOGIN NOBYPASSRLS", _SETTINGS),
    # Jobs load files through temporary tables, and their statements work on more rows than those of a page.
    Role("app_jobs", "LOGIN NOBYPASSRLS", {**_SETTINGS, "statement_timeout": "10min"}, "CONNECT, TEMPORARY"),
    Role("app_platform", "LOGIN NOBYPASSRLS", {**_SETTINGS, "default_transaction_read_only": "on"}),
    Role("app_search", "NOLOGIN NOBYPASSRLS", database_rights=""),
    Role("app_dump", "LOGIN BYPASSRLS", {**_UTC, "default_transaction_read_only": "on", "lock_timeout": "30s"}),
)
# Functions that the server lets everyone call and the app does not use: large objects are not rows, so no policy
# protects them; signals end other sessions' work; a session-level lock outlives its transaction. The values are the
# roles that do need them.
_TAKEN_FROM_EVERYBODY = {
    r"^lo_|^lo(read|write)$": (),
    r"^pg_(terminate|cancel)_backend$": ("app_jobs",),
    r"^pg_(try_)?advisory_(lock|unlock)(_shared|_all)?$": ("app_owner",),
}
_MEMBERSHIPS = (
    sql.SQL("GRANT app_rw TO app_jobs WITH INHERIT TRUE, SET FALSE"),
    # Used only to hand functions over to app_search in a migration; the owner does not inherit its privileges.
    sql.SQL("GRANT app_search TO app_owner WITH INHERIT FALSE, SET TRUE"),
    sql.SQL("GRANT pg_read_all_data TO app_dump"),
)


def bootstrap(admin_url: str, database: str, passwords: Mapping[str, str] | None = None) -> None:
    """Create the roles and the `database` on the server at `admin_url`, or correct existing ones.

    The user of `admin_url` is a superuser. `passwords` maps role names to passwords. Raises BootstrapError if the
    server is too old or the user lacks the privileges.
    """
    with psycopg.connect(admin_url, autocommit=True) as connection:
        _check_server(connection)
        # Roles belong to the whole server, so two processes that set them at the same time would conflict.
        connection.execute("SELECT pg_advisory_lock(%s)", [_ONE_AT_A_TIME])
        for role in ROLES:
            _make_role(connection, role, (passwords or {}).get(role.name))
        for membership in _MEMBERSHIPS:
            connection.execute(membership)
        make_database(connection, database)
    with psycopg.connect(on_database(admin_url, database), autocommit=True) as connection:
        # The owner retains this privilege through pg_database_owner.
        connection.execute("REVOKE CREATE ON SCHEMA public FROM PUBLIC")
        for names, roles in _TAKEN_FROM_EVERYBODY.items():
            _take_from_everybody(connection, names, roles)


def on_database(url: str, database: str) -> str:
    """Return the connection string `url` with another database name."""
    return make_conninfo(url, dbname=database)


def password_of(url: str, role: str) -> str | None:
    """Return the password in `url`, which must log in as `role`.

    Returns None if there is no password. Raises BootstrapError, naming the role, if the URL is for another one.
    """
    parts = conninfo_to_dict(url)
    if parts.get("user") != role:
        raise BootstrapError(f"The database URL must sign in as {role}, not as {parts.get('user', 'no one')}.")
    return str(parts["password"]) if "password" in parts else None


def _check_server(connection: psycopg.Connection) -> None:
    version = connection.info.server_version
    if version < OLDEST_SERVER:
        raise BootstrapError(
            f"PostgreSQL {OLDEST_SERVER // 10000} or later is required. This server has version {version // 10000}."
        )
    if connection.info.parameter_status("is_superuser") != "on":
        raise BootstrapError(f"BOOTSTRAP_DATABASE_URL must sign in as a superuser. {connection.info.user} isn’t one.")


def _make_role(connection: psycopg.Connection, role: Role, password: str | None) -> None:
    name = sql.Identifier(role.name)
    if connection.execute("SELECT FROM pg_roles WHERE rolname = %s", [role.name]).fetchone() is None:
        connection.execute(sql.SQL("CREATE ROLE {}").format(name))
    connection.execute(sql.SQL("ALTER ROLE {} " + role.attributes).format(name))
    if password is not None:
        connection.execute(sql.SQL("ALTER ROLE {} PASSWORD {}").format(name, password))
    connection.execute(sql.SQL("ALTER ROLE {} RESET ALL").format(name))
    for setting, value in role.settings.items():
        connection.execute(sql.SQL("ALTER ROLE {} SET {} = {}").format(name, sql.Identifier(setting), value))


def _take_from_everybody(connection: psycopg.Connection, names: str, roles: Sequence[str]) -> None:
    """Let only `roles` call the server functions whose names match the pattern `names`."""
    found = connection.execute(
        "SELECT oid::regprocedure::text FROM pg_proc WHERE pronamespace = 'pg_catalog'::regnamespace"
        " AND prorettype <> 'trigger'::regtype AND proname ~ %s",
        [names],
    )
    functions = sql.SQL(", ").join(sql.SQL(name) for (name,) in found.fetchall())
    connection.execute(sql.SQL("REVOKE EXECUTE ON FUNCTION {} FROM PUBLIC").format(functions))
    for role in roles:
        grant = sql.SQL("GRANT EXECUTE ON FUNCTION {} TO {}")
        connection.execute(grant.format(functions, sql.Identifier(role)))


def make_database(connection: psycopg.Connection, database: str) -> None:
    """Create the empty `database` unless it exists, and grant each role its privileges on it."""
    name = sql.Identifier(database)
    if connection.execute("SELECT FROM pg_database WHERE datname = %s", [database]).fetchone() is None:
        connection.execute(
            sql.SQL(
                "CREATE DATABASE {} OWNER app_owner TEMPLATE template0 ENCODING 'UTF8' LOCALE_PROVIDER builtin "
                "BUILTIN_LOCALE 'C.UTF-8' LOCALE 'C'"
            ).format(name)
        )
    connection.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(name))
    for role in ROLES:
        if role.database_rights:
            rights = sql.SQL("GRANT " + role.database_rights + " ON DATABASE {} TO {}")
            connection.execute(rights.format(name, sql.Identifier(role.name)))
