"""Helpers for checks that consist of one SQL statement."""

from typing import Any

from sqlalchemy import Text, Uuid, func, select, text
from sqlalchemy.sql.selectable import FromClause

from app.declarations.checked import FindRows, Found, Portion
from app.extensions import db
from app.security.scope import unscoped


def by_sql(statement: str, **values: Any) -> FindRows:
    """Return a check function for a statement that selects (resource, id, detail).

    The statement gets the parameter :organization in addition to `values`.
    """
    rows = text(statement).columns(resource=Text, id=Uuid, detail=Text).subquery("found")
    return lambda organization_id, most: find(rows, most, organization=organization_id, **values)


def find(rows: FromClause, most: int, **values: Any) -> Portion:
    """Return the number of all `rows`, and the first `most` of them."""
    found_rows = select(rows.c.resource, rows.c.id, rows.c.detail, func.count().over())
    statement = (
        unscoped(found_rows, why="integrity checks cover all rows and report ids, no content")
        .order_by(rows.c.resource, rows.c.id)
        .limit(most)
    )
    found = db.session.execute(statement, values).all()
    return Portion([Found(row[0], row[1], row[2] or "") for row in found], found[0][3] if found else 0)
