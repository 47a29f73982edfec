"""`/users`: the list of people, the page of one person, and the form for their details."""

from datetime import UTC, datetime
from http import HTTPStatus
from uuid import UUID

from flask import Blueprint, Response, flash, make_response, render_template, url_for
from flask_babel import gettext as _

from app.errors import Forbidden
from app.lists.list_page import list_page
from app.models import User
from app.people.users import edit_service
from app.people.users.detail_queries import get_person
from app.people.users.forms import DetailsForm
from app.people.users.list_queries import get_seats
from app.people.users.page import person_page, person_to_change
from app.people.users.password_limits import CONFIRMING
from app.people.users.queries import manager_choices
from app.people.users.resource import USER
from app.people.users.rules import ADDRESS_OPENS_ACCOUNT, may_change_address
from app.security.actor import current_actor
from app.security.guard import requires
from app.security.permissions import Permission, Role
from app.web.forms import submitted
from app.web.htmx import redirect, wants_fragment
from app.web.rate_limits import limited, take_back

users = Blueprint("users", __name__)


@users.get("/users")
@requires(Permission.USERS_READ)
def index() -> Response:
    return list_page(
        USER,
        "people/users",
        own=("name", "role", "manager", "status", "second_factor", "last_seen_at"),
        # Seats are outside the list, which is the only part that is swapped.
        seats=None if wants_fragment() else get_seats(current_actor(), datetime.now(UTC)),
    )


@users.get("/users/<uuid:user_id>")
@requires(Permission.USERS_READ)
def show(user_id: UUID) -> Response:
    return person_page(user_id)


@users.get("/users/<uuid:user_id>/edit")
@requires(Permission.USERS_UPDATE)
def edit(user_id: UUID) -> Response:
    """Show the form for a person's details."""
    return _edit_page(user_id)


@users.post("/users/<uuid:user_id>/edit")
@requires(Permission.USERS_UPDATE)
@limited(CONFIRMING)
def update(user_id: UUID) -> Response:
    """Save a person's details.

    Only attempts at a password count toward the limit, as on the account page.
    """
    actor = current_actor()
    user = get_person(actor, user_id)
    form = _form_of(user, sent=True)
    if not form.tries_a_password:
        take_back()
    with submitted(form, also=(Forbidden,)) as sent:
        form.check()
        saved = edit_service.change_details(actor, user_id, form.details(), version=form.opened_with)
        if form.tries_a_password:
            take_back()  # the password was correct
        flash(_("Changes to %(name)s were saved.", name=saved.name), "good")
        return redirect(url_for(".show", user_id=user_id))
    return _edit_page(user_id, form, sent.status)


def _edit_page(user_id: UUID, form: DetailsForm | None = None, status: int = HTTPStatus.OK) -> Response:
    user = person_to_change(user_id, Permission.USERS_UPDATE)
    shown = form or _form_of(user, sent=False)
    actor = current_actor()
    is_theirs = user.id != actor.user_id and not may_change_address(actor.role, Role(user.role))
    page = render_template(
        "people/users/edit.html", person=user, form=shown, address_refusal=ADDRESS_OPENS_ACCOUNT if is_theirs else None
    )
    return make_response(page, status)


def _form_of(user: User, *, sent: bool) -> DetailsForm:
    actor = current_actor()
    managers = manager_choices(actor, also=user.manager_id)
    return DetailsForm.about(user, managers, is_oneself=user.id == actor.user_id, sent=sent)
