"""The page at `/reports/settings`: the schedule and email recipients of the weekly report."""

from datetime import UTC, datetime

from flask import Response, flash, make_response, render_template, url_for
from flask_babel import gettext as _

from app.insight.reports import queries, settings_service
from app.insight.reports.forms import ReportSettingsForm
from app.insight.reports.rules import next_report
from app.insight.reports.views import reports
from app.messaging.outbox.service import mail_server_is_set
from app.security.actor import current_actor
from app.security.guard import requires
from app.security.permissions import Permission
from app.tenancy.organization_queries import get_own_organization
from app.web.forms import submitted
from app.web.htmx import redirect


@reports.get("/reports/settings")
@requires(Permission.REPORTS_MANAGE)
def edit_settings() -> Response:
    """Show the schedule and the recipients."""
    return _page()


@reports.post("/reports/settings")
@requires(Permission.REPORTS_MANAGE)
def update_settings() -> Response:
    """Save the settings, or show the form with errors."""
    actor = current_actor()
    form = ReportSettingsForm().offer(queries.list_recipients(actor))
    with submitted(form) as sent:
        form.check()
        settings_service.change_settings(
            actor, form.when, version=form.opened_with, shown=form.ids("shown"), by_mail=form.ids("people")
        )
        flash(_("Schedule and recipients saved."), "good")
        return redirect(url_for(".edit_settings"))
    return _page(form, sent.status)


def _page(form: ReportSettingsForm | None = None, status: int = 200) -> Response:
    actor = current_actor()
    organization, recipients = get_own_organization(actor), queries.list_recipients(actor)
    page = render_template(
        "insight/reports/settings.html",
        form=form or ReportSettingsForm.of(organization, recipients),
        recipients=recipients,
        next_at=next_report(
            datetime.now(UTC), organization.timezone, organization.report_weekday, organization.report_hour
        ),
        is_sending=mail_server_is_set(),
    )
    return make_response(page, status)
