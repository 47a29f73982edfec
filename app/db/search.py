"""Rows that are found by what somebody types: functions of the database look for it, in indexes that row-level security
would keep from being used."""

from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Integer,
    Select,
    SQLColumnExpression,
    Text,
    Uuid,
    any_,
    bindparam,
    func,
    literal,
    select,
    true,
)

from app.db.paging import MOST, Selection
from app.extensions import db

#: Rows that belong to so many are looked up by them; beyond that each row in its order is looked at instead.
FEW = 500


def is_found(
    column: SQLColumnExpression[Any], function: str, typed: str, *, alike: ColumnElement[bool] | None = None
) -> ColumnElement[bool]:
    """Whether `column` is one of the ids that `function` finds by what is typed, in the context's organization.

    Asks the database. For narrowing what is scoped itself: the function knows no scope. `alike` says the same of a row
    that is there, for what belongs to many.
    """
    few = db.session.scalars(_ids(function, typed, FEW + 1)).all()
    if len(few) <= FEW:
        ids = literal(few, ARRAY(Uuid()))
        # Of some hundreds of its own ids the planner would read the whole list in order, until a page is full.
        return column.in_(select(func.unnest(ids))) if getattr(column, "key", "") == "id" else column == any_(ids)
    return column.in_(_ids(function, typed, None)).is_(true()) if alike is None else alike


def found_rows(function: str, typed: str) -> Selection:
    """What `function` finds, to be counted where nothing else is asked for: it ends as soon as the count does."""
    # The count's own value (`app.db.paging.count_rows`); where it counts all there is none.
    return _called(function, typed, bindparam(MOST, None, Integer()))


def _ids(function: str, typed: str, most: int | None) -> Select[UUID]:
    return _called(function, typed, literal(most, Integer()))


def _called(function: str, typed: str, most: ColumnElement[int | None]) -> Select[UUID]:
    found = getattr(func, function)(literal(typed, Text()), most, type_=Uuid())
    return select(found.column_valued("found"))
