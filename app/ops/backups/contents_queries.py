"""Queries for the contents of a database, to compare a copy with it.

The contents are rows per table, schema version, and newest seals.
"""

from dataclasses import dataclass

import psycopg
from psycopg import sql

from app.audit.heads import Head

_TABLES = """
    SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') AND NOT relispartition AND relpersistence = 'p'
      AND relnamespace = 'public'::regnamespace ORDER BY relname
"""
_HEADS = """
    SELECT DISTINCT ON (organization_id) organization_id, seq, encode(hash, 'hex') FROM public.audit_seals
    ORDER BY organization_id, seq DESC
"""


@dataclass(frozen=True, slots=True)
class Contents:
    """Contents of a database in one snapshot, without unlogged tables (counters that a crash empties)."""

    rows: dict[str, int]
    schema_version: str
    audit_heads: tuple[Head, ...]


def look(connection: psycopg.Connection) -> Contents:
    """Return the contents in the transaction of `connection`, whose role must see all rows."""
    # A role subject to row-level security gets an error, not fewer rows.
    connection.execute("SET LOCAL row_security = off")
    tables = [name for (name,) in connection.execute(_TABLES)]
    heads = connection.execute(_HEADS) if "audit_seals" in tables else ()
    return Contents(
        rows={name: _count(connection, name) for name in tables},
        schema_version=_schema_version(connection) if "alembic_version" in tables else "",
        audit_heads=tuple(Head(*row) for row in heads),
    )


def _count(connection: psycopg.Connection, table: str) -> int:
    count = sql.SQL("SELECT count(*) FROM public.{}").format(sql.Identifier(table))
    (number,) = connection.execute(count).fetchone() or (0,)
    return int(number)


def _schema_version(connection: psycopg.Connection) -> str:
    row = connection.execute("SELECT version_num FROM public.alembic_version").fetchone()
    return str(row[0]) if row else ""
