"""The performance pages, and each as a file."""

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
from app.insight.dashboards.views import asked_for, dashboards, render_dashboard
from app.lists.csv import csv_file, csv_response
from app.security.actor import current_actor
from app.security.guard import requires
from app.security.permissions import Permission


@dashboards.get("/exec/csr")
@requires(Permission.DASHBOARDS_EXEC)
def exec_csr() -> str:
    """Show the numbers of the call center: in total, over time, per CSR, with coaching opportunities."""
    asked, filters = asked_for(EXEC_CSR, ExecCsrFilters)
    return render_dashboard("exec_csr", exec_csr_board(current_actor(), asked, filters), asked)


@dashboards.get("/exec/csr.csv")
@requires(Permission.DASHBOARDS_EXEC)
@csv_file
def exec_csr_csv() -> Response:
    """Download one line per CSR, one for no one, and one for everyone."""
    asked, _filters = asked_for(EXEC_CSR, ExecCsrFilters)
    return csv_response("csr-performance", *exec_csr_file(current_actor(), asked))


@dashboards.get("/exec/sales")
@requires(Permission.DASHBOARDS_EXEC)
def exec_sales() -> str:
    """Show the numbers of sales: in total, over time, per rep."""
    asked, filters = asked_for(EXEC_SALES, ExecSalesFilters)
    return render_dashboard("exec_sales", exec_sales_board(current_actor(), asked, filters), asked)


@dashboards.get("/exec/sales.csv")
@requires(Permission.DASHBOARDS_EXEC)
@csv_file
def exec_sales_csv() -> Response:
    """Download one line per rep, one for no one, and one for everyone."""
    asked, _filters = asked_for(EXEC_SALES, ExecSalesFilters)
    return csv_response("sales-performance", *exec_sales_file(current_actor(), asked))


@dashboards.get("/exec/missed-calls")
@requires(Permission.DASHBOARDS_EXEC, Permission.MISSED_CALLS_READ)
def exec_missed_calls() -> str:
    """Show missed callers: how many, how far they got, and when they called."""
    asked, filters = asked_for(EXEC_MISSED_CALLS, ExecMissedFilters)
    return render_dashboard("exec_missed", exec_missed_board(current_actor(), asked, filters), asked)


@dashboards.get("/exec/missed-calls.csv")
@requires(Permission.DASHBOARDS_EXEC, Permission.MISSED_CALLS_READ)
@csv_file
def exec_missed_calls_csv() -> Response:
    """Download the weekly heat map, one line per hour of a weekday."""
    asked, _filters = asked_for(EXEC_MISSED_CALLS, ExecMissedFilters)
    header = [_("Weekday"), _("Hour"), *(str(metric.label) for metric in METRICS.values())]
    return csv_response("missed-calls", header, list(exec_missed_rows(current_actor(), asked)))
