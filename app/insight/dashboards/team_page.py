"""The comparison of the people of the call center: who needs help, why, and the calls that show it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
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
    calls_by_day,
    scale_of,
    tiles,
)
from app.insight.dashboards.csr_people_page import CSR_COLUMNS
from app.insight.dashboards.filters import CsrFilters
from app.insight.dashboards.heat_page import HeatMap, days_of_week, heat_map
from app.insight.dashboards.people_page import PeopleTable, people_table
from app.insight.dashboards.request_page import DashboardRequest
from app.insight.dashboards.series_page import Series
from app.insight.dashboards.tiles_page import Links, Tile, tile
from app.insight.metrics import csr_definitions as d
from app.insight.metrics.compute_queries import compute_readable, compute_readable_team
from app.insight.metrics.csr_queries import booking_rates_by_week
from app.insight.metrics.metric import Credit
from app.insight.metrics.numbers import Measured
from app.insight.metrics.objection_queries import Objection, objection_shares, top_objections
from app.insight.metrics.volume_queries import NO_VOLUME, Volume, call_volume, calls_of_days_before
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
    calls_by_day: Series
    #: The sentences in the place of panels whose numbers are withheld from the reader, by the panel's ID.
    needs: Mapping[str, str]

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
    needs = {
        "volume": asked.needs(d.CALLS),
        "objections": asked.gap(d.CSR_OBJECTIONS),
        "unbooked": asked.needs(d.UNBOOKED_WITHOUT_FOLLOW_UP),
    }
    numbers = compute_readable_team(actor, Credit.CSR, period, csr, now=now, compare=asked.compares)
    has_rates = not asked.needs(d.BOOKING_RATE)
    rates = booking_rates_by_week(actor, period, csr=csr, now=now, weeks=WEEKS) if has_rates else {}
    volume = NO_VOLUME if needs["volume"] else call_volume(actor, period, csr=csr, now=now)
    targets = targets_of(actor, period)
    of_all = targets_of_person(targets, csr)
    [without] = compute_readable(actor, [d.UNBOOKED_WITHOUT_FOLLOW_UP.name], period, csr, now=now).values()
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
        objections=() if needs["objections"] else top_objections(actor, period, csr=csr, now=now),
        objections_before=objection_shares(actor, period.comparison, csr=csr, now=now)
        if asked.compares_calls and not needs["objections"]
        else None,
        volume=volume,
        map=heat_map(
            days_of_week(actor),
            {share.key: share.calls for share in volume.by_hour_and_weekday},
            d.CALLS.name,
            d.CALLS.rows,
            links,
        ),
        calls_by_day=calls_by_day(asked, volume, _calls_before(actor, asked, volume)),
        needs=needs,
    )


def _unbooked(actor: Actor, asked: DashboardRequest) -> list[Unbooked]:
    """Return the first rows of the list of unbooked calls without a follow-up."""
    filters = CallFilters.of({**d.UNBOOKED_WITHOUT_FOLLOW_UP.rows.filters, **dict(asked.links.parameters)})
    calls = call_list(actor, filters, asked.now).page(size=HEAD).rows
    reasons = list_reasons(actor, [call.id for call in calls])
    return [Unbooked(call, reasons.get(call.id), uuid7()) for call in calls]


def _calls_before(actor: Actor, request: DashboardRequest, volume: Volume) -> Mapping[date, int] | None:
    """Return the number of calls on each day of the comparison period.

    None without one, for a single day, and if calls of it have been deleted for their age.
    """
    if not request.compares or len(volume.by_day) < 2 or not request.period.has_all_calls(request.period.comparison):
        return None
    return calls_of_days_before(actor, request.period, csr=request.person_id, now=request.now)
