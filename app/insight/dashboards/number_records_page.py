"""Numbers of the catalogue as records of the JSON API."""

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any
from uuid import UUID

from pydantic.alias_generators import to_camel

from app.amounts import half_up
from app.db.filters import NOBODY
from app.declarations.api_lists import api_link
from app.insight.dashboards.filters import DashboardFilters
from app.insight.dashboards.request_page import Dashboard, DashboardRequest, read_request
from app.insight.dashboards.schemas import (
    CatalogueRecord,
    CaveatRecord,
    DefinitionRecord,
    MetricRecord,
    NumberRecord,
    PeriodRecord,
    PersonRecord,
)
from app.insight.dashboards.tiles_page import Links
from app.insight.metrics.catalogue import CATALOGUE
from app.insight.metrics.compute_queries import compute_all
from app.insight.metrics.metric import Metric, Rows, Unit, list_filters
from app.insight.metrics.numbers import Measured, Number, rounded
from app.insight.metrics.people_queries import TeamNumbers
from app.insight.metrics.question_queries import refuse_partial
from app.periods import Span
from app.security.actor import Actor
from app.tenancy.organization_queries import get_own_organization

_CENTS = 2


def metric_definitions(_actor: Actor) -> CatalogueRecord:
    """Return the catalogue of numbers, in the language of the request."""
    return CatalogueRecord(metric_definitions=[_defined(name, list(of.values())) for name, of in CATALOGUE.items()])


def numbers_of(actor: Actor, asked: DashboardRequest, names: Iterable[str]) -> list[Number]:
    """Return the numbers with these names for the period and the person of a request.

    Raises the errors of `compute_all`.
    """
    credit, compare = asked.dashboard.credit, asked.compares
    found = compute_all(
        actor, list(names), asked.period, asked.person_id, now=asked.now, compare=compare, credit=credit
    )
    return list(found.values())


def read_numbers_request(
    actor: Actor,
    dashboard: Dashboard,
    filters: DashboardFilters,
    metrics: Iterable[Metric],
    *,
    of_each: bool = False,
) -> DashboardRequest:
    """Return the request of an operation that returns these numbers, with `of_each` those of each person, too.

    Raises Forbidden, which names all permissions that the actor lacks for them, and the errors of `read_request`.
    """
    names_people = of_each or isinstance(filters.person, UUID)
    refuse_partial(actor, dashboard.credit, filters.person, metrics, names_people=names_people)
    return read_request(actor, dashboard, filters)


def number_record(number: Number, links: Links) -> NumberRecord:
    """Return a number as a record; `links` are those of its period and person."""
    unit, before = number.metric.unit, number.before
    return NumberRecord(
        value=value_of(number.current.exact, unit),
        previous=value_of(before.exact if before else None, unit),
        change=value_of(number.change, unit),
        numerator=number.current.numerator,
        denominator=number.current.denominator,
        link=link_to(number.metric.rows, links),
        caveat=_caveat(number.current),
    )


def number_records(numbers: Iterable[Number], links: Links) -> dict[str, NumberRecord]:
    """Return numbers as records by their names in camel case."""
    return {to_camel(one.metric.name): number_record(one, links) for one in numbers}


def people_records(asked: DashboardRequest, team: TeamNumbers) -> Iterator[PersonRecord]:
    """Yield the numbers of each person of a team; those of no one, if there are any, are the last."""
    for one in team.people:
        links = asked.links_of(one.id or NOBODY)
        yield PersonRecord(id=one.id, name=one.name, metrics=number_records(one.numbers.values(), links))


def head_of(actor: Actor, asked: DashboardRequest) -> dict[str, Any]:
    """Return the fields of a DashboardRecord besides the numbers: its period, the comparison, and the currency."""
    zone = asked.period.timezone
    return {
        "period": _period(asked.period.span, zone),
        "comparison": _period(asked.period.comparison, zone) if asked.compares else None,
        "calls_kept_from": asked.period.calls_kept_from,
        "currency": get_own_organization(actor).currency,
    }


def link_to(rows: Rows, links: Links) -> str:
    """Return the address of the list in the API that shows exactly `rows`."""
    return api_link(rows.listed, list_filters(rows.filters.items(), links.parameters, of_now=rows.of_now))


def value_of(exact: int | Decimal | None, unit: Unit) -> int | float | str | None:
    """Return an unrounded value or change as JSON has it.

    Counts and durations are integers, amounts of money text with cents, all others numbers with four decimals.
    """
    if exact is None:
        return None
    if unit is Unit.MONEY:
        return str(half_up(exact, _CENTS))
    if unit in {Unit.COUNT, Unit.SECONDS}:
        return int(half_up(exact, 0) or 0)
    return rounded(Decimal(exact))


def _caveat(measured: Measured) -> CaveatRecord | None:
    if measured.caveat is None:
        return None
    reason, rows, whole, day = measured.caveat
    without = measured.without.value if measured.without else None
    return CaveatRecord(reason=reason, rows=rows, whole=whole, without=without, day=day)


def _period(span: Span, zone: str) -> PeriodRecord:
    return PeriodRecord(start=span.start, end=span.end, timezone=zone)


def _defined(name: str, metrics: list[Metric]) -> MetricRecord:
    first = metrics[0]
    return MetricRecord(
        name=name,
        key=to_camel(name),
        label=str(first.label),
        definition=str(first.definition),
        unit=first.unit.value,
        numerator=_words(first.numerator_label),
        denominator=_words(first.denominator_label),
        definitions=[DefinitionRecord(credit=one.credit.value, definition=str(one.definition)) for one in metrics],
    )


def _words(label: object | None) -> str | None:
    return None if label is None else str(label)
