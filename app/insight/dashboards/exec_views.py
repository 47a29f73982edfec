"""Views of the performance pages, and of their files."""

from flask import Response
from flask_babel import gettext as _

from app.insight.dashboards.exec_page import (
    exec_csr_board,
    exec_csr_file,
    exec_missed_board,
    exec_missed_rows,
    exec_sales_board,
    exec_sales_file,
)
from app.insight.dashboards.filters import ExecCsrFilters, ExecMissedFilters, ExecSalesFilters
from app.insight.dashboards.funnel_page import METRICS
from app.insight.dashboards.request_page import EXEC_CSR, EXEC_MISSED_CALLS, EXEC_SALES
from app.insight.dashboards.views import dashboards, parse_request, render_dashboard
from app.lists.csv import csv_file, csv_response
from app.security.actor import current_actor
from app.security.guard import requires
from app.security.permissions import Permission


@dashboards.get("/exec/csr")
@requires(Permission.DASHBOARDS_EXEC)
def exec_csr() -> str:
    """Show the numbers of the call center in total, over time and per CSR, with coaching opportunities."""
    asked, filters = parse_request(EXEC_CSR, ExecCsrFilters)
    return render_dashboard("exec_csr", exec_csr_board(current_actor(), asked, filters), asked)


@dashboards.get("/exec/csr.csv")
@requires(Permission.DASHBOARDS_EXEC)
@csv_file
def exec_csr_csv() -> Response:
    """Download the numbers of CSRs as CSV.

    The file has one line per CSR, one for rows credited to no one, if there are any, and one for everyone. If people to
    compare are requested, it has only their lines and the one for everyone.
    """
    asked, _filters = parse_request(EXEC_CSR, ExecCsrFilters)
    return csv_response("csr-performance", *exec_csr_file(current_actor(), asked))


@dashboards.get("/exec/sales")
@requires(Permission.DASHBOARDS_EXEC)
def exec_sales() -> str:
    """Show the numbers of sales in total, over time and per rep."""
    asked, filters = parse_request(EXEC_SALES, ExecSalesFilters)
    return render_dashboard("exec_sales", exec_sales_board(current_actor(), asked, filters), asked)


@dashboards.get("/exec/sales.csv")
@requires(Permission.DASHBOARDS_EXEC)
@csv_file
def exec_sales_csv() -> Response:
    """Download the numbers of sales reps as CSV.

    The file has one line per rep, one for rows credited to no one, if there are any, and one for everyone. If people to
    compare are requested, it has only their lines and the one for everyone.
    """
    asked, _filters = parse_request(EXEC_SALES, ExecSalesFilters)
    return csv_response("sales-performance", *exec_sales_file(current_actor(), asked))


@dashboards.get("/exec/missed-calls")
@requires(Permission.DASHBOARDS_EXEC, Permission.MISSED_CALLS_READ)
def exec_missed_calls() -> str:
    """Show missed callers: how many there were, what became of them, and when they called."""
    asked, filters = parse_request(EXEC_MISSED_CALLS, ExecMissedFilters)
    return render_dashboard("exec_missed", exec_missed_board(current_actor(), asked, filters), asked)


@dashboards.get("/exec/missed-calls.csv")
@requires(Permission.DASHBOARDS_EXEC, Permission.MISSED_CALLS_READ)
@csv_file
def exec_missed_calls_csv() -> Response:
    """Download the weekly heat map of missed calls as CSV.

    The file has one line for each hour of a weekday in which callers were missed.
    """
    asked, _filters = parse_request(EXEC_MISSED_CALLS, ExecMissedFilters)
    header = [_("Day of week"), _("Hour"), *(str(metric.label) for metric in METRICS.values())]
    return csv_response("missed-calls", header, list(exec_missed_rows(current_actor(), asked)))
