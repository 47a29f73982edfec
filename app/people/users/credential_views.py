"""Pages for sending a password link and for resetting two-factor authentication."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any
from uuid import UUID

from flask import Response, flash, make_response, render_template, url_for
from flask_babel import gettext as _

from app.errors import Forbidden
from app.messaging.outbox.service import mail_server_is_set
from app.models import User
from app.people.users import credential_service
from app.people.users.forms import ReasonForm
from app.people.users.page import person_to_change
from app.people.users.views import users
from app.security.actor import current_actor
from app.security.confirmation import confirmed
from app.security.guard import requires
from app.security.permissions import Permission
from app.web.forms import submitted
from app.web.htmx import redirect
from app.web.rate_limits import Limits, limited

#: Each request sends mail to a person who may not have asked for it.
SENDING = Limits("sending password links", per_user="30 per hour")

#: Signature: `service(actor, user_id, reason, version=…)`.
Service = Callable[..., User]


@users.get("/users/<uuid:user_id>/password-link")
@requires(Permission.USERS_UPDATE)
@confirmed
def new_password_link(user_id: UUID) -> Response:
    return _question(user_id, "people/users/password_link.html")


@users.post("/users/<uuid:user_id>/password-link")
@requires(Permission.USERS_UPDATE)
@limited(SENDING)
def create_password_link(user_id: UUID) -> Response:
    sent = _("Sending the link to %(email)s.")
    kept = _("No mail server is set up. The link for %(email)s is in the outbox.")
    return _answered(
        user_id,
        credential_service.send_password_link,
        "people/users/password_link.html",
        sent if mail_server_is_set() else kept,
    )


@users.get("/users/<uuid:user_id>/second-factor")
@requires(Permission.USERS_UPDATE)
@confirmed
def confirm_reset_second_factor(user_id: UUID) -> Response:
    return _question(user_id, "people/users/second_factor.html")


@users.post("/users/<uuid:user_id>/second-factor")
@requires(Permission.USERS_UPDATE)
def reset_second_factor(user_id: UUID) -> Response:
    done = _("Two-factor authentication for %(email)s was reset, and they were signed out everywhere.")
    return _answered(user_id, credential_service.reset_second_factor, "people/users/second_factor.html", done)


def _answered(user_id: UUID, service: Service, template: str, done: str) -> Response:
    form = ReasonForm()
    with submitted(form, also=(Forbidden,)) as sent:
        form.check()
        user = service(current_actor(), user_id, form.reason.data or "", version=form.opened_with)
        flash(done % {"email": user.email}, "good")
        return redirect(url_for(".show", user_id=user_id))
    return _question(user_id, template, form, sent.status)


def _question(user_id: UUID, template: str, form: Any = None, status: int = HTTPStatus.OK) -> Response:
    person = person_to_change(user_id, Permission.USERS_UPDATE)
    shown = form or ReasonForm(formdata=None, version=person.version)
    return make_response(render_template(template, person=person, form=shown), status)
