"""Queries that compare stored numbers with the rows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import CTE, ColumnElement, DateTime, func, literal, select, union_all

from app.extensions import db
from app.insight.metrics.ledger import Ledger, Part
from app.insight.metrics.question_queries import Question
from app.insight.metrics.stored_day_queries import BEGINNING, counted_of_spans, stale_hours
from app.models.rollups import ROLLUP_DAYS
from app.security.actor import Actor
from app.security.scope import unscoped
from app.tenancy.actor_queries import actor_of_the_whole


@dataclass(frozen=True, slots=True)
class WrongDay:
    """A day of a table whose stored numbers aren't those of the rows, and how many of the table's rows differ."""

    table: str
    starts_at: datetime
    rows: int


@dataclass(frozen=True, slots=True)
class Sample:
    """The days to compare: all that start at or after `since`, and this many random earlier ones."""

    since: datetime
    earlier: int


def wrong_days(ledger: Ledger, now: datetime, sample: Sample | None = None) -> Sequence[WrongDay]:
    """Return the stored days of a ledger that are wrong, by table and time; without a sample, all are compared.

    Days on which something has changed since they were counted are left out. Each table takes one statement, which
    sees one state of the data. A day is also wrong if it begins before the previous one ends.
    """
    actor = actor_of_the_whole()
    wrong = [one for part in ledger.parts for one in _wrong_days_of(actor, ledger, part, now, sample)]
    return [*wrong, *_overlapping(actor, ledger)]


def _overlapping(actor: Actor, ledger: Ledger) -> Sequence[WrongDay]:
    """Return the stored days that begin before the previous one ends: what they share with it counts twice."""
    days = _days(actor, ledger, None)
    previous = func.lag(days.c.ends_at).over(order_by=days.c.starts_at).label("previous_end")
    each = unscoped(select(days.c.starts_at, previous), why="days only, without what was counted").subquery("each").c
    overlapping = unscoped(
        select(each.starts_at).where(each.starts_at < each.previous_end), why="days only, without what was counted"
    )
    return [WrongDay(ROLLUP_DAYS.name, starts_at, 1) for starts_at in db.session.scalars(overlapping)]


def _wrong_days_of(
    actor: Actor, ledger: Ledger, part: Part, now: datetime, sample: Sample | None
) -> Sequence[WrongDay]:
    days = _days(actor, ledger, sample)
    kept = part.days.c
    names = (*part.keys, *part.measures)
    columns = (kept.starts_at, *(kept[name] for name in names))
    stored = unscoped(select(*columns), why="all rows are compared").join_from(
        part.days, days, days.c.starts_at == kept.starts_at
    )
    stored = stored.where(kept.organization_id == actor.organization_id)
    counted = counted_of_spans(Question(actor, now, part.credit), part, days)
    differences = union_all(stored.except_all(counted), counted.except_all(stored)).subquery("differences").c
    by_day = unscoped(select(differences.starts_at, func.count()), why="all rows are compared, only days are returned")
    rows = db.session.execute(by_day.group_by(differences.starts_at).order_by(differences.starts_at))
    return [WrongDay(part.days.name, starts_at, number) for starts_at, number in rows]


def _days(actor: Actor, ledger: Ledger, sample: Sample | None) -> CTE:
    """Return the stored days to compare that aren't stale."""
    days = ROLLUP_DAYS.c
    of_ledger = (days.organization_id == actor.organization_id, days.ledger == ledger.name, days.starts_at != BEGINNING)
    is_stale = func.tstzrange(days.starts_at, days.ends_at).bool_op("&&")(stale_hours(actor.organization_id, ledger))
    valid = unscoped(
        select(days.starts_at, days.ends_at).where(*of_ledger, ~is_stale), why="days only, without what was counted"
    )
    if sample is None:
        return valid.cte("days")
    since: ColumnElement[datetime] = literal(sample.since, DateTime(timezone=True))
    recent = valid.where(days.starts_at >= since)
    earlier = valid.where(days.starts_at < since).order_by(func.random()).limit(sample.earlier)
    both = union_all(recent, select(earlier.subquery("earlier")))
    return both.cte("days").prefix_with("MATERIALIZED")
