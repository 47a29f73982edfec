"""Times of calls, spread over weeks, weekdays and hours as is typical of such a company."""

import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

# Weight of each local hour from midnight: a morning peak, a dip at lunch, and the evening when people are home.
_HOURS = (1, 1, 1, 1, 1, 2, 6, 26, 58, 66, 60, 50, 40, 44, 46, 44, 42, 34, 16, 10, 7, 5, 3, 2)
# Monday makes up for the weekend.
_WEEKDAYS = (1.28, 1.06, 1.0, 0.98, 1.04, 0.5, 0.16)
# The company is growing: it gets five times as many calls as a year ago.
_GROWTH_A_DAY = 1.0045
_SURGE_ODDS = 0.06


def moments(count: int, start: date, end: datetime, timezone: ZoneInfo, chance: random.Random) -> Iterator[datetime]:
    """Yield exactly `count` times in UTC, in order, from local midnight of `start` to `end`."""
    cells = _cells(start, end, timezone, chance)
    left = sum(weight for _begin, _seconds, weight in cells)
    last = len(cells) - 1
    for number, (begin, seconds, weight) in enumerate(cells):
        # The remainder is spread over the cells to come, so that the total is exact.
        exact = count * weight / left
        share = count if number == last else min(count, int(exact + chance.random()))
        for offset in sorted(chance.uniform(0, seconds) for _ in range(share)):
            yield begin + timedelta(seconds=offset)
        count -= share
        left -= weight


def _cells(
    start: date, end: datetime, timezone: ZoneInfo, chance: random.Random
) -> list[tuple[datetime, float, float]]:
    """Return the local hours as (begin, seconds, weight); the last one ends at `end`."""
    cells = []
    days = (end.astimezone(timezone).date() - start).days + 1
    for number in range(days):
        day = start + timedelta(days=number)
        heft = _WEEKDAYS[day.weekday()] * _GROWTH_A_DAY**number * chance.uniform(0.8, 1.2)
        if chance.random() < _SURGE_ODDS:  # a cold snap, a storm, a heat wave
            heft *= chance.uniform(1.4, 1.9)
        for hour, share in enumerate(_HOURS):
            begin = datetime.combine(day, time(hour), timezone).astimezone(UTC)
            seconds = min(3600.0, (end - begin).total_seconds())
            if seconds > 0:
                cells.append((begin, seconds, heft * share * seconds / 3600))
    return cells
