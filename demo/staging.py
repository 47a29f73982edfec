"""Staging of rows for a table: COPY into a temporary table, then one INSERT … SELECT.

COPY directly into a table with row-level security is refused, and inserting row by row would take minutes.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from operator import attrgetter
from typing import Any

import psycopg
from psycopg import sql
from psycopg.types.json import Jsonb
from sqlalchemy.dialects.postgresql import JSONB

from app.models import Base
from demo.rows import Row

_BATCH = 1_000


class Staged:
    """Rows of one table: collected, copied into a temporary table, then moved, all within one transaction.

    `secrets` are the same in all rows. The column `later` is omitted at first, because it refers to rows that are
    inserted later; `fill_in` sets it. `computed` columns are computed by PostgreSQL, with SQL over the staged row.
    """

    def __init__(
        self,
        connection: psycopg.Connection[Any],
        kind: type[Row],
        *,
        secrets: Mapping[str, Any],
        later: str | None = None,
        computed: Mapping[str, sql.SQL] | None = None,
    ) -> None:
        self._connection = connection
        self._table = sql.Identifier(kind.table)
        self._staging = sql.Identifier(f"demo_{kind.table}")
        names = [column.name for column in fields(kind)]
        self._values = attrgetter(*names)
        self._secrets = tuple(secrets.values())
        self._later = later
        self._computed = computed or {}
        types = Base.metadata.tables[kind.table].columns
        self._are_json = [isinstance(types[name].type, JSONB) for name in names]
        everything = (*names, *secrets)
        self._moved = [sql.Identifier(name) for name in everything if name != later]
        self._gathered: list[Row] = []
        columns = _listed(map(sql.Identifier, everything))
        self._copy = sql.SQL("COPY {} ({}) FROM STDIN").format(self._staging, columns)
        make = sql.SQL("CREATE TEMPORARY TABLE {} ON COMMIT DROP AS SELECT {} FROM {} WITH NO DATA")
        connection.execute(make.format(self._staging, columns, self._table))

    def add(self, row: Row) -> None:
        """Add a row to the batch."""
        self._gathered.append(row)
        if len(self._gathered) >= _BATCH:
            self.flush()

    def flush(self) -> None:
        """Copy the collected rows to the temporary table."""
        with self._connection.cursor() as cursor, cursor.copy(self._copy) as copy:
            for row in self._gathered:
                copy.write_row(self._as_columns(row))
        self._gathered.clear()

    def move(self) -> None:
        """Insert all rows into the table, oldest first."""
        move = sql.SQL("INSERT INTO {} ({}) SELECT {} FROM {} ORDER BY id")
        into = (*self._moved, *map(sql.Identifier, self._computed))
        what = (*self._moved, *self._computed.values())
        self._connection.execute(move.format(self._table, _listed(into), _listed(what), self._staging))

    def fill_in(self) -> None:
        """Set the column that refers to rows inserted later."""
        if self._later is None:
            return
        fill = sql.SQL(
            "UPDATE {table} SET {column} = staged.{column} FROM {staging} staged "
            "WHERE staged.{column} IS NOT NULL AND {table}.organization_id = staged.organization_id "
            "AND {table}.id = staged.id"
        )
        column = sql.Identifier(self._later)
        self._connection.execute(fill.format(table=self._table, column=column, staging=self._staging))

    def _as_columns(self, row: Row) -> Sequence[Any]:
        values = self._values(row)
        stored = [
            value if value is None else Jsonb(value) if is_json else str(value) if isinstance(value, str) else value
            for value, is_json in zip(values, self._are_json, strict=True)
        ]
        return (*stored, *self._secrets)


def _listed(parts: Iterable[sql.Composable]) -> sql.Composed:
    return sql.SQL(", ").join(parts)
