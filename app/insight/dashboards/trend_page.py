"""The chart of a number over time and in the comparison period; each point links to its rows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from flask_babel import get_locale

from app.errors import LazyText
from app.insight.dashboards.request_page import DashboardRequest
from app.insight.metrics.executive_queries import Trend
from app.insight.metrics.metric import Metric, Unit
from app.insight.metrics.series_queries import Point
from app.lists.listing import address
from app.web import formatting

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
    labels: Sequence[str]
    values: Sequence[float | None]
    previous: Sequence[float | None]
    links: Sequence[str]
    kind: str
    shown: Sequence[tuple[LazyText, str, bool]]


def trend_chart(asked: DashboardRequest, show: StrEnum, offered: Mapping[str, Metric], trend: Trend) -> TrendChart:
    """Build the chart of the number whose name is `show`, one of `offered`."""
    metric, endpoint, links = offered[show.value], asked.dashboard.endpoint, asked.links
    return TrendChart(
        metric.label,
        [_label(point) for point in trend.points],
        _values(trend.points, metric),
        _values(trend.before, metric),
        [links.of_days(point.first_day, point.last_day).to(metric.rows) for point in trend.points],
        _KINDS[metric.unit],
        [
            (one.label, address(endpoint, {**asked.parameters, "show": name}), name == show.value)
            for name, one in offered.items()
        ],
    )


def _label(point: Point) -> str:
    return formatting.short_date(point.first_day, get_locale(), point.first_day)


def _values(points: Sequence[Point], metric: Metric) -> list[float | None]:
    """Return the unrounded values of the points.

    Each is then rounded only once, when it is displayed, as in a tile.
    """
    numbers = (point.numbers[metric.name].current.exact for point in points)
    return [float(exact) if isinstance(exact, Decimal) else exact for exact in numbers]
