"""Days without calls in the daily call volume."""

from datetime import date, timedelta

from app.insight.metrics.volume_queries import MAX_DAYS, Share, with_quiet_days

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


def test_over_a_long_time_only_days_with_calls_are_shown() -> None:
    by_day = [_day(MONDAY, 1), _day(FRIDAY, 2)]
    longest = MONDAY + timedelta(days=MAX_DAYS - 1)

    assert len(with_quiet_days(by_day, MONDAY, longest)) == MAX_DAYS
    assert with_quiet_days(by_day, MONDAY, longest + timedelta(days=1)) == by_day
