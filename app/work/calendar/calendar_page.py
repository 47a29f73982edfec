"""Content of a person's calendar: days as columns of a grid of quarter hours, and the same entries as an agenda."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from flask_babel import format_date, get_locale
from flask_babel import gettext as _

from app.business_hours import open_spans, spans_of
from app.errors import LazyText
from app.lists.choices import Choice
from app.lists.listing import address
from app.periods import is_in_range
from app.security.actor import Actor
from app.web import formatting
from app.web.labels import hour_label
from app.work.appointments.free_times_queries import Company
from app.work.calendar.entry_rules import (
    Day,
    Entry,
    Part,
    clashes_among,
    day_of,
    row_of,
    step_to,
    taken_of,
    week_of,
)
from app.work.calendar.entry_words_page import Shown, calendars_of, shown_entry, time_words
from app.work.calendar.filters import CalendarAddress, View

_HOUR = 4
#: Hours drawn unless working hours or entries need more.
_USUAL = (8, 18)


@dataclass(frozen=True, slots=True)
class Off:
    """A range of rows of a day outside the working hours."""

    first_row: int
    rows: int


@dataclass(frozen=True, slots=True)
class Column:
    day: date
    #: Address of the day alone, unless it is out of range.
    href: str | None
    is_today: bool
    taken: str
    all_day: Sequence[Shown]
    parts: Sequence[tuple[Part, Shown]]
    offs: Sequence[Off]
    #: Row of the current time; None on other days.
    now_row: int | None
    now_words: str
    is_now_drawn: bool

    @property
    def weekday(self) -> str:
        return str(format_date(self.day, "EEE", rebase=False))

    @property
    def before_now(self) -> int:
        """Number of parts that have begun, after which the current time is shown."""
        return sum(part.first_row <= (self.now_row or 0) for part, _shown in self.parts)

    @property
    def is_empty(self) -> bool:
        """True if the day has no entries."""
        return not self.all_day and not self.parts


@dataclass(frozen=True, slots=True)
class CalendarPage:
    """Context of the calendar templates."""

    person: Choice
    people: Sequence[Choice]
    view: View
    columns: Sequence[Column]
    first_hour: int
    hours: Sequence[tuple[int, str]]
    clashes: Sequence[str]
    #: Name and color.
    calendars: Sequence[tuple[str, str]]
    #: The requested day.
    day: date
    #: Addresses of the days before and after, unless they are out of range, of today, and of the other view.
    before: str | None
    after: str | None
    today: str
    views: Sequence[tuple[LazyText, str, bool]]
    here: str
    is_own: bool

    @property
    def first(self) -> date:
        """The first displayed day."""
        return self.columns[0].day

    @property
    def last(self) -> date:
        """The last displayed day."""
        return self.columns[-1].day


def days_of(asked: CalendarAddress, today: date, week_start: str) -> list[date]:
    """Return the days to display: the requested day, by default today, or the week that contains it."""
    day = asked.day or today
    return [day] if asked.view is View.DAY else week_of(day, week_start)


def calendar_page(
    actor: Actor,
    asked: CalendarAddress,
    person: Choice,
    people: Sequence[Choice],
    entries: Sequence[Entry],
    company: Company,
    now: datetime,
) -> CalendarPage:
    """Return the page as `actor` sees it; `entries` are the person's entries in these days."""
    zone, today = company.zone, now.astimezone(company.zone).date()
    shown = days_of(asked, today, actor.week_start)
    days = [day_of(day, zone, entries) for day in shown]
    first_hour, after_hour = _hours_of(days, company)
    pairs = clashes_among(entries)
    meets: dict[Entry, Entry] = {}
    for one, other in pairs:
        meets.setdefault(one, other)
        meets.setdefault(other, one)
    step = timedelta(days=len(days))
    day = asked.day or today
    before, after = step_to(day - step, shown), step_to(day + step, shown)
    return CalendarPage(
        person=person,
        people=people if not people or person in people else [*people, person],
        view=asked.view,
        columns=[_column(one, asked, meets, company, (first_hour, after_hour), now, actor) for one in days],
        first_hour=first_hour,
        hours=[(hour, hour_label(hour)) for hour in range(first_hour, after_hour)],
        calendars=calendars_of(entries),
        clashes=[_clash_words(*pair, zone, now) for pair in pairs],
        day=day,
        before=_address(asked, day=before) if before else None,
        after=_address(asked, day=after) if after else None,
        today=_address(asked, day=None),
        views=_views(asked),
        here=_address(asked),
        is_own=person.id == actor.user_id,
    )


def _views(asked: CalendarAddress) -> list[tuple[LazyText, str, bool]]:
    words = ((View.DAY, _("Day")), (View.WEEK, _("Week")))
    return [(label, _address(asked, view=view), view is asked.view) for view, label in words]


def _address(asked: CalendarAddress, **changed: object) -> str:
    given = CalendarAddress.model_validate({**asked.model_dump(), **changed}).parameters()
    if given.get("view") == View.WEEK:
        del given["view"]
    return address("calendar.show", given)


def _hours_of(days: Sequence[Day], company: Company) -> tuple[int, int]:
    """Return the range of hours to draw, which covers the usual hours, the working hours and all entries."""
    firsts, afters = [_USUAL[0] * _HOUR], [_USUAL[1] * _HOUR]
    for one in days:
        firsts += [part.first_row for part in one.parts]
        afters += [part.first_row + part.rows for part in one.parts]
        for opens, closes in spans_of(one.day, company.hours):
            firsts.append(int(opens[:2]) * _HOUR)
            afters.append(int(closes[:2]) * _HOUR + (_HOUR if closes[3:] != "00" else 0))
    return min(firsts) // _HOUR, -(-max(afters) // _HOUR)


def _column(
    day: Day,
    asked: CalendarAddress,
    meets: Mapping[Entry, Entry],
    company: Company,
    hours: tuple[int, int],
    now: datetime,
    actor: Actor,
) -> Column:
    is_today = day.start <= now < day.end
    row = row_of(now, company.zone)
    return Column(
        day=day.day,
        href=_address(asked, day=day.day, view=View.DAY) if is_in_range(day.day) else None,
        is_today=is_today,
        taken=_taken_words(day),
        all_day=[shown_entry(one, day, meets.get(one), now, actor) for one in day.all_day],
        parts=[(part, shown_entry(part.entry, day, meets.get(part.entry), now, actor, part)) for part in day.parts],
        offs=_offs(day, company, hours),
        now_row=row if is_today else None,
        now_words=_("Now, %(time)s", time=time_words(now, day, company.zone)),
        is_now_drawn=hours[0] * _HOUR <= row < hours[1] * _HOUR,
    )


def _offs(day: Day, company: Company, hours: tuple[int, int]) -> list[Off]:
    """Return the drawn rows outside the working hours; empty if the organization has no hours set."""
    first, after = (hour * _HOUR for hour in hours)
    if not any(company.hours.values()):
        return []
    found, row = [], first
    for opening, closing in open_spans(day.day, spans_of(day.day, company.hours), company.zone):
        opens = row_of(opening, company.zone)
        closes = after if closing >= day.end else row_of(closing, company.zone)
        if opens > row:
            found.append(Off(row, opens - row))
        row = max(row, closes)
    return [*found, Off(row, after - row)] if row < after else found


def _taken_words(day: Day) -> str:
    """Return how much of the day is taken, such as "5 h 30 min"; empty if none is."""
    minutes = int(taken_of(day).total_seconds() // 60)
    if not minutes:
        return ""
    hours, rest = divmod(minutes, 60)
    if not rest:
        return str(_("%(hours)s h", hours=hours))
    return str(_("%(hours)s h %(minutes)s min", hours=hours, minutes=rest))


def _clash_words(one: Entry, other: Entry, zone: ZoneInfo, now: datetime) -> str:
    moment = formatting.date_and_clock(max(one.start, other.start).astimezone(zone), get_locale(), now)
    names = [formatting.contact_name(entry.name) or _("a busy time") for entry in (one, other)]
    return str(_("Conflict at %(time)s: %(one)s and %(other)s.", time=moment, one=names[0], other=names[1]))
