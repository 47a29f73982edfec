"""A list as one object, with its page, file, count, adjacent rows and stream.

    lead_list = ListOf(Lead, _ROW, narrow=_conditions, sorts=SORTS)

    page = lead_list(actor, filters).page()

The selections of the rows and of their ids are each compiled once per set of rights (`app.security.compiled_query`).
"""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any, TypeAlias
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, Uuid, any_, literal, select
from sqlalchemy.orm import InstrumentedAttribute

from app.db.lists import ListQuery, OrderedQuery
from app.db.orders import Order
from app.db.paging import Selection, Sort
from app.models import TenantRow
from app.security.actor import Actor
from app.security.compiled_query import NarrowedQuery, compiled_query
from app.security.scope import present_id, restrict

Conditions: TypeAlias = Sequence[ColumnElement[bool]]
#: Returns the conditions of filters for an actor at a given time.
Narrow: TypeAlias = Callable[[Any, Actor, datetime], Conditions]
#: The columns of a row, or a function that selects them for an actor.
RowOf: TypeAlias = Selection | Callable[[Actor], Selection]
#: Returns an order without cursors for an actor at a given time.
OrderOf: TypeAlias = Callable[[Actor, datetime], Order]
#: A column with the id of another model's row, selected only if the actor can see that row and it isn't in the trash.
Link: TypeAlias = tuple[InstrumentedAttribute[Any], type[TenantRow]]


class ListOf:
    """The rows of `model` that an actor can see and that match the filters, selected by `row` with its `links`.

    The first of `sorts` is the default, or of those that `sorts_for` returns for the filters. If `order_for` returns an
    order for the filters, the list opens in it. `matching` selects the ids to count. `hold` restricts the rows to those
    that the reader can see; only rows that belong to no resource need a function other than `restrict`.
    """

    def __init__(
        self,
        model: Any,
        row: RowOf,
        *,
        narrow: Narrow,
        sorts: tuple[Sort, ...],
        links: Sequence[Link] = (),
        matching: Callable[[Any, Actor], Selection] | None = None,
        hold: Callable[[Selection, Any, Actor], Selection] = restrict,
        sorts_for: Callable[[Any], tuple[Sort, ...]] | None = None,
        order_for: Callable[[Any], OrderOf | None] | None = None,
    ) -> None:
        def selection(actor: Actor) -> Selection:
            return row(actor) if callable(row) else row

        def rows(actor: Actor) -> Selection:
            shown = (present_id(column, other, actor) for column, other in links)
            selected = selection(actor)
            return hold(selected.add_columns(*shown), model, actor)

        def ids(actor: Actor) -> Selection:
            return matching(model, actor) if matching else hold(select(model.id), model, actor)

        self._model = model
        self._narrow, self.sorts, self._sorts_for, self._order_for = narrow, sorts, sorts_for, order_for
        self._rows, self._ids = compiled_query(rows), compiled_query(ids)
        self._selection = selection
        self._selecting = partial(
            ListOf,
            model,
            narrow=narrow,
            sorts=sorts,
            links=links,
            matching=matching,
            hold=hold,
            sorts_for=sorts_for,
            order_for=order_for,
        )

    def selecting(self, *columns: InstrumentedAttribute[Any]) -> "ListOf":
        """Return the same list with further columns in its rows."""
        return self._selecting(lambda actor: self._selection(actor).add_columns(*columns))

    def conditions(self, filters: Any, actor: Actor, now: datetime | None = None) -> Conditions:
        """Return the conditions of `filters` for `actor`."""
        return self._narrow(filters, actor, now or datetime.now(UTC))

    def among(self, ids: Sequence[UUID]) -> Conditions:
        """Return the condition for rows with one of these ids; none for no ids."""
        return [self._model.id == any_(literal(list(ids), ARRAY(Uuid())))] if ids else []

    def find(self, actor: Actor, row_id: UUID | None, conditions: Conditions) -> Any | None:
        """Return the row with this id if `actor` can see it and the conditions hold, otherwise None.

        Without an id it is the only row that matches.
        """
        named = () if row_id is None else (self._model.id == row_id,)
        found = self.rows(actor, [*conditions, *named]).fetch("one", _unchanged)
        return found[0] if found else None

    def __call__(self, actor: Actor, filters: Any, now: datetime | None = None) -> ListQuery:
        """Return the query for the rows that `actor` can see and that match `filters`."""
        now = now or datetime.now(UTC)
        return self.narrowed(actor, filters, self._narrow(filters, actor, now), now)

    def narrowed(self, actor: Actor, filters: Any, conditions: Conditions, now: datetime | None = None) -> ListQuery:
        """Return the query for rows with `conditions`, which must be equivalent to `filters`."""
        sorts = self._sorts_for(filters) if self._sorts_for else self.sorts
        rows, ids = self.rows(actor, conditions), self.ids(actor, conditions)
        order_of = self._order_for(filters) if self._order_for else None
        if order_of is None:
            return ListQuery(rows, ids, sorts, filters)
        return OrderedQuery(rows, ids, sorts, filters, partial(order_of, actor, now or datetime.now(UTC)))

    def rows(self, actor: Actor, conditions: Conditions) -> NarrowedQuery:
        """Select the rows as the list shows them, unsorted."""
        return self._rows.where(actor, conditions)

    def ids(self, actor: Actor, conditions: Conditions) -> NarrowedQuery:
        """Select the ids of rows, to count them."""
        return self._ids.where(actor, conditions)


def _unchanged(selection: Selection) -> Selection:
    return selection
