"""Free times: working hours, occupied times, travel between stops, and daylight saving changes."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from app.work.appointments.free_times_rules import Length, Taken, clashes, free_times, open_days

ZONE = ZoneInfo("America/Chicago")
FRIDAY = date(2026, 11, 20)
HOURS = {"friday": [["08:00", "12:00"], ["13:00", "17:00"]], "saturday": [["09:00", "12:00"]]}
LENGTH = Length(timedelta(minutes=90), timedelta(minutes=30))
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


def at(clock: str, day: date = FRIDAY) -> datetime:
    """Return a time of day in the tests' time zone, converted to UTC."""
    return datetime.combine(day, datetime.strptime(clock, "%H:%M").time(), ZONE).astimezone(UTC)  # noqa: DTZ007


def stop(start: str, end: str, *, is_near: bool = False) -> Taken:
    return Taken(at(start), at(end), is_stop=True, is_near=is_near)


def clocks(*taken: Taken, length: Length = LENGTH, not_before: datetime = LONG_AGO, day: date = FRIDAY) -> list[str]:
    """Return the local times at which an appointment could begin."""
    found = free_times(day, HOURS, ZONE, taken, length, not_before)
    return [one.start.astimezone(ZONE).strftime("%H:%M") for one in found]


def test_a_free_day_has_each_hour_in_which_the_appointment_still_fits_the_hours() -> None:
    assert clocks() == ["08:00", "09:00", "10:00", "13:00", "14:00", "15:00"]


def test_a_closed_day_has_none() -> None:
    assert clocks(day=date(2026, 11, 22)) == []


def test_the_way_from_one_stop_and_on_to_the_next_is_left_free() -> None:
    assert clocks(stop("14:00", "15:00")) == ["08:00", "09:00", "10:00", "15:30"]
    assert clocks(stop("10:00", "11:00")) == ["08:00", "13:00", "14:00", "15:00"]


def test_nobody_travels_from_a_meeting() -> None:
    meeting = Taken(at("13:00"), at("14:00"), is_stop=False)

    assert clocks(meeting) == ["08:00", "09:00", "10:00", "14:00", "15:00"]


def test_the_first_time_after_a_stop_is_the_next_quarter_of_an_hour() -> None:
    assert clocks(stop("08:00", "08:40")) == ["09:15", "10:00", "13:00", "14:00", "15:00"]


def test_what_has_begun_already_is_not_offered() -> None:
    assert clocks(not_before=at("13:01")) == ["14:00", "15:00"]


def test_time_off_over_many_days_leaves_nothing() -> None:
    away = Taken(at("08:00") - timedelta(days=3), at("08:00") + timedelta(days=3), is_stop=False)

    assert clocks(away) == []


def test_a_time_is_near_when_the_stop_before_it_is() -> None:
    taken = [stop("08:00", "09:00", is_near=True), stop("13:00", "13:30")]
    found = free_times(FRIDAY, HOURS, ZONE, taken, LENGTH, LONG_AGO)

    near = {one.start.astimezone(ZONE).strftime("%H:%M") for one in found if one.is_near}
    assert near == {"09:30", "10:00"}


def test_without_any_hours_the_usual_ones_count() -> None:
    length = Length(timedelta(hours=8), timedelta())
    found = free_times(FRIDAY, {}, ZONE, [], length, LONG_AGO)

    assert [one.start for one in found] == [at("08:00"), at("09:00"), at("10:00")]
    assert len(open_days(FRIDAY, {})) == 6


def test_the_days_offered_are_those_that_are_open() -> None:
    assert open_days(FRIDAY, HOURS) == [FRIDAY + timedelta(days=days) for days in (0, 1, 7, 8, 14, 15)]


@pytest.mark.parametrize(
    ("day", "offered"),
    [
        (date(2026, 3, 8), ["00:30", "01:30", "03:30"]),  # the clocks jump from two to three
        (date(2026, 11, 1), ["00:30", "01:30", "01:30", "02:30", "03:30"]),  # one o'clock occurs twice
        (date(2026, 11, 8), ["00:30", "01:30", "02:30", "03:30"]),
    ],
    ids=["spring", "autumn", "usual"],
)
def test_an_hour_is_an_hour_when_the_clocks_change(day: date, offered: list[str]) -> None:
    found = free_times(
        day, {"sunday": [["00:30", "04:30"]]}, ZONE, [], Length(timedelta(hours=1), timedelta()), LONG_AGO
    )

    assert [one.start.astimezone(ZONE).strftime("%H:%M") for one in found] == offered
    assert {later.start - one.start for one, later in pairwise(found)} == {timedelta(hours=1)}


def test_touching_is_no_clash_without_a_way() -> None:
    taken = [stop("10:00", "11:00")]

    assert not clashes(taken, at("11:00"), at("12:00"), timedelta())
    assert clashes(taken, at("11:00"), at("12:00"), timedelta(minutes=1))
    assert clashes(taken, at("09:00"), at("10:00"), timedelta(minutes=1))
    assert not clashes(taken, at("11:30"), at("12:00"), timedelta(minutes=30))
