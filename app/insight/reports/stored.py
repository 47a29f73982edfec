"""Serialization of a report's numbers: unrounded, with people by id only."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from app.insight.metrics.caveat_rules import Caveat, CaveatReason
from app.insight.metrics.metric import Metric
from app.insight.metrics.numbers import Measured, Number
from app.insight.metrics.people_queries import PersonNumbers, TeamNumbers

#: [exact (a decimal amount as text), numerator, denominator] for each of now and before, followed by the caveat if
#: there is one: [reason, rows, whole, day].
Stored = Mapping[str, Sequence[Any]]


def to_store(numbers: Mapping[str, Number]) -> dict[str, Any]:
    """Return numbers by name as JSON values."""
    return {
        name: [_to_store(one.current), None if one.before is None else _to_store(one.before)]
        for name, one in numbers.items()
    }


def team_to_store(team: TeamNumbers) -> dict[str, Any]:
    """Return a team as JSON values: everyone together, and each person by id (null for rows of no one)."""
    people = [[str(one.id) if one.id else None, to_store(one.numbers)] for one in team.people]
    return {"together": to_store(team.together), "people": people}


def of_store(metrics: Mapping[str, Metric], stored: Stored) -> dict[str, Number]:
    """Return the numbers of a stored report, without those no longer defined."""
    return {
        name: Number(metrics[name], _of_store(now), None if before is None else _of_store(before))
        for name, (now, before) in stored.items()
        if name in metrics
    }


def team_of_store(metrics: Mapping[str, Metric], stored: Mapping[str, Any], names: Mapping[UUID, str]) -> TeamNumbers:
    """Return a stored team, sorted by name, with the rows of no one last.

    `names` are the current names by id.
    """
    people = [(UUID(id_) if id_ else None, of_store(metrics, numbers)) for id_, numbers in stored["people"]]
    named = [PersonNumbers(id_, names.get(id_, "") if id_ else None, numbers) for id_, numbers in people]
    in_order = sorted(named, key=lambda one: (one.id is None, (one.name or "").casefold()))
    return TeamNumbers(in_order, of_store(metrics, stored["together"]))


def people_in(stored: Mapping[str, Any]) -> list[UUID]:
    """Return the ids of the people in a stored team."""
    return [UUID(id_) for id_, _numbers in stored["people"] if id_]


def _to_store(measured: Measured) -> list[Any]:
    exact, caveat = measured.exact, measured.caveat
    stored = [str(exact) if isinstance(exact, Decimal) else exact, measured.numerator, measured.denominator]
    if caveat is None:
        return stored
    return [*stored, [caveat.reason, caveat.rows, caveat.whole, caveat.day and caveat.day.isoformat()]]


def _of_store(stored: Sequence[Any]) -> Measured:
    exact, numerator, denominator, *more = stored
    measured = Measured(Decimal(exact) if isinstance(exact, str) else exact, numerator, denominator)
    for reason, rows, whole, day in more:
        caveat = Caveat(CaveatReason(reason), rows, whole, date.fromisoformat(day) if day else None)
        measured = measured._replace(caveat=caveat)
    return measured
