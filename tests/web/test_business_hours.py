"""Duration of the business hours within a time span."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.business_hours import open_time
from app.periods import midnight

NEW_YORK = ZoneInfo("America/New_York")
HOURS = {"monday": [["08:00", "12:00"], ["13:00", "17:00"]], "sunday": [["00:00", "06:00"]]}


def hours(first: date, last: date, week: dict[str, list[list[str]]] = HOURS) -> float:
    time = open_time(midnight(first, NEW_YORK), midnight(last + timedelta(days=1), NEW_YORK), week, NEW_YORK)
    return time / timedelta(hours=1)


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        (date(2026, 11, 16), date(2026, 11, 16), 8),
        (date(2026, 11, 17), date(2026, 11, 21), 0),
        (date(2026, 11, 16), date(2026, 11, 22), 14),
        (date(2026, 3, 8), date(2026, 3, 8), 5),
        (date(2026, 11, 1), date(2026, 11, 1), 7),
        (date(2026, 1, 1), date(2026, 12, 31), 52 * 14),
    ],
)
def test_they_are_those_of_the_days_by_the_clocks(first: date, last: date, expected: float) -> None:
    assert hours(first, last) == expected


def test_the_end_of_a_day_is_midnight() -> None:
    assert hours(date(2026, 11, 16), date(2026, 11, 16), {"monday": [["18:00", "24:00"]]}) == 6


@pytest.mark.parametrize("zone", ["America/New_York", "Australia/Lord_Howe", "Africa/Cairo"])
@given(
    first=st.datetimes(datetime(2024, 1, 1), datetime(2026, 1, 1), timezones=st.just(UTC)),
    parts=st.lists(st.timedeltas(timedelta(), timedelta(days=400)), min_size=1, max_size=4),
)
def test_the_parts_of_a_time_make_the_whole(zone: str, first: datetime, parts: list[timedelta]) -> None:
    week = {**HOURS, "friday": [["00:00", "24:00"]], "saturday": [["22:30", "24:00"]]}
    moments = [first]
    for part in parts:
        moments.append(moments[-1] + part)

    times = [open_time(start, end, week, ZoneInfo(zone)) for start, end in pairwise(moments)]

    assert sum(times, timedelta()) == open_time(moments[0], moments[-1], week, ZoneInfo(zone))


def test_only_what_lies_within_counts() -> None:
    start = datetime(2026, 11, 16, 10, tzinfo=NEW_YORK).astimezone(UTC)
    end = datetime(2026, 11, 16, 13, 30, tzinfo=NEW_YORK).astimezone(UTC)

    assert open_time(start, end, HOURS, NEW_YORK) == timedelta(hours=2, minutes=30)
    assert open_time(end, start, HOURS, NEW_YORK) == timedelta()
