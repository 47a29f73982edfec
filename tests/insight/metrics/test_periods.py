"""Days of a period, and of the period that it is compared with."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from app.errors import InvalidPeriod
from app.periods import Period, a_year_earlier, compared_with, resolve_period

NEW_YORK = "America/New_York"
FRIDAY_AFTERNOON = datetime(2026, 11, 20, 19, 41, tzinfo=UTC)  # 14:41 in New York


def resolve(name: str, now: datetime = FRIDAY_AFTERNOON, **options: Any) -> Period:
    return resolve_period(name, now=now, timezone=options.pop("timezone", NEW_YORK), **options)


@pytest.mark.parametrize(
    ("name", "first", "last"),
    [
        ("today", date(2026, 11, 20), date(2026, 11, 20)),
        ("yesterday", date(2026, 11, 19), date(2026, 11, 19)),
        ("week", date(2026, 11, 16), date(2026, 11, 22)),
        ("month", date(2026, 11, 1), date(2026, 11, 30)),
        ("quarter", date(2026, 10, 1), date(2026, 12, 31)),
        ("last_7", date(2026, 11, 14), date(2026, 11, 20)),
        ("last_30", date(2026, 10, 22), date(2026, 11, 20)),
    ],
)
def test_a_named_period_is_whole_local_days(name: str, first: date, last: date) -> None:
    period = resolve(name)

    assert (period.first_day, period.last_day) == (first, last)


@pytest.mark.parametrize(
    ("day", "first", "last", "first_before", "last_before"),
    [
        (date(2026, 1, 1), date(2026, 1, 1), date(2026, 3, 31), date(2025, 10, 1), date(2025, 10, 1)),
        (date(2026, 3, 31), date(2026, 1, 1), date(2026, 3, 31), date(2025, 10, 1), date(2025, 12, 29)),
        (date(2026, 6, 30), date(2026, 4, 1), date(2026, 6, 30), date(2026, 1, 1), date(2026, 3, 31)),
        (date(2026, 9, 30), date(2026, 7, 1), date(2026, 9, 30), date(2026, 4, 1), date(2026, 6, 30)),
        (date(2026, 12, 31), date(2026, 10, 1), date(2026, 12, 31), date(2026, 7, 1), date(2026, 9, 30)),
    ],
)
def test_a_quarter_is_three_months_and_compares_with_as_many_days_of_the_one_before(
    day: date, first: date, last: date, first_before: date, last_before: date
) -> None:
    period = resolve("quarter", datetime.combine(day, time(12), ZoneInfo(NEW_YORK)))

    assert (period.first_day, period.last_day, *period.previous_days) == (first, last, first_before, last_before)


@pytest.mark.parametrize("timezone", [NEW_YORK, "Australia/Lord_Howe"])
@pytest.mark.parametrize(("name", "days"), [("today", 1), ("week", 7)])
def test_the_comparison_ends_when_the_clock_showed_the_same_over_every_change_of_the_clocks(
    timezone: str, name: str, days: int
) -> None:
    zone = ZoneInfo(timezone)
    for hours in range(0, 365 * 24, 5):
        now = datetime(2026, 1, 1, 0, 40, tzinfo=UTC) + timedelta(hours=hours)
        same_on_the_clock = now.astimezone(zone).replace(tzinfo=None) - timedelta(days=days)
        if _is_on_the_clock(same_on_the_clock, zone):
            end = resolve(name, now, timezone=timezone).comparison.end
            assert end.astimezone(zone).replace(tzinfo=None) == same_on_the_clock


def _is_on_the_clock(local: datetime, zone: ZoneInfo) -> bool:
    """Return whether this local time exists; clocks skip some."""
    return local.replace(tzinfo=zone).astimezone(UTC).astimezone(zone).replace(tzinfo=None) == local


def test_a_week_begins_on_sunday_where_the_organization_says_so() -> None:
    assert resolve("week", week_start="sunday").first_day == date(2026, 11, 15)
    sunday_noon = datetime(2026, 11, 22, 17, tzinfo=UTC)
    assert resolve("week", sunday_noon, week_start="sunday").first_day == date(2026, 11, 22)
    assert resolve("week", sunday_noon).first_day == date(2026, 11, 16)


def test_the_day_is_the_organizations_not_utc() -> None:
    after_midnight_in_utc = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)

    assert resolve("today", after_midnight_in_utc).first_day == date(2026, 11, 20)


@pytest.mark.parametrize(("day", "hours"), [(date(2026, 3, 8), 23), (date(2026, 11, 1), 25), (date(2026, 7, 1), 24)])
def test_a_day_has_as_many_hours_as_the_clocks_give_it(day: date, hours: int) -> None:
    period = resolve_period("custom", now=FRIDAY_AFTERNOON, timezone=NEW_YORK, first_day=day, last_day=day)

    assert period.span.end - period.span.start == timedelta(hours=hours)


def test_an_unfinished_period_is_compared_up_to_the_same_time_on_the_clock() -> None:
    comparison = resolve("month").comparison

    # October had daylight saving time: 14:41 was 18:41 UTC then.
    assert comparison.start == datetime(2026, 10, 1, 4, 0, tzinfo=UTC)
    assert comparison.end == datetime(2026, 10, 20, 18, 41, tzinfo=UTC)


def test_a_comparison_never_reaches_into_the_period_itself() -> None:
    last_day_of_march = datetime(2026, 3, 31, 12, 0, tzinfo=UTC)

    period = resolve("month", last_day_of_march, timezone="UTC")

    assert period.comparison.end == period.span.start == datetime(2026, 3, 1, tzinfo=UTC)


def test_a_finished_period_is_compared_with_the_whole_one_before() -> None:
    assert resolve("yesterday").previous_days == (date(2026, 11, 18), date(2026, 11, 18))


def test_the_last_days_are_compared_with_as_many_days_before() -> None:
    assert resolve("last_7").previous_days == (date(2026, 11, 7), date(2026, 11, 13))


@pytest.mark.parametrize(
    ("name", "days", "first_before"),
    [
        ("last_7", 7, date(2026, 11, 7)),
        ("last_30", 30, date(2026, 9, 22)),
        ("last_90", 90, date(2026, 5, 25)),
    ],
)
def test_the_last_days_are_compared_up_to_the_same_time_of_day(name: str, days: int, first_before: date) -> None:
    period = resolve(name)
    compared_until = period.comparison.end.astimezone(ZoneInfo(NEW_YORK))

    assert period.previous_days[0] == first_before
    assert compared_until.replace(tzinfo=None) == datetime(2026, 11, 20, 14, 41) - timedelta(days=days)
    assert period.compared_until == period.comparison.end


def test_days_of_ones_own_are_compared_as_far_as_they_are_over() -> None:
    def custom(first: date, last: date) -> Period:
        return resolve("custom", first_day=first, last_day=last)

    over, under_way = custom(date(2026, 11, 10), date(2026, 11, 19)), custom(date(2026, 11, 11), date(2026, 11, 30))
    to_come = custom(date(2026, 12, 1), date(2026, 12, 2))

    assert (over.compared_until, to_come.compared_until) == (None, None)
    assert over.previous_days == (date(2026, 10, 31), date(2026, 11, 9))
    assert under_way.previous_days == (date(2026, 10, 22), date(2026, 10, 31))
    assert under_way.compared_until == datetime(2026, 10, 31, 18, 41, tzinfo=UTC)
    assert to_come.comparison.end == to_come.span.start


def custom(first: date, last: date) -> Period:
    return resolve("custom", first_day=first, last_day=last)


def test_a_month_is_compared_with_the_same_dates_a_year_earlier() -> None:
    period = a_year_earlier(resolve("month"), FRIDAY_AFTERNOON)

    assert period.comparison.start == datetime(2025, 11, 1, 4, 0, tzinfo=UTC)
    assert period.compared_until == period.comparison.end == datetime(2025, 11, 20, 19, 41, tzinfo=UTC)
    assert (period.first_day, period.last_day) == (date(2026, 11, 1), date(2026, 11, 30))


@pytest.mark.parametrize(
    ("name", "first"), [("week", date(2025, 11, 17)), ("today", date(2025, 11, 21)), ("last_7", date(2025, 11, 15))]
)
def test_a_week_is_compared_with_the_same_weekdays_a_year_earlier(name: str, first: date) -> None:
    period = a_year_earlier(resolve(name), FRIDAY_AFTERNOON)

    assert period.previous_days[0] == first
    assert first.weekday() == period.first_day.weekday()


@pytest.mark.parametrize(
    ("first", "last", "first_before", "last_before"),
    [
        (date(2025, 2, 1), date(2025, 2, 28), date(2024, 2, 1), date(2024, 2, 29)),
        (date(2024, 2, 1), date(2024, 2, 29), date(2023, 2, 1), date(2023, 2, 28)),
        (date(2024, 2, 29), date(2024, 2, 29), date(2023, 2, 28), date(2023, 2, 28)),
        (date(2026, 1, 1), date(2026, 3, 31), date(2025, 1, 1), date(2025, 3, 31)),
    ],
)
def test_days_are_the_same_dates_a_year_earlier(first: date, last: date, first_before: date, last_before: date) -> None:
    assert a_year_earlier(custom(first, last), FRIDAY_AFTERNOON).previous_days == (first_before, last_before)


def test_a_period_is_compared_with_other_days_before_it() -> None:
    october = custom(date(2026, 10, 1), date(2026, 10, 31))

    compared = compared_with(october, date(2026, 7, 1), date(2026, 8, 31), FRIDAY_AFTERNOON)

    assert compared.previous_days == (date(2026, 7, 1), date(2026, 8, 31))
    assert (compared.span, compared.compared_until) == (october.span, None)


@pytest.mark.parametrize(
    ("first", "last", "until"),
    [
        (date(2026, 8, 1), date(2026, 8, 31), datetime(2026, 8, 20, 18, 41, tzinfo=UTC)),
        (date(2026, 8, 1), date(2026, 8, 5), None),
    ],
)
def test_other_days_are_cut_where_the_period_is_not_over(first: date, last: date, until: datetime | None) -> None:
    assert compared_with(resolve("month"), first, last, FRIDAY_AFTERNOON).compared_until == until


@pytest.mark.parametrize(
    ("first", "last", "field"),
    [
        (None, date(2026, 8, 31), "compare_from"),
        (date(2026, 8, 1), None, "compare_to"),
        (date(2026, 8, 2), date(2026, 8, 1), "compare_to"),
        (date(2026, 9, 1), date(2026, 10, 1), "compare_to"),
        (date(2026, 12, 1), date(2026, 12, 31), "compare_to"),
        (date(1026, 8, 1), date(2026, 8, 1), "compare_from"),
        (date(2010, 8, 1), date(2026, 8, 1), "compare_from"),
    ],
)
def test_days_to_compare_with_are_days_before_the_period(first: date | None, last: date | None, field: str) -> None:
    with pytest.raises(InvalidPeriod) as refused:
        compared_with(custom(date(2026, 10, 1), date(2026, 10, 31)), first, last, FRIDAY_AFTERNOON)

    assert refused.value.extra["where"] == field


def test_before_the_earliest_year_there_is_no_year() -> None:
    with pytest.raises(InvalidPeriod):
        a_year_earlier(custom(date(1990, 1, 1), date(1990, 1, 31)), FRIDAY_AFTERNOON)


def test_days_beside_a_name_are_refused_unless_they_say_the_same() -> None:
    days: dict[str, Any] = {"first_day": date(2026, 11, 14), "last_day": date(2026, 11, 20)}

    assert resolve("last_7", **days) == resolve("last_7")
    with pytest.raises(InvalidPeriod):
        resolve("last_30", **days)
    with pytest.raises(InvalidPeriod):
        resolve("last_7", first_day=date(2026, 11, 13))


def test_a_period_has_at_most_ten_years() -> None:
    first = date(2010, 1, 1)

    assert resolve("custom", first_day=first, last_day=first + timedelta(days=3659)).first_day == first
    with pytest.raises(InvalidPeriod):
        resolve("custom", first_day=first, last_day=first + timedelta(days=3660))


@pytest.mark.parametrize(
    ("name", "days"),
    [
        ("fortnight", {}),
        ("custom", {"first_day": date(2026, 1, 1)}),
        ("custom", {"first_day": date(2026, 1, 2), "last_day": date(2026, 1, 1)}),
        ("custom", {"first_day": date(1026, 1, 1), "last_day": date(2026, 1, 1)}),
        ("custom", {"first_day": date(9999, 12, 30), "last_day": date(9999, 12, 31)}),
    ],
)
def test_what_is_no_period_is_refused(name: str, days: dict[str, Any]) -> None:
    with pytest.raises(InvalidPeriod):
        resolve_period(name, now=FRIDAY_AFTERNOON, timezone=NEW_YORK, **days)
