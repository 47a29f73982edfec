"""`/organizations/<id>/restore`: preview of a restore, choices for its conflicts, and the restore itself."""

from http import HTTPStatus
from uuid import UUID

from flask import Response, flash, make_response, render_template, request, url_for
from flask_babel import gettext as _

from app.platform.organizations import lifecycle_service
from app.platform.organizations.views import organizations
from app.security.actor import Actor, current_actor
from app.security.confirmation import confirmed
from app.security.guard import requires
from app.security.identity import switch_to_home
from app.security.permissions import Permission
from app.trust.trash.choice_forms import parse_choices
from app.trust.trash.choice_rules import Chosen
from app.trust.trash.rules import WrongValue
from app.trust.trash.words import new_value_labels
from app.web.forms import Form, submitted
from app.web.htmx import redirect


@organizations.get("/organizations/<uuid:organization_id>/restore")
@requires(Permission.ORGANIZATIONS_MANAGE)
@confirmed
def confirm_restore(organization_id: UUID) -> Response:
    """Show a preview of restoring the organization."""
    return _page(switch_to_home(current_actor()), organization_id, parse_choices(request.args))


@organizations.post("/organizations/<uuid:organization_id>/restore")
@requires(Permission.ORGANIZATIONS_MANAGE)
def restore(organization_id: UUID) -> Response:
    """Restore the organization as previewed, or show the preview again with the choices made so far."""
    staff = switch_to_home(current_actor())
    Form().check()
    chosen = parse_choices(request.form)
    if request.form.get("step") != "restore" or not chosen.was_seen:
        return _page(staff, organization_id, chosen)
    with submitted() as sent:
        restored = lifecycle_service.restore(staff, organization_id, chosen.choices)
        flash(_("%(organization)s was restored.", organization=restored.batch.root_label), "good")
        return redirect(url_for(".show", organization_id=organization_id))
    if sent.error and not isinstance(sent.error, WrongValue) and not sent.error.extra.get("conflicts"):
        raise sent.error  # there is nothing to choose
    return _page(staff, organization_id, chosen, sent.status)


def _page(staff: Actor, organization_id: UUID, chosen: Chosen, status: int = HTTPStatus.OK) -> Response:
    preview = lifecycle_service.preview_restore(staff, organization_id, chosen)
    overview = lifecycle_service.get_overview(staff, organization_id)
    page = render_template(
        "platform/organizations/restore.html",
        organization=overview.organization,
        batch=overview.batch,
        counts=overview.batch.counts if overview.batch else {},
        chosen=chosen,
        preview=preview,
        new_values=new_value_labels(),
    )
    return make_response(page, status)
