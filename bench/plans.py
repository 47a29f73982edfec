"""Which plans the product's statements get: none may read a whole large table."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Engine, event
from sqlalchemy.engine import Connection

LARGE_TABLES = (
    "calls",
    "contact_cards",
    "call_analyses",
    "leads",
    "appointments",
    "missed_call_entries",
    "tasks",
)
_WHOLE = re.compile(rf"Seq Scan on ({'|'.join(LARGE_TABLES)})\b")


@contextmanager
def recorded(engine: Engine, plans: list[str]) -> Iterator[list[str]]:
    """The statements sent inside the block; the plan of each is added to `plans`, made in the same transaction.

    So it is the plan of the app's own role, under its policies and with the organization set.
    """
    statements: list[str] = []
    explaining = False

    def explain(_connection: Connection, cursor: Any, statement: str, parameters: Any, *_rest: Any) -> None:
        nonlocal explaining
        if "FROM system_settings" in statement:
            return  # read every few seconds for the process, by whichever request comes then
        statements.append(statement)
        if explaining or not statement.lstrip().upper().startswith(("SELECT", "WITH")) or "set_context" in statement:
            return
        explaining = True
        try:
            own = cursor.connection.cursor()
            own.execute(f"EXPLAIN {statement}", parameters)
            plans.append("\n".join(line for (line,) in own.fetchall()))
        finally:
            explaining = False

    event.listen(engine, "before_cursor_execute", explain)
    try:
        yield statements
    finally:
        event.remove(engine, "before_cursor_execute", explain)


def whole_scans(plans: list[str]) -> list[str]:
    """Large tables that a plan reads from one end to the other."""
    return sorted({table for plan in plans for table in _WHOLE.findall(plan)})
