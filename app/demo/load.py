"""Brings a demonstration company into the database: COPY into temporary tables, then one INSERT … SELECT a table.

COPY straight into a table under row-level security is refused, and row by row it would take minutes. Everything
happens in the transaction of the caller, who may make temporary tables and whose context is of the company.
"""

import io
import secrets
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import fields
from datetime import datetime
from operator import attrgetter
from typing import Any

import psycopg
from psycopg import sql
from psycopg.types.json import Jsonb
from sqlalchemy.dialects.postgresql import JSONB

from app.demo import audio
from app.demo.companies import PASSWORD, Company
from app.demo.generator import generate
from app.demo.rows import (
    AnalysisRow,
    AppointmentRow,
    CallRow,
    ContactRow,
    EntryRow,
    LeadRow,
    NoteRow,
    OrganizationRow,
    PhoneRow,
    Row,
    TaskRow,
    TranscriptRow,
    UsageRow,
    UserRow,
)
from app.extensions import db
from app.models import Base
from app.security.passwords import hash_password
from app.storage import storage

_BATCH = 1_000
_LARGEST_RECORDING = 200_000
# What a row refers to comes before it, but for calls and queue entries, which refer to each other.
ORDER: tuple[type[Row], ...] = (
    OrganizationRow,
    UsageRow,
    UserRow,
    ContactRow,
    PhoneRow,
    LeadRow,
    CallRow,
    TranscriptRow,
    AnalysisRow,
    NoteRow,
    AppointmentRow,
    EntryRow,
    TaskRow,
)
_LATER = {"calls": "missed_entry_id"}


def load_company(
    company: Company, seed: int, now: datetime, calls: int | None, tell: Callable[[int], None]
) -> Counter[str]:
    """Store all of `company`; how many rows each table got. `tell` hears of every call, as 1."""
    connection = _driver_connection()
    tables = {kind.table: _Staged(connection, kind) for kind in ORDER}
    stored: Counter[str] = Counter()
    for row in generate(company, seed, now, calls):
        stored[row.table] += 1
        tables[row.table].add(row)
        if isinstance(row, CallRow):
            tell(1)
        elif isinstance(row, OrganizationRow):
            _save_recordings(row, seed)
    for table in tables.values():
        table.move()
    for name, column in _LATER.items():
        tables[name].fill_in(column)
    return stored


class _Staged:
    """Rows of one table on their way: gathered, copied into a temporary table, moved."""

    def __init__(self, connection: psycopg.Connection[Any], kind: type[Row]) -> None:
        self._connection = connection
        self._table = sql.Identifier(kind.table)
        self._staging = sql.Identifier(f"demo_{kind.table}")
        names = [column.name for column in fields(kind)]
        self._values = attrgetter(*names)
        self._secrets = _secrets_of(kind)
        self._names = (*names, *self._secrets)
        types = Base.metadata.tables[kind.table].columns
        self._are_json = [isinstance(types[name].type, JSONB) for name in names]
        self._moved = [sql.Identifier(name) for name in self._names if name != _LATER.get(kind.table)]
        self._gathered: list[Row] = []
        columns = _listed(map(sql.Identifier, self._names))
        self._copy = sql.SQL("COPY {} ({}) FROM STDIN").format(self._staging, columns)
        make = sql.SQL("CREATE TEMPORARY TABLE {} ON COMMIT DROP AS SELECT {} FROM {} WITH NO DATA")
        connection.execute(make.format(self._staging, columns, self._table))

    def add(self, row: Row) -> None:
        """Take a row in."""
        self._gathered.append(row)
        if len(self._gathered) >= _BATCH:
            self._flush()

    def move(self) -> None:
        """Put all rows where they belong, the oldest first."""
        self._flush()
        columns = _listed(self._moved)
        move = sql.SQL("INSERT INTO {} ({}) SELECT {} FROM {} ORDER BY id")
        self._connection.execute(move.format(self._table, columns, columns, self._staging))

    def fill_in(self, column: str) -> None:
        """Set the reference that had to wait for the rows it points to."""
        fill = sql.SQL(
            "UPDATE {table} SET {column} = staged.{column} FROM {staging} staged "
            "WHERE staged.{column} IS NOT NULL AND {table}.organization_id = staged.organization_id "
            "AND {table}.id = staged.id"
        )
        self._connection.execute(fill.format(table=self._table, column=sql.Identifier(column), staging=self._staging))

    def _flush(self) -> None:
        with self._connection.cursor() as cursor, cursor.copy(self._copy) as copy:
            for row in self._gathered:
                copy.write_row(self._as_columns(row))
        self._gathered.clear()

    def _as_columns(self, row: Row) -> Sequence[Any]:
        values = self._values(row)
        stored = [
            Jsonb(value) if is_json else str(value) if isinstance(value, str) else value
            for value, is_json in zip(values, self._are_json, strict=True)
        ]
        return (*stored, *self._secrets.values())


def _secrets_of(kind: type[Row]) -> dict[str, str]:
    """What must not follow from the seed, or takes the app's own hands to make."""
    if kind is UserRow:
        return {"password_hash": hash_password(PASSWORD)}
    return {"webhook_key": secrets.token_urlsafe(32)} if kind is OrganizationRow else {}


def _save_recordings(organization: OrganizationRow, seed: int) -> None:
    for take, wav in audio.recordings(seed):
        key = audio.storage_key(organization.id, take)
        storage().save(key, io.BytesIO(wav), most_bytes=_LARGEST_RECORDING)


def _listed(names: Iterable[sql.Identifier]) -> sql.Composed:
    return sql.SQL(", ").join(names)


def _driver_connection() -> psycopg.Connection[Any]:
    """psycopg's own connection: SQLAlchemy knows no COPY."""
    connection = db.session.connection().connection.driver_connection
    if not isinstance(connection, psycopg.Connection):
        raise TypeError("the database driver must be psycopg")
    return connection
