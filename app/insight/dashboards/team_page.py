"""The comparison of the people of the call center: who needs help, why, and the calls that show it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from flask_babel import lazy_gettext as _l

from app.db.ids import uuid7
from app.declarations.viewed import ViewedPage
from app.insight.dashboards.csr_page import (
    CALL_TILES,
    QUALITY_FIGURES,
    VOLUME_FIGURES,
    days_of_calls,
    scale_of,
    tiles,
)
from app.insight.dashboards.csr_people_page import CSR_COLUMNS
from app.insight.dashboards.filters import CsrFilters
from app.insight.dashboards.heat_page import HeatMap, days_of_week, heat_map
from app.insight.dashboards.people_page import PeopleTable, people_table
from app.insight.dashboards.request_page import DashboardRequest
from app.insight.dashboards.tiles_page import Links, Tile, tile
from app.insight.metrics import csr_definitions as d
from app.insight.metrics.compute_queries import compute, compute_team
from app.insight.metrics.csr_queries import booking_rates_by_week
from app.insight.metrics.metric import Credit
from app.insight.metrics.numbers import Measured
from app.insight.metrics.objection_queries import Objection, objection_shares, top_objections
from app.insight.metrics.volume_queries import Volume, call_volume, calls_of_days_before
from app.insight.targets.queries import targets_of, targets_of_person
from app.lists.saved_views.menu_page import ViewMenu, menu_of
from app.security.actor import Actor
from app.security.permissions import Permission
from app.work.calls.filters import CallFilters
from app.work.calls.follow_up_queries import list_reasons
from app.work.calls.queries import call_list

WEEKS = 7
#: Number of calls to follow up shown; the rest is behind their count.
HEAD = 4
#: A phone shows the first three.
HEADLINES = (d.BOOKING_RATE, d.APPOINTMENTS_BOOKED, d.UNBOOKED_APPOINTMENTS, d.TOTAL_LEADS_SPOKEN_TO, d.QUALIFIED_LEADS)
MORE = (*(one for one in QUALITY_FIGURES if one not in HEADLINES), d.AUTO_RESCUES, *CALL_TILES, *VOLUME_FIGURES)

#: Saved views are only for users who can see everyone's numbers; a CSR's own page has none.
TEAM_VIEWS = ViewedPage(
    name="csr",
    label=_l("CSR dashboard"),
    endpoint="dashboards.csr",
    permission=Permission.DASHBOARDS_CSR,
    filters=CsrFilters,
    sort_names=frozenset(CSR_COLUMNS.sorts),
    is_for=lambda actor: actor.sees_all(Permission.DASHBOARDS_CSR),
)


@dataclass(frozen=True, slots=True)
class Unbooked:
    """A call to follow up, and the category of the objection that prevented the booking, if known.

    `task_id` is the id of the task that its button creates.
    """

    call: Any
    reason: str | None
    task_id: UUID


@dataclass(frozen=True, slots=True)
class TeamBoard:
    """Everything on the page of several CSRs."""

    asked: DashboardRequest
    views: ViewMenu
    links: Links
    headlines: Sequence[Tile]
    more: Sequence[Tile]
    people: PeopleTable
    unbooked: Sequence[Unbooked]
    without_follow_up: Tile
    may_follow_up: bool
    objections: Sequence[Objection]
    #: The share of each category in the period before; None without a comparison.
    objections_before: Mapping[str, Measured] | None
    volume: Volume
    map: HeatMap
    #: The number of calls of each comparison day, in the order of the days shown.
    days_before: Sequence[int]

    @property
    def calls_by_day(self) -> tuple[tuple[date, int, str], ...]:
        """The days, each with its number of calls and the address of these calls."""
        return days_of_calls(self.volume, self.links)

    @property
    def objection_scale(self) -> Decimal | int:
        """The share of calls at which an objection's bar is full."""
        return scale_of(self.objections, self.objections_before)

    @property
    def unbooked_tile(self) -> Tile:
        """The tile for all unbooked calls, including those with a follow-up."""
        return next(one for one in self.headlines if one.metric == d.UNBOOKED_APPOINTMENTS.name)


def team_board(actor: Actor, asked: DashboardRequest) -> TeamBoard:
    """Build the page of several people's numbers, for users who can see everyone's.

    Raises ValidationFailed for an unknown sort.
    """
    csr, period, now, links = asked.person_id, asked.period, asked.now, asked.links
    numbers = compute_team(actor, Credit.CSR, period, csr, now=now, compare=asked.compares)
    rates = booking_rates_by_week(actor, period, csr=csr, now=now, weeks=WEEKS)
    volume = call_volume(actor, period, csr=csr, now=now)
    targets = targets_of(actor, period)
    of_all = targets_of_person(targets, csr)
    without = compute(actor, d.UNBOOKED_WITHOUT_FOLLOW_UP.name, period, csr, now=now)
    return TeamBoard(
        asked,
        menu_of(actor, TEAM_VIEWS, asked.filters, asked.sort),
        links,
        headlines=tiles(HEADLINES, numbers.together, links, of_person=False, targets=of_all),
        more=tiles(MORE, numbers.together, links, of_person=False, targets=of_all),
        people=people_table(asked, CSR_COLUMNS, numbers, rates, targets),
        unbooked=_unbooked(actor, asked) if without.value else [],
        without_follow_up=tile(without, links, of_person=False),
        may_follow_up=actor.may(Permission.TASKS_WRITE) and actor.may(Permission.TASKS_ASSIGN),
        objections=top_objections(actor, period, csr=csr, now=now),
        objections_before=objection_shares(actor, period.comparison, csr=csr, now=now) if asked.compares else None,
        volume=volume,
        map=heat_map(
            days_of_week(actor),
            {share.key: share.calls for share in volume.by_hour_and_weekday},
            d.CALLS.name,
            d.CALLS.rows,
            links,
        ),
        days_before=_days_before(actor, asked, volume),
    )


def _unbooked(actor: Actor, asked: DashboardRequest) -> list[Unbooked]:
    """Return the first rows of the list of unbooked calls without a follow-up."""
    filters = CallFilters.of({**d.UNBOOKED_WITHOUT_FOLLOW_UP.rows.filters, **dict(asked.links.parameters)})
    calls = call_list(actor, filters, asked.now).page(size=HEAD).rows
    reasons = list_reasons(actor, [call.id for call in calls])
    return [Unbooked(call, reasons.get(call.id), uuid7()) for call in calls]


def _days_before(actor: Actor, asked: DashboardRequest, volume: Volume) -> list[int]:
    """Return the number of calls on each day of the comparison period, in order.

    Empty without a comparison, for a single day, or if the days of the period have gaps.
    """
    days = [share.key for share in volume.by_day]
    if asked.previous_days is None or len(days) < 2 or (days[-1] - days[0]).days + 1 != len(days):
        return []
    calls = calls_of_days_before(actor, asked.period, csr=asked.person_id, now=asked.now)
    first, last = asked.previous_days
    before = (first + timedelta(days=number) for number in range(len(days)))
    return [calls.get(day, 0) for day in before if day <= last]
