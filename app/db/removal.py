"""Deletion of rows of tables that every request uses, from which the app's role can't delete by itself.

In PostgreSQL, the right to delete from a table is the right to lock it, in any mode, against all organizations.
"""

from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Select, Uuid, bindparam, func, select

from app.errors import InternalError
from app.extensions import db


def remove_row(row: Any) -> None:
    """Delete a row of the context's organization now. Its table must be one that the database function accepts.

    Raises InternalError if the row is gone: the caller reported a change that it didn't make.
    """
    db.session.flush()
    ids = bindparam("ids", [row.id], ARRAY(Uuid()))
    if db.session.scalar(select(func.remove_rows(type(row).__tablename__, ids))) != 1:
        raise InternalError
    db.session.expunge(row)


def remove_rows(table: str, ids: Select[UUID]) -> None:
    """Delete the selected rows of the context's organization from one of these tables, in one statement."""
    db.session.scalar(select(func.remove_rows(table, func.array(ids.scalar_subquery(), type_=ARRAY(Uuid())))))
