"""Photos of people: shown to everyone, changed by the person or by people who can edit them."""

from http import HTTPStatus
from uuid import UUID

from flask import Response, flash, make_response, render_template, url_for
from flask_babel import gettext as _

from app.models import User
from app.people.users import picture_service
from app.people.users.detail_queries import get_person
from app.people.users.forms import PictureForm
from app.people.users.page import person_to_change
from app.people.users.picture_rules import MIME_TYPE
from app.people.users.views import users
from app.security.actor import current_actor
from app.security.guard import requires, signed_in
from app.security.identity import switch_to_home
from app.security.permissions import Permission
from app.storage import storage
from app.web.forms import Form, submitted
from app.web.htmx import redirect
from app.web.rate_limits import Limits, limited

#: Each upload is processed within the request.
CHANGING = Limits("pictures", per_user="30 per hour")
LOOKING = Limits("looking-at-pictures", per_user="600 per hour")
#: The URL changes with the photo. Only this browser caches it.
_KEPT = "private, max-age=3600"


@users.get("/users/<uuid:user_id>/picture.webp")
@signed_in
@limited(LOOKING)
def show_picture(user_id: UUID) -> Response:
    picture = b"".join(storage().read(picture_service.find_picture(current_actor(), user_id)))
    response = Response(picture, mimetype=MIME_TYPE)
    response.headers["Cache-Control"] = _KEPT
    return response


@users.get("/account/picture")
@signed_in
def edit_own_picture() -> Response:
    """Show the form for the person's own photo."""
    actor = switch_to_home(current_actor())
    return _page(get_person(actor, actor.user_id), PictureForm(formdata=None))


@users.post("/account/picture")
@signed_in
@limited(CHANGING)
def update_own_picture() -> Response:
    return _upload(switch_to_home(current_actor()).user_id)


@users.post("/account/picture/remove")
@signed_in
def remove_own_picture() -> Response:
    return _remove(switch_to_home(current_actor()).user_id)


@users.get("/users/<uuid:user_id>/picture/edit")
@requires(Permission.USERS_UPDATE)
def edit_picture(user_id: UUID) -> Response:
    """Show the form for another person's photo."""
    return _page(person_to_change(user_id, Permission.USERS_UPDATE), PictureForm(formdata=None))


@users.post("/users/<uuid:user_id>/picture/edit")
@requires(Permission.USERS_UPDATE)
@limited(CHANGING)
def update_picture(user_id: UUID) -> Response:
    return _upload(user_id)


@users.post("/users/<uuid:user_id>/picture/remove")
@requires(Permission.USERS_UPDATE)
def remove_picture(user_id: UUID) -> Response:
    return _remove(user_id)


def _upload(user_id: UUID) -> Response:
    form = PictureForm()
    with submitted(form) as sent:
        form.check()
        picture_service.set_picture(current_actor(), user_id, form.picture.data.read())
        flash(_("Photo saved."), "good")
        return redirect(_back(user_id))
    return _page(get_person(current_actor(), user_id), form, sent.status)


def _remove(user_id: UUID) -> Response:
    Form().check()
    picture_service.remove_picture(current_actor(), user_id)
    flash(_("Photo removed."), "good")
    return redirect(_back(user_id))


def _back(user_id: UUID) -> str:
    actor = current_actor()
    return url_for("sign_in.show") if user_id == actor.user_id else url_for(".show", user_id=user_id)


def _page(person: User, form: PictureForm, status: int = HTTPStatus.OK) -> Response:
    is_oneself = person.id == current_actor().user_id
    page = render_template(
        "people/users/picture.html", person=person, form=form, is_oneself=is_oneself, back=_back(person.id)
    )
    return make_response(page, status)
