"""Views under `/phone-numbers`: the organization's own numbers."""

from http import HTTPStatus
from uuid import UUID

from flask import Blueprint, Response, flash, make_response, render_template, url_for
from flask_babel import gettext as _

from app.audit.queries import list_history
from app.lists.facts import facts_of
from app.lists.history_page import history_of
from app.lists.list_page import list_page
from app.models import NumberProvider, NumberPurpose
from app.security.actor import current_actor
from app.security.guard import requires
from app.security.permissions import Permission
from app.trust.trash.deletion_views import delete_from_list
from app.web.forms import submitted
from app.web.htmx import redirect
from app.web.undo import back_to_the_page, flash_result
from app.work.phone_numbers import queries, service
from app.work.phone_numbers.forms import NewNumberForm, NumberForm
from app.work.phone_numbers.resource import PHONE_NUMBER

phone_numbers = Blueprint("phone_numbers", __name__)


@phone_numbers.get("/phone-numbers")
@requires(Permission.PHONE_NUMBERS_READ)
def index() -> Response:
    """Show the numbers, newest first."""
    return list_page(PHONE_NUMBER, "work/phone_numbers", own=("number",))


@phone_numbers.get("/phone-numbers/<uuid:phone_number_id>")
@requires(Permission.PHONE_NUMBERS_READ)
def show(phone_number_id: UUID) -> str:
    actor = current_actor()
    row = queries.get_number(actor, phone_number_id)
    return render_template(
        "work/phone_numbers/show.html",
        row=row,
        known=facts_of(PHONE_NUMBER, row),
        active_calls=queries.count_active_calls(row),
        happened=history_of(PHONE_NUMBER, list_history(actor, "phone_number", row.id)),
    )


@phone_numbers.get("/phone-numbers/new")
@requires(Permission.PHONE_NUMBERS_WRITE)
def new() -> Response:
    """Show the form for a new number."""
    defaults = {"is_active": True, "purpose": NumberPurpose.RECEPTION.value, "provider": NumberProvider.TWILIO.value}
    return _new_page(NewNumberForm.new(**defaults))


@phone_numbers.post("/phone-numbers/new")
@requires(Permission.PHONE_NUMBERS_WRITE)
def create() -> Response:
    """Create the number, or show the form with its errors."""
    form = NewNumberForm()
    with submitted(form) as sent:
        form.check()
        provider = NumberProvider(form.provider.data)
        row = service.add(current_actor(), form.new_id, form.e164, provider, form.details)
        flash(_("Number added."), "good")
        return redirect(url_for(".show", phone_number_id=row.id))
    return _new_page(form, sent.status)


@phone_numbers.get("/phone-numbers/<uuid:phone_number_id>/edit")
@requires(Permission.PHONE_NUMBERS_WRITE)
def edit(phone_number_id: UUID) -> Response:
    """Show the form that edits a number."""
    return _edit_page(phone_number_id)


@phone_numbers.post("/phone-numbers/<uuid:phone_number_id>/edit")
@requires(Permission.PHONE_NUMBERS_WRITE)
def update(phone_number_id: UUID) -> Response:
    """Save the changes to a number."""
    form = NumberForm()
    with submitted(form) as sent:
        form.check()
        service.edit(current_actor(), phone_number_id, form.details, version=form.opened_with)
        flash(_("Number saved."), "good")
        return redirect(url_for(".show", phone_number_id=phone_number_id))
    return _edit_page(phone_number_id, form, sent.status)


@phone_numbers.post("/phone-numbers/<uuid:phone_number_id>/activate")
@requires(Permission.PHONE_NUMBERS_WRITE)
def activate(phone_number_id: UUID) -> Response:
    """Make a number active."""
    service.set_active(current_actor(), phone_number_id, is_active=True)
    flash_result(_("The number is now active."), url_for(".deactivate", phone_number_id=phone_number_id))
    return back_to_the_page(".show", phone_number_id=phone_number_id)


@phone_numbers.post("/phone-numbers/<uuid:phone_number_id>/deactivate")
@requires(Permission.PHONE_NUMBERS_WRITE)
def deactivate(phone_number_id: UUID) -> Response:
    """Make a number inactive; it still belongs to the organization."""
    service.set_active(current_actor(), phone_number_id, is_active=False)
    flash_result(_("The number is now inactive."), url_for(".activate", phone_number_id=phone_number_id))
    return back_to_the_page(".show", phone_number_id=phone_number_id)


@phone_numbers.post("/phone-numbers/<uuid:phone_number_id>/delete")
@requires(Permission.PHONE_NUMBERS_DELETE)
def delete(phone_number_id: UUID) -> Response:
    """Move a number to the trash unless it has active calls."""
    page = url_for(".show", phone_number_id=phone_number_id)
    return delete_from_list("phone_number", phone_number_id, _("Number deleted."), "phone_numbers.index", page)


def _new_page(form: NewNumberForm, status: int = HTTPStatus.OK) -> Response:
    return make_response(render_template("work/phone_numbers/new.html", form=form), status)


def _edit_page(phone_number_id: UUID, form: NumberForm | None = None, status: int = HTTPStatus.OK) -> Response:
    row = queries.get_number(current_actor(), phone_number_id)
    page = render_template("work/phone_numbers/edit.html", form=form or NumberForm.of(row), row=row)
    return make_response(page, status)
