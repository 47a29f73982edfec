"""Makes what migrations cannot: the roles, which belong to the whole server, and the database itself.

Runs as a superuser, as often as one likes: it makes what is missing and sets everything else again. Passwords are
those of the settings' addresses; a role without an address gets none, and cannot sign in over the network.

Roles (docs/decisions tells why): `app_owner` owns the tables and migrates; `app_rw` serves requests; `app_jobs` runs
the worker; `app_platform` reads across organizations for the platform's staff; `app_search` owns the search functions
and never signs in; `app_dump` takes backups and is the only one that row-level security does not hold.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

OLDEST_SERVER = 170000  # the builtin C.UTF-8 locale, which sorts alike on every machine, came with PostgreSQL 17

_ONE_AT_A_TIME = 7_204_312  # any number; held until the connection ends

#: Of the app's role; the worker's watchdog ends what gets past them.
STATEMENT_LIMIT, IDLE_LIMIT = timedelta(seconds=20), timedelta(seconds=30)

_SETTINGS = {
    "statement_timeout": f"{STATEMENT_LIMIT.seconds}s",
    "lock_timeout": "5s",
    "idle_in_transaction_session_timeout": f"{IDLE_LIMIT.seconds}s",
    # A generic plan, taken after five runs, ignores how much one organization differs from another in size.
    "plan_cache_mode": "force_custom_plan",
    # A flash disk fetches any page about as fast as the next one. At the default of 4, written for spinning disks, a
    # month's objections were found by reading all analyses there ever were.
    "random_page_cost": "1.1",
}


class BootstrapError(Exception):
    """The database cannot be prepared; the text is the whole message for the operator."""


@dataclass(frozen=True, slots=True)
class Role:
    """One role of the server: its attributes as SQL, its settings, what it may do with the database."""

    name: str
    attributes: str
    settings: Mapping[str, str] = field(default_factory=dict)
    database_rights: str = "CONNECT"


ROLES = (
    Role("app_owner", "LOGIN NOBYPASSRLS", {"lock_timeout": "5s"}, "CONNECT, CREATE, TEMPORARY"),
    Role("app_rw", "LOGIN NOBYPASSRLS", _SETTINGS),
    # Jobs load files through temporary tables, and their statements work on more rows than a page's.
    Role("app_jobs", "LOGIN NOBYPASSRLS", {**_SETTINGS, "statement_timeout": "10min"}, "CONNECT, TEMPORARY"),
    Role("app_platform", "LOGIN NOBYPASSRLS", {**_SETTINGS, "default_transaction_read_only": "on"}),
    Role("app_search", "NOLOGIN NOBYPASSRLS", database_rights=""),
    Role("app_dump", "LOGIN BYPASSRLS", {"default_transaction_read_only": "on", "lock_timeout": "30s"}),
)
# What the server lets everybody do, and the product does nowhere: large objects are no rows, so no policy guards them;
# signals end others' work; a lock of a session outlives its transaction. With the roles that need it all the same.
_TAKEN_FROM_EVERYBODY = {
    r"^lo_|^lo(read|write)$": (),
    r"^pg_(terminate|cancel)_backend$": ("app_jobs",),
    r"^pg_(try_)?advisory_(lock|unlock)(_shared|_all)?$": ("app_owner",),
}
_MEMBERSHIPS = (
    sql.SQL("GRANT app_rw TO app_jobs WITH INHERIT TRUE, SET FALSE"),
    # Only to hand functions over to app_search in a migration; the owner does not act with its rights.
    sql.SQL("GRANT app_search TO app_owner WITH INHERIT FALSE, SET TRUE"),
    sql.SQL("GRANT pg_read_all_data TO app_dump"),
)


def bootstrap(admin_url: str, database: str, passwords: Mapping[str, str] | None = None) -> None:
    """Make the roles and the empty `database` on the server that `admin_url` reaches as a superuser.

    `passwords` maps role names to passwords. Raises BootstrapError when the server is too old or the user may not.
    """
    with psycopg.connect(admin_url, autocommit=True) as connection:
        _check_server(connection)
        # Roles belong to the whole server: two that set them at once would get in each other's way.
        connection.execute("SELECT pg_advisory_lock(%s)", [_ONE_AT_A_TIME])
        for role in ROLES:
            _make_role(connection, role, (passwords or {}).get(role.name))
        for membership in _MEMBERSHIPS:
            connection.execute(membership)
        make_database(connection, database)
    with psycopg.connect(on_database(admin_url, database), autocommit=True) as connection:
        # The owner keeps its right through pg_database_owner.
        connection.execute("REVOKE CREATE ON SCHEMA public FROM PUBLIC")
        for names, roles in _TAKEN_FROM_EVERYBODY.items():
            _take_from_everybody(connection, names, roles)


def on_database(url: str, database: str) -> str:
    """Connection string of `url` with another database."""
    return make_conninfo(url, dbname=database)


def password_of(url: str, role: str) -> str | None:
    """The password in `url`, which must sign in as `role`; BootstrapError names the role when it does not."""
    parts = conninfo_to_dict(url)
    if parts.get("user") != role:
        raise BootstrapError(f"The database address must sign in as {role}, not as {parts.get('user', 'nobody')}.")
    return str(parts["password"]) if "password" in parts else None


def _check_server(connection: psycopg.Connection) -> None:
    version = connection.info.server_version
    if version < OLDEST_SERVER:
        raise BootstrapError(f"PostgreSQL {OLDEST_SERVER // 10000} or newer is needed; this is {version // 10000}.")
    if connection.info.parameter_status("is_superuser") != "on":
        raise BootstrapError(f"BOOTSTRAP_DATABASE_URL must sign in as a superuser; {connection.info.user} is none.")


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
    """Let only `roles` call the server's functions of these names."""
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
    """Make the empty `database` unless it is there, and say which role may do what with it."""
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
