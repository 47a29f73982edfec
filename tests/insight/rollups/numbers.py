"""All numbers that ledgers store, of every kind of question, from the ledgers or from the rows alone."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import fields
from datetime import date, datetime, timedelta
from typing import Any
from unittest.mock import patch

from app.db.filters import Person
from app.db.session import jobs_role
from app.extensions import db
from app.insight.metrics import (
    csr_queries,
    forecast_queries,
    ledger_queries,
    missed_queries,
    rep_queries,
)
from app.insight.metrics.follow_up_queries import unbooked_without_follow_up
from app.insight.metrics.numbers import Measured, Number
from app.insight.metrics.objection_queries import objection_shares, top_objections
from app.insight.metrics.people_queries import TeamNumbers
from app.insight.metrics.step_rules import Step
from app.insight.metrics.volume_queries import call_volume, calls_of_days_before
from app.insight.rollups.refresh_service import refresh_all
from app.models import Role, User
from app.periods import Period, resolve_period
from app.security.actor import Actor
from app.security.permissions import Permission
from tests.insight.metrics.company import FIRST_DAY, LAST_DAY, NOW, RandomCompany


@contextmanager
def from_rows() -> Iterator[None]:
    """Compute numbers from rows alone, as if nothing were stored."""
    with patch.object(ledger_queries, "MAX_LIVE", timedelta(days=-1)):
        yield


@contextmanager
def as_job() -> Iterator[None]:
    """Run the block in transactions of its own, with the rights of jobs."""
    db.session.commit()
    with jobs_role():
        yield
        db.session.commit()


def count_all(now: datetime = NOW) -> None:
    """Count all days that are missing or stale, as the job does."""
    with as_job():
        refresh_all(now)


def periods(actor: Actor) -> Mapping[str, Period]:
    """Return periods of several kinds: whole, with a comparison that is cut, and of one day."""

    def days(first: date, last: date) -> Period:
        return resolve_period("custom", now=NOW, timezone=actor.timezone, first_day=first, last_day=last)

    return {
        "six weeks": days(FIRST_DAY, LAST_DAY),
        "a day": days(date(2026, 3, 8), date(2026, 3, 8)),
        "month": resolve_period("month", now=NOW, timezone=actor.timezone),
        "last_30": resolve_period("last_30", now=NOW, timezone=actor.timezone),
    }


def all_numbers(actor: Actor, company: RandomCompany, *names: str, of_one: bool = True) -> dict[str, Any]:
    """Return every number that is stored, by what it is a number of, in the periods of these names or in all.

    Without `of_one`, questions about one person are left out; the tables of people remain.
    """
    found: dict[str, Any] = {}
    for when, period in periods(actor).items():
        if names and when not in names:
            continue
        if actor.may(Permission.DASHBOARDS_CSR):
            for who, csr in _asked_about(actor, company.csrs, of_one=of_one).items():
                found |= _of_csr(f"{when} {who}", actor, period, csr)
        if actor.may(Permission.DASHBOARDS_REP):
            for who, rep in _asked_about(actor, company.reps, of_one=of_one).items():
                found |= _of_rep(f"{when} {who}", actor, period, rep)
    return found


def _asked_about(actor: Actor, people: Sequence[User], *, of_one: bool) -> Mapping[str, Person | None]:
    if actor.role in (Role.CSR, Role.SALES_REP):
        return {"own": actor.user_id} if actor.user_id in [one.id for one in people] else {}
    if not of_one:
        return {"everybody": None}
    return {"everybody": None, "nobody": "none", "team": "team", **{one.name: one.id for one in people}}


def _of_csr(name: str, actor: Actor, period: Period, csr: Person | None) -> dict[str, Any]:
    found = _flat(f"csr {name}", csr_queries.csr_numbers(actor, period, csr=csr, now=NOW))
    found |= _team(f"csr team {name}", csr_queries.csr_team(actor, period, csr=csr, now=NOW))
    found |= _flat(f"queue {name}", missed_queries.missed_call_numbers(actor, period, csr=csr, now=NOW))
    found[f"follow-up {name}"] = unbooked_without_follow_up(actor, period, csr=csr, now=NOW).current
    funnel = missed_queries.missed_call_funnel(actor, period, csr=csr, now=NOW)
    for part in fields(funnel):
        found |= {f"funnel {name} {part.name} {one.key}": one for one in getattr(funnel, part.name)}
    for step, span in ((Step.DAY, period.span), (Step.WEEK, period.comparison)):
        for point in csr_queries.csr_trend(actor, span, csr=csr, now=NOW, step=step):
            found |= _flat(f"trend {name} {step} {point.first_day}", point.numbers)
    weeks = csr_queries.booking_rates_by_week(actor, period, csr=csr, now=NOW, weeks=7)
    found |= {f"weeks {name} {person}": rates for person, rates in weeks.items()}
    volume = call_volume(actor, period, csr=csr, now=NOW)
    for part in fields(volume):
        found |= {f"volume {name} {part.name} {one.key}": one for one in getattr(volume, part.name)}
    found[f"calls before {name}"] = calls_of_days_before(actor, period, csr=csr, now=NOW)
    found[f"objections {name}"] = top_objections(actor, period, csr=csr, now=NOW)
    found[f"shares {name}"] = objection_shares(actor, period.comparison, csr=csr, now=NOW)
    return found


def _of_rep(name: str, actor: Actor, period: Period, rep: Person | None) -> dict[str, Any]:
    found = _flat(f"rep {name}", rep_queries.rep_numbers(actor, period, rep=rep, now=NOW))
    found |= _team(f"rep team {name}", rep_queries.rep_team(actor, period, rep=rep, now=NOW))
    weeks = rep_queries.win_rates_by_week(actor, period, rep=rep, now=NOW, weeks=7)
    found |= {f"weeks of a rep {name} {person}": rates for person, rates in weeks.items()}
    found |= _of_forecast(name, actor, rep)
    for step, span in ((Step.DAY, period.span), (Step.WEEK, period.comparison)):
        for point in rep_queries.rep_trend(actor, span, rep=rep, now=NOW, step=step):
            found |= _flat(f"trend of a rep {name} {step} {point.first_day}", point.numbers)
    return found


def _of_forecast(name: str, actor: Actor, rep: Person | None) -> dict[str, Any]:
    return {f"forecast {name}": forecast_queries.forecast_of_revenue(actor, rep=rep, now=NOW)}


def _team(name: str, team: TeamNumbers) -> dict[str, Any]:
    found = _flat(f"{name} together", team.together)
    for person in team.people:
        found |= _flat(f"{name} {person.name}", person.numbers)
    return found


def _flat(name: str, numbers: Mapping[str, Number]) -> dict[str, Any]:
    return {
        f"{name} {metric} {part}": _told(measured)
        for metric, number in numbers.items()
        for part, measured in (("now", number.current), ("before", number.before))
    }


def _told(measured: Measured | None) -> Any:
    return None if measured is None else (measured.exact, measured.numerator, measured.denominator)
