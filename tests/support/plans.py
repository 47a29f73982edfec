"""Recording of the query plans for a page, as if its tables were large."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, LiteralString

from sqlalchemy import Engine, event


@contextmanager
def recorded_plans(engine: Engine, *without: LiteralString) -> Iterator[list[str]]:
    """Record the plans of the SELECT statements sent inside the block.

    The plans are made in the same transactions, and thus with the app's role and policies. The tables of a test are so
    small that sequential scans are cheapest, so these are disabled, as is each method in `without`, named as in the
    planner's settings (`bitmapscan`).
    """
    plans: list[str] = []
    ways = ("seqscan", *without)

    def explain(_connection: Any, cursor: Any, statement: str, parameters: Any, *_rest: Any) -> None:
        if not statement.lstrip().startswith(("SELECT", "WITH")):
            return
        with cursor.connection.cursor() as own:
            for way in ways:
                own.execute(f"SET LOCAL enable_{way} = off")
            own.execute(f"EXPLAIN {statement}", parameters)
            plans.append("\n".join(line for (line,) in own.fetchall()))
            for way in ways:
                own.execute(f"SET LOCAL enable_{way} = on")

    event.listen(engine, "before_cursor_execute", explain)
    try:
        yield plans
    finally:
        event.remove(engine, "before_cursor_execute", explain)
