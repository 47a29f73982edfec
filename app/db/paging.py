"""Keyset paging: pages cost the same at any depth and stay stable while rows are added.

A cursor contains a direction, the sort value and id of the row from which it leads, and a hash of the sort and the
filters, so that a cursor of another list is refused instead of returning arbitrary rows.
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, Generic, Literal, Protocol, TypeAlias, TypeVar
from uuid import UUID

from sqlalchemy import (
    BooleanClauseList,
    ColumnElement,
    CompoundSelect,
    Integer,
    Select,
    SQLColumnExpression,
    bindparam,
    func,
    literal,
    select,
    tuple_,
    union_all,
)
from sqlalchemy.orm import InstrumentedAttribute, Session, scoped_session

from app.db.conditions import split_by_column
from app.errors import InvalidCursor

PAGE_SIZE = 50
MAX_COUNTED = 10_000
#: Name of the parameter that limits how far a statement counts.
MOST = "most"

T = TypeVar("T")
Way: TypeAlias = Literal["after", "before"]
_WAYS: tuple[Way, Way] = ("before", "after")
#: Selection of any columns.
Selection: TypeAlias = Select[*tuple[Any, ...]]
AnySession: TypeAlias = Session | scoped_session[Any]
Finish: TypeAlias = Callable[[Selection], Selection]


class CompiledRows(Protocol):
    """A selection that is compiled once per shape (see `app.security.compiled_query`)."""

    @property
    def statement(self) -> Selection:
        """The selection in uncompiled form."""

    def fetch(self, shape: Hashable, finish: Finish, **values: Any) -> Sequence[Any]:
        """Return all rows of `finish(selection)`.

        `finish` must always build the same statement for one `shape`; `values` are its parameters.
        """


class CombinableRows(CompiledRows, Protocol):
    """A compiled selection that can be fetched in one statement with others of its kind."""

    def fetch_each(
        self, others: Sequence[Any], shape: Hashable, finish: Finish, **values: Any
    ) -> Sequence[Sequence[Any]]:
        """Return the rows of this selection and of each of the `others`, fetched in one statement.

        The rows are unsorted. The arguments are those of `fetch`.
        """


#: Selection of rows, compiled or not.
Rows: TypeAlias = Selection | CompiledRows


def statement_of(rows: Rows) -> Selection:
    """Return `rows` as a selection that is not compiled."""
    return rows if isinstance(rows, Select) else rows.statement


@dataclass(frozen=True, slots=True)
class Sort:
    """A sort order of a list: a NOT NULL column with the id as tie-breaker, served by an index.

    `value_of` reads the sort value from a row, `parse` reads it from a cursor.
    """

    name: str
    column: SQLColumnExpression[Any]
    id: SQLColumnExpression[UUID]
    descending: bool
    value_of: Callable[[Any], Any]
    parse: Callable[[str], Any] = datetime.fromisoformat

    @property
    def begins_with_last_created(self) -> bool:
        """Return whether the first row is the one that was created last."""
        return self.descending and self.column is getattr(table_of(self.id), "created_at", None)


def newest_or_oldest_first(
    name: str, column: InstrumentedAttribute[datetime], row_id: InstrumentedAttribute[UUID]
) -> tuple[Sort, Sort]:
    """Return the two sort orders by a timestamp; newest first is the default.

    The rows have the timestamp as an attribute with the column's name.
    """
    attribute = column.key

    def value_of(row: Any) -> Any:
        return getattr(row, attribute)

    return (
        Sort(f"-{name}", column, row_id, descending=True, value_of=value_of),
        Sort(name, column, row_id, descending=False, value_of=value_of),
    )


def by_name(key: SQLColumnExpression[str], row_id: InstrumentedAttribute[UUID]) -> tuple[Sort, Sort]:
    """Return the two sort orders by a name; ascending is the default.

    The rows have the sort key as their attribute `sort_name`.
    """

    def value_of(row: Any) -> Any:
        return row.sort_name

    return (
        Sort("name", key, row_id, descending=False, value_of=value_of, parse=str),
        Sort("-name", key, row_id, descending=True, value_of=value_of, parse=str),
    )


@dataclass(frozen=True, slots=True)
class Cursor:
    """A position in a list: the page holds the rows `after` or `before` it."""

    id: UUID
    value: Any
    way: Way


@dataclass(frozen=True, slots=True)
class Count:
    """The number of matching rows; `exact` is False if counting stopped at MAX_COUNTED."""

    number: int
    exact: bool


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Rows of a page, with the cursors of its neighbors (None where there is none)."""

    rows: Sequence[T]
    next_cursor: str | None
    previous_cursor: str | None
    #: When the row of the list that was created last was created, if the page is known to show it.
    last_created_at: datetime | None = None

    @property
    def is_all(self) -> bool:
        """True if the list has no other page."""
        return self.next_cursor is None and self.previous_cursor is None


def fetch_page(
    session: AnySession,
    rows: Rows,
    sort: Sort,
    cursor_text: str | None,
    fingerprint: str,
    size: int = PAGE_SIZE,
) -> Page[Any]:
    """Fetch a page of `rows`, which must be unsorted.

    `fingerprint` identifies the list (see `list_fingerprint`). Raises InvalidCursor for a cursor that is malformed or
    belongs to another list.
    """
    cursor = parse_cursor(cursor_text, sort, fingerprint) if cursor_text else None
    way = cursor.way if cursor else None
    backwards = way == "before"

    def finish(selection: Selection) -> Selection:
        selection = _first(selection, sort, backwards=backwards)
        return selection if way is None else selection.where(_beyond(sort, way))

    place = {"cursor_value": cursor.value, "cursor_id": cursor.id} if cursor else {}
    found = list(fetch_all(session, rows, ("page", sort.name, way), finish, page_rows=size + 1, **place))
    more = len(found) > size
    found = found[:size]
    if backwards:
        found.reverse()
    has_next, has_previous = (True, more) if backwards else (more, cursor is not None)
    return Page(
        found,
        make_cursor(sort, found[-1], "after", fingerprint) if found and has_next else None,
        make_cursor(sort, found[0], "before", fingerprint) if found and has_previous else None,
        sort.value_of(found[0]) if found and cursor is None and sort.begins_with_last_created else None,
    )


def fetch_from(session: AnySession, rows: Rows, sort: Sort, offset: int, size: int) -> Sequence[Any]:
    """Fetch up to `size` rows from a place in the order; the database reads all rows before it, so use it sparingly."""

    def finish(selection: Selection) -> Selection:
        return _first(selection, sort).offset(bindparam("page_offset", type_=Integer()))

    return fetch_all(session, rows, ("from", sort.name), finish, page_rows=size, page_offset=offset)


def neighbor_ids(session: AnySession, rows: Rows, sort: Sort, row: Any) -> tuple[UUID | None, UUID | None]:
    """Return the ids of the rows just before and after `row`, None where there is none, in one query."""

    def finish(selection: Selection) -> Selection:
        ids: Selection = selection.with_only_columns(sort.id.label("id"), maintain_column_froms=True)
        ways = [
            select(
                literal(way).label("way"),
                _first(ids.where(_beyond(sort, way)), sort, backwards=way == "before").subquery(),
            )
            for way in _WAYS
        ]
        return select(union_all(*ways).subquery())

    here = parse_cursor(make_cursor(sort, row, "after", ""), sort, "")
    place = {"cursor_value": here.value, "cursor_id": here.id}
    found = {one.way: one.id for one in fetch_all(session, rows, ("beside", sort.name), finish, page_rows=1, **place)}
    return found.get("before"), found.get("after")


def table_of(row_id: SQLColumnExpression[UUID]) -> Any:
    """Return the model whose id is `row_id`, or None if it is not a column of a model."""
    return row_id.class_ if isinstance(row_id, InstrumentedAttribute) else None


def count_rows(session: AnySession, rows: Rows, *, exact: bool = False) -> Count:
    """Count `rows`; unless `exact`, stop at MAX_COUNTED."""
    finish, values = counting(exact=exact)
    [(number,)] = fetch_all(session, rows, ("count", exact), finish, **values)
    return counted(number, exact=exact)


def count_each(parts: Sequence[CombinableRows]) -> list[Count]:
    """Count the rows of several selections of one kind in one statement, each up to MAX_COUNTED."""
    if not parts:
        return []
    finish, values = counting(exact=False)
    found = parts[0].fetch_each(parts[1:], "count", finish, **values)
    return [counted(rows[0].number, exact=False) for rows in found]


def counting(*, exact: bool) -> tuple[Finish, dict[str, int]]:
    """Return the function that selects the number of rows as `number`, with the parameters of its statement."""
    return (_counting, {}) if exact else (_counting_to_the_most, {MOST: MAX_COUNTED + 1})


def counted(number: int, *, exact: bool) -> Count:
    """Return the count that a number selected by `counting` stands for."""
    return Count(number, exact=True) if exact else Count(min(number, MAX_COUNTED), exact=number <= MAX_COUNTED)


def _counting(selection: Selection) -> Selection:
    return select(func.count().label("number")).select_from(_ones(selection).subquery())


def _counting_to_the_most(selection: Selection) -> Selection:
    ones = _ones(selection).limit(bindparam(MOST, type_=Integer()))
    return select(func.count().label("number")).select_from(ones.subquery())


def first_of_each(parts: Sequence[CombinableRows], sort: Sort, size: int) -> list[Sequence[Any]]:
    """Return the first rows of several selections of one kind, in one statement."""
    if not parts:
        return []
    found = parts[0].fetch_each(parts[1:], ("first", sort.name), partial(_first, sort=sort), page_rows=size)
    return [sorted(rows, key=lambda row: (sort.value_of(row), row.id), reverse=sort.descending) for rows in found]


def _ones(selection: Selection) -> Selection | CompoundSelect[int]:
    """Return a selection of the literal 1 for each row, split by column where that is cheaper to count."""
    ones = selection.with_only_columns(literal(1), maintain_column_froms=True).order_by(None)
    kept = ones.whereclause
    parts = split_by_column(list(kept.clauses) if isinstance(kept, BooleanClauseList) else [])
    if len(parts) == 1:
        return ones
    froms = select(literal(1)).select_from(*ones.get_final_froms()).execution_options(**ones.get_execution_options())
    return union_all(*(froms.where(*part) for part in parts))


def fetch_all(session: AnySession, rows: Rows, shape: Hashable, finish: Finish, **values: Any) -> Sequence[Any]:
    """Return all rows of `finish(rows)`, compiled or not; the other arguments are those of `CompiledRows.fetch`."""
    if isinstance(rows, Select):
        return session.execute(finish(rows), values).all()
    return rows.fetch(shape, finish, **values)


def list_fingerprint(sort: str, filters: Sequence[tuple[str, str]]) -> str:
    """Return eight hex digits that identify the sort and filters of a list."""
    text = sort + "".join(f"\x1f{name}\x1e{value}" for name, value in sorted(filters))
    return hashlib.sha256(text.encode()).hexdigest()[:8]


def parse_cursor(text: str, sort: Sort, fingerprint: str) -> Cursor:
    """Parse the text of a cursor.

    Raises InvalidCursor if it is malformed or belongs to another list.
    """
    try:
        decoded = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode()
        row_id, way, known, value = decoded.split("|", 3)
        cursor = Cursor(UUID(row_id), sort.parse(value), "before" if way == "before" else "after")
    except (ValueError, binascii.Error, UnicodeDecodeError):
        raise InvalidCursor("cursor") from None
    if not hmac.compare_digest(known.encode(), fingerprint.encode()):
        raise InvalidCursor("cursor")
    return cursor


def make_cursor(sort: Sort, row: Any, way: Way, fingerprint: str) -> str:
    """Return the text of the cursor for the position of `row`; `parse_cursor` reads it."""
    value = sort.value_of(row)
    text = value.isoformat() if isinstance(value, datetime) else str(value)
    return base64.urlsafe_b64encode(f"{row.id}|{way}|{fingerprint}|{text}".encode()).decode().rstrip("=")


def _first(selection: Selection, sort: Sort, *, backwards: bool = False) -> Selection:
    return selection.order_by(*_order(sort, backwards=backwards)).limit(bindparam("page_rows", type_=Integer()))


def _order(sort: Sort, *, backwards: bool) -> tuple[ColumnElement[Any], ColumnElement[Any]]:
    if sort.descending is not backwards:
        return sort.column.desc(), sort.id.desc()
    return sort.column.asc(), sort.id.asc()


def _beyond(sort: Sort, way: Way) -> ColumnElement[bool]:
    """Return the condition for rows beyond the cursor in the direction `way`.

    It is a row comparison, which takes one index scan; written with AND and OR, it would take two.
    """
    here = tuple_(sort.column, sort.id)
    there = tuple_(_place("cursor_value", sort.column), _place("cursor_id", sort.id))
    return here < there if sort.descending is (way == "after") else here > there


def _place(name: str, like: SQLColumnExpression[Any]) -> ColumnElement[Any]:
    return bindparam(name, type_=select(like).selected_columns[0].type)
