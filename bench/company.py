"""The company's pages and a rep's day, beside a statement for each of their numbers (docs/numbers.md): of all people
together, of the period and of the one before. The pages have each person besides, the way over time, who moved a number
and what the month will bring.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from uuid import UUID

import psycopg

from app.periods import Span, resolve_period
from bench.bare import Statements
from bench.data import LARGE, MANAGER, Person
from bench.goals import Goal
from bench.lines import Line, any_person
from bench.numbers import OF_CSRS, OF_REPS, OF_THE_QUEUE, TIMEZONE
from bench.visitor import Visitor
from tests.insight.metrics.documented import NOBODY, SQL

REP = Person("rep1@large.example", LARGE)
PERIODS = ("last_30", "last_90")
_NAME = re.compile(r"(?<!:):([a-z_]+)")
_PAGES = {
    "exec, calls": ("/exec/csr", (*OF_CSRS, "csr_objections")),
    "exec, sales": ("/exec/sales", OF_REPS),
    "exec, missed calls": ("/exec/missed-calls", OF_THE_QUEUE),
}


def lines(_visit: Callable[[Person], Visitor], admin: psycopg.Connection) -> Iterator[Line]:
    """Each page of the company over a month and a quarter, and the day of a rep with the numbers of their week."""
    manager, now = UUID(any_person(admin, LARGE, "manager")), datetime.now(UTC)
    for name, (path, headings) in _PAGES.items():
        for period in PERIODS:
            limit = _statements(headings, period, now, viewer=manager, people=None)
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
