"""Numbers of each kind of dashboard, compared with the SQL of docs/numbers.md.

The documented SQL has one statement per number.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from flask import Flask
from sqlalchemy import Engine

from app.db.context import Context, use_context
from app.extensions import db
from app.insight.metrics import csr_queries, missed_queries, rep_queries
from app.insight.metrics.executive_queries import executive_csr, executive_missed_calls, executive_sales
from app.models import Role
from app.periods import Period, resolve_period
from app.security.actor import Actor
from tests.insight.metrics.documented import SQL, Documented

TIMEZONE = "America/New_York"
PERIODS = ("last_30", "last_90")

OF_CSRS = tuple(csr_queries.METRICS)
OF_REPS = tuple(f"{name} of a rep" if f"{name} of a rep" in SQL else name for name in rep_queries.METRICS)
OF_THE_QUEUE = tuple(
    f"{name} of the queue" if f"{name} of the queue" in SQL else name for name in missed_queries.METRICS
)


@dataclass(frozen=True)
class Kind:
    """Numbers that are queried together, and the headings of the documented SQL they are compared with."""

    name: str
    ask: Callable[[Actor, Period, datetime], object]
    headings: Sequence[str]
    of_one: Role | None = None


#: The baseline of a tab omits its table of people and its trend.
KINDS = (
    Kind("CSR numbers", lambda actor, period, now: csr_queries.csr_numbers(actor, period, csr=None, now=now), OF_CSRS),
    Kind(
        "CSR, own",
        lambda actor, period, now: csr_queries.csr_numbers(actor, period, csr=None, now=now),
        OF_CSRS,
        Role.CSR,
    ),
    Kind("rep numbers", lambda actor, period, now: rep_queries.rep_numbers(actor, period, rep=None, now=now), OF_REPS),
    Kind(
        "rep, own",
        lambda actor, period, now: rep_queries.rep_numbers(actor, period, rep=None, now=now),
        OF_REPS,
        Role.SALES_REP,
    ),
    Kind(
        "missed calls",
        lambda actor, period, now: missed_queries.missed_call_numbers(actor, period, now=now),
        OF_THE_QUEUE,
    ),
    Kind(
        "executive, CSR",
        lambda actor, period, now: executive_csr(actor, period, now=now),
        (*OF_CSRS, "csr_objections"),
    ),
    Kind("executive, sales", lambda actor, period, now: executive_sales(actor, period, now=now), OF_REPS),
    Kind(
        "executive, missed calls",
        lambda actor, period, now: executive_missed_calls(actor, period, now=now),
        OF_THE_QUEUE,
    ),
)


@dataclass(frozen=True)
class Pair:
    """One kind of numbers over a period, computed by the product and by the documented SQL."""

    name: str
    product: Callable[[], object]
    plain: Callable[[], object]


def pairs(app: Flask, admin: Engine, organization: str, people: dict[Role, str]) -> Iterator[Pair]:
    """Yield each pair to measure; `people` contains the IDs of a CSR, a rep and an exec."""
    now = datetime.now(UTC)
    for name in PERIODS:
        period = resolve_period(name, now=now, timezone=TIMEZONE)
        for kind in KINDS:
            actor = _actor(organization, kind.of_one or Role.EXEC, people)
            mine = None if kind.of_one is None else [actor.user_id]
            yield Pair(
                f"{kind.name}, {name}",
                _product(app, kind, actor, period, now),
                _plain(Documented(admin, actor, mine, now), kind, period),
            )


def _actor(organization: str, role: Role, people: dict[Role, str]) -> Actor:
    return Actor(
        organization_id=UUID(organization),
        user_id=UUID(people[role]),
        name=role.value,
        email=f"{role}@large.example",
        role=role,
        timezone=TIMEZONE,
    )


def _product(app: Flask, kind: Kind, actor: Actor, period: Period, now: datetime) -> Callable[[], object]:
    def ask() -> None:
        with app.test_request_context(), use_context(Context(organization_id=actor.organization_id)):
            kind.ask(actor, period, now)
            db.session.rollback()

    return ask


def _plain(documented: Documented, kind: Kind, period: Period) -> Callable[[], object]:
    spans = (period.span, period.comparison)
    return lambda: [documented.rows(heading, span) for span in spans for heading in kind.headings]
