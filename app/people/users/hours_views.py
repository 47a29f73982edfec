"""Pages for a person's working hours, where they differ from the organization's business hours."""

from http import HTTPStatus
from uuid import UUID

from flask import Response, flash, make_response, render_template, url_for
from flask_babel import gettext as _

from app.errors import Forbidden
from app.people.users import edit_service
from app.people.users.hours_forms import WorkingHoursForm
from app.people.users.page import person_to_change
from app.people.users.views import users
from app.security.actor import current_actor
from app.security.guard import requires
from app.security.permissions import Permission
from app.tenancy.organization_queries import get_own_organization
from app.web.forms import submitted
from app.web.htmx import redirect


@users.get("/users/<uuid:user_id>/hours")
@requires(Permission.USERS_UPDATE)
def edit_hours(user_id: UUID) -> Response:
    """Show the form for a person's working hours."""
    return _page(user_id)


@users.post("/users/<uuid:user_id>/hours")
@requires(Permission.USERS_UPDATE)
def update_hours(user_id: UUID) -> Response:
    """Save the hours, or show the form with errors or with a line added or removed."""
    form = WorkingHoursForm()
    if form.changed_lines():
        return _page(user_id, form)
    with submitted(form, also=(Forbidden,)) as sent:
        form.check()
        saved = edit_service.set_working_hours(current_actor(), user_id, form.own_hours, version=form.opened_with)
        flash(_("Changes to %(name)s were saved.", name=saved.name), "good")
        return redirect(url_for(".show", user_id=user_id))
    return _page(user_id, form, sent.status)


def _page(user_id: UUID, form: WorkingHoursForm | None = None, status: int = HTTPStatus.OK) -> Response:
    person = person_to_change(user_id, Permission.USERS_UPDATE)
    own = get_own_organization(current_actor())
    shown = form or WorkingHoursForm.of(person, own.business_hours)
    return make_response(render_template("people/users/hours.html", person=person, form=shown), status)
