"""For commands that work on the database: they bring the embedded server with them."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

import click
from flask import current_app

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
    nobody needs it any more. `--help` starts nothing. A server of the operator's own is left alone.
    """

    @wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            with server_running(current_app.config["SETTINGS"]):
                return command(*args, **kwargs)
        except EmbeddedServerError as error:
            raise click.ClickException(str(error)) from None

    return run
