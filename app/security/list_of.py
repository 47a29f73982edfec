"""A list as one object: its page, its file, its count, the rows beside one of it and its stream are asked of it.

    lead_list = ListOf(Lead, _ROW, narrow=_conditions, sorts=SORTS)

    page = lead_list(actor, filters).page()

Both selections are compiled once for each kind of reader (`app.security.compiled_query`).
"""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any, TypeAlias

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import InstrumentedAttribute

from app.db.lists import ListQuery
from app.db.paging import Selection, Sort
from app.models import TenantRow
from app.security.actor import Actor
from app.security.compiled_query import NarrowedQuery, compiled_query
from app.security.scope import restrict, visible_id

Conditions: TypeAlias = Sequence[ColumnElement[bool]]
#: Conditions of filters for the reader at a moment.
Narrow: TypeAlias = Callable[[Any, Actor, datetime], Conditions]
#: The columns of a row, or a function that selects them for a reader.
RowOf: TypeAlias = Selection | Callable[[Actor], Selection]
#: A column with the id of a row of another model, shown where that row may be seen.
Link: TypeAlias = tuple[InstrumentedAttribute[Any], type[TenantRow]]


class ListOf:
    """The rows of `model` that somebody may see and that filters keep, each as `row` selects it with its `links`.

    The first of `sorts` is the default. `matching` selects the ids by which rows are counted. `hold` keeps the rows
    that a reader may see; only rows that are of no resource need another one than `restrict`.
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
    ) -> None:
        def rows(actor: Actor) -> Selection:
            shown = (visible_id(column, other, actor) for column, other in links)
            selected = row(actor) if callable(row) else row
            return hold(selected.add_columns(*shown), model, actor)

        def ids(actor: Actor) -> Selection:
            return matching(model, actor) if matching else hold(select(model.id), model, actor)

        self._narrow, self._sorts = narrow, sorts
        self._rows, self._ids = compiled_query(rows), compiled_query(ids)

    def __call__(self, actor: Actor, filters: Any, now: datetime | None = None) -> ListQuery:
        """Ask for the rows that `actor` may see and `filters` keep."""
        return self.narrowed(actor, filters, self._narrow(filters, actor, now or datetime.now(UTC)))

    def narrowed(self, actor: Actor, filters: Any, conditions: Conditions) -> ListQuery:
        """Ask for those that have `conditions`, which are what `filters` mean."""
        return ListQuery(self.rows(actor, conditions), self.ids(actor, conditions), self._sorts, filters)

    def rows(self, actor: Actor, conditions: Conditions) -> NarrowedQuery:
        """Select rows as the list shows them, in no order."""
        return self._rows.where(actor, conditions)

    def ids(self, actor: Actor, conditions: Conditions) -> NarrowedQuery:
        """Select the ids of rows, to count them."""
        return self._ids.where(actor, conditions)
