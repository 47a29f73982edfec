"""Reading large amounts of data from one snapshot, with a thousand rows in memory at a time."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Table, select
from sqlalchemy.orm import Session

from app.db.context import current_context, use_context
from app.db.lists import ROWS_A_FETCH
from app.db.moments import in_utc
from app.db.session import UnitOfWork
from app.extensions import db
from app.security.scope import unscoped


@contextmanager
def snapshot() -> Iterator[Session]:
    """Open a read-only transaction with a stable snapshot, separate from the job's."""
    with use_context(replace(current_context(), read_only=True)), UnitOfWork(db) as session:
        session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
        yield session


def rows_of(
    session: Session, table: Table, columns: Sequence[str], condition: ColumnElement[bool]
) -> Iterator[Mapping[str, Any]]:
    """Yield the rows of a table that match `condition`, in the order of its key, as JSON values."""
    rows = select(*(table.c[name] for name in columns)).where(condition).order_by(*table.primary_key.columns)
    wanted = unscoped(rows, why="the data of a person or an organization must be complete")
    with session.execute(wanted, execution_options={"yield_per": ROWS_A_FETCH}) as found:
        for row in found.mappings():
            yield {name: as_json(value) for name, value in row.items()}


def as_json(value: Any) -> Any:
    """Convert a column's value to JSON: times in UTC with Z, amounts as text to preserve every digit."""
    if isinstance(value, list):
        return [as_json(item) for item in value]
    if isinstance(value, bytes):
        return _text_or_hex(value)
    if isinstance(value, datetime):
        return in_utc(value)
    if value is None or isinstance(value, (dict, str, int, float)):
        return value
    return value.isoformat() if isinstance(value, date) else str(value)


def _text_or_hex(data: bytes) -> str:
    """Return bytes as text, such as a provider's payload; if they are not UTF-8, as hexadecimal digits."""
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data.hex()
