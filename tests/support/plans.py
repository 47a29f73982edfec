"""How the database would answer what a page asks, if its tables were long."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Engine, event


@contextmanager
def recorded_plans(engine: Engine) -> Iterator[list[str]]:
    """The plans of the selections sent inside the block, made in their transactions: under the app's role and policies.

    The tables of a test are so short that reading them whole is cheapest; here that is no choice.
    """
    plans: list[str] = []

    def explain(_connection: Any, cursor: Any, statement: str, parameters: Any, *_rest: Any) -> None:
        if not statement.lstrip().startswith(("SELECT", "WITH")):
            return
        with cursor.connection.cursor() as own:
            own.execute("SET LOCAL enable_seqscan = off")
            own.execute(f"EXPLAIN {statement}", parameters)
            plans.append("\n".join(line for (line,) in own.fetchall()))
            own.execute("SET LOCAL enable_seqscan = on")

    event.listen(engine, "before_cursor_execute", explain)
    try:
        yield plans
    finally:
        event.remove(engine, "before_cursor_execute", explain)
