"""Times to choose from in the booking forms, and alternatives if the chosen time was taken."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from flask_babel import get_locale
from flask_babel import lazy_gettext as _l

from app.errors import DomainError, EventTimeConflict, LazyText, UserNotAvailable
from app.lists.choices import Choice
from app.models import BusySource
from app.security.actor import Actor
from app.web.templating import MAX_OPTIONS
from app.work.appointments.booking_forms import BUSY_THEN, Slot, TimesForm
from app.work.appointments.free_times_queries import (
    Company,
    FreeDay,
    FreeRep,
    get_company,
    list_free_days,
    list_reps,
    today_of,
)

_MAX_OFFERS = 3

ANYBODY = _l("Anyone available")

_KINDS: Mapping[BusySource, LazyText] = {
    BusySource.APPOINTMENT: _l("another appointment"),
    BusySource.EVENT: _l("a calendar event"),
    BusySource.TIME_OFF: _l("time off"),
}


@dataclass(frozen=True, slots=True)
class Offer:
    """A free slot offered as an alternative."""

    slot: Slot
    name: str


@dataclass(frozen=True, slots=True)
class OfferedTime:
    """A time that can be chosen, with the sales rep who takes it unless another one is chosen."""

    slot: Slot
    name: str
    is_near: bool
    #: Positions, in the field of the sales rep, of everyone who is free then; empty if there are too many people.
    free: Sequence[int]


@dataclass(frozen=True, slots=True)
class Obstacle:
    """The entry that takes the `wanted` time, as far as the user can see it."""

    person: str
    start: datetime
    end: datetime
    kind: BusySource
    name: str | None
    booked_by: str | None
    booked_at: datetime | None
    wanted: Slot

    @property
    def kind_words(self) -> LazyText:
        """The kind of the entry as text, to show if its name can't be."""
        return _KINDS[self.kind]


@dataclass(frozen=True, slots=True)
class Times:
    """The days with their numbers of free times, the free times of one of them, and the chosen time.

    No time is chosen until someone chooses it. `lost` is a chosen time that isn't among those of the chosen sales rep,
    day and length.
    """

    company: Company
    days: Sequence[FreeDay]
    #: The day whose times are displayed; None if no one ever works.
    shown: FreeDay | None
    offered: Sequence[OfferedTime]
    today: date
    chosen: OfferedTime | None
    lost: datetime | None
    obstacle: Obstacle | None
    offers: Sequence[Offer]

    @property
    def has_near(self) -> bool:
        """True if the rep's stop before any displayed time is near the new appointment."""
        return any(time.is_near for time in self.offered)

    @property
    def busy_then(self) -> LazyText:
        """The label of a rep who isn't free at the chosen time, with `{name}` for the name."""
        return BUSY_THEN

    @property
    def begins_later(self) -> bool:
        """True if there are open days between today and the first day displayed."""
        return bool(self.days) and self.days[0].day != self.company.open_days(self.today, count=1)[0]

    @property
    def day_after(self) -> date:
        """First day of the next page of days."""
        return self.days[-1].day + timedelta(days=1)

    @property
    def shows_obstacle(self) -> bool:
        """True if the time that was taken is on the displayed day."""
        if self.obstacle is None or self.shown is None:
            return False
        return self.obstacle.wanted.start.astimezone(self.company.zone).date() == self.shown.day

    @staticmethod
    def weekday(day: date) -> str:
        """Return the abbreviated weekday in the reader's language, such as "Sat"."""
        name: str = get_locale().days["stand-alone"]["abbreviated"][day.weekday()]
        return name.capitalize()


def times_for(
    actor: Actor,
    form: TimesForm,
    place: Mapping[str, str | None],
    *,
    first: date | None = None,
    besides: UUID | None = None,
    minutes: int | None = None,
    service: str = "",
    only_for: Mapping[datetime, UUID | None] | None = None,
    current: Slot | None = None,
    error: DomainError | None = None,
) -> Times:
    """Return the times to choose from, as requested by the form, and fill the form's reps and its day.

    `first` is the day that the URL requests, `besides` the id of the appointment that is being moved, `minutes` its
    length, and `service` the service of a new one. `only_for` maps times to the id of the only rep who can be offered
    them, or to None for no rep. `current` is the current time of the appointment, which is offered on its day even if
    free times don't start then. `error` tells whether the chosen time was taken.
    """
    now = datetime.now(UTC)
    company, reps = get_company(actor, form.length or minutes, service), list_reps(actor)
    today, asked = today_of(company, now), form.shown_day or first
    found = list_free_days(actor, company, reps, _first_day(company, asked, today), place, now, besides=besides)
    everyone = [_without(one, only_for or {}) for one in found]
    days = [_of_rep(one, form.rep_id) for one in everyone]
    shown = _shown(days, asked)
    form.shown_on.data = shown.day.isoformat() if shown else ""
    obstacle = _obstacle(error, form)
    offered = _offered(shown, next((one for one in everyone if shown and one.day == shown.day), None), reps)
    if current and shown and current.start >= now and form.rep_id in (None, current.rep_id):
        offered = _with_current(offered, current, shown.day, company, reps)
    chosen = None if obstacle else next((one for one in offered if one.slot.start == form.wanted_start), None)
    form.offer(reps, ANYBODY, chosen.free if chosen and chosen.free else None)
    offers: Sequence[Offer] = ()
    if obstacle is not None:
        day = obstacle.wanted.start.astimezone(company.zone).date()
        found = list_free_days(actor, company, reps, day, place, now, besides=besides)
        offers = _offers([_without(one, only_for or {}) for one in found], obstacle)
    lost = None if chosen or obstacle else _lost(form, shown, company, current)
    return Times(company, days, shown, offered, today, chosen, lost, obstacle, offers)


def _first_day(company: Company, asked: date | None, today: date) -> date:
    """Return the first day to show: the requested one if it isn't among those from today, else today.

    A requested day in the past is ignored.
    """
    if asked is None or asked <= today or asked in company.open_days(today):
        return today
    return asked


def _without(day: FreeDay, only_for: Mapping[datetime, UUID | None]) -> FreeDay:
    """Return the day without the times that `only_for` reserves for another rep or for none."""
    if not only_for:
        return day
    kept = [
        FreeRep(one.rep, [time for time in one.times if only_for.get(time.start, one.rep.id) == one.rep.id])
        for one in day.reps
    ]
    return FreeDay(day.day, [one for one in kept if one.times])


def _shown(days: Sequence[FreeDay], asked: date | None) -> FreeDay | None:
    """Return the requested day, else the first with a free time, else the first."""
    named = next((one for one in days if one.day == asked), None)
    return named or next((one for one in days if one.count), days[0] if days else None)


def _of_rep(day: FreeDay, rep_id: UUID | None) -> FreeDay:
    """Return the day with the times of this rep only, or unchanged if anyone can go."""
    return day if rep_id is None else FreeDay(day.day, [one for one in day.reps if one.rep.id == rep_id])


def _offered(shown: FreeDay | None, everyone: FreeDay | None, reps: Sequence[Choice]) -> list[OfferedTime]:
    """Return the times of the `shown` day in order.

    Each has the rep who suits best: one who comes from nearby, else the first of the day.
    """
    if shown is None or everyone is None:
        return []
    best: dict[datetime, tuple[FreeRep, bool]] = {}
    for one in shown.reps:
        for time in one.times:
            if time.start not in best or (time.is_near and not best[time.start][1]):
                best[time.start] = one, time.is_near
    free: defaultdict[datetime, list[int]] = defaultdict(list)
    if len(reps) <= MAX_OPTIONS:
        position = {rep.id: number for number, rep in enumerate(reps)}
        for one in everyone.reps:
            for time in one.times:
                free[time.start].append(position[one.rep.id])
    return [
        OfferedTime(Slot(one.rep.id, start), one.rep.name, is_near, sorted(free[start]))
        for start, (one, is_near) in sorted(best.items(), key=lambda item: item[0])
    ]


def _with_current(
    offered: list[OfferedTime], current: Slot, shown: date, company: Company, reps: Sequence[Choice]
) -> list[OfferedTime]:
    """Return the times with the current one, if the shown day is its day."""
    is_offered = any(one.slot.start == current.start for one in offered)
    if is_offered or current.start.astimezone(company.zone).date() != shown:
        return offered
    position = next((number for number, rep in enumerate(reps) if rep.id == current.rep_id), None)
    if position is None:
        return offered
    own = OfferedTime(current, reps[position].name, False, [position])
    return sorted([*offered, own], key=lambda one: one.slot.start)


def _lost(form: TimesForm, shown: FreeDay | None, company: Company, current: Slot | None) -> datetime | None:
    """Return the chosen free time if it should be on the shown day."""
    slot = form.slot.slot
    if slot is None or shown is None or slot.start != form.wanted_start or (current and slot.start == current.start):
        return None
    return slot.start if slot.start.astimezone(company.zone).date() == shown.day else None


def _obstacle(error: DomainError | None, form: TimesForm) -> Obstacle | None:
    if not isinstance(error, EventTimeConflict | UserNotAvailable) or form.wanted_start is None:
        return None
    other: dict[str, Any] = error.extra["other_party"]
    if "person" not in other:  # refused by the constraint alone, which names no one
        return None
    booked_at = other.get("booked_at")
    return Obstacle(
        person=other["person"]["name"],
        start=datetime.fromisoformat(other["start"]),
        end=datetime.fromisoformat(other["end"]),
        kind=BusySource(other["type"]),
        name=other.get("name") if "booked_by" in other else None,
        booked_by=other.get("booked_by"),
        booked_at=datetime.fromisoformat(booked_at) if booked_at else None,
        wanted=form.chosen,
    )


def _offers(days: Sequence[FreeDay], obstacle: Obstacle) -> list[Offer]:
    """Return the free slots nearest to the wanted one, of different reps where possible."""
    every = [
        Offer(Slot(one.rep.id, time.start), one.rep.name) for day in days for one in day.reps for time in one.times
    ]
    every.sort(key=lambda offer: (abs(offer.slot.start - obstacle.wanted.start), offer.name))
    nearest: dict[UUID, Offer] = {}
    for offer in every:
        nearest.setdefault(offer.slot.rep_id, offer)
    first = list(nearest.values())[:_MAX_OFFERS]
    return [*first, *(offer for offer in every if offer not in first)][:_MAX_OFFERS]
