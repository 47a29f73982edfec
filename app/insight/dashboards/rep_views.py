"""Views below `/rep`: the day of a sales rep, and the choice of a rep."""

from uuid import UUID

from flask import render_template

from app.insight.dashboards.filters import RepDayFilters
from app.insight.dashboards.rep_page import has_own_day, reps_day
from app.insight.dashboards.rep_page import rep_day as day_of
from app.insight.dashboards.views import dashboards
from app.lists.listing import given_parameters
from app.security.actor import current_actor
from app.security.guard import requires
from app.security.permissions import Permission


@dashboards.get("/rep")
@requires(Permission.DASHBOARDS_REP, Permission.APPOINTMENTS_READ)
def rep() -> str:
    """Show the user's own day, or a choice of reps if they can see everyone's numbers."""
    actor = current_actor()
    if has_own_day(actor):
        return rep_day(actor.user_id)
    days = reps_day(actor, RepDayFilters.parse(given_parameters()))
    return render_template("insight/dashboards/reps.html", shown=days)


@dashboards.get("/rep/<uuid:user_id>")
@requires(Permission.DASHBOARDS_REP, Permission.APPOINTMENTS_READ)
def rep_day(user_id: UUID) -> str:
    """Show the day of one rep."""
    shown = day_of(current_actor(), user_id, RepDayFilters.parse(given_parameters()))
    return render_template("insight/dashboards/rep.html", shown=shown)
