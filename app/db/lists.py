"""What every list shares: one object that a page, its CSV, the API and a number's link all ask.

A resource says how to select its rows and what it is narrowed by; this adds the page, the count and the stream.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from flask_babel import lazy_gettext as _l
from sqlalchemy import Select

from app.db.context import Context, current_context, use_context
from app.db.filters import Filters
from app.db.paging import (
    Count,
    KeptTogether,
    Page,
    Rows,
    Selection,
    Sort,
    count_each,
    count_rows,
    earliest_id,
    fetch_page,
    first_of_each,
    ids_beside,
    ids_since,
    list_fingerprint,
    statement_of,
)
from app.db.session import UnitOfWork
from app.errors import FieldError, ValidationFailed
from app.extensions import db

#: What is read at once keeps the other threads of a process waiting: a thousand rows of the audit trail for 60 ms.
ROWS_A_FETCH = 50


@dataclass(frozen=True, slots=True)
class ListQuery:
    """A scoped, filtered, unsorted selection and the ways to sort it; the first sort is the default.

    `rows` selects what a row of the list shows, `matching` only decides which rows there are (to count them). Where
    `rows` shows people and cards that are deleted, conditions say themselves that they look at nothing deleted.
    """

    rows: Rows
    matching: Rows
    sorts: tuple[Sort, ...]
    filters: Filters

    def page(self, sort: str | None = None, cursor: str | None = None, size: int | None = None) -> Page[Any]:
        """One page; raises InvalidCursor, and ValidationFailed for an unknown sort."""
        chosen = self.sort(sort)
        fingerprint = list_fingerprint(chosen.name, tuple(self.filters.parameters().items()))
        sized = {} if size is None else {"size": size}
        return fetch_page(db.session, self.rows, chosen, cursor, fingerprint, **sized)

    def beside(self, row: Any, sort: str | None = None) -> tuple[UUID | None, UUID | None]:
        """The ids of the rows before and after `row`, None where there is none, also where `row` itself does not match
        any more; raises ValidationFailed for an unknown sort."""
        return ids_beside(db.session, self.matching, self.sort(sort), row)

    def count(self, *, exact: bool = False) -> Count:
        """How many rows match."""
        return count_rows(db.session, self.matching, exact=exact)

    def count_beside(self, page: Page[Any], *, exact: bool = False) -> Count:
        """How many rows match, of which `page` shows some."""
        return Count(len(page.rows), exact=True) if page.is_all else self.count(exact=exact)

    def come_since(self, moment: datetime, page: Page[Any], most: int, *, but_of: UUID) -> Sequence[UUID]:
        """The ids of the rows that others than the person `but_of` have made after `moment`, the newest first, `most`
        of them; of a list of which `page` is all, nothing is asked where none can be."""
        if page.is_all and all(row.id < earliest_id(moment) for row in page.rows):
            return ()
        # What only counts may be of no table: ids that a function finds.
        rows = self.rows if isinstance(self.matching, Select) else self.matching
        return ids_since(db.session, rows, self.sorts[0].id, moment, most, but_of=but_of)

    def sort(self, name: str | None) -> Sort:
        """The sort of this name; the default for None."""
        if not name:
            return self.sorts[0]
        for sort in self.sorts:
            if sort.name == name:
                return sort
        raise ValidationFailed([FieldError("sort", _l("This list cannot be sorted by “%(name)s”.", name=name))])

    def stream(self, sort: str | None = None) -> Iterator[Any]:
        """All rows in order, a few at a time in memory, on a connection of its own.

        The request's transaction has ended when an answer is streamed, so this one carries its context along.
        """
        chosen = self.sort(sort)
        order = (chosen.column.desc(), chosen.id.desc()) if chosen.descending else (chosen.column, chosen.id)
        return _stream(statement_of(self.rows).order_by(*order), current_context())


@dataclass(frozen=True, slots=True)
class Top:
    """The first rows of a list, and how many it has."""

    rows: Sequence[Any]
    count: Count


def list_tops(queries: Sequence[ListQuery], size: int) -> list[Top]:
    """The first rows of several lists of one kind, each in its own order, and their counts: two statements at most."""
    first = first_of_each([_kept(query.rows) for query in queries], queries[0].sorts[0], size + 1) if queries else []
    long = [place for place, rows in enumerate(first) if len(rows) > size]
    counts = dict(zip(long, count_each([_kept(queries[place].matching) for place in long]), strict=True))
    return [Top(rows[:size], counts.get(place) or Count(len(rows), exact=True)) for place, rows in enumerate(first)]


def _kept(rows: Rows) -> KeptTogether:
    if not hasattr(rows, "fetch_each"):
        raise TypeError("Only lists that are compiled once are read together.")
    return cast(KeptTogether, rows)


def _stream(statement: Selection, context: Context) -> Iterator[Any]:
    with UnitOfWork(db) as session:
        # Between two rows the thread belongs to others: the context must not stand while this is waiting.
        with use_context(context):
            found = session.execute(statement, execution_options={"yield_per": ROWS_A_FETCH})
        with found:
            yield from found
