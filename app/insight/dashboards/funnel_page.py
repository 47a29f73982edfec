"""The funnel of missed callers: its stages in total and by time; every number links to its rows."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple

from flask_babel import get_locale
from flask_babel import lazy_gettext as _l

from app.errors import LazyText
from app.insight.dashboards.caveat_page import sentence_of_kept
from app.insight.dashboards.filters import FunnelFilters, Step
from app.insight.dashboards.heat_page import Figure, HeatMap, days_of_week, heat_map
from app.insight.dashboards.tiles_page import Links
from app.insight.metrics import missed_definitions as d
from app.insight.metrics.metric import Metric
from app.insight.metrics.missed_queries import Funnel, Stage, missed_call_funnel
from app.lists.listing import address
from app.periods import Period, resolve_period
from app.security.actor import Actor
from app.web import formatting
from app.web.labels import hour_label, weekday_label
from app.work.calls.queries import find_call_history

METRICS: Mapping[Step, Metric] = {
    Step.MISSED: d.MISSED_ENTRIES_TOTAL,
    Step.ATTEMPTED: d.MISSED_CALLS_ATTEMPTED,
    Step.REACHED: d.MISSED_CALLS_REACHED,
    Step.BOOKED: d.MISSED_CALLS_BOOKED,
}
#: Short label, where the context names the subject.
_SHORT = {Step.MISSED: _l("Missed")}


@dataclass(frozen=True, slots=True)
class StepLine:
    """A stage of a funnel: its label, its definition, its count, and its share as text.

    The share of missed callers is relative to the first stage. On the other performance pages, it is relative to the
    stage before, and None for the first. All shares are None if records that they need have been deleted for their age.
    """

    label: LazyText
    definition: LazyText
    figure: Figure
    share: str | None


class PartLine(NamedTuple):
    """An hour or a weekday, with the numbers of its stages in order."""

    label: str
    figures: tuple[Figure, ...]


@dataclass(frozen=True, slots=True)
class FunnelPanels:
    """The stages of the funnel, in total and by time.

    `shown` are the stages that the heat map can count: label, address, whether it is selected. `note` is the sentence
    in the place of the shares of the steps; "" if they are known.
    """

    steps: Sequence[StepLine]
    note: str
    by_hour: Sequence[PartLine]
    by_weekday: Sequence[PartLine]
    map: HeatMap
    shown: Sequence[tuple[LazyText, str, bool]]
    csv: str


@dataclass(frozen=True, slots=True)
class FunnelBoard:
    """Everything on the funnel's page."""

    filters: FunnelFilters
    period: Period
    funnel: FunnelPanels


def funnel_board(actor: Actor, filters: FunnelFilters, now: datetime | None = None) -> FunnelBoard:
    """Build the funnel's page for `actor`.

    Raises Forbidden and InvalidPeriod.
    """
    period, funnel = _funnel(actor, filters, now or datetime.now(UTC))
    period = period.with_kept_from(find_call_history(actor).kept_from)
    kept = filters.period_parameters()
    csv = address("dashboards.missed_calls_csv", kept)
    panels = funnel_panels(actor, funnel, period, filters.show, Links.of(kept), "dashboards.missed_calls", kept, csv)
    return FunnelBoard(filters, period, panels)


def funnel_panels(
    actor: Actor,
    funnel: Funnel,
    period: Period,
    show: Step,
    links: Links,
    endpoint: str,
    parameters: Mapping[str, str],
    csv: str,
) -> FunnelPanels:
    """Build the panels of the page `endpoint` requested with `parameters`; its map counts the stage `show`."""
    days, counted = days_of_week(actor), METRICS[show]
    counts = {one.key: getattr(one, show.value) for one in funnel.by_hour_and_weekday}
    note = sentence_of_kept(METRICS.values(), period)
    return FunnelPanels(
        steps=list(_steps(funnel, links, is_kept=not note)),
        note=note,
        by_hour=[_part(hour_label(one.key), one, links, hour=one.key) for one in funnel.by_hour],
        by_weekday=[
            _part(weekday_label(one.key), one, links, weekday=one.key)
            for one in sorted(funnel.by_weekday, key=lambda one: days.index(one.key))
        ],
        map=heat_map(days, counts, counted.name, counted.rows, links),
        shown=[
            (
                _SHORT.get(step, metric.label),
                address(endpoint, {**parameters, "show": step.value}),
                step is show,
            )
            for step, metric in METRICS.items()
        ],
        csv=csv,
    )


def funnel_rows(actor: Actor, filters: FunnelFilters) -> Iterator[tuple[str, str, int, int, int, int]]:
    """Yield the heat map as lines of a file: weekday, hour, and the four stages."""
    _period, funnel = _funnel(actor, filters, datetime.now(UTC))
    return rows_of(funnel)


def rows_of(funnel: Funnel) -> Iterator[tuple[str, str, int, int, int, int]]:
    """Yield a funnel as lines of a file: weekday, hour, and the numbers of the four stages."""
    for one in funnel.by_hour_and_weekday:
        hour, weekday = one.key
        yield formatting.plain_spaces(weekday_label(weekday)), formatting.plain_spaces(hour_label(hour)), *_counts(one)


def _funnel(actor: Actor, filters: FunnelFilters, now: datetime) -> tuple[Period, Funnel]:
    period = resolve_period(
        filters.period,
        now=now,
        timezone=actor.timezone,
        week_start=actor.week_start,
        first_day=filters.first_day,
        last_day=filters.last_day,
    )
    return period, missed_call_funnel(actor, period, now=now)


def _counts(stage: Stage) -> tuple[int, int, int, int]:
    return stage.missed, stage.attempted, stage.reached, stage.booked


def _steps(funnel: Funnel, links: Links, *, is_kept: bool) -> Iterator[StepLine]:
    sums = [sum(column) for column in zip(*map(_counts, funnel.by_weekday), strict=True)] or [0] * len(METRICS)
    for metric, count in zip(METRICS.values(), sums, strict=True):
        share = (count / sums[0] if sums[0] else 0.0) if is_kept else None
        figure = Figure(metric.name, count, links.to(metric.rows), share)
        words = None if share is None else formatting.percent(share, get_locale())
        yield StepLine(metric.label, metric.definition, figure, words)


def _part(label: str, stage: Stage, links: Links, **only: int) -> PartLine:
    return PartLine(label, tuple([_figure(step, stage, links, **only) for step in Step]))


def _figure(step: Step, stage: Stage, links: Links, **only: int) -> Figure:
    metric, count = METRICS[step], getattr(stage, step.value)
    href = links.to(metric.rows.and_(**{name: str(value) for name, value in only.items()}))
    return Figure(metric.name, count, href, count / stage.missed)
