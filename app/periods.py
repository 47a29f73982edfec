"""Periods such as "this week" in an organization's time zone, and the days to compare them with.

A period is [start, end) with both ends at local midnight, so a day has 23 or 25 hours where the clocks change. By
default, named periods are compared with the preceding one, and "last N days" and custom periods with the N days before;
each can also be compared with a year earlier or with other earlier days. While a period is unfinished, its comparison
ends at the same local wall-clock time, so half a day is never compared with a whole one.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Protocol
from zoneinfo import ZoneInfo

from flask_babel import LazyString, format_date, format_decimal
from flask_babel import lazy_gettext as _l

from app.errors import InvalidPeriod
from app.errors import LazyText as Text
from app.models import WeekStart

MAX_DAYS = 3660  # ten years; longer periods are mistyped years
EARLIEST = date(1990, 1, 1)
LATEST = date(2199, 12, 31)
#: The kind of records that a period is judged by unless others are named.
_CALLS = ("calls",)


@dataclass(frozen=True, slots=True)
class PeriodLimits:
    """Limits of a custom period: the earliest and latest day, and the maximum number of days."""

    first_day: date
    last_day: date
    days: int


LIMITS = PeriodLimits(EARLIEST, LATEST, MAX_DAYS)


class PeriodName(StrEnum):
    """Values of the `period` query parameter."""

    TODAY = "today"
    YESTERDAY = "yesterday"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    LAST_7 = "last_7"
    LAST_30 = "last_30"
    LAST_90 = "last_90"
    CUSTOM = "custom"


LABELS: dict[PeriodName, Text] = {
    PeriodName.TODAY: _l("Today"),
    PeriodName.YESTERDAY: _l("Yesterday"),
    PeriodName.WEEK: _l("This week"),
    PeriodName.MONTH: _l("This month"),
    PeriodName.QUARTER: _l("This quarter"),
    PeriodName.LAST_7: _l("7 days"),
    PeriodName.LAST_30: _l("30 days"),
    PeriodName.LAST_90: _l("90 days"),
    PeriodName.CUSTOM: _l("Custom"),
}


@dataclass(frozen=True, slots=True)
class Span:
    """A span of time [start, end), in UTC."""

    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Period:
    """A period of whole local days, from `first_day` to `last_day` inclusive, and its comparison."""

    name: PeriodName
    first_day: date
    last_day: date
    timezone: str
    comparison: Span
    #: True if the comparison ends early because the period is not over.
    is_cut: bool = False
    #: The first local day from which on all calls are kept; None if no calls were deleted for their age.
    calls_kept_from: date | None = None
    #: That day for each kind of records of which some were deleted.
    kept_from: tuple[tuple[str, date], ...] = ()

    @property
    def span(self) -> Span:
        """The period in UTC."""
        zone = ZoneInfo(self.timezone)
        return Span(midnight(self.first_day, zone), midnight(self.last_day + timedelta(days=1), zone))

    def with_kept_from(self, kept_from: Mapping[str, datetime]) -> "Period":
        """Return the period with the days from which all records are kept; by kind, earlier ones were deleted."""
        if not kept_from:
            return self
        zone = ZoneInfo(self.timezone)
        days = tuple([(kind, _first_day_after(moment, zone)) for kind, moment in kept_from.items()])
        return replace(self, kept_from=days).judged_by(_CALLS)

    def judged_by(self, kinds: Collection[str]) -> "Period":
        """Return the period with the day from which all records of these kinds are kept in the place of calls only."""
        return replace(self, calls_kept_from=max((day for kind, day in self.kept_from if kind in kinds), default=None))

    def has_all_calls(self, span: Span) -> bool:
        """Return whether no calls of `span` have been deleted for their age."""
        return self.calls_kept_from is None or span.start >= midnight(self.calls_kept_from, ZoneInfo(self.timezone))

    @property
    def previous_days(self) -> tuple[date, date]:
        """First and last local day of the comparison."""
        zone = ZoneInfo(self.timezone)
        last_moment = self.comparison.end - timedelta(microseconds=1)
        return self.comparison.start.astimezone(zone).date(), last_moment.astimezone(zone).date()

    @property
    def compared_until(self) -> datetime | None:
        """End of a comparison that is cut to the elapsed part of the period; None if it is whole."""
        return self.comparison.end if self.is_cut else None


def _first_day_after(moment: datetime, zone: ZoneInfo) -> date:
    day = moment.astimezone(zone).date()
    return day if midnight(day, zone) >= moment else day + timedelta(days=1)


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """Return the instant at which a local day begins."""
    return datetime.combine(day, time(), zone).astimezone(UTC)


def moment_at(day: date, clock: time, zone: ZoneInfo, *known: datetime) -> datetime:
    """Return a local day and time as a UTC time.

    A time skipped by the change to daylight saving time is shifted forward by the gap. If one of the `known` times
    equals it to the minute, that one is returned, which resolves an hour that occurs twice.
    """
    for moment in known:
        here = moment.astimezone(zone)
        if (here.date(), here.time().replace(second=0, microsecond=0)) == (day, clock):
            return moment
    return datetime.combine(day, clock, zone).astimezone(UTC)


def week_beginning(day: date, week_start: str) -> date:
    """Return the first day of the calendar week that contains `day`."""
    return day - timedelta(days=(day.weekday() + (1 if week_start == WeekStart.SUNDAY else 0)) % 7)


def is_in_range(day: date) -> bool:
    """Return whether a day is in the supported range, from EARLIEST to LATEST."""
    return EARLIEST <= day <= LATEST


def beginning_of(day: date | None, zone: str) -> datetime | None:
    """Return the instant at which `day` begins, or None if `day` is None."""
    return midnight(day, ZoneInfo(zone)) if day is not None else None


def today_of(zone: str, now: datetime) -> Span:
    """Return the local day that contains `now`."""
    day, named = now.astimezone(ZoneInfo(zone)).date(), ZoneInfo(zone)
    return Span(midnight(day, named), midnight(day + timedelta(days=1), named))


def resolve_period(
    name: str,
    *,
    now: datetime,
    timezone: str,
    week_start: str = WeekStart.MONDAY,
    first_day: date | None = None,
    last_day: date | None = None,
) -> Period:
    """Return the period that `name` means at `now`; a custom one uses the two days passed.

    Raises InvalidPeriod, also for days that don't match those of a named period.
    """
    try:
        kind = PeriodName(name)
    except ValueError:
        raise InvalidPeriod("period", _l("“%(name)s” isn’t a period.", name=name)) from None
    zone = ZoneInfo(timezone)
    today = now.astimezone(zone).date()
    if kind is PeriodName.CUSTOM:
        first, last = _custom_days(first_day, last_day)
    elif kind in _DAYS_BACK:
        first, last = today - timedelta(days=_DAYS_BACK[kind] - 1), today
    else:
        first, last = _named_days(kind, today, week_start)
    if (first_day or first, last_day or last) != (first, last):
        message = _l(
            "You asked for two periods: “%(name)s” and custom dates (from, to). Remove one of them.",
            name=LABELS[kind],
        )
        raise InvalidPeriod("period", message)
    before, after = _beginning_before(kind, first, last), last + timedelta(days=1)
    start, end = midnight(first, zone), midnight(after, zone)
    is_cut = start <= now < end
    compared_until = min(start, _same_point(before, first, now, zone)) if is_cut else start
    return Period(kind, first, last, timezone, Span(midnight(before, zone), compared_until), is_cut)


def a_year_earlier(period: Period, now: datetime) -> Period:
    """Compare a period with the year before: days and weeks by weekday, others by date.

    Raises InvalidPeriod if the earlier days are out of range or overlap the period.
    """
    if period.name in _BY_WEEKDAY:
        back = timedelta(weeks=_WEEKS_A_YEAR)
        return compared_with(period, period.first_day - back, period.last_day - back, now)
    last = _year_before(period.last_day + timedelta(days=1)) - timedelta(days=1)
    return compared_with(period, _year_before(period.first_day), last, now)


def compared_with(period: Period, first: date | None, last: date | None, now: datetime) -> Period:
    """Compare a period with other days, which must precede it.

    While the period is unfinished, the comparison is cut after the same number of days at the same time of day. Raises
    InvalidPeriod.
    """
    first, last = _custom_days(first, last, ("compare_from", "compare_to"))
    if last >= period.first_day:
        message = _l(
            "The comparison must end before the period starts on %(day)s.",
            day=_written(period.first_day),
        )
        raise InvalidPeriod("compare_to", message)
    zone = ZoneInfo(period.timezone)
    end = midnight(last + timedelta(days=1), zone)
    now_is_within = period.span.start <= now < period.span.end
    until = min(end, _same_point(first, period.first_day, now, zone)) if now_is_within else end
    return replace(period, comparison=Span(midnight(first, zone), until), is_cut=until < end)


class PeriodFilter(Protocol):
    """Filters with a period: its name, and the days of a custom one."""

    period: PeriodName | None
    first_day: date | None
    last_day: date | None


class Calendar(Protocol):
    """Time zone and first weekday used for periods."""

    @property
    def timezone(self) -> str:
        """An IANA name, such as America/New_York."""
        ...

    @property
    def week_start(self) -> str:
        """A value of WeekStart: monday or sunday."""
        ...


def span_of(filters: PeriodFilter, calendar: Calendar, now: datetime) -> Span | None:
    """Return the span of a list's filters, or None for all time; days without a name are a custom period."""
    name = filters.period or (PeriodName.CUSTOM if filters.first_day or filters.last_day else None)
    if name is None:
        return None
    period = resolve_period(
        name,
        now=now,
        timezone=calendar.timezone,
        week_start=calendar.week_start,
        first_day=filters.first_day,
        last_day=filters.last_day,
    )
    return period.span


_WEEKS_A_YEAR = 52
_BY_WEEKDAY = frozenset({PeriodName.TODAY, PeriodName.YESTERDAY, PeriodName.WEEK, PeriodName.LAST_7})
_DAYS_BACK = {PeriodName.LAST_7: 7, PeriodName.LAST_30: 30, PeriodName.LAST_90: 90}


def _custom_days(first: date | None, last: date | None, names: tuple[str, str] = ("from", "to")) -> tuple[date, date]:
    """Validate and return both days.

    Raises InvalidPeriod, which names the invalid parameter of `names`.
    """
    first_name, last_name = names
    if first is None or last is None:
        raise InvalidPeriod(
            first_name if first is None else last_name,
            _l(
                "A custom period needs a start date (%(first)s) and an end date (%(last)s).",
                first=first_name,
                last=last_name,
            ),
        )
    if last < first:
        message = _l(
            "The last day, %(last)s, is before the first one, %(first)s.", first=_written(first), last=_written(last)
        )
        raise InvalidPeriod(last_name, message)
    if first < EARLIEST or last > LATEST:
        message = _l("Choose a period between %(first)s and %(last)s.", first=_written(EARLIEST), last=_written(LATEST))
        raise InvalidPeriod(first_name if first < EARLIEST else last_name, message)
    if (last - first).days >= MAX_DAYS:
        message = _l(
            "A period can be up to %(most)s days (ten years). This one has %(days)s days.",
            most=LazyString(format_decimal, MAX_DAYS),
            days=LazyString(format_decimal, (last - first).days + 1),
        )
        raise InvalidPeriod(first_name, message)
    return first, last


def _year_before(day: date) -> date:
    """Return the same date a year before; February 29 becomes February 28."""
    last = 28 if (day.month, day.day) == (2, 29) else day.day
    return day.replace(year=day.year - 1, day=last)


def _written(day: date) -> LazyString:
    """Format the day lazily, in the reader's language."""
    return LazyString(format_date, day, "medium")


def _named_days(kind: PeriodName, today: date, week_start: str) -> tuple[date, date]:
    begin = _BEGINNINGS[kind](today, week_start)
    if kind is PeriodName.YESTERDAY:
        return begin, begin
    return begin, _next_beginning(kind, begin) - timedelta(days=1)


_BEGINNINGS: dict[PeriodName, Callable[[date, str], date]] = {
    PeriodName.TODAY: lambda today, _: today,
    PeriodName.YESTERDAY: lambda today, _: today - timedelta(days=1),
    PeriodName.WEEK: week_beginning,
    PeriodName.MONTH: lambda today, _: today.replace(day=1),
    PeriodName.QUARTER: lambda today, _: date(today.year, (today.month - 1) // 3 * 3 + 1, 1),
}

_MONTHS = {PeriodName.MONTH: 1, PeriodName.QUARTER: 3}
_DAYS = {PeriodName.TODAY: 1, PeriodName.YESTERDAY: 1, PeriodName.WEEK: 7}


def _next_beginning(kind: PeriodName, begin: date, steps: int = 1) -> date:
    """Return the beginning of the period `steps` later (earlier if negative)."""
    if kind in _DAYS:
        return begin + timedelta(days=_DAYS[kind] * steps)
    months = begin.year * 12 + begin.month - 1 + _MONTHS[kind] * steps
    return date(months // 12, months % 12 + 1, 1)


def _beginning_before(kind: PeriodName, first: date, last: date) -> date:
    """Return the first day of the comparison."""
    if kind is PeriodName.CUSTOM or kind in _DAYS_BACK:
        return first - timedelta(days=(last - first).days + 1)
    return _next_beginning(kind, first, -1)


def _same_point(before: date, first: date, now: datetime, zone: ZoneInfo) -> datetime:
    """Return the time that is as far after `before` as `now` is after `first`.

    That is as many local days later, at the same time of day.
    """
    local = now.astimezone(zone)
    day = before + (local.date() - first)
    return datetime.combine(day, local.time(), zone).astimezone(UTC)
