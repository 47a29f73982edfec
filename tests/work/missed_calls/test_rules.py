"""Deadlines of the missed-call queue, counted in business hours."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis.strategies import datetimes, integers

from app.business_hours import BusinessHours
from app.work.missed_calls.rules import business_seconds, opened_at, sla_due_at

NEW_YORK = "America/New_York"
WEEKDAYS: BusinessHours = {
    day: [["08:00", "12:00"], ["13:00", "17:00"]] for day in ("monday", "tuesday", "wednesday", "thursday", "friday")
}


def local(text: str, timezone: str = NEW_YORK) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(timezone))


@pytest.mark.parametrize(
    ("missed", "due"),
    [
        ("2026-03-18 09:00", "2026-03-18 09:15"),
        ("2026-03-18 07:00", "2026-03-18 08:15"),
        ("2026-03-18 11:45", "2026-03-18 12:00"),
        ("2026-03-18 11:50", "2026-03-18 13:05"),
        ("2026-03-18 12:30", "2026-03-18 13:15"),
        ("2026-03-18 17:00", "2026-03-19 08:15"),
        ("2026-03-20 16:50", "2026-03-23 08:05"),
        ("2026-03-21 10:00", "2026-03-23 08:15"),
    ],
    ids=[
        "while open", "before opening", "due at closing time", "over the lunch break", "in the lunch break",
        "at closing time", "over the week-end", "on the week-end",
    ],
)  # fmt: skip
def test_fifteen_minutes_of_business_time(missed: str, due: str) -> None:
    assert sla_due_at(local(missed), 15, WEEKDAYS, NEW_YORK) == local(due)

    assert business_seconds(local(missed), local(due), WEEKDAYS, NEW_YORK) == 15 * 60


@pytest.mark.parametrize("zone", ["America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "Asia/Tashkent"])
@pytest.mark.parametrize("hours", [WEEKDAYS, {}, {"sunday": [["00:00", "24:00"]], "monday": [["01:30", "03:30"]]}])
@given(start=datetimes(datetime(2026, 3, 1), datetime(2026, 11, 30)), minutes=integers(0, 3000))
def test_business_time_is_the_sum_of_its_minutes(
    zone: str, hours: BusinessHours, start: datetime, minutes: int
) -> None:
    since = start.replace(second=0, microsecond=0, tzinfo=UTC)
    until = since + timedelta(minutes=minutes)
    all_of_them = (since + timedelta(minutes=number) for number in range(minutes))

    assert business_seconds(since, until, hours, zone) == 60 * sum(is_open(one, hours, zone) for one in all_of_them)


def is_open(moment: datetime, hours: BusinessHours, zone: str) -> bool:
    at = moment.astimezone(ZoneInfo(zone))
    spans = hours.get(f"{at:%A}".lower(), ())
    return not hours or any(opens <= f"{at:%H:%M}" < closes for opens, closes in spans)


def test_nothing_passes_before_it_begins() -> None:
    since = local("2026-03-18 09:00")

    assert business_seconds(since, since - timedelta(hours=1), WEEKDAYS, NEW_YORK) == 0
    assert business_seconds(since, since - timedelta(hours=1), {}, NEW_YORK) == 0


def test_long_promises_last_for_days() -> None:
    assert sla_due_at(local("2026-03-18 09:00"), 20 * 60, WEEKDAYS, NEW_YORK) == local("2026-03-20 14:00")


@pytest.mark.parametrize("hours", [{}, {"monday": [], "sunday": []}])
def test_without_hours_the_clock_runs_day_and_night(hours: BusinessHours) -> None:
    assert sla_due_at(local("2026-03-21 23:50"), 15, hours, NEW_YORK) == local("2026-03-22 00:05")


def test_a_day_may_last_until_midnight() -> None:
    hours = {"saturday": [["00:00", "24:00"]], "sunday": [["00:00", "24:00"]]}

    assert sla_due_at(local("2026-03-21 23:50"), 15, hours, NEW_YORK) == local("2026-03-22 00:05")


def test_the_hour_that_the_clocks_jump_over_does_not_count() -> None:
    open_all_sunday = {"sunday": [["00:00", "24:00"]]}

    due = sla_due_at(local("2026-03-08 01:30"), 60, open_all_sunday, NEW_YORK)

    assert due == local("2026-03-08 03:30")


def test_hours_that_the_clocks_jump_over_are_none() -> None:
    at_night = {"sunday": [["02:00", "03:00"], ["20:00", "21:00"]]}

    assert sla_due_at(local("2026-03-08 01:00"), 15, at_night, NEW_YORK) == local("2026-03-08 20:15")


def test_a_zone_of_half_an_hour_has_its_own_opening() -> None:
    zone = "Australia/Lord_Howe"

    assert sla_due_at(local("2026-03-18 07:59", zone), 15, WEEKDAYS, zone) == local("2026-03-18 08:15", zone)


@pytest.mark.parametrize(
    ("at", "opened"),
    [
        ("2026-03-18 07:59", None),
        ("2026-03-18 08:00", "2026-03-18 08:00"),
        ("2026-03-18 12:00", None),
        ("2026-03-18 13:00", "2026-03-18 08:00"),
        ("2026-03-18 16:59", "2026-03-18 08:00"),
        ("2026-03-18 17:00", None),
        ("2026-03-21 10:00", None),
    ],
    ids=["before opening", "opening", "lunch break", "after lunch", "before closing", "closing", "weekend"],
)
def test_a_company_opened_today_while_it_is_open(at: str, opened: str | None) -> None:
    assert opened_at(local(at), WEEKDAYS, NEW_YORK) == (local(opened) if opened else None)


def test_without_hours_it_opened_at_midnight() -> None:
    assert opened_at(local("2026-03-21 23:50"), {}, NEW_YORK) == local("2026-03-21 00:00")
