"""`/organizations`: the platform's own people find an organization, enter it and leave it."""

from http import HTTPStatus
from uuid import UUID

from flask import Blueprint, Response, flash, make_response, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.accounts import visits
from app.accounts.identity import come_home, hand_over
from app.accounts.service import renew_token
from app.errors import ValidationFailed
from app.models import OrganizationStatus
from app.organizations.filters import OrganizationFilters
from app.organizations.forms import EnterForm
from app.organizations.overview import all_organizations, get_organization_to_enter
from app.security.actor import Actor, current_actor
from app.security.guard import requires
from app.security.permissions import Permission
from app.web.htmx import redirect, render
from app.web.labels import options
from app.web.lists import ChipText, given_parameters, show_list, words_of

organizations = Blueprint("organizations", __name__)


@organizations.get("/organizations")
@requires(Permission.ORGANIZATIONS_ENTER)
def index() -> str:
    """All organizations, by name."""
    staff = come_home(current_actor())
    words: dict[str, ChipText] = {"q": (_l("Search"), str), "status": (_l("Status"), words_of("OrganizationStatus"))}
    with all_organizations(staff, OrganizationFilters.parse(given_parameters())) as query:
        listing = show_list(query, "organizations.index", words)
    return render(
        "organizations/index.html",
        "organizations/_list.html",
        listing=listing,
        statuses=options(OrganizationStatus),
        own_id=staff.organization_id,
        may_manage=staff.may(Permission.ORGANIZATIONS_MANAGE),
    )


@organizations.get("/organizations/<uuid:organization_id>/enter")
@requires(Permission.ORGANIZATIONS_ENTER)
def enter(organization_id: UUID) -> Response:
    """Ask why."""
    return _asking(come_home(current_actor()), organization_id, EnterForm(formdata=None))


@organizations.post("/organizations/<uuid:organization_id>/enter")
@requires(Permission.ORGANIZATIONS_ENTER)
def go_in(organization_id: UUID) -> Response:
    """Be inside from the next page on."""
    staff, form = come_home(current_actor()), EnterForm()
    if form.validate():
        try:
            visits.enter(staff, organization_id, form.reason.data or "")
        except ValidationFailed as refusal:
            form.refuse(refusal)
        else:
            return hand_over(redirect(url_for("home.index")), renew_token(staff))
    return _asking(staff, organization_id, form, HTTPStatus.BAD_REQUEST)


@organizations.post("/organizations/leave")
@requires(Permission.ORGANIZATIONS_ENTER)
def leave() -> Response:
    """Be at home again."""
    visits.leave(come_home(current_actor()))
    flash(_("You have left the organization."), "good")
    return redirect(url_for(".index"))


def _asking(staff: Actor, organization_id: UUID, form: EnterForm, status: int = HTTPStatus.OK) -> Response:
    found = get_organization_to_enter(staff, organization_id)
    return make_response(render_template("organizations/enter.html", form=form, organization=found), status)
