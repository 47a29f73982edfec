"""`/organizations`: the list of organizations for platform staff, who enter and leave them here."""

from http import HTTPStatus
from uuid import UUID

from flask import Blueprint, Response, flash, make_response, render_template, url_for
from flask_babel import gettext as _

from app.lists.filter_page import applied_filters
from app.lists.listing import render_list, show_list
from app.lists.tools_page import list_tools
from app.people.sign_in import staff_entry_service
from app.people.sign_in.service import renew_token
from app.platform.organizations.forms import EnterForm
from app.platform.organizations.overview_queries import all_organizations, get_organization_to_enter
from app.platform.organizations.resource import LISTED_ORGANIZATION, ORGANIZATION_LIST
from app.security.actor import Actor, current_actor
from app.security.confirmation import LESS_ACCESS, confirmed, unasked
from app.security.guard import requires
from app.security.identity import set_session_cookie, switch_to_home
from app.security.permissions import Permission
from app.web.forms import submitted
from app.web.htmx import redirect

organizations = Blueprint("organizations", __name__)


@organizations.get("/organizations")
@requires(Permission.ORGANIZATIONS_ENTER)
def index() -> Response:
    """List the platform's organizations, sorted by name."""
    staff = switch_to_home(current_actor())
    asked = applied_filters(LISTED_ORGANIZATION)
    with all_organizations(staff, asked.filters) as query:
        listing = show_list(query, "organizations.index", asked.words)
    return render_list(
        "platform/organizations/index.html",
        "platform/organizations/_list.html",
        listing,
        tools=list_tools(staff, LISTED_ORGANIZATION, ORGANIZATION_LIST, listing, own=("name", "status")),
        bar=asked.bar,
        own_id=staff.organization_id,
        may_manage=staff.may(Permission.ORGANIZATIONS_MANAGE),
    )


@organizations.get("/organizations/<uuid:organization_id>/enter")
@requires(Permission.ORGANIZATIONS_ENTER)
@confirmed
def confirm_enter(organization_id: UUID) -> Response:
    return _asking(switch_to_home(current_actor()), organization_id, EnterForm(formdata=None))


@organizations.post("/organizations/<uuid:organization_id>/enter")
@requires(Permission.ORGANIZATIONS_ENTER)
def enter(organization_id: UUID) -> Response:
    """Enter the organization, starting with the next page."""
    staff, form = switch_to_home(current_actor()), EnterForm()
    with submitted(form) as sent:
        form.check()
        staff_entry_service.enter(staff, organization_id, form.reason.data or "")
        return set_session_cookie(redirect(url_for("dashboards.home")), renew_token(staff))
    return _asking(staff, organization_id, form, sent.status)


@organizations.post("/organizations/leave")
@requires(Permission.ORGANIZATIONS_ENTER)
@unasked(LESS_ACCESS)
def leave() -> Response:
    """Return to the platform's own organization."""
    staff_entry_service.leave(switch_to_home(current_actor()))
    flash(_("You’ve left the organization."), "good")
    return redirect(url_for(".index"))


def _asking(staff: Actor, organization_id: UUID, form: EnterForm, status: int = HTTPStatus.OK) -> Response:
    found = get_organization_to_enter(staff, organization_id)
    return make_response(render_template("platform/organizations/enter.html", form=form, organization=found), status)
