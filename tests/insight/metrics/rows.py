"""Helper for finding the lists whose rows a number counts."""

from typing import Any

from app.insight.metrics.metric import Rows, Unit
from app.insight.metrics.numbers import Number


def rows_behind(number: Number) -> list[tuple[Rows, Any]]:
    """Return each list whose rows a number counts, with the expected number of rows; none if it is withheld."""
    if number.needs:
        return []
    metric, current = number.metric, number.current
    if metric.unit is Unit.COUNT:
        return [(metric.rows, current.value)]
    if metric.second_rows is not None:
        return []  # its parts are separate numbers
    parts = [(metric.rows, current.denominator)]
    return parts if metric.numerator is None else [*parts, (metric.numerator, current.numerator)]
