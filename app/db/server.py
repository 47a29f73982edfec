"""Addresses of the database: the configured server, or else the embedded one."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from psycopg.conninfo import conninfo_to_dict
from pydantic import SecretStr
from sqlalchemy import URL, make_url

from app.config import Settings
from app.db.embedded import SUPERUSER, EmbeddedServer


@dataclass(frozen=True, slots=True)
class Addresses:
    """Connection URLs by role; `admin` (a superuser) and `dump` are None if they are not configured.

    They can contain passwords, so `repr` omits them.
    """

    app: SecretStr
    jobs: SecretStr
    platform: SecretStr
    owner: SecretStr
    admin: SecretStr | None
    dump: SecretStr | None


def addresses(settings: Settings) -> Addresses:
    """Return the addresses in `settings`, or those of the embedded server (which need not be running)."""
    if settings.database_url is not None and settings.owner_database_url is not None:
        return Addresses(
            app=settings.database_url,
            jobs=settings.jobs_database_url or _as_role(settings.database_url, "app_jobs"),
            platform=settings.platform_database_url or _as_role(settings.database_url, "app_platform"),
            owner=settings.owner_database_url,
            admin=settings.bootstrap_database_url,
            # Not derived from the app's address, because this role bypasses row-level security.
            dump=settings.backup_database_url,
        )
    server = embedded_server(settings)
    return Addresses(
        app=SecretStr(server.url("app_rw")),
        jobs=SecretStr(server.url("app_jobs")),
        platform=SecretStr(server.url("app_platform")),
        owner=SecretStr(server.url("app_owner")),
        admin=SecretStr(server.url(SUPERUSER, "postgres")),
        dump=SecretStr(server.url("app_dump")),
    )


def _as_role(url: SecretStr, role: str) -> SecretStr:
    """Return the app's address for another role, with the same password.

    The app's own role lacks that role's privileges.
    """
    return SecretStr(_rendered(make_url(url.get_secret_value()).set(username=role)))


def with_database(url: SecretStr, name: str) -> str:
    """Return the address `url` with another database on the same server, for the same role."""
    return _rendered(make_url(url.get_secret_value()).set(database=name))


def _rendered(url: URL) -> str:
    """Return the address in the form that libpq reads, with `%20` for a space.

    SQLAlchemy writes a space as `+` in the query string, and unescaped before it.
    """
    place, mark, query = url.render_as_string(hide_password=False).partition("?")
    return place.replace(" ", "%20") + mark + query.replace("+", "%20")


def is_embedded(settings: Settings) -> bool:
    """Return whether the embedded server is used."""
    return settings.database_url is None


def embedded_server(settings: Settings) -> EmbeddedServer:
    """Return the embedded server, whose data is in the settings' folder."""
    return EmbeddedServer(settings.var_dir / "postgres")


def database_name(settings: Settings) -> str:
    """Return the name of the database in the app's address."""
    parts = conninfo_to_dict(addresses(settings).app.get_secret_value())
    return str(parts["dbname"])


@contextmanager
def server_running(settings: Settings) -> Iterator[None]:
    """Run the embedded server inside the block; leave a configured server alone."""
    if is_embedded(settings):
        with embedded_server(settings).running():
            yield
    else:
        yield
