"""Company pages and a rep's day, compared with a statement for each of their numbers (docs/numbers.md).

The baseline computes the numbers of all people together, for the period and the one before, and the inputs of the
month's forecast. The pages also show each person, the trend, and who caused a change.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

import psycopg

from app.periods import Span, midnight, resolve_period
from bench.bare import Statements
from bench.data import LARGE, MANAGER, Person
from bench.goals import Goal
from bench.lines import Line, any_person
from bench.numbers import OF_CSRS, OF_REPS, OF_THE_QUEUE, TIMEZONE
from bench.visitor import Visitor
from tests.insight.metrics.documented import NOBODY, SQL

REP = Person("rep1@large.example", LARGE)
PERIODS = ("last_30", "last_90")
#: Inputs of a forecast for this month and the seven before: up to the current day of the month, and later.
_FORECAST = (
    """
SELECT date_trunc('month', outcome_at AT TIME ZONE %(zone)s) AS month, sum(deal_value),
  sum(deal_value) FILTER (WHERE extract(day FROM outcome_at AT TIME ZONE %(zone)s) < %(day)s)
FROM appointments
WHERE organization_id = %(organization)s AND outcome = 'closed_won' AND deleted_at IS NULL
  AND outcome_at >= %(from)s AND outcome_at < %(to)s
GROUP BY 1
""",
    """
SELECT date_trunc('month', scheduled_start_at AT TIME ZONE %(zone)s) AS month, count(*),
  sum(deal_value) FILTER (WHERE outcome = 'closed_won'),
  count(*) FILTER (WHERE extract(day FROM scheduled_start_at AT TIME ZONE %(zone)s) >= %(day)s
    AND booked_at AT TIME ZONE %(zone)s
      < date_trunc('month', scheduled_start_at AT TIME ZONE %(zone)s) + make_interval(days => %(day)s - 1)),
  count(*) FILTER (WHERE status = 'scheduled')
FROM appointments
WHERE organization_id = %(organization)s AND status IN ('scheduled', 'completed', 'no_show') AND deleted_at IS NULL
  AND scheduled_start_at >= %(from)s AND scheduled_start_at < %(to)s
GROUP BY 1
""",
)
_NAME = re.compile(r"(?<!:):([a-z_]+)")
_PAGES = {
    "exec, calls": ("/exec/csr", (*OF_CSRS, "csr_objections")),
    "exec, sales": ("/exec/sales", OF_REPS),
    "exec, missed calls": ("/exec/missed-calls", OF_THE_QUEUE),
}


def lines(_visit: Callable[[Person], Visitor], admin: psycopg.Connection) -> Iterator[Line]:
    """Yield lines for each company page over a month and a quarter, and for a rep's day."""
    manager, now = UUID(any_person(admin, LARGE, "manager")), datetime.now(UTC)
    for name, (path, headings) in _PAGES.items():
        for period in PERIODS:
            limit = _statements(headings, period, now, viewer=manager, people=None)
            if headings is OF_REPS:
                limit = [*limit, *_forecast(now)]
            yield Line(f"{name}, {period}", Goal.DASHBOARD, MANAGER, [f"{path}?period={period}"], [limit])
    rep = UUID(any_person(admin, LARGE, "sales_rep"))
    own = _statements(OF_REPS, "last_30", now, viewer=rep, people=[rep])
    yield Line("a rep's day", Goal.DASHBOARD, REP, ["/rep"], [own])


def _statements(
    headings: Sequence[str], name: str, now: datetime, *, viewer: UUID, people: Sequence[UUID] | None
) -> Statements:
    period = resolve_period(name, now=now, timezone=TIMEZONE)
    return [
        _statement(heading, span, now, viewer, people)
        for span in (period.span, period.comparison)
        for heading in headings
    ]


def _forecast(now: datetime) -> Statements:
    zone = ZoneInfo(TIMEZONE)
    today = now.astimezone(zone).date()
    months = (today.year * 12 + today.month - 1 - 7, today.year * 12 + today.month)
    first, end = (midnight(date(number // 12, number % 12 + 1, 1), zone) for number in months)
    given = {"organization": UUID(LARGE), "zone": TIMEZONE, "day": today.day, "from": first, "to": end}
    return [(statement, given) for statement in _FORECAST]


def _statement(
    heading: str, span: Span, now: datetime, viewer: UUID, people: Sequence[UUID] | None
) -> tuple[str, dict[str, object]]:
    given = {
        "organization": UUID(LARGE),
        "viewer": viewer,
        "nobody": NOBODY,
        "everybody": people is None,
        "people": list(people or [NOBODY]),
        "sees_all": people is None,
        "hears_all": people is None,
        "now": now,
        "start": span.start,
        "end": span.end,
    }
    return _NAME.sub(r"%(\1)s", SQL[heading].replace("%", "%%")), given
