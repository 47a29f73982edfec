"""List queries: one object serves a page, its CSV, the API, and the links from numbers to their rows.

A resource specifies how its rows are selected and filtered; this module adds pages, counts and streams.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from flask_babel import lazy_gettext as _l
from sqlalchemy import Select

from app.db.context import Context, current_context, use_context
from app.db.filters import Filters
from app.db.new_rows import count_and_ids_since, has_none_since, ids_since
from app.db.orders import Order, fetch_in_order
from app.db.paging import (
    PAGE_SIZE,
    CombinableRows,
    CompiledRows,
    Count,
    Page,
    Rows,
    Selection,
    Sort,
    count_each,
    count_rows,
    fetch_from,
    fetch_page,
    first_of_each,
    list_fingerprint,
    neighbor_ids,
    statement_of,
)
from app.db.session import UnitOfWork
from app.errors import FieldError, ValidationFailed
from app.extensions import db

#: Reading many rows in one fetch blocks the process's other threads: a thousand rows of the audit trail take 60 ms.
ROWS_A_FETCH = 50


@dataclass(frozen=True, slots=True)
class ListQuery:
    """A scoped, filtered, unsorted selection and its sort orders; the first one is the default.

    `rows` selects what a row of the list shows; `matching` only determines which rows there are (to count them). If
    `rows` shows deleted people and contacts, its conditions must exclude deleted rows explicitly.
    """

    rows: Rows
    matching: Rows
    sorts: tuple[Sort, ...]
    filters: Filters
    #: What a cursor belongs to besides the sort and the filters, such as the organization, as names and values.
    cursors_of: tuple[tuple[str, str], ...] = field(default=(), kw_only=True)

    def page(self, sort: str | None = None, cursor: str | None = None, size: int | None = None) -> Page[Any]:
        """Return a page of the list.

        Raises InvalidCursor, and ValidationFailed for an unknown sort.
        """
        chosen = self.sort(sort)
        fingerprint = list_fingerprint(chosen.name, (*self.filters.parameters().items(), *self.cursors_of))
        sized = {} if size is None else {"size": size}
        return fetch_page(db.session, self.rows, chosen, cursor, fingerprint, **sized)

    def has_cursors(self, sort: str | None) -> bool:
        """Return whether pages in this order have cursors; pages by number are always possible."""
        del sort
        return True

    def numbered_page(self, sort: str | None, number: int, size: int) -> tuple[Sequence[Any], bool]:
        """Return the rows of the page with this number, from 1, and if there is a next one.

        Raises ValidationFailed for an unknown sort.
        """
        rows = self.rows_from(sort, (number - 1) * size, size + 1)
        return rows[:size], len(rows) > size

    def rows_from(self, sort: str | None, offset: int, size: int) -> Sequence[Any]:
        """Return up to `size` rows from a place in the order. Raises ValidationFailed for an unknown sort."""
        return fetch_from(db.session, self.rows, self.sort(sort), offset, size)

    def beside(self, row: Any, sort: str | None = None) -> tuple[UUID | None, UUID | None]:
        """Return the ids of the rows before and after `row`; None where there is none.

        Also works if `row` itself no longer matches. Raises ValidationFailed for an unknown sort.
        """
        return neighbor_ids(db.session, self.matching, self.sort(sort), row)

    def count(self, *, exact: bool = False) -> Count:
        """Return the number of matching rows; unless `exact`, counting stops at MAX_COUNTED."""
        return count_rows(db.session, self.matching, exact=exact)

    def count_total(self, page: Page[Any], *, exact: bool = False) -> Count:
        """Return the number of matching rows, without a query if `page` is the only page."""
        return Count(len(page.rows), exact=True) if page.is_all else self.count(exact=exact)

    def come_since(self, moment: datetime, page: Page[Any], most: int, *, but_of: UUID) -> Sequence[UUID]:
        """Return the ids of up to `most` rows created after `moment`, newest first.

        Rows created by the user `but_of` are not included. No query is made if `page` shows that there are none.
        """
        if has_none_since(moment, page):
            return ()
        # A selection that is only counted may have no table: ids that a database function returns.
        rows = self.rows if isinstance(self.matching, Select) else self.matching
        return ids_since(db.session, rows, self.sorts[0].id, moment, most, but_of=but_of)

    def total_and_new(
        self, page: Page[Any], since: datetime | None, most: int, *, but_of: UUID, exact: bool = False
    ) -> tuple[Count, Sequence[UUID]]:
        """Return `count_total` of the page and the rows that have `come_since`, in one query if both need one.

        Without `since`, no row is new.
        """
        if since is None:
            return self.count_total(page, exact=exact), ()
        if page.is_all or has_none_since(since, page) or isinstance(self.matching, Select):
            return self.count_total(page, exact=exact), self.come_since(since, page, most, but_of=but_of)
        return count_and_ids_since(db.session, self.matching, self.sorts[0].id, since, most, but_of=but_of, exact=exact)

    def sort(self, name: str | None) -> Sort:
        """Return the sort order with this name, or the default for None.

        Raises ValidationFailed for an unknown name.
        """
        if not name:
            return self.sorts[0]
        for sort in self.sorts:
            if sort.name == name:
                return sort
        raise ValidationFailed([FieldError("sort", _l("This list can’t be sorted by “%(name)s”.", name=name))])

    def stream(self, sort: str | None = None) -> Iterator[Any]:
        """Yield all rows in order, a few at a time in memory, on a separate connection.

        By the time a response is streamed, the request's transaction has ended, so the stream carries its own context.
        """
        chosen = self.sort(sort)
        order = (chosen.column.desc(), chosen.id.desc()) if chosen.descending else (chosen.column, chosen.id)
        return _stream(statement_of(self.rows).order_by(*order), current_context())


@dataclass(frozen=True, slots=True)
class OrderedQuery(ListQuery):
    """A list that opens in an `order` without cursors, on one page with its first rows.

    With a sort order, it is a list like any other.
    """

    rows: CompiledRows
    order: Callable[[], Order]

    def page(self, sort: str | None = None, cursor: str | None = None, size: int | None = None) -> Page[Any]:
        """Return one page; raises InvalidCursor, and ValidationFailed for an unknown sort."""
        if sort or cursor:
            return ListQuery.page(self, sort, cursor, size)
        return Page(self.rows_from(None, 0, size or PAGE_SIZE), None, None)

    def has_cursors(self, sort: str | None) -> bool:
        """Return whether pages in this order have cursors, as they do with a sort order."""
        return bool(sort)

    def rows_from(self, sort: str | None, offset: int, size: int) -> Sequence[Any]:
        """Return up to `size` rows from a place in the order. Raises ValidationFailed for an unknown sort."""
        if sort:
            return ListQuery.rows_from(self, sort, offset, size)
        return fetch_in_order(self.rows, self.order(), offset, size)

    def count_total(self, page: Page[Any], *, exact: bool = False) -> Count:
        """Return the number of matching rows; a page without cursors doesn't have to be the only one."""
        del page
        return self.count(exact=exact)

    def stream(self, sort: str | None = None) -> Iterator[Any]:
        """Yield all rows in order, a few at a time in memory, on a separate connection."""
        if sort:
            return ListQuery.stream(self, sort)
        order = self.order()
        return _stream(statement_of(self.rows).order_by(*order.by).params(**order.values), current_context())


@dataclass(frozen=True, slots=True)
class Top:
    """The first rows of a list and its count."""

    rows: Sequence[Any]
    count: Count


def list_tops(queries: Sequence[ListQuery], size: int) -> list[Top]:
    """Return the first rows and the count of several lists of one kind, in at most two statements.

    All lists have the sort order of the first.
    """
    first = (
        first_of_each([_combinable(query.rows) for query in queries], queries[0].sorts[0], size + 1) if queries else []
    )
    long = [place for place, rows in enumerate(first) if len(rows) > size]
    counts = dict(zip(long, count_each([_combinable(queries[place].matching) for place in long]), strict=True))
    return [Top(rows[:size], counts.get(place) or Count(len(rows), exact=True)) for place, rows in enumerate(first)]


def _combinable(rows: Rows) -> CombinableRows:
    if not hasattr(rows, "fetch_each"):
        raise TypeError("Only lists that are compiled once are read together.")
    return cast(CombinableRows, rows)


def _stream(statement: Selection, context: Context) -> Iterator[Any]:
    with UnitOfWork(db) as session:
        # Between two rows the thread serves other work, so the context must not be set while this generator is
        # suspended.
        with use_context(context):
            found = session.execute(statement, execution_options={"yield_per": ROWS_A_FETCH})
        with found:
            yield from found
