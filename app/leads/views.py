"""The list of leads."""

from flask import Blueprint
from flask_babel import lazy_gettext as _l

from app.leads.filters import LeadFilters
from app.leads.queries import lead_list
from app.models import LeadStage, Qualification
from app.security.actor import current_actor
from app.security.guard import requires
from app.security.permissions import Permission
from app.users.queries import csr_choices
from app.web.htmx import render
from app.web.labels import options, yes_or_no
from app.web.lists import as_options, given_parameters, name_among, show_list, words_of

leads = Blueprint("leads", __name__)


@leads.get("/leads")
@requires(Permission.LEADS_READ)
def index() -> str:
    """Leads within the scope, those that moved last first."""
    actor = current_actor()
    choices = csr_choices(actor)
    words = {
        "csr": (_l("Spoken to by"), name_among(choices)),
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
        choices=as_options(choices),
        stages=stages,
        qualifications=qualifications,
    )
