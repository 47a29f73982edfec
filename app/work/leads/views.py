"""Views of leads: the list, and the board."""

from uuid import UUID

from flask import Blueprint, Response, url_for
from flask_babel import gettext as _

from app.lists.filter_page import applied_filters
from app.lists.list_page import list_page
from app.models import Lead
from app.security.actor import current_actor
from app.security.guard import requires
from app.security.permissions import Permission
from app.security.rows import find_row
from app.trust.trash.deletion_views import delete_from_list
from app.web.htmx import current_page, redirect, render_at
from app.web.redirects import page_before
from app.work.leads.board_page import board_page
from app.work.leads.board_queries import lead_board
from app.work.leads.resource import LEAD

leads = Blueprint("leads", __name__)


@leads.get("/leads")
@requires(Permission.LEADS_READ)
def index() -> Response:
    """Show the leads in the actor's scope, those with the latest activity first."""
    return list_page(LEAD, "work/leads", own=("contact", "stage"))


@leads.get("/leads/board")
@requires(Permission.LEADS_READ)
def board() -> Response:
    """Show the leads on a board, by stage."""
    asked = applied_filters(LEAD, without="stage")
    shown = board_page(asked.filters, lead_board(current_actor(), asked.filters), asked.words)
    return render_at(shown.here, "work/leads/board.html", "work/leads/_board.html", shown=shown, bar=asked.bar)


@leads.post("/leads/<uuid:lead_id>/delete")
@requires(Permission.LEADS_DELETE)
def delete(lead_id: UUID) -> Response:
    """Move a lead to the trash."""
    answer = delete_from_list("lead", lead_id, _("Lead deleted."), "leads.index")
    is_own_page = (current_page() or page_before()) == url_for(".show", lead_id=lead_id)
    if is_own_page and find_row(current_actor(), Lead, lead_id, Lead.deleted_at.is_(None)) is None:
        return redirect(url_for(".index"))
    return answer
