"""`/my-day`: the page from which a CSR works."""

from flask import render_template

from app.insight.dashboards.filters import MyDayFilters
from app.insight.dashboards.my_day_page import my_day as day_of
from app.insight.dashboards.views import dashboards
from app.lists.listing import given_parameters, people_options
from app.people.users.queries import csr_choices
from app.security.actor import current_actor
from app.security.guard import requires
from app.security.permissions import Permission


@dashboards.get("/my-day")
@requires(Permission.DASHBOARDS_CSR)
def my_day() -> str:
    """Show the user's own day, or that of a CSR to those who can see everyone's numbers."""
    actor = current_actor()
    offered = people_options(csr_choices(actor)) if actor.sees_all(Permission.DASHBOARDS_CSR) else []
    day = day_of(actor, MyDayFilters.parse(given_parameters(csr=offered)))
    return render_template("insight/dashboards/my_day.html", day=day)
