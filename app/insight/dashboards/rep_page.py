"""The day of a sales rep: the visits in order, the next one, and the rep's numbers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from flask import url_for
from flask_babel import format_date, get_locale, pgettext
from flask_babel import gettext as _
from markupsafe import Markup

from app.errors import NotFound
from app.insight.dashboards.filters import RepDayFilters
from app.insight.dashboards.needs_page import sentence_of
from app.insight.dashboards.rep_card_page import Card, Later, later_visits, visit_card
from app.insight.dashboards.tiles_page import Links, Tile, raw, shown, tile
from app.insight.metrics import rep_definitions as d
from app.insight.metrics.compute_queries import compute_readable
from app.insight.metrics.metric import Credit
from app.insight.metrics.numbers import Number
from app.insight.metrics.question_queries import missing_reads, refuse_partial
from app.insight.metrics.team_ratio_queries import team_ratios
from app.models import AppointmentOutcome, AppointmentStatus, Role
from app.people.users.queries import names_of_people
from app.periods import Period, PeriodName, Span, is_in_range, midnight, resolve_period
from app.security.actor import Actor
from app.security.occupation_rules import is_sales_rep
from app.security.permissions import Permission
from app.web import formatting
from app.web.labels import label
from app.work.appointments.day_queries import count_visits, list_visits
from app.work.recordings.detail_queries import OpenRecording, find_open_recording
from app.work.recordings.forms import ContinueForm
from app.work.recordings.rules import recorded_minutes

TILES = (d.WIN_RATE, d.REVENUE_WON, d.AVERAGE_DEAL, d.VISITS_COMPLETED)
_NAMES = [one.name for one in TILES]

_TONES = {
    AppointmentStatus.CANCELLED: "neutral",
    AppointmentStatus.NO_SHOW: "bad",
    AppointmentOutcome.CLOSED_WON: "good",
    AppointmentOutcome.CLOSED_LOST: "bad",
}


@dataclass(frozen=True, slots=True)
class Line:
    """A visit of the day: `row` is its row of the appointment list, `state` its status with the tone of its badge."""

    row: Any
    state: str
    tone: str
    is_next: bool


@dataclass(frozen=True, slots=True)
class Days:
    """The day shown, and the addresses of other days; None for days beyond the range of the calendar."""

    day: date
    is_today: bool
    today: str
    before: str | None
    after: str | None

    @property
    def title(self) -> str:
        """The day as a title, such as "Sunday, November 22, 2026"."""
        return str(format_date(self.day, "full", rebase=False))


@dataclass(frozen=True, slots=True)
class RepDay:
    """Everything on the page of one rep; `name` is None on the page of a user who has no choice of reps."""

    name: str | None
    days: Days
    span: Span
    lines: Sequence[Line]
    card: Card | None
    #: On the user's own page of today: the visits after the next one, for offline use.
    later: Sequence[Later]
    #: On the user's own page: the unfinished recording, and the form that continues it.
    open: OpenRecording | None
    go_on: ContinueForm
    period: Period
    tiles: Sequence[Tile]

    @property
    def visits(self) -> int:
        """The number of the day's visits, excluding canceled ones."""
        return sum(line.row.status != AppointmentStatus.CANCELLED for line in self.lines)

    @property
    def done(self) -> int:
        """The number of completed visits."""
        return sum(line.row.status == AppointmentStatus.COMPLETED for line in self.lines)

    @property
    def open_minutes(self) -> int:
        """The minutes of the unfinished recording that have been uploaded."""
        return recorded_minutes(self.open.parts) if self.open else 0


@dataclass(frozen=True, slots=True)
class RepOfDay:
    """A rep to choose, with the numbers of their visits that day."""

    name: str
    href: str
    visits: int
    done: int


@dataclass(frozen=True, slots=True)
class RepsDay:
    """The page on which users who can see everyone's numbers choose a rep."""

    days: Days
    reps: Sequence[RepOfDay]
    #: The sentence in the place of the reps if they are withheld from the reader; "" otherwise.
    needs: str = ""


def rep_day(actor: Actor, rep_id: UUID, filters: RepDayFilters, now: datetime | None = None) -> RepDay:
    """Build the page of a rep's day.

    Raises Forbidden if `actor` would see part of the visits only, and NotFound for a person who doesn't exist, and for
    other people if `actor` can only see their own numbers.
    """
    now = now or datetime.now(UTC)
    name = _name_of(actor, rep_id)
    refuse_partial(actor, Credit.REP, rep_id, (d.VISITS_COMPLETED,))
    today = _day_of(actor, now)
    day = filters.day or today
    whose = ("dashboards.rep", {}) if name is None else ("dashboards.rep_day", {"user_id": rep_id})
    days = _days(day, today, *whose)
    rows = list_visits(actor, rep_id, day)
    to_come = [row.id for row in rows if row.status == AppointmentStatus.SCHEDULED]
    next_id = to_come[0] if to_come else None
    back = _address(*whose, day, today)
    card = None
    if next_id is not None:
        card = visit_card(actor, next_id, now, back=back, is_today=day == today, has_come=day <= today)
    period = resolve_period(PeriodName.LAST_30, now=now, timezone=actor.timezone, week_start=actor.week_start)
    return RepDay(
        name,
        days,
        _span_of(actor, day),
        [_line(row, next_id, now) for row in rows],
        card,
        later_visits(actor, to_come[1:], back) if name is None and day == today else (),
        find_open_recording(actor) if name is None and actor.may(Permission.RECORDINGS_WRITE) else None,
        ContinueForm.new(),
        period,
        _tiles(actor, rep_id, period, now),
    )


def reps_day(actor: Actor, filters: RepDayFilters, now: datetime | None = None) -> RepsDay:
    """Build the page of all active reps, and everyone else with visits that day, by name.

    Without the permissions to see all visits and people, a sentence is in the place of the reps.
    """
    today = _day_of(actor, now or datetime.now(UTC))
    day = filters.day or today
    days = _days(day, today, "dashboards.rep", {})
    if missing := _missing_for_reps(actor):
        return RepsDay(days, [], sentence_of(missing))
    counts = count_visits(actor, _span_of(actor, day))
    reps = names_of_people(actor, list(counts), Role.SALES_REP)
    return RepsDay(
        days,
        [
            RepOfDay(
                rep.name,
                _address("dashboards.rep_day", {"user_id": rep.id}, day, today),
                *counts.get(rep.id, (0, 0)),
            )
            for rep in reps
        ],
    )


def has_own_day(actor: Actor) -> bool:
    """Return whether the actor's own day takes the place of the choice of a rep.

    This is so for those who can see no other numbers, and for reps who lack the permissions behind others' numbers.
    """
    if not actor.sees_all(Permission.DASHBOARDS_REP):
        return True
    return is_sales_rep(actor) and bool(_missing_for_reps(actor))


def _missing_for_reps(actor: Actor) -> tuple[Permission, ...]:
    return missing_reads(actor, Credit.REP, None, (d.VISITS_COMPLETED,), names_people=True)


def _name_of(actor: Actor, rep_id: UUID) -> str | None:
    """Return the name of the rep, or None on the page of an actor who has no choice of reps.

    Raises NotFound for a person who doesn't exist or whom the actor can't see.
    """
    if rep_id == actor.user_id and has_own_day(actor):
        return None
    people = names_of_people(actor, [rep_id], None) if actor.sees_all(Permission.DASHBOARDS_REP) else ()
    if not people:
        raise NotFound("user", rep_id)
    return people[0].name


def _day_of(actor: Actor, now: datetime) -> date:
    return now.astimezone(ZoneInfo(actor.timezone)).date()


def _span_of(actor: Actor, day: date) -> Span:
    zone = ZoneInfo(actor.timezone)
    return Span(midnight(day, zone), midnight(day + timedelta(days=1), zone))


def _address(endpoint: str, values: Mapping[str, Any], day: date, today: date) -> str:
    return url_for(endpoint, **values, day=None if day == today else day.isoformat())


def _days(day: date, today: date, endpoint: str, values: Mapping[str, Any]) -> Days:
    beside = (
        _address(endpoint, values, other, today) if is_in_range(other) else None
        for other in (day - timedelta(days=1), day + timedelta(days=1))
    )
    return Days(day, day == today, _address(endpoint, values, today, today), *beside)


def _line(row: Any, next_id: UUID | None, now: datetime) -> Line:
    if row.status == AppointmentStatus.COMPLETED:
        return Line(row, _outcome(row), _TONES.get(row.outcome, "neutral"), is_next=False)
    if row.status != AppointmentStatus.SCHEDULED:
        return Line(row, label(row.status, "AppointmentStatus"), _TONES[row.status], is_next=False)
    is_next = row.id == next_id
    if row.scheduled_end_at <= now:
        return Line(row, _("No outcome yet"), "warn", is_next)
    return Line(
        row,
        pgettext("visit", "Next") if is_next else label(row.status, "AppointmentStatus"),
        "info" if is_next else "plain",
        is_next,
    )


def _outcome(row: Any) -> str:
    if row.outcome == AppointmentOutcome.OPEN:
        return str(_("Pending"))
    words = label(row.outcome, "AppointmentOutcome")
    return words if row.deal_value is None else f"{words} {formatting.money(row.deal_value, get_locale())}"


def _tiles(actor: Actor, rep_id: UUID, period: Period, now: datetime) -> list[Tile]:
    """Return the tiles of the rep's numbers, each with the number of all reps if it can be shown."""
    in_period = {"period": period.name.value}
    links = Links.of({**in_period, "rep": str(rep_id)})
    numbers = compute_readable(actor, _NAMES, period, rep_id, now=now, credit=Credit.REP)
    beside = _all_reps_numbers(actor, period, in_period, now)
    return [tile(numbers[one.name], links, of_person=True, sub=beside.get(one.name)) for one in TILES]


def _all_reps_numbers(actor: Actor, period: Period, in_period: Mapping[str, str], now: datetime) -> dict[str, str]:
    """Return the numbers of all reps as text, by name.

    They are links for users who can open the rows; others get only the ratios.
    """
    if has_own_day(actor):
        ratios = team_ratios(actor, period)
        return {
            one.name: _("All reps: %(value)s", value=shown(ratios[one.name].exact, one.unit))
            for one in TILES
            if one.name in ratios
        }
    links = Links.of(in_period)
    numbers = compute_readable(actor, _NAMES, period, None, now=now, compare=False, credit=Credit.REP)
    return {one.name: _linked(numbers[one.name], links) for one in TILES}


def _linked(number: Number, links: Links) -> str:
    metric = number.metric
    if number.needs:
        return str(_("All reps: %(value)s", value=sentence_of(number.needs)))
    words = _("All reps: %(value)s", value=shown(number.current.exact, metric.unit))
    return Markup('<a href="{}" data-metric="{}_of_team" data-value="{}">{}</a>').format(
        links.to(metric.rows), metric.name, raw(number.value), words
    )
