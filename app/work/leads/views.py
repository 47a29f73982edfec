"""The list of leads."""

from uuid import UUID

from flask import Blueprint, Response
from flask_babel import gettext as _

from app.lists.filter_words import chip_words
from app.lists.listing import given_parameters, name_among, people_options, render_list, show_list
from app.lists.tools_page import list_tools
from app.models import LeadStage, Qualification
from app.people.users.queries import csr_choices, rep_choices
from app.security.actor import current_actor
from app.security.guard import requires
from app.security.permissions import Permission
from app.trust.trash.deletion_views import delete_from_list
from app.web.labels import options
from app.work.leads.filters import LeadFilters
from app.work.leads.queries import lead_list
from app.work.leads.resource import LEAD, LEAD_LIST

leads = Blueprint("leads", __name__)


@leads.get("/leads")
@requires(Permission.LEADS_READ)
def index() -> Response:
    """Leads within the scope, those that moved last first."""
    actor = current_actor()
    choices, reps = csr_choices(actor), rep_choices(actor)
    words = chip_words(LEAD, LEAD_LIST, {"csr": name_among(choices), "rep": name_among(reps)})
    filters = LeadFilters.parse(given_parameters(csr=people_options(choices), rep=people_options(reps)))
    listing = show_list(lead_list(actor, filters), "leads.index", words)
    stages, qualifications = options(LeadStage), options(Qualification)
    return render_list(
        "work/leads/index.html",
        "work/leads/_list.html",
        listing,
        tools=list_tools(actor, LEAD, LEAD_LIST, listing, own=("contact", "stage")),
        choices=people_options(choices),
        reps=people_options(reps),
        stages=stages,
        qualifications=qualifications,
    )


@leads.post("/leads/<uuid:lead_id>/delete")
@requires(Permission.LEADS_DELETE)
def delete(lead_id: UUID) -> Response:
    """Put a lead into the trash."""
    return delete_from_list("lead", lead_id, _("Lead deleted."), "leads.index")
