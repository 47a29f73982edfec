"""`/reports`: what the weeks brought."""

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

#: Each is a mail, and work to make it.
SENDING = Limits("report-mails", per_user="10 per hour; 30 per day")


@reports.get("/reports")
@requires(Permission.REPORTS_READ)
def index() -> Response:
    """The reports, the latest week first."""
    return list_page(REPORT, "insight/reports", own=("week",))


@reports.post("/reports")
@requires(Permission.REPORTS_READ)
def write() -> Response:
    """Write that of the last week, unless it is there, and show it."""
    report_id = service.write_weekly(datetime.now(UTC))
    flash(_("This is the report of the last week."), "good")
    return redirect(url_for(".show", report_id=report_id))


@reports.get("/reports/<uuid:report_id>")
@requires(Permission.REPORTS_READ)
def show(report_id: UUID) -> str:
    """What a week brought, as it stood when it was written."""
    actor = current_actor()
    page = report_page(actor, queries.get_report(actor, report_id))
    return render_template("insight/reports/show.html", page=page)


@reports.post("/reports/<uuid:report_id>/send")
@requires(Permission.REPORTS_READ)
@limited(SENDING)
def send(report_id: UUID) -> Response:
    """Send it to oneself by mail."""
    actor = current_actor()
    service.send_to_self(actor, report_id)
    if mail_server_is_set():
        flash(_("The report is on its way to %(email)s.", email=actor.email), "good")
    else:
        flash(_("The report waits in the outbox: no mail server is set."), "warn")
    return redirect(url_for(".show", report_id=report_id))


@reports.get("/reports/<uuid:report_id>.csv")
@requires(Permission.REPORTS_READ)
@csv_file
def show_csv(report_id: UUID) -> Response:
    """All numbers of a report, a line each."""
    actor = current_actor()
    file = report_file(actor, queries.get_report(actor, report_id))
    return csv_response(file.name, file.header, list(file.lines))
