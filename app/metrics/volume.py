"""How many calls, by topic, hour of the day, weekday and day: one pass over the period."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Date, Integer, cast, extract, func, select, tuple_

from app.db.paging import Selection
from app.extensions import db
from app.metrics import definitions as d
from app.metrics.question import Question
from app.models import Call
from app.periods import Period
from app.security.actor import Actor
from app.security.scope import restrict

PARTS = ("topic", "hour", "weekday", "day")
_COUNTED = {"answered": d.CALLS_ANSWERED, "missed": d.MISSED_CALLS_TOTAL, "resolved": d.CALLS_RESOLVED}


@dataclass(frozen=True, slots=True)
class Share:
    """Calls of one topic, hour (0–23), weekday (1 Monday – 7 Sunday) or day; `key` None means calls without a topic."""

    key: Any
    calls: int
    answered: int
    missed: int
    resolved: int


@dataclass(frozen=True, slots=True)
class Volume:
    """The same calls four times over: topics by size, hours, weekdays and days in order."""

    by_topic: Sequence[Share]
    by_hour: Sequence[Share]
    by_weekday: Sequence[Share]
    by_day: Sequence[Share]


def call_volume(actor: Actor, period: Period, *, csr: UUID | None, now: datetime) -> Volume:
    """Count the calls of a period by each part; hours, weekdays and days are those of the organization's zone."""
    rows = db.session.execute(_statement(Question(actor, csr, now), period)).all()
    # GROUPING() has a bit for each part, 0 where the row is grouped by it.
    shares = {
        part: [_share(getattr(row, part), row) for row in rows if not row.others & (8 >> place)]
        for place, part in enumerate(PARTS)
    }
    by_size = sorted(shares["topic"], key=lambda share: (share.key is None, -share.calls, share.key or ""))
    ordered = {part: sorted(shares[part], key=lambda share: share.key) for part in PARTS[1:]}
    return Volume(by_size, ordered["hour"], ordered["weekday"], ordered["day"])


def _statement(question: Question, period: Period) -> Selection:
    local = func.timezone(question.actor.timezone, Call.started_at)
    calls = select(
        Call.topic,
        cast(extract("hour", local), Integer).label("hour"),
        cast(extract("isodow", local), Integer).label("weekday"),
        cast(local, Date).label("day"),
        *(question.is_one_of(metric.rows).label(name) for name, metric in _COUNTED.items()),
    )
    read = (
        restrict(calls, Call, question.actor)
        .where(*question.conditions(d.CALLS.rows, period.span))
        .subquery("calls_read")
    )
    parts = [read.c[part] for part in PARTS]
    return select(
        *parts,
        func.grouping(*parts).label("others"),
        func.count().label("calls"),
        *(func.count().filter(read.c[name]).label(name) for name in _COUNTED),
    ).group_by(func.grouping_sets(*(tuple_(part) for part in parts)))


def _share(key: Any, row: Any) -> Share:
    return Share(key, row.calls, row.answered, row.missed, row.resolved)
