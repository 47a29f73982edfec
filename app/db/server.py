"""Where the database is: the server that the settings name, or else the embedded one."""

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
    """Connection URLs, one a role; `admin` (a superuser) and `dump` are None when nobody gave them.

    They may hold passwords, so `repr` leaves them out.
    """

    app: SecretStr
    jobs: SecretStr
    platform: SecretStr
    owner: SecretStr
    admin: SecretStr | None
    dump: SecretStr | None


def addresses(settings: Settings) -> Addresses:
    """The addresses of `settings`, or those of the embedded server when there are none (it need not run)."""
    if settings.database_url is not None and settings.owner_database_url is not None:
        return Addresses(
            app=settings.database_url,
            jobs=settings.jobs_database_url or _as_role(settings.database_url, "app_jobs"),
            platform=settings.platform_database_url or _as_role(settings.database_url, "app_platform"),
            owner=settings.owner_database_url,
            admin=settings.bootstrap_database_url,
            # Never the app's with another role: this one reads past row-level security.
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
    """The app's address for another role, with the same password: the app's own role may not do what that one does."""
    return SecretStr(_rendered(make_url(url.get_secret_value()).set(username=role)))


def with_database(url: SecretStr, name: str) -> str:
    """The address of another database on the same server, for the same role."""
    return _rendered(make_url(url.get_secret_value()).set(database=name))


def _rendered(url: URL) -> str:
    """The address as libpq reads it, with `%20` for a space: SQLAlchemy writes `+` in the query, a bare one before."""
    place, mark, query = url.render_as_string(hide_password=False).partition("?")
    return place.replace(" ", "%20") + mark + query.replace("+", "%20")


def is_embedded(settings: Settings) -> bool:
    """Whether the product brings its own server."""
    return settings.database_url is None


def embedded_server(settings: Settings) -> EmbeddedServer:
    """The project's own server, with its data under the settings' folder."""
    return EmbeddedServer(settings.var_dir / "postgres")


def database_name(settings: Settings) -> str:
    """Name of the database that the app's address leads to."""
    parts = conninfo_to_dict(addresses(settings).app.get_secret_value())
    return str(parts["dbname"])


@contextmanager
def server_running(settings: Settings) -> Iterator[None]:
    """Have the embedded server run inside the block; a server of the operator's own is left alone."""
    if is_embedded(settings):
        with embedded_server(settings).running():
            yield
    else:
        yield
