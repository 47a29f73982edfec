"""`/organization/delete`: the end of one's own organization, by an owner."""

from http import HTTPStatus

from flask import Response, flash, make_response, render_template, url_for
from flask_babel import gettext as _

from app.errors import DomainError
from app.organizations.forms import ConfirmForm
from app.organizations.profile_pages import organization
from app.organizations.profile_queries import get_own_organization
from app.security.actor import current_actor
from app.security.guard import requires
from app.security.permissions import Permission
from app.trash.organizations import delete_organization
from app.web.htmx import redirect

__all__ = ["organization"]  # with the routes of all modules of this feature


@organization.get("/organization/delete")
@requires(Permission.ORGANIZATION_DELETE)
def confirm_deletion() -> Response:
    """Say what goes, and ask for the short name and the reason."""
    return _asking(ConfirmForm(formdata=None))


@organization.post("/organization/delete")
@requires(Permission.ORGANIZATION_DELETE)
def delete() -> Response:
    """Put it into the trash. Nobody is signed in afterwards, not even who did it."""
    form, actor = ConfirmForm(), current_actor()
    if not form.validate():
        return _asking(form, HTTPStatus.BAD_REQUEST)
    try:
        batch = delete_organization(
            actor.organization_id, slug=form.slug.data or "", reason=form.reason.data or "", actor=actor
        )
    except DomainError as refusal:
        form.refuse(refusal)
        return _asking(form, refusal.status)
    flash(_("%(organization)s is in the trash. The platform can bring it back.", organization=batch.root_label), "good")
    return redirect(url_for("home.index"))


def _asking(form: ConfirmForm, status: int = HTTPStatus.OK) -> Response:
    own = get_own_organization(current_actor())
    return make_response(render_template("organization/delete.html", form=form, organization=own), status)
