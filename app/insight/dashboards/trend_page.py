"""The chart of a number over time and in the comparison period; each point links to its rows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from app.errors import LazyText
from app.insight.dashboards.request_page import DashboardRequest
from app.insight.dashboards.series_page import Series, StepValue, series_of
from app.insight.dashboards.tiles_page import WITH_CENTS
from app.insight.metrics.executive_queries import Trend
from app.insight.metrics.metric import Metric, Unit
from app.insight.metrics.movement import rounded_to_add_up
from app.insight.metrics.series_queries import Point
from app.lists.listing import address

#: The number format of a chart, by unit.
_KINDS = {
    Unit.COUNT: "number",
    Unit.RATIO: "percent",
    Unit.SECONDS: "duration",
    Unit.HOURS: "decimal",
    Unit.RATING: "decimal",
    Unit.SCORE: "decimal",
    Unit.GRADE: "decimal",
    Unit.MONEY: "money",
}


@dataclass(frozen=True, slots=True)
class TrendChart:
    """The arguments of the `line_chart` macro.

    `shown` are the numbers to choose from: label, address, whether it is selected.
    """

    title: LazyText
    series: Series
    kind: str
    shown: Sequence[tuple[LazyText, str, bool]]


def trend_chart(asked: DashboardRequest, show: StrEnum, offered: Mapping[str, Metric], trend: Trend) -> TrendChart:
    """Build the chart of the number whose name is `show`, one of `offered`."""
    metric, endpoint, links = offered[show.value], asked.dashboard.endpoint, asked.links
    return TrendChart(
        metric.label,
        series_of(
            _steps(trend.points, metric),
            _steps(trend.before, metric),
            [links.of_days(point.first_day, point.last_day).to(metric.rows) for point in trend.points],
        ),
        _KINDS[metric.unit],
        [
            (one.label, address(endpoint, {**asked.parameters, "show": name}), name == show.value)
            for name, one in offered.items()
        ],
    )


def _steps(points: Sequence[Point], metric: Metric) -> list[StepValue]:
    """Return the days and the value of each point.

    Values are unrounded: each is rounded only once, when it is displayed, as in a tile. Only amounts whose sum a tile
    shows without cents have none either, and add up to it.
    """
    exact = [point.numbers[metric.name].current.exact for point in points]
    if metric.unit is Unit.MONEY and metric.adds_up:
        amounts = [Fraction(amount or 0) for amount in exact]
        if abs(sum(amounts, Fraction())) >= WITH_CENTS:
            exact = [int(amount) for amount in rounded_to_add_up(amounts, Fraction(1))]
    return [(point.days, None if value is None else float(value)) for point, value in zip(points, exact, strict=True)]
