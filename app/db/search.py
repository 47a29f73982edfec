"""Conditions for rows that match a search text.

The search itself runs in database functions, because row-level security would prevent the use of its indexes.
"""

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

#: Up to this many ids, rows are looked up by id; beyond it, each row is checked in the order of the list.
FEW = 500


def is_found(
    column: SQLColumnExpression[Any], function: str, typed: str, *, alike: ColumnElement[bool] | None = None
) -> ColumnElement[bool]:
    """Return the condition that `column` is one of the ids that `function` finds for `typed`.

    Queries the database. Use it to filter a selection that is scoped itself: the function searches the whole
    organization and ignores scopes. `alike` is an equivalent condition on each row, used if there are more than FEW
    ids.
    """
    few = db.session.scalars(_ids(function, typed, FEW + 1)).all()
    if len(few) <= FEW:
        ids = literal(few, ARRAY(Uuid()))
        # With a plain array of some hundred ids, the planner would read the whole list in order until a page is full.
        return column.in_(select(func.unnest(ids))) if getattr(column, "key", "") == "id" else column == any_(ids)
    return column.in_(_ids(function, typed, None)).is_(true()) if alike is None else alike


def found_rows(function: str, typed: str) -> Selection:
    """Return a selection of the ids that `function` finds, for counting a list without other filters.

    The function stops as soon as the count does.
    """
    # The count's own parameter (`app.db.paging.count_rows`); an exact count has no limit, so it is NULL.
    return _called(function, typed, bindparam(MOST, None, Integer()))


def _ids(function: str, typed: str, most: int | None) -> Select[UUID]:
    return _called(function, typed, literal(most, Integer()))


def _called(function: str, typed: str, most: ColumnElement[int | None]) -> Select[UUID]:
    found = getattr(func, function)(literal(typed, Text()), most, type_=Uuid())
    return select(found.column_valued("found"))
