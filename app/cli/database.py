"""`flask db …`: manage roles, the database and migrations, and open a psql that sees all rows."""

import shutil
import signal
import subprocess
from collections.abc import Callable

import click
from alembic.util.exc import CommandError
from flask import current_app
from flask.cli import AppGroup
from pydantic import SecretStr

from app.cli.needs_database import needs_database
from app.config import Settings
from app.db import migrate
from app.db.bootstrap import BootstrapError, bootstrap, password_of
from app.db.context_signature import store_key
from app.db.embedded import binary
from app.db.programs import without_password
from app.db.server import addresses, database_name, is_embedded

db_commands = AppGroup("db", help="Create, migrate, compare and query the database.")


@db_commands.command("bootstrap")
@needs_database
def bootstrap_command() -> None:
    """Create the database and its roles, or correct existing ones.

    An external server needs BOOTSTRAP_DATABASE_URL, the URL of a superuser. The roles get the passwords in
    DATABASE_URL, JOBS_DATABASE_URL, PLATFORM_DATABASE_URL, BACKUP_DATABASE_URL and OWNER_DATABASE_URL.
    """
    bootstrap_database(_settings())
    click.echo("The database and its roles are ready.")


def bootstrap_database(settings: Settings) -> None:
    """Create the roles and the database, or correct existing ones.

    Raises ClickException with a sentence for the operator.
    """
    where = addresses(settings)
    if where.admin is None:
        raise click.ClickException("Set BOOTSTRAP_DATABASE_URL to the URL of a superuser of the server.")
    try:
        passwords = (
            {}
            if is_embedded(settings)
            else _passwords(
                app_rw=where.app,
                app_jobs=where.jobs,
                app_owner=where.owner,
                app_platform=where.platform,
                app_dump=where.dump,
            )
        )
        bootstrap(where.admin.get_secret_value(), database_name(settings), passwords)
    except BootstrapError as error:
        raise click.ClickException(str(error)) from None


@db_commands.command("upgrade")
@click.argument("revision", default="head")
@click.option("--new-keys", is_flag=True, help="Discard old keys, for example after SECRET_KEY or a backup was stolen.")
@needs_database
def upgrade(revision: str, new_keys: bool) -> None:
    """Migrate up to REVISION (default: the latest), and store the signing key derived from SECRET_KEY."""
    _migrating(migrate.upgrade, revision)
    store_key(_owner_url(), _settings().secret_key.get_secret_value(), alone=new_keys)


@db_commands.command("downgrade")
@click.argument("revision", default="-1")
@needs_database
def downgrade(revision: str) -> None:
    """Migrate down to REVISION (default: one step). The data of dropped tables and columns is lost."""
    _migrating(migrate.downgrade, revision)


@db_commands.command("check")
@needs_database
def check() -> None:
    """Compare the database with the models. Exit with code 1 if they differ."""
    found = migrate.differences(_owner_url())
    for difference in found:
        click.echo(difference)
    if found:
        raise click.ClickException(f"The database differs from the models in {len(found)} places.")
    click.echo("The database matches the models.")


@db_commands.command("shell")
@click.option("-c", "statement", metavar="SQL", help="Run this statement and exit.")
@needs_database
def shell(statement: str | None) -> None:
    """Run psql as the owner role, which can read the data of all organizations."""
    url, environment = without_password(addresses(_settings()).owner.get_secret_value())
    arguments = ["--command", statement, "--set", "ON_ERROR_STOP=1"] if statement else []
    # Ctrl-C is for psql: it cancels the running statement.
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        status = subprocess.call([_psql(), url, *arguments], env=environment)
    finally:
        signal.signal(signal.SIGINT, before)
    raise SystemExit(status)


@db_commands.command("sql")
@click.option("--down", is_flag=True, help="Print the SQL of downgrading from the latest migration to none.")
def sql(down: bool) -> None:
    """Print the SQL of all migrations, without using a database."""
    click.echo(migrate.render_sql(down=down))


def _settings() -> Settings:
    settings: Settings = current_app.config["SETTINGS"]
    return settings


def _owner_url() -> str:
    return addresses(_settings()).owner.get_secret_value()


def _migrating(step: Callable[[str, str], None], revision: str) -> None:
    try:
        step(_owner_url(), revision)
    except CommandError as error:
        raise click.ClickException(str(error)) from None
    click.echo(f"The database is at {migrate.current(_owner_url()) or 'no revision because it is empty'}.")


def _passwords(**urls: SecretStr | None) -> dict[str, str]:
    """Return the passwords by role, for the URLs that contain one."""
    found = {role: password_of(url.get_secret_value(), role) for role, url in urls.items() if url is not None}
    return {role: password for role, password in found.items() if password is not None}


def _psql() -> str:
    """Return the path of the psql of the embedded package, or else of the one installed on the machine."""
    embedded = binary("psql")
    found = str(embedded) if embedded.exists() else shutil.which("psql")
    if found is None:
        raise click.ClickException("psql wasn’t found. Install PostgreSQL’s client (postgresql-client in Debian).")
    return found
