"""Queries for stored numbers: days without changes from a ledger, and all others from rows, in one statement.

One statement sees one state of the data. So it reads a stored day only if nothing that it counts has changed, and the
numbers are always those of the rows.
"""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    CTE,
    BigInteger,
    ColumnElement,
    Label,
    Row,
    Subquery,
    Text,
    Uuid,
    and_,
    bindparam,
    cast,
    func,
    literal,
    literal_column,
    null,
    or_,
    select,
    union_all,
)
from sqlalchemy.dialects.postgresql import TSTZMULTIRANGE, TSTZRANGE

from app.db.filters import TEAM
from app.db.paging import Selection
from app.insight.metrics.cached_queries import cached_numbers
from app.insight.metrics.grouping_queries import Columns, Grouping, OfEach
from app.insight.metrics.ledger import Ledger, Part
from app.insight.metrics.question_queries import Question
from app.insight.metrics.stored_day_queries import BEGINNING, NO_TIME, definitions_of, span_of_row, stale_hours
from app.models import RevisionKind
from app.models.rollups import ROLLUP_DAYS
from app.periods import Span
from app.security.actor import Actor
from app.security.compiled_query import cached_rows
from app.security.people import matches_person
from app.security.permissions import Permission
from app.security.scope import sees_all_rows, unscoped

#: Time that is counted from rows at most, beside stored days.
MAX_LIVE = timedelta(days=31)
_HALF_A_DAY = timedelta(hours=12)
#: Before any period; Python has no -infinity.
_LONG_AGO: ColumnElement[Any] = literal_column("'1900-01-01Z'::timestamptz")


def is_stored_for(question: Question, grouping: Grouping, ledger: Ledger, part: Part) -> bool:
    """Return whether to read a question's numbers from a ledger: they are those of all rows, and most are stored.

    People who see all rows get the numbers of all rows, and so do people who ask about their own. With more than
    MAX_LIVE that isn't stored, one pass over all rows takes less time than one for each stretch of time.
    """
    actor = question.actor
    if part.person is None and question.person is not None:
        return False
    if part.is_heard and not actor.sees_all(Permission.RECORDINGS_READ):
        return False
    if part.together is not None and question.person == TEAM:
        return False
    is_own = part.shows_own and question.person == actor.user_id
    if not is_own and not all(sees_all_rows(model, actor) for model in (part.model, *part.joined)):
        return False
    ranges = _stored_ranges.rows(actor, ledger=ledger.name, definitions=definitions_of(ledger))
    stored = [Span(row.starts_at, row.ends_at) for row in ranges]
    return sum((_live(span, stored) for span in _asked(grouping, question.now)), timedelta()) <= MAX_LIVE


def _asked(grouping: Grouping, now: datetime) -> Sequence[Span]:
    """Return the time of a grouping that is over, without its gap."""
    span, gap = Span(grouping.span.start, min(grouping.span.end, now)), grouping.gap
    return [span] if gap is None else [Span(span.start, gap.start), Span(gap.end, span.end)]


def _live(span: Span, stored: Sequence[Span]) -> timedelta:
    """Return how much of a span isn't stored."""
    nothing = timedelta()
    held = (min(span.end, one.end) - max(span.start, one.start) for one in stored)
    return max(span.end - span.start, nothing) - sum((max(one, nothing) for one in held), nothing)


@cached_rows(RevisionKind.ROLLUPS)
def _stored_ranges(actor: Actor) -> Selection:
    """Select the stretches of time of which a ledger's days are stored, stale or not."""
    days = ROLLUP_DAYS.c
    ranges = select(func.range_agg(func.tstzrange(days.starts_at, days.ends_at))).where(
        days.organization_id == actor.organization_id,
        days.ledger == bindparam("ledger", type_=Text()),
        days.definitions == bindparam("definitions", type_=Text()),
        days.zone == actor.timezone,
    )
    stretch = func.unnest(ranges.scalar_subquery()).column_valued("stretch")
    start = func.greatest(func.lower(stretch), _LONG_AGO)
    return select(start.label("starts_at"), func.upper(stretch).label("ends_at"))


def day_numbers(
    question: Question, grouping: Grouping, ledger: Ledger, part: Part, measures: tuple[str, ...] | None = None
) -> Sequence[Row[Any]]:
    """Return the `measures` of each group, or all of the part, by name, with one statement.

    `grouping_queries.key_of` reads the key of a row. A group without rows is missing. The question must be one that
    `is_stored_for` the part.
    """
    return _numbers.rows(question, grouping, ledger, part, measures or part.measures)


@cached_numbers
def _numbers(
    question: Question, grouping: Grouping, ledger: Ledger, part: Part, measures: tuple[str, ...]
) -> Selection:
    [counted] = counted_rows(question, grouping, ledger, part, measures=measures)
    sums = [func.coalesce(cast(func.sum(counted.c[name]), BigInteger), 0).label(name) for name in measures]
    numbers = unscoped(select(counted.c.key, *sums), why="both combined queries are scoped")
    if isinstance(grouping, OfEach):
        person = counted.c.person
        numbers = numbers.add_columns(person, func.grouping(person).label("of_everybody"))
        return numbers.group_by(counted.c.key, func.rollup(person))
    return numbers.group_by(counted.c.key)


def counted_rows(
    question: Question,
    grouping: Grouping,
    ledger: Ledger,
    *parts: Part,
    are_stored: bool = True,
    measures: Collection[str] | None = None,
) -> Sequence[Subquery]:
    """Return, of each part, the numbers of stored days and of the time between them, still to be added up.

    The columns are the dimensions of the part and its `measures`, or all of them, by name, the `key` of the group, and
    the `person` if the grouping is by person. Unless they `are_stored`, all numbers come from rows.
    """
    if not are_stored:
        return [
            _counted_in(question, grouping, part, grouping.span).subquery(f"counted_{part.days.name}") for part in parts
        ]
    stored, live = _stored_and_live(question.actor, grouping, ledger)

    def counted(part: Part) -> Subquery:
        # The planner leaves out the aggregates and joins of measures that aren't read.
        names = [name for name in part.measures if measures is None or name in measures]
        both = union_all(
            _stored_numbers(question, grouping, part, names, stored),
            _live_numbers(question, grouping, part, names, live),
        )
        return _first_of_each(both.subquery(f"counted_{part.days.name}"), grouping, part)

    return [counted(part) for part in parts]


def _counted_in(question: Question, grouping: Grouping, part: Part, span: Span) -> Selection:
    """Select the numbers of each group, person and dimension in a span."""
    key, person = _keys(grouping, Columns(part.moment, null() if part.person is None else part.person))
    counted = part.count(question, span).add_columns(key, person)
    return counted.group_by(*(literal_column(name) for name in ("key", "person", *part.dimensions)))


def _first_of_each(counted: Subquery, grouping: Grouping, part: Part) -> Subquery:
    """Leave out the rows that aren't the first about the same thing in their group, if each thing counts once."""
    if part.previous is None:
        return counted
    previous = counted.c[part.previous]
    is_first = or_(previous.is_(None), previous < grouping.start_of(counted.c.key))
    first = unscoped(select(*counted.c).where(is_first), why="both combined queries are scoped")
    return first.subquery(f"first_{part.days.name}")


def _stored_numbers(
    question: Question, grouping: Grouping, part: Part, measures: Sequence[str], stored: CTE
) -> Selection:
    """Select the measures of each stored day, person and dimension."""
    days, span = part.days.c, grouping.span
    keys = _keys(grouping, Columns(days.starts_at, days.person_id if part.person is not None else null()))
    numbers = unscoped(
        select(*keys, *(days[name] for name in (*part.dimensions, *measures))),
        why="read only for people who see all rows that are counted, or limited to their own",
    ).join_from(part.days, stored, stored.c.starts_at == days.starts_at)
    within = (days.starts_at >= span.start, days.starts_at < span.end)
    numbers = numbers.where(days.organization_id == question.actor.organization_id, *within)
    if question.person is None:
        return numbers
    return numbers.where(matches_person(days.person_id, question.person, question.actor))


def _live_numbers(question: Question, grouping: Grouping, part: Part, measures: Sequence[str], live: CTE) -> Selection:
    """Select the measures of each group, person and dimension in each stretch of time that isn't stored.

    The rows of each stretch are counted by themselves: for a join with the stretches, the planner would expect a large
    part of all rows, and read them all. With a gap, measures must add up: those of stretches to subtract are negative.
    """
    each = _counted_in(question, grouping, part, span_of_row(live)).lateral("of_stretch").c
    keys, numbers = ([each[name] for name in names] for names in (("key", "person", *part.dimensions), measures))
    if grouping.gap is not None:
        numbers = [(number * live.c.sign).label(number.name) for number in numbers]
    return unscoped(select(*keys, *numbers), why="the combined query is scoped").select_from(live)


def _keys(grouping: Grouping, columns: Columns) -> tuple[Label[Any], Label[Any]]:
    """Return the columns `key` and `person`, which is NULL unless the grouping is by person."""
    key = grouping.key(columns)
    person = columns.person if isinstance(grouping, OfEach) else cast(null(), Uuid)
    return (literal(True) if key is None else key).label("key"), person.label("person")


def _stored_and_live(actor: Actor, grouping: Grouping, ledger: Ledger) -> tuple[CTE, CTE]:
    """Return the days of the period that are stored and not stale, and the stretches of time that remain.

    With a gap, a stretch has a `sign`. The day in whose afternoon the gap begins is read as a whole, and the rows of
    its rest are subtracted: their sign is -1.
    """
    span, gap = grouping.span, grouping.gap
    asked: ColumnElement[Any] = func.tstzmultirange(func.tstzrange(span.start, span.end))
    if gap is not None:
        asked = asked.op("-", return_type=TSTZMULTIRANGE())(func.tstzmultirange(func.tstzrange(gap.start, gap.end)))
    days = ROLLUP_DAYS.c
    day = func.tstzrange(days.starts_at, days.ends_at)
    is_asked: ColumnElement[bool] = day.bool_op("<@")(asked)
    if gap is not None:
        is_asked = or_(is_asked, _is_cut_in_its_afternoon(days, gap))
    valid = select(days.starts_at, days.ends_at).where(
        days.organization_id == actor.organization_id,
        days.ledger == ledger.name,
        days.definitions == definitions_of(ledger),
        days.zone == actor.timezone,
        or_(
            days.starts_at == BEGINNING,
            and_(days.starts_at >= span.start, days.ends_at <= span.end, is_asked),
        ),
        ~day.bool_op("&&")(stale_hours(actor.organization_id, ledger)),
    )
    whole = unscoped(valid, why="days only, without what was counted")
    stored = whole.cte(f"stored_{ledger.name}").prefix_with("MATERIALIZED")
    of_stored = select(func.range_agg(func.tstzrange(stored.c.starts_at, stored.c.ends_at))).scalar_subquery()
    missing = asked.op("-", return_type=TSTZMULTIRANGE())(func.coalesce(of_stored, NO_TIME))
    stretch = func.unnest(missing).column_valued("stretch")
    live: Selection = select(func.lower(stretch).label("starts_at"), func.upper(stretch).label("ends_at"))
    if gap is None:
        return stored, live.cte(f"live_{ledger.name}")
    cut_day = func.tstzrange(stored.c.starts_at, stored.c.ends_at)
    rest = cut_day.op("*", return_type=TSTZRANGE())(func.tstzrange(gap.start, gap.end))
    subtracted = select(func.lower(rest), func.upper(rest), literal(-1)).where(
        stored.c.starts_at > BEGINNING, _is_cut_in_its_afternoon(stored.c, gap)
    )
    return stored, union_all(live.add_columns(literal(1).label("sign")), subtracted).cte(f"live_{ledger.name}")


def _is_cut_in_its_afternoon(days: Any, gap: Span) -> ColumnElement[bool]:
    """Return the condition that a gap begins in a day's second half, so that less of the day is in it than not."""
    return and_(days.starts_at <= gap.start - _HALF_A_DAY, days.ends_at > gap.start)
