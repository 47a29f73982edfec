"""Content of the team's week: days as rows, reps as columns, and the first free time of each half day."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import ClassVar
from uuid import UUID

from flask import url_for
from flask_babel import format_date

from app.business_hours import spans_of
from app.lists.choices import Choice
from app.lists.listing import address
from app.periods import is_in_range
from app.security.actor import Actor
from app.security.permissions import Permission
from app.work.appointments.booking_forms import Slot
from app.work.appointments.free_times_queries import Company, FreeDay
from app.work.calendar.entry_rules import Day, Entry, clashes_among, day_of, step_to
from app.work.calendar.entry_words_page import Shown, calendars_of, shown_entry, time_words
from app.work.calendar.filters import TeamAddress

#: Most columns that are readable side by side.
REPS_SHOWN = 6
_NOON = 12


@dataclass(frozen=True, slots=True)
class Gap:
    """A free time, with the URL of the form that books it."""

    is_gap: ClassVar = True

    time: str
    href: str


@dataclass(frozen=True, slots=True)
class Cell:
    """One rep on one day: entries and free times in order."""

    rep: Choice
    items: Sequence[Shown | Gap]
    is_closed: bool


@dataclass(frozen=True, slots=True)
class Row:
    day: date
    is_today: bool
    is_chosen: bool
    cells: Sequence[Cell]
    href: str | None

    @property
    def weekday(self) -> str:
        return str(format_date(self.day, "EEE", rebase=False))


@dataclass(frozen=True, slots=True)
class TeamPage:
    """Context of the templates of the team's week."""

    reps: Sequence[tuple[Choice, str]]
    rows: Sequence[Row]
    gaps: int
    #: Name and color.
    calendars: Sequence[tuple[str, str]]
    page: int
    pages: int
    before: str | None
    after: str | None
    today: str
    here: str
    other_pages: Sequence[tuple[str, str, bool]]


def reps_of(asked: TeamAddress, reps: Sequence[Choice]) -> list[Choice]:
    """Return the reps on the requested page."""
    first = (asked.page - 1) * REPS_SHOWN
    return list(reps[first : first + REPS_SHOWN])


def team_page(
    actor: Actor,
    asked: TeamAddress,
    all_reps: Sequence[Choice],
    days: Sequence[date],
    entries: Sequence[Entry],
    free: Sequence[FreeDay],
    company: Company,
    now: datetime,
) -> TeamPage:
    """Return the page as `actor` sees it.

    `entries` are those of the displayed reps, `free` their free times by day.
    """
    today = now.astimezone(company.zone).date()
    chosen = asked.day or today
    reps = reps_of(asked, all_reps)
    by_day = {one.day: one for one in free}
    of_reps = {rep.id: [one for one in entries if rep.id in one.person_ids] for rep in reps}
    rows = [
        _row(actor, asked, day, reps, of_reps, by_day.get(day), company, now, is_chosen=day == chosen) for day in days
    ]
    pages = max(1, -(-len(all_reps) // REPS_SHOWN))
    step = timedelta(days=len(days))
    before, after = step_to(chosen - step, days), step_to(chosen + step, days)
    return TeamPage(
        reps=[(rep, url_for(".show", person=rep.id, day=chosen.isoformat())) for rep in reps],
        rows=rows,
        gaps=sum(isinstance(item, Gap) for row in rows for cell in row.cells for item in cell.items),
        calendars=calendars_of(entries),
        page=asked.page,
        pages=pages,
        before=_address(asked, day=before) if before else None,
        after=_address(asked, day=after) if after else None,
        today=_address(asked, day=None),
        here=_address(asked),
        other_pages=_pages(asked, all_reps, pages),
    )


def _pages(asked: TeamAddress, reps: Sequence[Choice], pages: int) -> list[tuple[str, str, bool]]:
    if pages == 1:
        return []
    found = []
    for page in range(1, pages + 1):
        first, last = (page - 1) * REPS_SHOWN + 1, min(page * REPS_SHOWN, len(reps))
        found.append((f"{first}–{last}", _address(asked, page=page), page == asked.page))
    return found


def _address(asked: TeamAddress, **changed: object) -> str:
    given = TeamAddress.model_validate({**asked.model_dump(), **changed}).parameters()
    if given.get("page") == "1":
        del given["page"]
    return address("calendar.team", given)


def _row(
    actor: Actor,
    asked: TeamAddress,
    day: date,
    reps: Sequence[Choice],
    of_reps: Mapping[UUID, Sequence[Entry]],
    free: FreeDay | None,
    company: Company,
    now: datetime,
    *,
    is_chosen: bool,
) -> Row:
    is_closed = any(company.hours.values()) and not spans_of(day, company.hours)
    cells = []
    for rep in reps:
        one = day_of(day, company.zone, of_reps[rep.id])
        gaps = _gaps(actor, rep, free, one, company) if free else []
        cells.append(Cell(rep, _in_order(actor, one, of_reps[rep.id], gaps, now), is_closed))
    today = now.astimezone(company.zone).date()
    href = _address(asked, day=day) if is_in_range(day) else None
    return Row(day, day == today, is_chosen, cells, href)


def _in_order(
    actor: Actor, day: Day, entries: Sequence[Entry], gaps: Sequence[tuple[datetime, Gap]], now: datetime
) -> list[Shown | Gap]:
    meets: dict[Entry, Entry] = {}
    for one, other in clashes_among(entries):
        meets.setdefault(one, other)
        meets.setdefault(other, one)
    whole: list[Shown | Gap] = [shown_entry(one, day, meets.get(one), now, actor) for one in day.all_day]
    timed: list[tuple[datetime, Shown | Gap]] = [
        (part.entry.start, shown_entry(part.entry, day, meets.get(part.entry), now, actor, part)) for part in day.parts
    ]
    return whole + [item for _at, item in sorted([*timed, *gaps], key=lambda pair: pair[0])]


def _gaps(actor: Actor, rep: Choice, free: FreeDay, day: Day, company: Company) -> list[tuple[datetime, Gap]]:
    """Return the rep's first free time before noon and the first from noon on, each with its start.

    Empty if `actor` can't book.
    """
    if not actor.may(Permission.APPOINTMENTS_WRITE):
        return []
    starts = next(([time.start for time in one.times] for one in free.reps if one.rep.id == rep.id), [])
    found: dict[bool, datetime] = {}
    for start in starts:
        found.setdefault(start.astimezone(company.zone).hour >= _NOON, start)
    return [
        (start, Gap(time_words(start, day, company.zone), _booking(rep, free.day, start))) for start in found.values()
    ]


def _booking(rep: Choice, day: date, start: datetime) -> str:
    return url_for("appointments.new", day=day.isoformat(), rep=rep.id, slot=str(Slot(rep.id, start)))
