"""Queries that compare stored numbers with the rows, and stored days with each other."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from sqlalchemy import CTE, ColumnElement, DateTime, and_, case, func, literal, select, union_all
from sqlalchemy.dialects.postgresql import TSTZMULTIRANGE

from app.extensions import db
from app.insight.metrics.ledger import Ledger, Part
from app.insight.metrics.question_queries import Question
from app.insight.metrics.stored_day_queries import BEGINNING, counted_of_spans, stale_hours
from app.models.rollups import ROLLUP_DAYS
from app.periods import midnight
from app.security.actor import Actor
from app.security.scope import unscoped
from app.tenancy.actor_queries import actor_of_the_whole

#: A day that ended this long ago is stored as a whole, unless the job doesn't run.
_STORED_AFTER = timedelta(hours=1)


class Problem(StrEnum):
    """A way in which stored days can be wrong; the value describes it in the output of the check."""

    DIFFERS = "differs in {rows} rows"
    #: Rows older than the first stored day, of which the days say that there are none.
    BEFORE_FIRST = "omits records before the first stored day, {until}"
    #: Two days both have the numbers of the time that they share.
    OVERLAPS = "begins before the previous day ends"
    #: Nothing is stored of this time, or only a part of its day.
    MISSING = "isn’t stored, up to {until}"


@dataclass(frozen=True, slots=True)
class WrongDay:
    """A day that is wrong in a table; `starts_at` is None for the time before the first stored day.

    `rows` is the number of the table's rows that differ, or of days.
    """

    ledger: str
    table: str
    problem: Problem
    starts_at: datetime | None
    until: datetime
    rows: int = 1

    @property
    def description(self) -> str:
        """The table, the day and what is wrong with it, for operators."""
        where = self.table if self.problem in (Problem.DIFFERS, Problem.BEFORE_FIRST) else f"{self.ledger} days:"
        day = "" if self.starts_at is None else f" {_written(self.starts_at)}"
        return f"{where}{day} {self.problem.format(rows=self.rows, until=_written(self.until))}"


@dataclass(frozen=True, slots=True)
class Sample:
    """The days to compare: all that start at or after `since`, and this many random earlier ones."""

    since: datetime
    earlier: int


def wrong_days(ledger: Ledger, now: datetime, sample: Sample | None = None) -> Sequence[WrongDay]:
    """Return the stored days of a ledger that are wrong, by table and time; without a sample, all are compared.

    Days on which something has changed since they were counted are omitted. Each table takes one statement, which sees
    one state of the data. Whatever the sample, the days must cover the time since the first one, each part of it once,
    and no rows may be older.
    """
    actor = actor_of_the_whole()
    wrong = [day for part in ledger.parts for day in _wrong_days_of(actor, ledger, part, now, sample)]
    return [*wrong, *_overlapping(actor, ledger), *_missing(actor, ledger, now)]


def _overlapping(actor: Actor, ledger: Ledger) -> Iterator[WrongDay]:
    """Yield the stored days that begin before the previous one ends: what they share with it counts twice."""
    days = ROLLUP_DAYS.c
    previous = func.lag(days.ends_at).over(order_by=days.starts_at).label("previous_end")
    each = unscoped(
        select(days.starts_at, days.ends_at, previous).where(*_of_ledger(actor, ledger)),
        why="days only, without what was counted",
    )
    day = each.subquery("each").c
    overlapping = unscoped(select(day.starts_at, day.ends_at), why="days only, without what was counted").where(
        day.starts_at < day.previous_end
    )
    for starts_at, until in db.session.execute(overlapping.order_by(day.starts_at)):
        yield WrongDay(ledger.name, ROLLUP_DAYS.name, Problem.OVERLAPS, starts_at, until)


def _missing(actor: Actor, ledger: Ledger, now: datetime) -> Iterator[WrongDay]:
    """Yield the time since the first stored day of which nothing is stored; numbers come from rows there.

    Days in another time zone than the organization's are about to be discarded.
    """
    zone = ZoneInfo(actor.timezone)
    until = literal(midnight((now - _STORED_AFTER).astimezone(zone).date(), zone), DateTime(timezone=True))
    days = ROLLUP_DAYS.c
    first = func.min(case((days.starts_at == BEGINNING, days.ends_at), else_=days.starts_at))
    since_then = func.tstzmultirange(func.tstzrange(first, func.greatest(first, until)))
    stored = func.range_agg(func.tstzrange(days.starts_at, days.ends_at), type_=TSTZMULTIRANGE())
    gaps = unscoped(
        select(func.unnest(since_then.op("-")(stored)).label("gap")), why="days only, without what was counted"
    )
    gap = gaps.where(*_of_ledger(actor, ledger), days.zone == actor.timezone).subquery("gaps").c.gap
    bounds = unscoped(select(func.lower(gap), func.upper(gap)), why="days only, without what was counted")
    for starts_at, ends_at in db.session.execute(bounds.order_by(func.lower(gap))):
        yield WrongDay(ledger.name, ROLLUP_DAYS.name, Problem.MISSING, starts_at, ends_at)


def _wrong_days_of(
    actor: Actor, ledger: Ledger, part: Part, now: datetime, sample: Sample | None
) -> Iterator[WrongDay]:
    days = _days(actor, ledger, sample)
    kept = part.days.c
    names = (*part.keys, *part.measures)
    columns = (kept.starts_at, *(kept[name] for name in names))
    stored = unscoped(select(*columns), why="all rows are compared").join_from(
        part.days, days, days.c.starts_at == kept.starts_at
    )
    stored = stored.where(kept.organization_id == actor.organization_id)
    counted = counted_of_spans(Question(actor, now, part.credit), part, days)
    different = union_all(stored.except_all(counted), counted.except_all(stored)).subquery("differences").c
    starts_at, until = days.c.starts_at, days.c.ends_at
    by_day = unscoped(
        select(func.nullif(starts_at, BEGINNING), until, func.count()), why="all rows are compared, only days returned"
    ).join_from(days, different.starts_at.table, different.starts_at == starts_at)
    for start, end, number in db.session.execute(by_day.group_by(starts_at, until).order_by(starts_at)):
        problem = Problem.BEFORE_FIRST if start is None else Problem.DIFFERS
        yield WrongDay(ledger.name, part.days.name, problem, start, end, number)


def _days(actor: Actor, ledger: Ledger, sample: Sample | None) -> CTE:
    """Return the stored days to compare that aren't stale, and the time before the first one, of which nothing is."""
    days = ROLLUP_DAYS.c
    is_stale = func.tstzrange(days.starts_at, days.ends_at).bool_op("&&")(stale_hours(actor.organization_id, ledger))
    valid = unscoped(
        select(days.starts_at, days.ends_at).where(*_of_ledger(actor, ledger), ~is_stale),
        why="days only, without what was counted",
    )
    if sample is None:
        return valid.cte("days")
    since: ColumnElement[datetime] = literal(sample.since, DateTime(timezone=True))
    always = valid.where((days.starts_at >= since) | (days.starts_at == BEGINNING))
    earlier = valid.where(and_(days.starts_at < since, days.starts_at != BEGINNING))
    random = earlier.order_by(func.random()).limit(sample.earlier).subquery("earlier")
    return union_all(always, select(random)).cte("days").prefix_with("MATERIALIZED")


def _of_ledger(actor: Actor, ledger: Ledger) -> tuple[ColumnElement[bool], ...]:
    days = ROLLUP_DAYS.c
    return days.organization_id == actor.organization_id, days.ledger == ledger.name


def _written(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%MZ}"
