"""`/users/<id>/view-as`: the pages of a person as that person sees them, for admins, read-only."""

from http import HTTPStatus
from uuid import UUID

from flask import Blueprint, Response, flash, make_response, render_template, url_for
from flask_babel import gettext as _

from app.people.impersonation import service
from app.people.impersonation.forms import ViewAsForm
from app.people.impersonation.switch_service import void_open_forms
from app.people.users.resource import USER
from app.security.actor import Actor, current_actor
from app.security.guard import requires, signed_in
from app.security.permissions import Permission
from app.web.forms import submitted
from app.web.htmx import redirect

impersonation = Blueprint("impersonation", __name__)


@impersonation.get("/users/<uuid:user_id>/view-as")
@requires(Permission.USERS_VIEW_AS)
def confirm_start(user_id: UUID) -> Response:
    """Explain the consequences of viewing as the person, and ask for a reason."""
    return _asking(service.check(current_actor(), user_id), ViewAsForm(formdata=None))


@impersonation.post("/users/<uuid:user_id>/view-as")
@requires(Permission.USERS_VIEW_AS)
def start(user_id: UUID) -> Response:
    """Start viewing as the person, beginning with their home page."""
    actor, form = current_actor(), ViewAsForm()
    person = service.check(actor, user_id)
    with submitted(form) as sent:
        form.check()
        service.start(actor, user_id, form.reason.data or "")
        return redirect(url_for("dashboards.home"))
    return _asking(person, form, sent.status)


@impersonation.post("/view-as/end")
@signed_in
def end() -> Response:
    """Return to the viewer's own account."""
    if service.end(current_actor()):
        void_open_forms()
        flash(_("View-as ended."), "good")
    return redirect(url_for("dashboards.home"))


def _asking(person: Actor, form: ViewAsForm, status: int = HTTPStatus.OK) -> Response:
    page = render_template("people/impersonation/confirm.html", form=form, person=person, labels=USER.labels)
    return make_response(page, status)
