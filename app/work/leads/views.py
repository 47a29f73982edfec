"""The list of leads, and the same as a board."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from flask import Blueprint, Response, url_for
from flask_babel import gettext as _

from app.lists.filter_words import chip_words
from app.lists.listing import (
    ChipText,
    address,
    given_parameters,
    name_among,
    people_options,
    render_list,
    show_list,
)
from app.lists.tools_page import list_tools
from app.models import Lead, LeadStage, Qualification
from app.people.users.queries import csr_choices, rep_choices
from app.security.actor import Actor, current_actor
from app.security.guard import requires
from app.security.permissions import Permission
from app.security.rows import find_row
from app.trust.trash.deletion_views import delete_from_list
from app.web.htmx import current_page, redirect, render_at
from app.web.labels import options
from app.web.redirects import page_before
from app.work.leads.board_page import board_page
from app.work.leads.board_queries import lead_board
from app.work.leads.filters import LeadFilters
from app.work.leads.queries import lead_list
from app.work.leads.resource import LEAD, LEAD_LIST

leads = Blueprint("leads", __name__)


@dataclass(frozen=True, slots=True)
class _Asked:
    """What the address asks for, what its filters are called, and what their pickers offer."""

    filters: LeadFilters
    words: Mapping[str, ChipText]
    pickers: Mapping[str, Sequence[tuple[str, str]]]


def _asked(actor: Actor) -> _Asked:
    choices, reps = csr_choices(actor), rep_choices(actor)
    words = chip_words(LEAD, LEAD_LIST, {"csr": name_among(choices), "rep": name_among(reps)})
    people = {"csr": people_options(choices), "rep": people_options(reps)}
    pickers = {
        "choices": people["csr"],
        "reps": people["rep"],
        "stages": options(LeadStage),
        "qualifications": options(Qualification),
    }
    return _Asked(LeadFilters.parse(given_parameters(**people)), words, pickers)


@leads.get("/leads")
@requires(Permission.LEADS_READ)
def index() -> Response:
    """Leads within the scope, those that moved last first."""
    actor = current_actor()
    asked = _asked(actor)
    listing = show_list(lead_list(actor, asked.filters), "leads.index", asked.words)
    return render_list(
        "work/leads/index.html",
        "work/leads/_list.html",
        listing,
        tools=list_tools(actor, LEAD, LEAD_LIST, listing, own=("contact", "stage")),
        board_href=address("leads.board", asked.filters.parameters()),
        **asked.pickers,
    )


@leads.get("/leads/board")
@requires(Permission.LEADS_READ)
def board() -> Response:
    """The same leads by stage."""
    actor = current_actor()
    asked = _asked(actor)
    shown = board_page(asked.filters, lead_board(actor, asked.filters), asked.words)
    return render_at(shown.here, "work/leads/board.html", "work/leads/_board.html", shown=shown, **asked.pickers)


@leads.post("/leads/<uuid:lead_id>/delete")
@requires(Permission.LEADS_DELETE)
def delete(lead_id: UUID) -> Response:
    """Put a lead into the trash."""
    answer = delete_from_list("lead", lead_id, _("Lead deleted."), "leads.index")
    is_own_page = (current_page() or page_before()) == url_for(".show", lead_id=lead_id)
    if is_own_page and find_row(current_actor(), Lead, lead_id, Lead.deleted_at.is_(None)) is None:
        return redirect(url_for(".index"))
    return answer
