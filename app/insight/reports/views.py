"""The pages below `/reports`: the weekly reports."""

from datetime import UTC, datetime
from uuid import UUID

from flask import Blueprint, Response, flash, render_template, url_for
from flask_babel import gettext as _

from app.insight.reports import queries, service
from app.insight.reports.page import report_file, report_page
from app.insight.reports.resource import REPORT
from app.lists.csv import csv_file, csv_response
from app.lists.list_page import list_page
from app.messaging.outbox.service import mail_server_is_set
from app.security.actor import current_actor
from app.security.guard import requires
from app.security.permissions import Permission
from app.web.htmx import redirect
from app.web.rate_limits import Limits, limited

reports = Blueprint("reports", __name__)

#: Each request sends an email that is expensive to build.
SENDING = Limits("report-mails", per_user="10 per hour; 30 per day")


@reports.get("/reports")
@requires(Permission.REPORTS_READ)
def index() -> Response:
    """Show the list of reports, the latest week first."""
    return list_page(REPORT, "insight/reports", own=("week",))


@reports.post("/reports")
@requires(Permission.REPORTS_READ)
def write() -> Response:
    """Write last week's report unless it exists, and show it."""
    report_id = service.write_weekly(datetime.now(UTC))
    flash(_("This is last week’s report."), "good")
    return redirect(url_for(".show", report_id=report_id))


@reports.get("/reports/<uuid:report_id>")
@requires(Permission.REPORTS_READ)
def show(report_id: UUID) -> str:
    """Show a report as of the time it was written."""
    actor = current_actor()
    page = report_page(actor, queries.get_report(actor, report_id))
    return render_template("insight/reports/show.html", page=page)


@reports.post("/reports/<uuid:report_id>/send")
@requires(Permission.REPORTS_READ)
@limited(SENDING)
def send(report_id: UUID) -> Response:
    """Send the report to the user by email."""
    actor = current_actor()
    service.send_to_self(actor, report_id)
    if mail_server_is_set():
        flash(_("Sending the report to %(email)s.", email=actor.email), "good")
    else:
        flash(_("The report is in the outbox because no mail server is set up."), "warn")
    return redirect(url_for(".show", report_id=report_id))


@reports.get("/reports/<uuid:report_id>.csv")
@requires(Permission.REPORTS_READ)
@csv_file
def show_csv(report_id: UUID) -> Response:
    """Download all numbers of a report, one per line."""
    actor = current_actor()
    file = report_file(actor, queries.get_report(actor, report_id))
    return csv_response(file.name, file.header, list(file.lines))
