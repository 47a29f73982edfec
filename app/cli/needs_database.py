"""For commands that work on the database: they bring the embedded server with them."""

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
    """Have a database server run while `command` does.

        @group.command("recount")
        @click.argument("slug")
        @needs_database
        def recount(slug: str) -> None: ...

    An embedded server that runs already (beside `make run`, say) is joined; else it is started, and stopped when
    nobody needs it any more. `--help` starts nothing. A server of the operator's own is left alone; one that does not
    answer ends the command with a sentence.
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
