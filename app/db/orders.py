"""Orders of a list that depend on the current time, and therefore have no cursors."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Integer, SQLColumnExpression, bindparam

from app.db.paging import CompiledRows, Selection


@dataclass(frozen=True, slots=True)
class Order:
    """An order by expressions with the parameters `values`, such as the current time.

    Rows can move in it between two requests, so it has no cursors. `shown` are further columns of the rows.
    """

    name: str
    by: tuple[SQLColumnExpression[Any], ...]
    values: Mapping[str, Any]
    shown: tuple[ColumnElement[Any], ...] = ()


def fetch_in_order(rows: CompiledRows, order: Order, offset: int, size: int) -> Sequence[Any]:
    """Fetch up to `size` rows from a place in an order; the database reads and sorts all matching rows."""

    def finish(selection: Selection) -> Selection:
        shown: Selection = selection.add_columns(*order.shown).order_by(*order.by)
        first = shown.limit(bindparam("page_rows", type_=Integer()))
        return first.offset(bindparam("page_offset", type_=Integer()))

    place = {"page_rows": size, "page_offset": offset}
    return rows.fetch(("in order", order.name), finish, **place, **order.values)
