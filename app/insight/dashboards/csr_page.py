"""The dashboard of one CSR, or of rows credited to no one: numbers and pending work."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext

from app.db.filters import Person
from app.insight.dashboards.needs_page import sentence_of
from app.insight.dashboards.request_page import DashboardRequest
from app.insight.dashboards.series_page import Series, series_of
from app.insight.dashboards.tiles_page import Links, Tile, tile
from app.insight.metrics import csr_definitions as d
from app.insight.metrics.compute_queries import compute_readable
from app.insight.metrics.csr_queries import METRICS
from app.insight.metrics.metric import Credit, Metric
from app.insight.metrics.numbers import Measured, Number
from app.insight.metrics.objection_queries import Objection, objection_shares, top_objections
from app.insight.metrics.question_queries import missing_reads
from app.insight.metrics.step_rules import Step, steps_of
from app.insight.metrics.volume_queries import NO_VOLUME, Volume, call_volume
from app.insight.targets.queries import targets_of, targets_of_person
from app.periods import PeriodName
from app.security.actor import Actor
from app.security.permissions import Permission
from app.work.appointments.filters import AppointmentFilters, DateOf
from app.work.appointments.queries import appointment_list
from app.work.calls.filters import CallFilters
from app.work.calls.queries import call_list
from app.work.missed_calls.line_page import Line, lines_of
from app.work.missed_calls.queries import list_next_due
from app.work.tasks.filters import TaskFilters
from app.work.tasks.queries import task_list
from app.work.tasks.rules import OPEN

HEAD = 5  # rows shown of the beginning of a list

BOOKING_TILES = (d.TOTAL_LEADS_SPOKEN_TO, d.QUALIFIED_LEADS, d.APPOINTMENTS_BOOKED, d.BOOKING_RATE, d.AUTO_RESCUES)
CALL_TILES = (d.ANSWER_RATE, d.AVERAGE_SPEED_OF_ANSWER, d.AVERAGE_TALK_TIME, d.RESOLUTION_RATE, d.SATISFACTION)
VOLUME_FIGURES = (d.CALLS, d.CALLS_ANSWERED, d.MISSED_CALLS_TOTAL, d.CALLS_RESOLVED)
QUALITY_FIGURES = (d.MISS_RATE, d.SOP_COMPLIANCE, d.UNBOOKED_APPOINTMENTS, d.SERVICE_NOT_OFFERED)


@dataclass(frozen=True, slots=True)
class CsrBoard:
    """Everything on the dashboard of one CSR, or of rows credited to no one."""

    asked: DashboardRequest
    links: Links
    bookings: Sequence[Tile]
    calls: Sequence[Tile]
    figures: Sequence[Tile]
    quality: Sequence[Tile]
    volume: Volume
    objections: Sequence[Objection]
    #: The share of each category for the whole team, for those who can see it.
    of_team: Mapping[str, Measured] | None
    queue: Sequence[Line]
    unbooked: Sequence[Any]
    tasks: Sequence[Any]
    booked_today: Sequence[Any]
    #: The sentences in the place of panels whose rows are withheld from the reader, by the panel's ID.
    needs: Mapping[str, str]

    @property
    def calls_by_day(self) -> Series:
        """The points of the chart of calls, one for each day of the period."""
        return calls_by_day(self.asked, self.volume)

    @property
    def objection_scale(self) -> Decimal | int:
        """The share of calls at which an objection's bar is full."""
        return scale_of(self.objections, self.of_team)


def csr_board(actor: Actor, asked: DashboardRequest) -> CsrBoard:
    """Build the dashboard of one person, or of rows credited to no one."""
    csr_id, period, now, links = asked.person_id, asked.period, asked.now, asked.links
    numbers = compute_readable(actor, METRICS, period, csr_id, now=now, compare=asked.compares)
    targets = targets_of_person(targets_of(actor, period), csr_id)
    of_all = missing_reads(actor, Credit.CSR, None, (d.CSR_OBJECTIONS,))
    needs = {
        "volume": asked.needs(d.CALLS),
        "objections": asked.gap(d.CSR_OBJECTIONS),
        "unbooked": asked.needs(d.UNBOOKED_APPOINTMENTS),
        "booked-today": asked.needs(d.APPOINTMENTS_BOOKED),
        "tasks": "" if actor.may(Permission.TASKS_READ) else sentence_of((Permission.TASKS_READ,), of_all=False),
    }
    is_beside_team = actor.sees_all(Permission.DASHBOARDS_CSR) and not of_all and not needs["objections"]
    return CsrBoard(
        asked,
        links,
        bookings=tiles(BOOKING_TILES, numbers, links, of_person=True, targets=targets),
        calls=tiles(CALL_TILES, numbers, links, of_person=True, targets=targets),
        figures=tiles(VOLUME_FIGURES, numbers, links, of_person=True, targets=targets),
        quality=tiles(QUALITY_FIGURES, numbers, links, of_person=True, targets=targets),
        volume=NO_VOLUME if needs["volume"] else call_volume(actor, period, csr=csr_id, now=now),
        objections=() if needs["objections"] else top_objections(actor, period, csr=csr_id, now=now),
        of_team=objection_shares(actor, period.span, csr=None, now=now) if is_beside_team else None,
        queue=_queue_head(actor, now),
        unbooked=() if needs["unbooked"] else _unbooked_head(actor, links, now),
        tasks=task_list(actor, TaskFilters(assignee="me", status=OPEN, snoozed=False)).page(size=HEAD).rows,
        booked_today=() if needs["booked-today"] else _booked_today(actor, csr_id, now),
        needs=needs,
    )


def scale_of(objections: Sequence[Objection], beside: Mapping[str, Measured] | None) -> Decimal | int:
    """Return the largest share of the objections, here and in `beside`; 1 if no share is above zero."""
    others = [(beside or {}).get(one.category) for one in objections]
    return max((one.exact for one in (*(one.share for one in objections), *others) if one and one.exact), default=1)


def calls_by_day(request: DashboardRequest, volume: Volume, before: Mapping[date, int] | None = None) -> Series:
    """Return the number of calls of each day, and those of the days of the comparison."""
    period, zone = request.period, request.period.timezone
    days = steps_of(period.span, Step.DAY, zone, request.now)[: len(volume.by_day)]
    days_before = [] if before is None else steps_of(period.comparison, Step.DAY, zone, request.now)
    return series_of(
        [(day, share.calls) for day, share in zip(days, volume.by_day, strict=True)],
        [(day, (before or {}).get(day.first_day, 0)) for day in days_before],
        [request.links.of_days(share.key, share.key).to_calls() for share in volume.by_day],
    )


def tiles(
    metrics: Sequence[Metric],
    numbers: Mapping[str, Number],
    links: Links,
    *,
    of_person: bool,
    targets: Mapping[str, Decimal],
) -> list[Tile]:
    """Return the tiles of these numbers, in order; `targets` are the numbers' targets by name."""
    return [
        tile(numbers[one.name], links, of_person=of_person, sub=_note_below(one, numbers), target=targets.get(one.name))
        for one in metrics
    ]


def _note_below(metric: Metric, numbers: Mapping[str, Number]) -> str | None:
    """Return the note below a number that keeps it from being misread, or None."""
    if metric is d.APPOINTMENTS_BOOKED:
        cancelled = int(numbers[d.APPOINTMENTS_CANCELLED.name].value or 0)
        return str(ngettext("%(num)s since canceled", "%(num)s since canceled", cancelled)) if cancelled else None
    rows = numbers[metric.name].current.denominator
    if metric in (d.SATISFACTION, d.SOP_COMPLIANCE) and rows is not None:
        return str(ngettext("based on %(num)s call", "based on %(num)s calls", rows))
    return str(_("rescued by the assistant")) if metric is d.AUTO_RESCUES else None


def _queue_head(actor: Actor, now: datetime) -> Sequence[Line]:
    if not actor.may(Permission.MISSED_CALLS_READ):
        return []
    return lines_of(actor, list_next_due(actor, now, HEAD), now)


def _unbooked_head(actor: Actor, links: Links, now: datetime) -> Sequence[Any]:
    """Return the first rows of the list of calls that were not booked."""
    unbooked = CallFilters.of({**d.UNBOOKED_APPOINTMENTS.rows.filters, **dict(links.parameters)})
    return call_list(actor, unbooked, now).page(size=HEAD).rows


def _booked_today(actor: Actor, csr: Person | None, now: datetime) -> Sequence[Any]:
    today = AppointmentFilters(period=PeriodName.TODAY, date_of=DateOf.BOOKED, csr=csr)
    return appointment_list(actor, today, now).page("startTime", size=HEAD).rows
