"""The CSR dashboard: one CSR's numbers, or the call centre's, and what waits to be done."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from flask_babel import gettext as _
from flask_babel import ngettext

from app.db.filters import NOBODY, TEAM, Person
from app.errors import NotFound
from app.insight.dashboards.filters import Compare, DashboardFilters
from app.insight.dashboards.tiles_page import Links, Tile, tile
from app.insight.metrics import csr_definitions as d
from app.insight.metrics.csr_queries import csr_numbers
from app.insight.metrics.metric import Metric
from app.insight.metrics.numbers import Number
from app.insight.metrics.objection_queries import Objection, top_objections
from app.insight.metrics.volume_queries import Volume, call_volume
from app.people.users.queries import csr_choices, names_of_people
from app.periods import Period, PeriodName, resolve_period
from app.security.actor import Actor
from app.security.permissions import Permission
from app.work.appointments.filters import AppointmentFilters, DateOf
from app.work.appointments.queries import appointment_list
from app.work.calls.filters import CallFilters
from app.work.calls.queries import call_list, find_first_call_at
from app.work.missed_calls.page import Line, lines_of
from app.work.missed_calls.queries import list_next_due
from app.work.tasks.filters import TaskFilters
from app.work.tasks.queries import task_list
from app.work.tasks.rules import OPEN

HEAD = 5  # rows of a list that a dashboard shows the beginning of

BOOKING_TILES = (d.TOTAL_LEADS_SPOKEN_TO, d.QUALIFIED_LEADS, d.APPOINTMENTS_BOOKED, d.BOOKING_RATE, d.AUTO_RESCUES)
CALL_TILES = (d.ANSWER_RATE, d.AVERAGE_SPEED_OF_ANSWER, d.AVERAGE_TALK_TIME, d.RESOLUTION_RATE, d.SATISFACTION)
VOLUME_FIGURES = (d.CALLS, d.CALLS_ANSWERED, d.MISSED_CALLS_TOTAL, d.CALLS_RESOLVED)
QUALITY_FIGURES = (d.MISS_RATE, d.SOP_COMPLIANCE, d.UNBOOKED_APPOINTMENTS, d.SERVICE_NOT_OFFERED)


@dataclass(frozen=True, slots=True)
class Whose:
    """Whom numbers can be about: a CSR, one's team, or nobody."""

    id: Person
    name: str


@dataclass(frozen=True, slots=True)
class CsrBoard:
    """Everything on the page; `csr` is whose numbers they are, None for the whole call centre."""

    filters: DashboardFilters
    period: Period
    csr: Whose | None
    choices: Sequence[Whose]
    links: Links
    bookings: Sequence[Tile]
    calls: Sequence[Tile]
    figures: Sequence[Tile]
    quality: Sequence[Tile]
    volume: Volume
    objections: Sequence[Objection]
    queue: Sequence[Line]
    unbooked: Sequence[Any]
    tasks: Sequence[Any]
    booked_today: Sequence[Any]
    #: When the first call of the organization was; None before it.
    first_call_at: datetime | None
    now: datetime

    @property
    def parameters(self) -> dict[str, str]:
        """What stands in the page's address."""
        return self.filters.parameters()

    @property
    def parameters_but_comparison(self) -> dict[str, str]:
        """What stays when another comparison is chosen."""
        return {name: value for name, value in self.parameters.items() if name != "compare"}

    @property
    def calls_by_day(self) -> tuple[tuple[date, int, str], ...]:
        """Days, how many calls they had, and the address of these."""
        return tuple((share.key, share.calls, self.links.of_day(share.key).to_calls()) for share in self.volume.by_day)

    @property
    def previous_days(self) -> tuple[date, date] | None:
        """First and last day of what is compared with."""
        return self.period.previous_days if self.filters.compare is Compare.PREVIOUS else None

    @property
    def compared_until(self) -> datetime | None:
        """The minute at which what is compared with is cut; None where it is whole."""
        until = self.period.compared_until
        return until.replace(second=0, microsecond=0) if until else None


def csr_board(actor: Actor, filters: DashboardFilters, now: datetime | None = None) -> CsrBoard:
    """The dashboard that `actor` may see. Raises NotFound for a CSR who is not there and InvalidPeriod."""
    now = now or datetime.now(UTC)
    period = _period(actor, filters, now)
    choices = _choices(actor) if actor.sees_all(Permission.DASHBOARDS_CSR) else []
    csr = _chosen(actor, filters.csr, choices)
    if csr is not None and choices and csr not in choices:
        choices = [csr, *choices]
    csr_id = csr.id if csr else None
    numbers = csr_numbers(actor, period, csr=csr_id, now=now, compare=filters.compare is Compare.PREVIOUS)
    links = Links.of({**filters.period_parameters(), **({"csr": str(csr_id)} if csr_id else {})})
    return CsrBoard(
        filters,
        period,
        csr,
        choices,
        links,
        bookings=_tiles(BOOKING_TILES, numbers, links, csr),
        calls=_tiles(CALL_TILES, numbers, links, csr),
        figures=_tiles(VOLUME_FIGURES, numbers, links, csr),
        quality=_tiles(QUALITY_FIGURES, numbers, links, csr),
        volume=call_volume(actor, period, csr=csr_id, now=now),
        objections=top_objections(actor, period, csr=csr_id, now=now),
        queue=_queue_head(actor, now),
        unbooked=_unbooked_head(actor, links, now),
        tasks=task_list(actor, TaskFilters(assignee="me", status=OPEN, snoozed=False)).page(size=HEAD).rows,
        booked_today=_booked_today(actor, csr_id, now),
        first_call_at=find_first_call_at(actor),
        now=now,
    )


def _period(actor: Actor, filters: DashboardFilters, now: datetime) -> Period:
    return resolve_period(
        filters.period,
        now=now,
        timezone=actor.timezone,
        week_start=actor.week_start,
        first_day=filters.first_day,
        last_day=filters.last_day,
    )


def _choices(actor: Actor) -> list[Whose]:
    people = [Whose(choice.id, choice.name) for choice in csr_choices(actor)]
    return [*people, Whose(TEAM, _("My team")), Whose(NOBODY, _("No CSR"))]


def _chosen(actor: Actor, wanted: Person | None, choices: Sequence[Whose]) -> Whose | None:
    """A CSR sees their own numbers only, and another's address leads nowhere."""
    if not actor.sees_all(Permission.DASHBOARDS_CSR):
        choices = [Whose(actor.user_id, actor.name)]
        wanted = wanted or actor.user_id
    if wanted is None:
        return None
    for choice in choices:
        if choice.id == wanted:
            return choice
    if isinstance(wanted, UUID) and actor.sees_all(Permission.DASHBOARDS_CSR):
        # Nobody whom the picker offers, but somebody: calls of theirs are listed, so they have numbers too.
        for person in names_of_people(actor, [wanted], None):
            return Whose(person.id, person.name)
    raise NotFound("user", wanted)


def _tiles(metrics: Sequence[Metric], numbers: dict[str, Number], links: Links, csr: Whose | None) -> list[Tile]:
    return [
        tile(numbers[metric.name], links, of_person=csr is not None, sub=_beside(metric, numbers)) for metric in metrics
    ]


def _beside(metric: Metric, numbers: dict[str, Number]) -> str | None:
    """What stands under a number so that it is not misread."""
    if metric is d.APPOINTMENTS_BOOKED:
        cancelled = int(numbers[d.APPOINTMENTS_CANCELLED.name].value or 0)
        return str(ngettext("%(num)s cancelled since", "%(num)s cancelled since", cancelled)) if cancelled else None
    rows = numbers[metric.name].current.denominator
    if metric in (d.SATISFACTION, d.SOP_COMPLIANCE) and rows is not None:
        return str(ngettext("over %(num)s call", "over %(num)s calls", rows))
    return str(_("won back by the assistant")) if metric is d.AUTO_RESCUES else None


def _queue_head(actor: Actor, now: datetime) -> Sequence[Line]:
    if not actor.may(Permission.MISSED_CALLS_READ):
        return []
    return lines_of(actor, list_next_due(actor, now, HEAD), now)


def _unbooked_head(actor: Actor, links: Links, now: datetime) -> Sequence[Any]:
    """The beginning of the list behind the number."""
    unbooked = CallFilters.of({**d.UNBOOKED_APPOINTMENTS.rows.filters, **dict(links.parameters)})
    return call_list(actor, unbooked, now).page(size=HEAD).rows


def _booked_today(actor: Actor, csr: Person | None, now: datetime) -> Sequence[Any]:
    today = AppointmentFilters(period=PeriodName.TODAY, date_of=DateOf.BOOKED, csr=csr)
    return appointment_list(actor, today, now).page("startTime", size=HEAD).rows
