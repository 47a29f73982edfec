"""The list of leads."""

from uuid import UUID

from flask import Blueprint, Response
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.leads.filters import LeadFilters
from app.leads.queries import lead_list
from app.models import LeadStage, ListPage, Qualification
from app.saved_views.menu import view_menu
from app.security.actor import current_actor
from app.security.guard import requires
from app.security.permissions import Permission
from app.trash.page import delete_from_list
from app.users.queries import csr_choices, rep_choices
from app.web.htmx import render
from app.web.labels import options, yes_or_no
from app.web.lists import given_parameters, name_among, people_options, show_list, words_of

leads = Blueprint("leads", __name__)


@leads.get("/leads")
@requires(Permission.LEADS_READ)
def index() -> str:
    """Leads within the scope, those that moved last first."""
    actor = current_actor()
    choices, reps = csr_choices(actor), rep_choices(actor)
    words = {
        "csr": (_l("Spoken to by"), name_among(choices)),
        "rep": (_l("Assigned to"), name_among(reps)),
        "qualification": (_l("Qualification"), words_of("Qualification")),
        "stage": (_l("Stage"), words_of("LeadStage")),
        "open": (_l("Open"), yes_or_no),
    }
    listing = show_list(lead_list(actor, LeadFilters.parse(given_parameters())), "leads.index", words)
    stages, qualifications = options(LeadStage), options(Qualification)
    return render(
        "leads/index.html",
        "leads/_list.html",
        listing=listing,
        views=view_menu(actor, ListPage.LEADS, listing),
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
