"""`flask serve`: start everything at once, as `make run` does."""

import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import click
import psycopg
from flask import current_app

from app.cli.database import bootstrap_database
from app.cli.needs_database import needs_database
from app.config import Settings
from app.db import migrate
from app.db.context_signature import store_key
from app.db.embedded import EmbeddedServerError
from app.db.server import addresses, embedded_server, is_embedded
from app.declarations.demonstration import Demonstration, find_demonstration
from app.sandbox.runner import UNFILTERED, filters_system_calls
from app.server.ports import answers, claimed_port
from app.server.processes import flask_command, web_server, worker
from app.server.supervisor import ProgramFailed, exit_on_stop_signals, supervise
from app.web.proxies import NONE_TRUSTED, needs_proxy

_LOOK_AT_DATABASE_SECONDS = 1.0
_PREPARING = 7_204_315  # arbitrary number; the lock is held until the connection ends


@click.command("serve")
def serve() -> None:
    """Start the database, the web server and the worker. Ctrl-C stops them.

    Migrates the database, and loads the demonstration into an empty one. The environment variable PORT sets the port.
    """
    exit_on_stop_signals()
    _serve()


@needs_database
def _serve() -> None:
    settings: Settings = current_app.config["SETTINGS"]
    demonstration = None if settings.is_production else find_demonstration(current_app)
    _prepare(settings, demonstration)
    try:
        with claimed_port(settings.host, settings.port) as port:
            if port != settings.port:
                click.echo(f"Port {settings.port} is in use. Using {port} instead.")
            supervise(
                [web_server(port, settings.web_processes), worker()],
                announce=_announcement(settings, port, demonstration),
                say=_say,
                look_after=_care_of_database(settings),
            )
    except (OSError, ProgramFailed) as error:
        raise click.ClickException(str(error)) from None


def _prepare(settings: Settings, demonstration: Demonstration | None) -> None:
    """Migrate the database to the version of the code, and load the demonstration into an empty one."""
    if is_embedded(settings):
        bootstrap_database(settings)
    owner_url = addresses(settings).owner.get_secret_value()
    with _one_at_a_time(owner_url):
        migrate.upgrade(owner_url)
        store_key(owner_url, settings.secret_key.get_secret_value())
        if demonstration is not None and not _organizations(owner_url):
            click.echo("Loading the demonstration. This happens only once.")
            if subprocess.call(flask_command(*demonstration.load_command)) != 0:
                raise click.ClickException("The demonstration couldn’t be loaded. The reason is shown above.")


@contextmanager
def _one_at_a_time(owner_url: str) -> Iterator[None]:
    """Hold a lock so that other processes wait until this one has prepared their shared database."""
    with psycopg.connect(owner_url, autocommit=True) as connection:
        connection.execute("SET statement_timeout = 0")
        connection.execute("SELECT pg_advisory_lock(%s)", [_PREPARING])
        yield


def _care_of_database(settings: Settings) -> Callable[[], None]:
    """Return a function that restarts the embedded server if it has died; an external server is left alone."""
    server, last_look, is_down = embedded_server(settings), 0.0, False

    def look() -> None:
        nonlocal last_look, is_down
        if not is_embedded(settings) or time.monotonic() - last_look < _LOOK_AT_DATABASE_SECONDS:
            return
        last_look = time.monotonic()
        try:
            if server.bring_back():
                _say("The database stopped and was restarted.")
            is_down = False
        except (EmbeddedServerError, OSError) as error:  # a disk can be full or read-only
            if not is_down:
                _say(f"The database stopped. Trying to restart it. {error}")
            is_down = True

    return look


def _say(text: str) -> None:
    """Print a line; a full disk on which the output is stored must not end everything."""
    with suppress(OSError):
        click.echo(text)


def _announcement(settings: Settings, port: int, demonstration: Demonstration | None) -> Callable[[], bool]:
    def announce() -> bool:
        if not answers(settings.host, port, "/login"):
            return False
        _say(f"\nSwitchboard is running at http://{settings.host}:{port}")
        if demonstration is not None:
            _print_sign_ins(demonstration, _organizations(addresses(settings).owner.get_secret_value()))
        if needs_proxy(settings):
            _say(NONE_TRUSTED)
        if not filters_system_calls():
            _say(UNFILTERED)
        _say("Ctrl-C stops it.\n")
        return True

    return announce


def _organizations(owner_url: str) -> set[str]:
    """Return the slugs of all organizations."""
    with psycopg.connect(owner_url) as connection:
        return {slug for (slug,) in connection.execute("SELECT slug FROM organizations")}


def _print_sign_ins(demonstration: Demonstration, organizations: set[str]) -> None:
    """Print the first sign-in for each role, from the demonstration organizations that exist."""
    for sign_in in demonstration.first_of_each_role(organizations):
        _say(f"  {sign_in.role:<16} {sign_in.email:<40} {sign_in.password}")
