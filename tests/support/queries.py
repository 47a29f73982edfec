"""Recording of the statements that are sent to the database."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Engine, event

#: Sent by any request that finds the process's cached copy too old: on a slow machine, in the middle of a count.
_OF_THE_PROCESS = "system_settings.maintenance_on"


@contextmanager
def recorded_queries(engine: Engine) -> Iterator[list[str]]:
    """Record the statements sent inside the block, in a list that grows as they are sent.

    Queries for the maintenance state are omitted, since they depend on the age of the process's cached copy.
    """
    statements: list[str] = []

    def record(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if _OF_THE_PROCESS not in statement:
            statements.append(statement)

    event.listen(engine, "before_cursor_execute", record)
    try:
        yield statements
    finally:
        event.remove(engine, "before_cursor_execute", record)
