"""How far missed callers came: the steps, when it was, and every number as a link to exactly its rows."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from flask_babel import lazy_gettext as _l

from app.errors import Sentence
from app.insight.dashboards.filters import FunnelFilters, Step
from app.insight.dashboards.tiles_page import Links
from app.insight.metrics import missed_definitions as d
from app.insight.metrics.metric import Metric
from app.insight.metrics.missed_queries import Funnel, Stage, missed_call_funnel
from app.lists.listing import address
from app.models import WeekStart
from app.periods import Period, resolve_period
from app.security.actor import Actor
from app.web.labels import hour_label, weekday_label

METRICS: Mapping[Step, Metric] = {
    Step.MISSED: d.MISSED_ENTRIES_TOTAL,
    Step.ATTEMPTED: d.MISSED_CALLS_ATTEMPTED,
    Step.REACHED: d.MISSED_CALLS_REACHED,
    Step.BOOKED: d.MISSED_CALLS_BOOKED,
}
#: Where the words around say of whom.
_SHORT = {Step.MISSED: _l("Missed")}
#: How strongly a number of the map is coloured: one for each fourth of the largest.
_SHADES = 4


@dataclass(frozen=True, slots=True)
class Figure:
    """How many came so far, and the address of exactly these; `share` is of those who were missed."""

    metric: str
    count: int
    href: str
    share: float = 0.0
    shade: int = 0


@dataclass(frozen=True, slots=True)
class StepLine:
    """A step of all: what it is called, and what it means."""

    label: Sentence
    definition: Sentence
    figure: Figure


@dataclass(frozen=True, slots=True)
class PartLine:
    """An hour or a weekday, with its steps in order."""

    label: str
    figures: Sequence[Figure]


@dataclass(frozen=True, slots=True)
class FunnelBoard:
    """Everything on the page. Of the map, `hours` are rows: their words, and a figure (None: nobody) a weekday."""

    filters: FunnelFilters
    period: Period
    steps: Sequence[StepLine]
    by_hour: Sequence[PartLine]
    by_weekday: Sequence[PartLine]
    weekdays: Sequence[str]
    hours: Sequence[tuple[str, Sequence[Figure | None]]]
    shown: Sequence[tuple[Sentence, str, bool]]
    csv: str


def funnel_board(actor: Actor, filters: FunnelFilters, now: datetime | None = None) -> FunnelBoard:
    """The page that `actor` may see. Raises Forbidden and InvalidPeriod."""
    period, funnel = _funnel(actor, filters, now or datetime.now(UTC))
    links = Links.of(filters.period_parameters())
    days = (7, 1, 2, 3, 4, 5, 6) if actor.week_start == WeekStart.SUNDAY else (1, 2, 3, 4, 5, 6, 7)
    kept = filters.period_parameters()
    return FunnelBoard(
        filters,
        period,
        steps=list(_steps(funnel, links)),
        by_hour=[_part(hour_label(one.key), one, links, hour=one.key) for one in funnel.by_hour],
        by_weekday=[
            _part(weekday_label(one.key), one, links, weekday=one.key)
            for one in sorted(funnel.by_weekday, key=lambda one: days.index(one.key))
        ],
        weekdays=[weekday_label(day, short=True) for day in days],
        hours=list(_map(funnel, links, filters.show, days)),
        shown=[
            (
                _SHORT.get(step, metric.label),
                address("dashboards.missed_calls", {**kept, "show": step.value}),
                step is filters.show,
            )
            for step, metric in METRICS.items()
        ],
        csv=address("dashboards.missed_calls_csv", kept),
    )


def funnel_rows(actor: Actor, filters: FunnelFilters) -> Iterator[tuple[str, str, int, int, int, int]]:
    """The map as lines of a file: weekday, hour, and the four steps."""
    _period, funnel = _funnel(actor, filters, datetime.now(UTC))
    for one in funnel.by_hour_and_weekday:
        hour, weekday = one.key
        yield weekday_label(weekday), hour_label(hour), *_counts(one)


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


def _steps(funnel: Funnel, links: Links) -> Iterator[StepLine]:
    sums = [sum(column) for column in zip(*map(_counts, funnel.by_weekday), strict=True)] or [0] * len(METRICS)
    for metric, count in zip(METRICS.values(), sums, strict=True):
        figure = Figure(metric.name, count, links.to(metric.rows), count / sums[0] if sums[0] else 0.0)
        yield StepLine(metric.label, metric.definition, figure)


def _part(label: str, stage: Stage, links: Links, **only: int) -> PartLine:
    return PartLine(label, [_figure(step, stage, links, **only) for step in Step])


def _figure(step: Step, stage: Stage, links: Links, *, most: int = 0, **only: int) -> Figure:
    metric, count = METRICS[step], getattr(stage, step.value)
    href = links.to(metric.rows.and_(**{name: str(value) for name, value in only.items()}))
    shade = -(-count * _SHADES // most) if most else 0
    return Figure(metric.name, count, href, count / stage.missed, shade)


def _map(
    funnel: Funnel, links: Links, step: Step, days: Sequence[int]
) -> Iterator[tuple[str, Sequence[Figure | None]]]:
    """From the first hour in which anybody was missed to the last."""
    known = {one.key: one for one in funnel.by_hour_and_weekday}
    most = max((getattr(one, step.value) for one in known.values()), default=0)
    hours = [one.key for one in funnel.by_hour]
    for hour in range(min(hours), max(hours) + 1) if hours else ():
        found = (known.get((hour, day)) for day in days)
        yield (
            hour_label(hour),
            [
                _figure(step, one, links, most=most, hour=hour, weekday=day) if one else None
                for day, one in zip(days, found, strict=True)
            ],
        )
