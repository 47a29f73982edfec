"""Views of the dashboards."""

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Blueprint, Response, request
from flask_babel import gettext as _

from app.insight.dashboards.csr_page import csr_board
from app.insight.dashboards.filters import CsrFilters, DashboardFilters, FunnelFilters
from app.insight.dashboards.funnel_page import METRICS, funnel_board, funnel_rows
from app.insight.dashboards.request_page import CALL_CENTRE, Dashboard, DashboardRequest, read_request
from app.insight.dashboards.team_page import team_board
from app.lists.csv import csv_file, csv_response
from app.lists.listing import given_parameters, people_options
from app.lists.period_links import period_links
from app.security.actor import current_actor
from app.security.guard import requires
from app.security.permissions import Permission
from app.web.htmx import render
from app.web.labels import hour_label, weekday_label
from app.work.calls.resource import CALL
from app.work.missed_calls.resource import MISSED_CALL_ENTRY

dashboards = Blueprint("dashboards", __name__)

Asking = TypeVar("Asking", bound=DashboardFilters)


@dashboards.get("/csr")
@requires(Permission.DASHBOARDS_CSR)
def csr() -> str:
    """Show one CSR's numbers, or compare several people's."""
    actor = current_actor()
    asked, _filters = parse_request(CALL_CENTRE, CsrFilters)
    if asked.is_of_team:
        return render_dashboard("team", team_board(actor, asked), asked)
    return render_dashboard("csr", csr_board(actor, asked), asked)


def parse_request(dashboard: Dashboard, kind: type[Asking]) -> tuple[DashboardRequest, Asking]:
    """Parse the current request for a dashboard, and return it with its filters, an instance of `kind`."""
    actor = current_actor()
    offered = people_options(dashboard.choices(actor)) if actor.sees_all(dashboard.permission) else []
    filters = kind.parse(given_parameters(**{dashboard.credit.value: offered}))
    return read_request(actor, dashboard, filters, request.args.get("sort")), filters


def render_dashboard(page: str, board: Any, asked: DashboardRequest) -> str:
    """Render the page of this name, or the requested fragment of it."""
    return render(
        f"insight/dashboards/{page}.html",
        f"insight/dashboards/_{page}.html",
        board=board,
        periods=period_links(asked.dashboard.endpoint, asked.parameters_of_other_periods, has_all_time=False),
        call_labels=CALL.labels,
        entry_labels=MISSED_CALL_ENTRY.labels,
    )


@dashboards.get("/missed-calls/funnel")
@requires(Permission.DASHBOARDS_CSR, Permission.MISSED_CALLS_READ)
def missed_calls() -> str:
    """Show how many missed callers reached each stage, by hour and weekday."""
    board = funnel_board(current_actor(), FunnelFilters.parse(given_parameters()))
    periods = period_links("dashboards.missed_calls", board.filters.parameters(), has_all_time=False)
    return render(
        "insight/dashboards/missed_calls.html",
        "insight/dashboards/_missed_calls.html",
        board=board,
        periods=periods,
    )


@dashboards.get("/missed-calls/funnel.csv")
@requires(Permission.DASHBOARDS_CSR, Permission.MISSED_CALLS_READ)
@csv_file
def missed_calls_csv() -> Response:
    """Download the weekly heat map of missed calls as CSV.

    The file has one line for each hour of a weekday in which callers were missed.
    """
    actor, filters = current_actor(), FunnelFilters.parse(given_parameters())
    header = [_("Day of week"), _("Hour"), *(str(metric.label) for metric in METRICS.values())]
    return csv_response("missed-calls", header, list(funnel_rows(actor, filters)))


@dashboards.app_template_filter()
def part_label(key: Any, part: str) -> str:
    """Return the label of `key`, a value of `part`: a topic, an hour (0–23) or a weekday (1–7)."""
    return _PART_LABELS[part](key)


def _topic(key: str | None) -> str:
    return str(_("No topic")) if key is None else key


def _hour(key: int) -> str:
    return hour_label(key)


def _weekday(key: int) -> str:
    return weekday_label(key)


_PART_LABELS: dict[str, Callable[[Any], str]] = {"topic": _topic, "hour": _hour, "weekday": _weekday}
