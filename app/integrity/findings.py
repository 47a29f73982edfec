"""What a check is, and what it finds."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask_babel import LazyString
from sqlalchemy import Text, Uuid, func, select, text
from sqlalchemy.sql.selectable import FromClause

from app.extensions import db


@dataclass(frozen=True, slots=True)
class Found:
    """One row that is not as it should be: its kind, its id (None for what is no row) and what is wrong with it."""

    resource: str
    id: UUID | None
    detail: str


@dataclass(frozen=True, slots=True)
class Portion:
    """The first of what was found, and how many there are in all."""

    found: Sequence[Found] = ()
    total: int = 0


#: Looks through one organization, the one in the context; the second argument is how many to tell of at most.
Look = Callable[[UUID, int], Portion]


@dataclass(frozen=True, slots=True)
class Check:
    """One rule that the database cannot hold, or does not hold for rows that came past it.

    `name` is public: scripts ask for it. `sentence` says what is wrong with what was found.
    """

    name: str
    sentence: LazyString
    look: Look


def by_sql(statement: str, **values: Any) -> Look:
    """Look with a statement that selects (resource, id, detail) and takes :organization besides `values`."""
    rows = text(statement).columns(resource=Text, id=Uuid, detail=Text).subquery("found")
    return lambda organization_id, most: find(rows, most, organization=organization_id, **values)


def find(rows: FromClause, most: int, **values: Any) -> Portion:
    """Run it: all are counted, the first are fetched."""
    statement = (
        select(rows.c.resource, rows.c.id, rows.c.detail, func.count().over())
        .order_by(rows.c.resource, rows.c.id)
        .limit(most)
    )
    found = db.session.execute(statement, values).all()
    return Portion([Found(row[0], row[1], row[2] or "") for row in found], found[0][3] if found else 0)
