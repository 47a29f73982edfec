"""Values of the audit trail, which are JSON, as the columns of their tables store them."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, DateTime, Uuid


def stored_value(column: ColumnElement[Any], value: Any) -> Any:
    """Convert a value of the trail to the type of its column; JSON has neither IDs nor times."""
    if value is None:
        return None
    if isinstance(column.type, DateTime):
        return datetime.fromisoformat(value)
    return UUID(value) if isinstance(column.type, Uuid) else value


def values_to_restore(
    row: Any, before: Mapping[str, Any], after: Mapping[str, Any], accompanying: Collection[str]
) -> dict[str, Any]:
    """Return those of the `accompanying` columns that a change set and nothing has set since, with their values before.

    `before` and `after` are the values of the change as the trail has them.
    """
    columns = type(row).__table__.columns
    names = [name for name in accompanying if name in before]
    as_left = [name for name in names if getattr(row, name) == stored_value(columns[name], after.get(name))]
    return {name: stored_value(columns[name], before[name]) for name in as_left}
