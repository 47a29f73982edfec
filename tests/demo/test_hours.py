"""Opening hours and the daily rhythm of calls, in the company's time zone and across a clock change."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from demo.call_times import moments
from demo.opening_hours import OpeningHours
from demo.seeding import stream

CHICAGO = ZoneInfo("America/Chicago")
HOURS = OpeningHours({**{day: (time(7), time(19)) for day in range(5)}, 5: (time(8), time(14))}, CHICAGO)


def local(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=CHICAGO).astimezone(UTC)


@pytest.mark.parametrize(
    ("missed", "due"),
    [
        (local(20, 10), local(20, 10, 15)),
        (local(20, 18, 50), local(21, 8, 5)),  # Friday evening, continued on Saturday morning
        (local(20, 3), local(20, 7, 15)),
        (local(21, 14), local(23, 7, 15)),  # Saturday at closing time, continued on Monday
        (local(22, 12), local(23, 7, 15)),
    ],
)
def test_a_promise_in_opening_minutes_waits_while_closed(missed: datetime, due: datetime) -> None:
    assert HOURS.due(missed, 15) == due


def test_before_opening_after_closing_and_on_sundays_it_is_closed() -> None:
    assert [HOURS.is_open(at) for at in (local(20, 6, 59), local(20, 7), local(20, 19), local(22, 12))] == [
        False,
        True,
        False,
        False,
    ]


def test_the_last_opening_is_now_or_the_closing_before() -> None:
    assert HOURS.last_open(local(20, 10)) == local(20, 10)
    assert HOURS.last_open(local(20, 6)) == local(19, 19)
    assert HOURS.last_open(local(23, 6)) == local(21, 14)


def test_hours_are_kept_per_weekday() -> None:
    kept = HOURS.as_json()
    assert (kept["monday"], kept["saturday"], kept["sunday"]) == ([["07:00", "19:00"]], [["08:00", "14:00"]], [])


@pytest.mark.parametrize("count", [0, 1, 3_000])
def test_there_are_exactly_as_many_moments_as_asked_for_and_in_order(count: int) -> None:
    end = datetime(2026, 11, 20, 20, 41, tzinfo=UTC)
    found = list(moments(count, date(2026, 10, 1), end, CHICAGO, stream(1, "rhythm")))
    assert len(found) == count
    assert all(before <= after for before, after in pairwise(found))
    assert all(moment <= end for moment in found)


def test_days_are_busier_than_nights_and_mondays_than_sundays() -> None:
    end = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)  # the clocks changed on 1 November
    found = [at.astimezone(CHICAGO) for at in moments(5_000, date(2026, 10, 12), end, CHICAGO, stream(2, "rhythm"))]
    morning = sum(8 <= at.hour < 11 for at in found)
    night = sum(at.hour < 5 for at in found)
    assert morning > 20 * night > 0
    assert sum(at.weekday() == 0 for at in found) > 4 * sum(at.weekday() == 6 for at in found)
    assert max(found) - min(found) > timedelta(days=40)
