"""`/organizations/<id>/suspend`: suspension and reactivation of an organization."""

from http import HTTPStatus
from uuid import UUID

from flask import Response, flash, make_response, render_template, url_for
from flask_babel import gettext as _

from app.platform.organizations import suspension_service
from app.platform.organizations.forms import SuspendForm
from app.platform.organizations.lifecycle_service import get_overview
from app.platform.organizations.views import organizations
from app.security.actor import current_actor
from app.security.confirmation import confirmed
from app.security.guard import requires
from app.security.identity import switch_to_home
from app.security.permissions import Permission
from app.web.forms import Form, submitted
from app.web.htmx import redirect


@organizations.get("/organizations/<uuid:organization_id>/suspend")
@requires(Permission.ORGANIZATIONS_MANAGE)
@confirmed
def confirm_suspend(organization_id: UUID) -> Response:
    return _question(organization_id, SuspendForm(formdata=None))


@organizations.post("/organizations/<uuid:organization_id>/suspend")
@requires(Permission.ORGANIZATIONS_MANAGE)
def suspend(organization_id: UUID) -> Response:
    """Suspend the organization, with the reason from the form."""
    staff, form = switch_to_home(current_actor()), SuspendForm()
    with submitted(form) as sent:
        form.check()
        suspension_service.suspend(staff, organization_id, reason=form.reason.data or "")
        flash(_("The organization was suspended. Incoming calls and webhooks are still saved."), "good")
        return redirect(url_for(".show", organization_id=organization_id))
    return _question(organization_id, form, sent.status)


@organizations.post("/organizations/<uuid:organization_id>/let-back")
@requires(Permission.ORGANIZATIONS_MANAGE)
def let_back(organization_id: UUID) -> Response:
    """Lift the suspension of an organization."""
    staff = switch_to_home(current_actor())
    Form().check()
    suspension_service.let_back(staff, organization_id)
    flash(_("The suspension was lifted."), "good")
    return redirect(url_for(".show", organization_id=organization_id))


def _question(organization_id: UUID, form: SuspendForm, status: int = HTTPStatus.OK) -> Response:
    overview = get_overview(switch_to_home(current_actor()), organization_id)
    page = render_template("platform/organizations/suspend.html", organization=overview.organization, form=form)
    return make_response(page, status)
