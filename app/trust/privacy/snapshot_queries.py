"""Reading much at once as it stood at one moment, a thousand rows at a time in memory."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Table, select
from sqlalchemy.orm import Session

from app.db.context import current_context, use_context
from app.db.lists import ROWS_A_FETCH
from app.db.session import UnitOfWork
from app.extensions import db
from app.security.scope import unscoped


@contextmanager
def snapshot() -> Iterator[Session]:
    """A read-only transaction beside the job's, in which nothing changes any more."""
    with use_context(replace(current_context(), read_only=True)), UnitOfWork(db) as session:
        session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
        yield session


def rows_of(
    session: Session, table: Table, columns: Sequence[str], condition: ColumnElement[bool]
) -> Iterator[Mapping[str, Any]]:
    """The rows of a table that `condition` keeps, in the order of its key, as JSON takes them."""
    rows = select(*(table.c[name] for name in columns)).where(condition).order_by(*table.primary_key.columns)
    wanted = unscoped(rows, why="the file of a person or of an organization holds all of it, or it would be no answer")
    with session.execute(wanted, execution_options={"yield_per": ROWS_A_FETCH}) as found:
        for row in found.mappings():
            yield {name: as_json(value) for name, value in row.items()}


def as_json(value: Any) -> Any:
    """A value of a column as JSON takes it: times in UTC with Z, money as text so that no cent is lost."""
    if isinstance(value, list):
        return [as_json(item) for item in value]
    if isinstance(value, bytes):
        return _text_or_hex(value)
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if value is None or isinstance(value, (dict, str, int, float)):
        return value
    return value.isoformat() if isinstance(value, date) else str(value)


def _text_or_hex(data: bytes) -> str:
    """What a provider sent is text; a hash is not."""
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data.hex()
