"""The dashboards of sales and of one's own role as records of the JSON API."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from pydantic.alias_generators import to_camel

from app.errors import NotFound
from app.insight.dashboards.csr_page import BOOKING_TILES
from app.insight.dashboards.exec_page import CSR_HEADLINES
from app.insight.dashboards.filters import (
    CsrFilters,
    DashboardFilters,
    LongCsrFilters,
    OwnFilters,
    RepDateFilters,
    RepFilters,
)
from app.insight.dashboards.forecast_page import links_of_scheduled
from app.insight.dashboards.number_records_page import (
    head_of,
    number_records,
    numbers_of,
    people_records,
    read_numbers_request,
    value_of,
)
from app.insight.dashboards.rep_page import TILES
from app.insight.dashboards.request_page import (
    CALL_CENTRE,
    EXEC_CSR,
    EXEC_SALES,
    Dashboard,
)
from app.insight.dashboards.schemas import (
    DashboardRecord,
    RepAppointmentRecord,
    RepDayRecord,
    RepStatsRecord,
    TeamRecord,
)
from app.insight.metrics import rep_definitions as d
from app.insight.metrics.compute_queries import compute_team
from app.insight.metrics.metric import Credit, Metric
from app.insight.metrics.question_queries import refuse_partial
from app.insight.metrics.rep_queries import METRICS
from app.insight.metrics.team_ratio_queries import team_ratios
from app.people.users.queries import names_of_people
from app.security.actor import Actor
from app.security.permissions import Permission
from app.work.appointments.day_queries import list_visits

#: One rep's numbers, for the rep and for those who see everyone's.
_REP = replace(EXEC_SALES, endpoint="dashboards.rep", permission=Permission.DASHBOARDS_REP, csv=None)


@dataclass(frozen=True, slots=True)
class _Headlines:
    """The first numbers of a page, with the page's filters, which have its default period."""

    dashboard: Dashboard
    filters: type[DashboardFilters]
    metrics: Sequence[Metric]


#: The numbers of each operation.
SALES_NUMBERS = (*METRICS.values(), d.HOURS_BOOKED_SHARE, d.FORECAST_REVENUE_WON)
REP_NUMBERS = (*METRICS.values(), d.HOURS_BOOKED_SHARE)
#: The number whose rows are the appointments of a day.
VISITS = (d.VISITS_COMPLETED,)

#: By the permission to open the page; the first that the user has counts.
HEADLINES: Mapping[Permission, _Headlines] = {
    Permission.DASHBOARDS_EXEC: _Headlines(EXEC_CSR, LongCsrFilters, CSR_HEADLINES),
    Permission.DASHBOARDS_CSR: _Headlines(CALL_CENTRE, CsrFilters, BOOKING_TILES),
    Permission.DASHBOARDS_REP: _Headlines(_REP, RepFilters, TILES),
}


def headline_metrics(actor: Actor, filters: OwnFilters) -> DashboardRecord:
    """Return the first numbers of the page that is meant for the user's role.

    The default period is that of the page. Raises Forbidden and InvalidPeriod.
    """
    headlines = next((page for permission, page in HEADLINES.items() if actor.may(permission)), None)
    if headlines is None:
        raise actor.refusal(Permission.DASHBOARDS_CSR)
    parameters = filters.parameters()
    if "period" not in filters.model_fields_set:
        del parameters["period"]
    request = read_numbers_request(actor, headlines.dashboard, headlines.filters.of(parameters), headlines.metrics)
    numbers = numbers_of(actor, request, [metric.name for metric in headlines.metrics])
    return DashboardRecord(**head_of(actor, request), metrics=number_records(numbers, request.links))


def exec_sales_metrics(actor: Actor, filters: RepFilters) -> TeamRecord:
    """Return the performance of sales, in total and of each rep, with the forecast of the current month.

    Raises Forbidden, NotFound for a person that `actor` can't see, and InvalidPeriod.
    """
    actor.requires(Permission.DASHBOARDS_EXEC)
    request = read_numbers_request(actor, EXEC_SALES, filters, SALES_NUMBERS, of_each=True)
    team = compute_team(actor, Credit.REP, request.period, request.person_id, now=request.now, compare=request.compares)
    share, expected = numbers_of(actor, request, [d.HOURS_BOOKED_SHARE.name, d.FORECAST_REVENUE_WON.name])
    numbers = {
        **number_records([*team.together.values(), share], request.links),
        **number_records([expected], links_of_scheduled(request)),
    }
    return TeamRecord(**head_of(actor, request), metrics=numbers, people=list(people_records(request, team)))


def rep_stats(actor: Actor, rep_id: UUID, filters: OwnFilters) -> RepStatsRecord:
    """Return the numbers of one rep, and the ratios of all reps together.

    Raises Forbidden, NotFound for a person that `actor` can't see, and InvalidPeriod.
    """
    of_rep = RepFilters.of({**filters.parameters(), "rep": str(rep_id)})
    request = read_numbers_request(actor, _REP, of_rep, REP_NUMBERS)
    numbers = numbers_of(actor, request, [*METRICS, d.HOURS_BOOKED_SHARE.name])
    ratios = team_ratios(actor, request.period)
    return RepStatsRecord(
        **head_of(actor, request),
        metrics=number_records(numbers, request.links),
        all_reps={to_camel(name): value_of(ratio.exact, METRICS[name].unit) for name, ratio in ratios.items()},
    )


def rep_appointments(actor: Actor, rep_id: UUID, filters: RepDateFilters) -> RepDayRecord:
    """Return the appointments of one rep on a day, by default today.

    Raises Forbidden, and NotFound for a person that `actor` can't see.
    """
    actor.requires(Permission.DASHBOARDS_REP)
    refuse_partial(actor, Credit.REP, rep_id, VISITS, names_people=True)
    is_theirs = rep_id == actor.user_id
    if not is_theirs and not (actor.sees_all(Permission.DASHBOARDS_REP) and names_of_people(actor, [rep_id], None)):
        raise NotFound("user", rep_id)
    day = filters.day or datetime.now(UTC).astimezone(ZoneInfo(actor.timezone)).date()
    rows = list_visits(actor, rep_id, day)
    return RepDayRecord(date=day, timezone=actor.timezone, appointments=[_appointment(row) for row in rows])


def _appointment(row: Any) -> RepAppointmentRecord:
    names = RepAppointmentRecord.model_fields.keys() - {"contact_id"}
    return RepAppointmentRecord(**{name: getattr(row, name) for name in names}, contact_id=row.contact_card_id)
