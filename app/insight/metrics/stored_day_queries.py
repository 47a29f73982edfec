"""Parts of statements about stored days: the rows behind them, the changes since, and the definitions."""

from hashlib import sha256
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Column,
    ColumnElement,
    DateTime,
    Dialect,
    FromClause,
    ScalarSelect,
    bindparam,
    cast,
    func,
    literal_column,
    select,
    union_all,
)
from sqlalchemy.dialects import postgresql

from app.caches import memoize
from app.db.paging import Selection
from app.insight.metrics.ledger import Ledger, Part
from app.insight.metrics.question_queries import Question
from app.models.rollups import ROLLUP_MARKS
from app.periods import Span
from app.security.actor import Actor
from app.security.permissions import Role
from app.security.scope import unscoped

#: Start of the stored time before the first row.
BEGINNING: ColumnElement[Any] = literal_column("'-infinity'::timestamptz")
NO_TIME: ColumnElement[Any] = literal_column("'{}'::tstzmultirange")
_MAX_LEDGERS = 50
_POSTGRESQL: Dialect = postgresql.dialect()  # type: ignore[no-untyped-call] # SQLAlchemy annotates none of its dialects
_NO_ID = UUID(int=0)
#: Someone who sees all rows; the statements of all others with these rights differ in nothing but values.
_SOMEBODY = Actor(organization_id=_NO_ID, user_id=_NO_ID, name="", email="", role=Role.EXEC)


def counted_of_spans(question: Question, part: Part, spans: FromClause) -> Selection:
    """Select the numbers of each of these spans from rows, as a part's table has them: its start, keys and measures."""
    counted = part.rows(question, span_of_row(spans))
    by: list[ColumnElement[Any]] = [literal_column(name) for name in part.keys]
    each = counted.group_by(*by).lateral("of_span").c
    keys, measures = ([each[name] for name in names] for names in (part.keys, part.measures))
    numbers = [_never_null(part.days.c[one.name], one) for one in measures]
    return unscoped(select(spans.c.starts_at, *keys, *numbers), why="all rows count").select_from(spans)


def span_of_row(spans: FromClause) -> Span:
    """Return the span between the columns `starts_at` and `ends_at` of a table, for the conditions of a statement."""
    start: Any = spans.c.starts_at
    end: Any = spans.c.ends_at
    return Span(start, end)


def stale_hours(organization_id: UUID, ledger: Ledger) -> ScalarSelect[Any]:
    """Return the time in which rows of a ledger have changed since they were counted, as one multirange."""
    marks = ROLLUP_MARKS.c
    of_ledger = (marks.organization_id == organization_id, marks.ledger == ledger.name)
    hours = select(marks.hours).where(*of_ledger, marks.hours.is_not(None))
    moments = (
        build(ROLLUP_MARKS).where(*of_ledger, marks.resource == resource).subquery().c[0]
        for resource, build in ledger.depends_on.items()
    )
    of_records = [
        unscoped(select(func.tstzrange(moment, moment, "[]")), why="times only, of marked rows") for moment in moments
    ]
    marked = union_all(hours, *of_records).subquery("marked").c[0]
    all_of_them = unscoped(select(func.coalesce(func.range_agg(marked), NO_TIME)), why="times only, of marked rows")
    return all_of_them.scalar_subquery()


@memoize(_MAX_LEDGERS)
def definitions_of(ledger: Ledger) -> str:
    """Return a digest of everything that determines the numbers of a ledger, apart from the rows."""
    texts = []
    place: Any = bindparam("moment", type_=DateTime(timezone=True))
    for part in ledger.parts:
        counted = part.rows(Question(_SOMEBODY, place, part.credit), Span(place, place))
        compiled = counted.compile(dialect=_POSTGRESQL)
        texts.append(f"{part.days.name} {compiled} {sorted(compiled.params.items())}")
    return sha256("\n".join(texts).encode()).hexdigest()[:16]


def _never_null(column: Column[Any], value: ColumnElement[Any]) -> ColumnElement[Any]:
    """Return `value` with the column's name and type, and 0 for NULL if the column refuses it: a sum over no values."""
    number = value if column.nullable else func.coalesce(value, 0)
    return cast(number, column.type).label(column.name)
