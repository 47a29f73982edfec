"""A decorator that provides a database server while a command runs, embedded if necessary."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

import click
import psycopg
from flask import current_app
from sqlalchemy.exc import OperationalError

from app.db.embedded import EmbeddedServerError
from app.db.server import server_running

P = ParamSpec("P")
R = TypeVar("R")


def needs_database(command: Callable[P, R]) -> Callable[P, R]:
    """Run the command with a database server.

        @group.command("recount")
        @click.argument("slug")
        @needs_database
        def recount(slug: str) -> None: ...

    An embedded server that is already running (started by `make run`, for example) is shared; otherwise it is started,
    and stopped when nothing uses it anymore. `--help` starts nothing. An external server is left alone; if it does not
    answer, the command ends with a sentence.
    """

    @wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            with server_running(current_app.config["SETTINGS"]):
                return command(*args, **kwargs)
        except EmbeddedServerError as error:
            raise click.ClickException(str(error)) from None
        except OperationalError as error:
            raise click.ClickException(f"The database can’t be reached: {error.orig}") from None
        except psycopg.OperationalError as error:
            raise click.ClickException(f"The database can’t be reached: {error}") from None

    return run
