"""What lists are behind a number."""

from typing import Any

from app.insight.metrics.metric import Rows, Unit
from app.insight.metrics.numbers import Number


def rows_behind(number: Number) -> list[tuple[Rows, Any]]:
    """The lists behind a number with how many rows each must have, as far as the number knows."""
    metric, current = number.metric, number.current
    if metric.unit is Unit.COUNT:
        return [(metric.rows, current.value)]
    if metric.second_rows is not None:
        return []  # its parts are numbers of their own
    parts = [(metric.rows, current.denominator)]
    return parts if metric.numerator is None else [*parts, (metric.numerator, current.numerator)]
