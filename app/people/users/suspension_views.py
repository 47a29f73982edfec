"""Pages for suspending a person and for lifting the suspension."""

from http import HTTPStatus
from uuid import UUID

from flask import Response, flash, make_response, render_template, url_for
from flask_babel import gettext as _

from app.errors import Forbidden
from app.people.users import suspension_service
from app.people.users.forms import SuspensionForm
from app.people.users.page import person_page, person_to_change
from app.people.users.views import users
from app.periods import beginning_of
from app.security.actor import current_actor
from app.security.confirmation import confirmed
from app.security.guard import requires
from app.security.permissions import Permission
from app.web.forms import submitted
from app.web.htmx import redirect


@users.get("/users/<uuid:user_id>/suspend")
@requires(Permission.USERS_DEACTIVATE)
@confirmed
def confirm_suspend(user_id: UUID) -> Response:
    """Show the form for the reason and the end of a suspension."""
    return _question(user_id)


@users.post("/users/<uuid:user_id>/suspend")
@requires(Permission.USERS_DEACTIVATE)
def suspend(user_id: UUID) -> Response:
    """Suspend a person until the submitted day; without one, until the suspension is lifted."""
    actor, form = current_actor(), SuspensionForm()
    with submitted(form, also=(Forbidden,)) as sent:
        form.check()
        until = beginning_of(form.until.data, actor.timezone)
        user = suspension_service.suspend(actor, user_id, form.reason.data or "", until, version=form.opened_with)
        flash(_("%(name)s was suspended. They keep their work and their seat.", name=user.name), "good")
        return redirect(url_for(".show", user_id=user_id))
    return _question(user_id, form, sent.status)


@users.post("/users/<uuid:user_id>/let-back")
@requires(Permission.USERS_DEACTIVATE)
def let_back(user_id: UUID) -> Response:
    """Lift a suspension before its end."""
    with submitted(also=(Forbidden,)) as sent:
        user = suspension_service.let_back(current_actor(), user_id)
        flash(_("%(name)s can sign in again.", name=user.name), "good")
        return redirect(url_for(".show", user_id=user_id))
    return person_page(user_id, refusal=sent.error)


def _question(user_id: UUID, form: SuspensionForm | None = None, status: int = HTTPStatus.OK) -> Response:
    person = person_to_change(user_id, Permission.USERS_DEACTIVATE)
    if form is None:
        suspension_service.refuse_suspension(current_actor(), person)
        form = SuspensionForm(formdata=None, version=person.version)
    return make_response(render_template("people/users/suspend.html", person=person, form=form), status)
