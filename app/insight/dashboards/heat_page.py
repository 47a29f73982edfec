"""A week as a heat map: hours down, weekdays across, each number a link to its rows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from app.insight.dashboards.tiles_page import Links
from app.insight.metrics.metric import Rows
from app.models import WeekStart
from app.security.actor import Actor
from app.web.labels import hour_label, weekday_label

#: Number of color shades of the map: one for each quarter of the largest number.
_SHADES = 4


class Figure(NamedTuple):
    """A count and the address of exactly the rows it counts; `share` is its share of a whole, None if unknown."""

    metric: str
    number: int
    href: str
    share: float | None = 0.0
    shade: int = 0


@dataclass(frozen=True, slots=True)
class HeatMap:
    """The rows of a heat map; each of `hours` is a label and a Figure for each weekday (None if empty)."""

    weekdays: Sequence[str]
    hours: Sequence[tuple[str, tuple[Figure | None, ...]]]


def days_of_week(actor: Actor) -> Sequence[int]:
    """Return the weekdays (1 is Monday, 7 is Sunday) in the order of the organization's week."""
    return (7, 1, 2, 3, 4, 5, 6) if actor.week_start == WeekStart.SUNDAY else (1, 2, 3, 4, 5, 6, 7)


def heat_map(
    days: Sequence[int], counts: Mapping[tuple[int, int], int], metric: str, rows: Rows, links: Links
) -> HeatMap:
    """Build the heat map of `counts` by hour (0 to 23) and weekday.

    It covers the hours from the first with data to the last.
    """
    most, hours = max(counts.values(), default=0), [hour for hour, _day in counts]

    def figure(hour: int, day: int) -> Figure | None:
        count = counts.get((hour, day))
        if count is None:
            return None
        href = links.to(rows.and_(hour=str(hour), weekday=str(day)))
        return Figure(metric, count, href, shade=-(-count * _SHADES // most) if most else 0)

    return HeatMap(
        [weekday_label(day, short=True) for day in days],
        [
            (hour_label(hour), tuple([figure(hour, day) for day in days]))
            for hour in (range(min(hours), max(hours) + 1) if hours else ())
        ],
    )
