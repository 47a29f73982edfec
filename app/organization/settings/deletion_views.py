"""`/organization/delete`: an owner deletes their organization."""

from http import HTTPStatus

from flask import Response, flash, make_response, render_template, url_for
from flask_babel import gettext as _

from app.organization.settings.deletion_forms import DeletionForm
from app.organization.settings.deletion_service import delete_organization
from app.organization.settings.views import settings
from app.security.actor import current_actor
from app.security.confirmation import confirmed
from app.security.guard import requires
from app.security.permissions import Permission
from app.tenancy.organization_queries import get_own_organization
from app.web.forms import submitted
from app.web.htmx import redirect


@settings.get("/organization/delete")
@requires(Permission.ORGANIZATION_DELETE)
@confirmed
def confirm_delete() -> Response:
    """Show the consequences, and the form for the URL name and the reason."""
    return _asking(DeletionForm(formdata=None))


@settings.post("/organization/delete")
@requires(Permission.ORGANIZATION_DELETE)
def delete() -> Response:
    """Move the organization to the trash, which signs out everyone, including the owner who does it."""
    form, actor = DeletionForm(), current_actor()
    with submitted(form) as sent:
        form.check()
        batch = delete_organization(
            actor.organization_id, slug=form.slug.data or "", reason=form.reason.data or "", actor=actor
        )
        gone = _("%(organization)s was moved to the trash. Contact us to restore it.", organization=batch.root_label)
        flash(gone, "good")
        return redirect(url_for("dashboards.home"))
    return _asking(form, sent.status)


def _asking(form: DeletionForm, status: int = HTTPStatus.OK) -> Response:
    own = get_own_organization(current_actor())
    return make_response(render_template("organization/settings/delete.html", form=form, organization=own), status)
