"""The performance pages: call center and sales in total and per person, missed calls by stage."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from uuid import UUID

from flask_babel import get_locale
from flask_babel import gettext as _
from markupsafe import Markup

from app.insight.dashboards.caveat_page import sentence_of_kept
from app.insight.dashboards.comparison_page import ComparisonPanel, comparison_panel, people_file
from app.insight.dashboards.csr_page import scale_of, tiles
from app.insight.dashboards.csr_people_page import CSR_COLUMNS, Coaching, coaching
from app.insight.dashboards.filters import CsrTrend, ExecCsrFilters, ExecMissedFilters, ExecSalesFilters, SalesTrend
from app.insight.dashboards.forecast_page import ForecastPanel, forecast_panel
from app.insight.dashboards.funnel_page import FunnelPanels, StepLine, funnel_panels, rows_of
from app.insight.dashboards.heat_page import Figure
from app.insight.dashboards.movement_page import MovementPanel, movement_panel
from app.insight.dashboards.people_page import PeopleTable, people_table
from app.insight.dashboards.rep_people_page import REP_COLUMNS
from app.insight.dashboards.request_page import DashboardRequest
from app.insight.dashboards.tiles_page import Links, Tile, raw, shown, tile
from app.insight.dashboards.trend_page import TrendChart, trend_chart
from app.insight.metrics import csr_definitions as csr
from app.insight.metrics import missed_definitions as missed
from app.insight.metrics import rep_definitions as rep
from app.insight.metrics.catalogue import metric_of
from app.insight.metrics.compute_queries import compute_team
from app.insight.metrics.executive_queries import executive_csr, executive_missed_calls, executive_sales
from app.insight.metrics.metric import Credit, Metric, Unit
from app.insight.metrics.missed_queries import missed_call_funnel
from app.insight.metrics.numbers import Measured, Number
from app.insight.metrics.objection_queries import Objection
from app.insight.metrics.people_queries import TeamNumbers
from app.insight.metrics.rules import NoOpportunity
from app.insight.metrics.working_hours_queries import share_of_working_time
from app.insight.targets.queries import targets_of, targets_of_person
from app.lists.listing import address
from app.periods import PeriodName, resolve_period
from app.security.actor import Actor
from app.web import formatting

CSR_HEADLINES = (
    csr.BOOKING_RATE,
    csr.APPOINTMENTS_BOOKED,
    csr.QUALIFIED_LEADS,
    csr.TOTAL_LEADS_SPOKEN_TO,
    csr.UNBOOKED_APPOINTMENTS,
)
_CSR_MORE = (
    csr.ANSWER_RATE,
    csr.MISS_RATE,
    csr.AVERAGE_SPEED_OF_ANSWER,
    csr.AVERAGE_TALK_TIME,
    csr.RESOLUTION_RATE,
    csr.SATISFACTION,
    csr.SOP_COMPLIANCE,
    csr.AUTO_RESCUES,
    csr.SERVICE_NOT_OFFERED,
    csr.CALLS,
    csr.CALLS_ANSWERED,
    csr.MISSED_CALLS_TOTAL,
    csr.CALLS_RESOLVED,
)
_CSR_STEPS = (csr.TOTAL_LEADS_SPOKEN_TO, csr.QUALIFIED_LEADS, csr.APPOINTMENTS_BOOKED)
SALES_HEADLINES = (rep.REVENUE_WON, rep.WIN_RATE, rep.VISITS_COMPLETED, rep.AVERAGE_DEAL, rep.APPOINTMENTS_BOOKED)
_SALES_MORE = (
    rep.PROCESS_GRADE,
    rep.AUTO_USAGE,
    rep.HOURS_BOOKED,
    rep.TOTAL_RECORDED_HOURS,
    rep.PENDING_LEADS_BY_REP,
    rep.QUALIFIED_LEADS,
    rep.BOOKING_RATE,
    rep.SALES_AND_VISIT_CALLS,
    rep.SALES_CALLS,
    rep.SALES_CALLS_ANALYSED,
    rep.VISITS_ANALYSED,
    rep.VISITS_LOST,
    rep.VISITS_WON,
)
_SALES_STEPS = (rep.APPOINTMENTS_BOOKED, rep.VISITS_COMPLETED, rep.VISITS_WON)
MISSED_HEADLINES = (
    missed.MISSED_ENTRIES_TOTAL,
    missed.FIRST_ATTEMPT_IN_TIME,
    missed.CALLS_RESCUED_BY_HUMANS,
    missed.CALLS_RESCUED_BY_AUTO,
    missed.MISSED_CALLS_LOST,
)
_MISSED_MORE = (
    missed.MEDIAN_TIME_TO_FIRST_ATTEMPT,
    missed.MISSED_CALLS_UNTRIED,
    csr.MISSED_CALLS_TOTAL,
    missed.ABANDONED_WAIT,
    missed.MISSED_CALLS_OPEN,
    missed.MISSED_CALLS_OVERDUE,
    missed.MISSED_CALLS_ANSWERED_LATER,
    missed.MISSED_CALLS_DISMISSED,
)
_MAX_TO_COACH = 5
_SECONDS_AN_HOUR = 3600
_CSR_TRENDS: Mapping[str, Metric] = {one.value: metric_of(one.value, Credit.CSR) for one in CsrTrend}
_SALES_TRENDS: Mapping[str, Metric] = {one.value: metric_of(one.value, Credit.REP) for one in SalesTrend}


@dataclass(frozen=True, slots=True)
class CoachingLine:
    """One of the CSRs who would benefit most from coaching.

    The line has the opportunity as text and as a bar, and the numbers from which it is computed.
    """

    coaching: Coaching
    words: str
    share: float
    miss_rate: Tile
    script: Tile
    #: What to know beside the opportunity.
    note: str | None


@dataclass(frozen=True, slots=True)
class ExecCsrBoard:
    """Everything on the performance page of the call center."""

    asked: DashboardRequest
    links: Links
    headlines: Sequence[Tile]
    more: Sequence[Tile]
    trend: TrendChart
    #: Contributions to the change of the number shown over time; None if they can't be computed.
    moved: MovementPanel | None
    steps: Sequence[StepLine]
    coaching: Sequence[CoachingLine]
    #: Address of the table of everyone, sorted by coaching opportunity.
    all_coaching: str
    objections: Sequence[Objection]
    #: The share of each category in the period before; None without a comparison.
    objections_before: Mapping[str, Measured] | None
    people: PeopleTable
    #: The comparison of people; None if none are chosen.
    beside: ComparisonPanel | None
    #: The sentences in the place of panels whose numbers are withheld from the reader, by the panel's ID.
    needs: Mapping[str, str]

    @property
    def objection_scale(self) -> Decimal | int:
        """The share of calls at which an objection's bar is full."""
        return scale_of(self.objections, self.objections_before)


@dataclass(frozen=True, slots=True)
class ExecSalesBoard:
    """Everything on the performance page of sales."""

    asked: DashboardRequest
    headlines: Sequence[Tile]
    more: Sequence[Tile]
    trend: TrendChart
    #: Contributions to the change of the number shown over time; None if they can't be computed.
    moved: MovementPanel | None
    steps: Sequence[StepLine]
    #: The forecast of the current month, for any period; None if too little is known.
    forecast: ForecastPanel | None
    people: PeopleTable
    #: The comparison of people; None if none are chosen.
    beside: ComparisonPanel | None
    #: The sentences in the place of panels whose numbers are withheld from the reader, by the panel's ID.
    needs: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class ExecMissedBoard:
    """Everything on the performance page of missed calls."""

    asked: DashboardRequest
    headlines: Sequence[Tile]
    more: Sequence[Tile]
    funnel: FunnelPanels


def exec_csr_board(actor: Actor, asked: DashboardRequest, filters: ExecCsrFilters) -> ExecCsrBoard:
    """Build the performance page of the call center.

    Raises Forbidden, ValidationFailed for an unknown sort, and the errors of `chosen_people`.
    """
    course = _CSR_TRENDS[filters.show.value]
    found = executive_csr(
        actor, asked.period, csr=asked.person_id, now=asked.now, compare=asked.compares, course_of=course
    )
    together = found.team.together
    targets = targets_of(actor, asked.period)
    of_all = targets_of_person(targets, asked.person_id)
    needs = {
        "trend": asked.needs(course),
        "moved": asked.needs(course, names_people=True) if asked.is_of_team else "",
        "funnel-steps": asked.needs(*_CSR_STEPS),
        "coaching": asked.needs(csr.COACHING_OPPORTUNITY, names_people=True),
        "objections": asked.gap(csr.CSR_OBJECTIONS),
    }
    return ExecCsrBoard(
        asked,
        asked.links,
        headlines=tiles(CSR_HEADLINES, together, asked.links, of_person=False, targets=of_all),
        more=tiles(_CSR_MORE, together, asked.links, of_person=False, targets=of_all),
        trend=trend_chart(asked, filters.show, _CSR_TRENDS, found.trend),
        moved=None if needs["moved"] else _moved(asked, course, found.team),
        steps=[] if needs["funnel-steps"] else list(_steps(asked, _CSR_STEPS, together)),
        coaching=[] if needs["coaching"] else _coaching_lines(asked, found.team),
        all_coaching=address(asked.dashboard.endpoint, {**asked.parameters, "sort": "-coaching"}) + "#team",
        objections=found.objections,
        objections_before=found.objections_before,
        people=people_table(asked, CSR_COLUMNS, found.team, found.weeks, targets),
        beside=comparison_panel(asked, CSR_COLUMNS, CSR_HEADLINES, found.team, found.weeks),
        needs=needs,
    )


def exec_sales_board(actor: Actor, asked: DashboardRequest, filters: ExecSalesFilters) -> ExecSalesBoard:
    """Build the performance page of sales.

    Raises Forbidden, ValidationFailed for an unknown sort, and the errors of `chosen_people`.
    """
    course = _SALES_TRENDS[filters.show.value]
    found = executive_sales(
        actor, asked.period, rep=asked.person_id, now=asked.now, compare=asked.compares, course_of=course
    )
    together = found.team.together
    targets = targets_of(actor, asked.period)
    of_all = targets_of_person(targets, asked.person_id)
    this_month = resolve_period(PeriodName.MONTH, now=asked.now, timezone=asked.period.timezone)
    of_month = targets if asked.period.span == this_month.span else targets_of(actor, this_month)
    needs = {
        "trend": asked.needs(course),
        "moved": asked.needs(course, names_people=True) if asked.is_of_team else "",
        "funnel-steps": asked.needs(*_SALES_STEPS),
        "forecast": asked.needs(rep.FORECAST_REVENUE_WON),
    }
    return ExecSalesBoard(
        asked,
        headlines=tiles(SALES_HEADLINES, together, asked.links, of_person=False, targets=of_all),
        more=[
            number._replace(sub=_of_working_time(found.team, found.working_time))
            if number.metric == rep.HOURS_BOOKED.name and not (number.needs or found.team.needs)
            else number
            for number in tiles(_SALES_MORE, together, asked.links, of_person=False, targets=of_all)
        ],
        trend=trend_chart(asked, filters.show, _SALES_TRENDS, found.trend),
        moved=None if needs["moved"] else _moved(asked, course, found.team),
        steps=[] if needs["funnel-steps"] else list(_steps(asked, _SALES_STEPS, together)),
        forecast=forecast_panel(asked, found.forecast, targets_of_person(of_month, asked.person_id)),
        people=people_table(asked, REP_COLUMNS, found.team, found.weeks, targets),
        beside=comparison_panel(asked, REP_COLUMNS, SALES_HEADLINES, found.team, found.weeks),
        needs=needs,
    )


def exec_missed_board(actor: Actor, asked: DashboardRequest, filters: ExecMissedFilters) -> ExecMissedBoard:
    """Build the performance page of missed calls.

    Raises Forbidden.
    """
    found = executive_missed_calls(actor, asked.period, csr=asked.person_id, now=asked.now, compare=asked.compares)
    dashboard, parameters = asked.dashboard, asked.parameters
    of_all = targets_of_person(targets_of(actor, asked.period), asked.person_id)
    csv = address(str(dashboard.csv), parameters)
    return ExecMissedBoard(
        asked,
        headlines=tiles(MISSED_HEADLINES, found.numbers, asked.links, of_person=False, targets=of_all),
        more=tiles(_MISSED_MORE, found.numbers, asked.links, of_person=False, targets=of_all),
        funnel=funnel_panels(
            actor, found.funnel, asked.period, filters.show, asked.links, dashboard.endpoint, parameters, csv
        ),
    )


def exec_csr_file(actor: Actor, asked: DashboardRequest) -> tuple[list[str], Iterator[Sequence[object]]]:
    """Return the header and lines of a file of CSRs.

    The file has the table of all CSRs or, if people to compare are requested, their comparison. Raises Forbidden and
    the errors of `chosen_people`.
    """
    compare = asked.compares and bool(asked.beside)
    team = compute_team(actor, asked.dashboard.credit, asked.period, asked.person_id, now=asked.now, compare=compare)
    return people_file(asked, CSR_COLUMNS, CSR_HEADLINES, team)


def exec_sales_file(actor: Actor, asked: DashboardRequest) -> tuple[list[str], Iterator[Sequence[object]]]:
    """Return the header and lines of a file of sales reps.

    The file has the table of all reps or, if people to compare are requested, their comparison. Raises Forbidden and
    the errors of `chosen_people`.
    """
    compare = asked.compares and bool(asked.beside)
    team = compute_team(actor, asked.dashboard.credit, asked.period, asked.person_id, now=asked.now, compare=compare)
    return people_file(asked, REP_COLUMNS, SALES_HEADLINES, team)


def exec_missed_rows(actor: Actor, asked: DashboardRequest) -> Iterator[Sequence[object]]:
    """Return the weekly heat map of missed calls as lines of a file.

    Raises Forbidden.
    """
    return rows_of(missed_call_funnel(actor, asked.period, csr=asked.person_id, now=asked.now))


def _of_working_time(team: TeamNumbers, times: Mapping[UUID, timedelta]) -> str | None:
    """Return the booked share of working hours as markup; None if no one works in the period."""
    booked = {person.id: person.numbers[rep.HOURS_BOOKED.name].current for person in team.people}
    share = share_of_working_time(booked, times)
    if share.exact is None:
        return None
    words = _(
        "%(share)s of %(hours)s working hours",
        share=shown(share.exact, rep.HOURS_BOOKED_SHARE.unit),
        hours=shown(Decimal(share.denominator or 0) / _SECONDS_AN_HOUR, Unit.HOURS),
    )
    return Markup('<span data-metric="{}" data-value="{}">{}</span>').format(
        rep.HOURS_BOOKED_SHARE.name, raw(share.value), words
    )


def _moved(asked: DashboardRequest, metric: Metric, team: TeamNumbers) -> MovementPanel | None:
    """Return the panel of people's contributions to the change of a number.

    Returns None unless the page shows several people, and in the cases in which `movement_panel` does.
    """
    return movement_panel(asked, metric, team) if asked.is_of_team else None


def _steps(request: DashboardRequest, metrics: Sequence[Metric], numbers: Mapping[str, Number]) -> Iterator[StepLine]:
    """Yield the steps in order; their shares are unknown if records that one of them needs have been deleted."""
    is_kept = not sentence_of_kept(metrics, request.period)
    first = int(numbers[metrics[0].name].current.exact or 0)
    before = 0
    for metric in metrics:
        count = int(numbers[metric.name].current.exact or 0)
        of_before = formatting.percent(count / before, get_locale()) if before and is_kept else None
        share = (count / first if first else 0.0) if is_kept else None
        figure = Figure(metric.name, count, request.links.to(metric.rows), share)
        yield StepLine(metric.label, metric.definition, figure, of_before)
        before = count


def _coaching_lines(request: DashboardRequest, team: TeamNumbers) -> list[CoachingLine]:
    numbers = {person.id: person.numbers for person in team.people}
    greatest = coaching(team.people)[:_MAX_TO_COACH]
    return [
        _coaching_line(request, person, numbers[person.id])
        for person in greatest
        if not isinstance(person.opportunity, NoOpportunity)
    ]


def _coaching_line(asked: DashboardRequest, one: Coaching, numbers: Mapping[str, Number]) -> CoachingLine:
    links, (words, opportunity) = asked.links_of(one.id), CSR_COLUMNS.coaching(numbers)
    return CoachingLine(
        one,
        words,
        share=float(opportunity or 0) / 100,
        miss_rate=tile(numbers[csr.MISS_RATE.name], links, of_person=True),
        script=tile(numbers[csr.SOP_COMPLIANCE.name], links, of_person=True),
        note=CSR_COLUMNS.coaching_note(numbers),
    )
