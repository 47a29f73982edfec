"""Days without calls in the daily call volume."""

from datetime import date, timedelta

from app.insight.metrics.volume_queries import Share, with_quiet_days

MONDAY, WEDNESDAY, FRIDAY = date(2026, 3, 2), date(2026, 3, 4), date(2026, 3, 6)
SUNDAY = date(2026, 3, 8)


def _day(day: date, calls: int = 0) -> Share:
    return Share(day, calls, calls, 0, 0)


def test_days_without_calls_are_there_as_zeros() -> None:
    filled = with_quiet_days([_day(WEDNESDAY, 3)], MONDAY, FRIDAY)

    assert [(share.key.day, share.calls) for share in filled] == [(2, 0), (3, 0), (4, 3), (5, 0), (6, 0)]


def test_a_later_day_with_calls_stays() -> None:
    filled = with_quiet_days([_day(MONDAY, 1), _day(SUNDAY, 2)], MONDAY, FRIDAY)

    assert (filled[-1].key, filled[-1].calls, len(filled)) == (SUNDAY, 2, 7)


def test_a_period_without_calls_stays_empty() -> None:
    assert with_quiet_days([], MONDAY, FRIDAY) == []


def test_days_without_calls_stay_however_long_the_period_is() -> None:
    last = MONDAY + timedelta(days=3000)

    filled = with_quiet_days([_day(MONDAY, 1), _day(FRIDAY, 2)], MONDAY, last)

    assert [share.key for share in filled] == [MONDAY + timedelta(days=ahead) for ahead in range(3001)]
    assert sum(share.calls for share in filled) == 3
