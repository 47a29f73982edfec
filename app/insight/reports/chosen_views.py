"""The page at `/reports/views`: the saved team views in the user's weekly report."""

from flask import Response, flash, make_response, render_template, url_for
from flask_babel import gettext as _

from app.insight.dashboards.team_page import TEAM_VIEWS
from app.insight.reports import chosen_queries, chosen_service
from app.insight.reports.forms import ChosenViewsForm
from app.insight.reports.views import reports
from app.security.actor import current_actor
from app.security.guard import requires
from app.security.permissions import Permission
from app.web.forms import submitted
from app.web.htmx import redirect


@reports.get("/reports/views")
@requires(Permission.REPORTS_READ)
def edit_views() -> Response:
    """Show the form with the views that the user can choose, the current choice selected."""
    return _page()


@reports.post("/reports/views")
@requires(Permission.REPORTS_READ)
def update_views() -> Response:
    """Save the chosen views, or show the form with errors."""
    actor = current_actor()
    form = ChosenViewsForm().offer(chosen_queries.list_offered(actor, TEAM_VIEWS))
    with submitted(form) as sent:
        form.check()
        chosen_service.choose_views(actor, TEAM_VIEWS, form.ids)
        flash(_("Weekly report views saved."), "good")
        return redirect(url_for(".edit_views"))
    return _page(form, sent.status)


def _page(form: ChosenViewsForm | None = None, status: int = 200) -> Response:
    actor = current_actor()
    offered = chosen_queries.list_offered(actor, TEAM_VIEWS)
    chosen = [one.saved_view_id for one in chosen_queries.list_chosen(actor)]
    page = render_template(
        "insight/reports/views.html", form=form or ChosenViewsForm.of(offered, chosen), offered=offered
    )
    return make_response(page, status)
