"""Query plans of the product's statements, none of which should scan a large table sequentially."""

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
    """Yield the statements sent inside the block, and add the plan of each query to `plans`.

    Reads of the system settings are omitted. Plans are created in the same transaction, and therefore for the app's own
    role, under its policies and with the organization set.
    """
    statements: list[str] = []
    explaining = False

    def explain(_connection: Connection, cursor: Any, statement: str, parameters: Any, *_rest: Any) -> None:
        nonlocal explaining
        if "FROM system_settings" in statement:
            return  # read every few seconds per process, by whichever request comes next
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
    """Return the large tables that a plan scans sequentially."""
    return sorted({table for plan in plans for table in _WHOLE.findall(plan)})
