"""All numbers that ledgers store, of every kind of question, from the ledgers or from the rows alone."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import fields
from datetime import date
from typing import Any
from unittest.mock import patch

from app.db.filters import Person
from app.extensions import db
from app.insight.metrics import (
    call_queries,
    csr_queries,
    missed_queries,
    objection_queries,
    rep_queries,
    volume_queries,
)
from app.insight.metrics.grouping_queries import Step
from app.insight.metrics.ledger import Ledger
from app.insight.metrics.numbers import Measured, Number
from app.insight.metrics.objection_queries import objection_shares, top_objections
from app.insight.metrics.people_queries import TeamNumbers
from app.insight.metrics.volume_queries import call_volume, calls_of_days_before
from app.insight.rollups.remake_service import remake
from app.models import Role, User
from app.periods import Period, resolve_period
from app.security.actor import Actor
from app.security.permissions import Permission
from tests.insight.metrics.company import FIRST_DAY, LAST_DAY, NOW, RandomCompany

_READERS = (call_queries, objection_queries, volume_queries)


@contextmanager
def from_rows() -> Iterator[None]:
    """Compute numbers from rows alone, as if nothing were stored."""
    with ExitStack() as patches:
        for module in _READERS:
            patches.enter_context(patch.object(module, "is_stored_for", return_value=False))
        yield


def count_all(ledger: Ledger) -> None:
    """Count the days of a ledger that are missing or stale, as the job does."""
    while remake(ledger, NOW):
        db.session.commit()
    db.session.commit()


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


def all_numbers(actor: Actor, company: RandomCompany, *names: str) -> dict[str, Any]:
    """Return every number that is stored, by what it is a number of, in the periods of these names or in all."""
    found: dict[str, Any] = {}
    for when, period in periods(actor).items():
        if names and when not in names:
            continue
        if actor.may(Permission.DASHBOARDS_CSR):
            for who, csr in _asked_about(actor, company.csrs).items():
                found |= _of_csr(f"{when} {who}", actor, period, csr)
        if actor.may(Permission.DASHBOARDS_REP):
            for who, rep in _asked_about(actor, company.reps).items():
                found |= _of_rep(f"{when} {who}", actor, period, rep)
    return found


def _asked_about(actor: Actor, people: Sequence[User]) -> Mapping[str, Person | None]:
    if actor.role in (Role.CSR, Role.SALES_REP):
        return {"own": actor.user_id} if actor.user_id in [one.id for one in people] else {}
    return {"everybody": None, "nobody": "none", "team": "team", **{one.name: one.id for one in people}}


def _of_csr(name: str, actor: Actor, period: Period, csr: Person | None) -> dict[str, Any]:
    found = _flat(f"csr {name}", csr_queries.csr_numbers(actor, period, csr=csr, now=NOW))
    found |= _team(f"csr team {name}", csr_queries.csr_team(actor, period, csr=csr, now=NOW))
    found |= _flat(f"queue {name}", missed_queries.missed_call_numbers(actor, period, csr=csr, now=NOW))
    for step in Step:
        for point in csr_queries.csr_trend(actor, period, csr=csr, now=NOW, step=step):
            found |= _flat(f"trend {name} {step} {point.first_day}", point.numbers)
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
    for step in Step:
        for point in rep_queries.rep_trend(actor, period, rep=rep, now=NOW, step=step):
            found |= _flat(f"trend of a rep {name} {step} {point.first_day}", point.numbers)
    return found


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
