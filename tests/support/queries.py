"""Counts what a page asks the database."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Engine, event

#: Read by whichever request finds the process's copy too old: on a slow day that is one more in the middle of a count.
_OF_THE_PROCESS = "system_settings.maintenance_on"


@contextmanager
def recorded_queries(engine: Engine) -> Iterator[list[str]]:
    """The statements sent inside the block, in order; the list grows as they come."""
    statements: list[str] = []

    def record(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if _OF_THE_PROCESS not in statement:
            statements.append(statement)

    event.listen(engine, "before_cursor_execute", record)
    try:
        yield statements
    finally:
        event.remove(engine, "before_cursor_execute", record)
