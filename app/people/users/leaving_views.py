"""Pages for deactivating, deleting and reactivating a person, including who takes over their work."""

from collections.abc import Callable
from datetime import UTC, datetime
from http import HTTPStatus
from uuid import UUID

from flask import Response, flash, make_response, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.datastructures import MultiDict

from app.errors import Conflict, Forbidden
from app.models import User
from app.people.users import leaving_service
from app.people.users.detail_queries import get_person
from app.people.users.forms import LeavingForm
from app.people.users.handover_rules import field_of
from app.people.users.handover_service import open_work_of
from app.people.users.leaving_page import sum_up
from app.people.users.leaving_queries import count_other_effects
from app.people.users.page import person_page
from app.people.users.return_work_service import count_handed_over
from app.people.users.service import refuse_own_account
from app.people.users.views import users
from app.security.actor import current_actor
from app.security.confirmation import confirmed
from app.security.guard import requires
from app.security.permissions import Permission
from app.trust.trash.deletion_views import undo_address
from app.web.forms import submitted
from app.web.htmx import redirect, render, wants_fragment
from app.web.undo import flash_with_undo


@users.get("/users/<uuid:user_id>/deactivate")
@requires(Permission.USERS_DEACTIVATE)
@confirmed
def confirm_deactivate(user_id: UUID) -> Response:
    """Show the form for deactivating a person: the reason, and who takes over their work."""
    return _question(user_id, for_good=False)


@users.post("/users/<uuid:user_id>/deactivate")
@requires(Permission.USERS_DEACTIVATE)
def deactivate(user_id: UUID) -> Response:
    """Reassign a person's work and deactivate them."""

    def go(form: LeavingForm) -> Response:
        user = leaving_service.deactivate_person(
            current_actor(),
            user_id,
            form.reason.data or "",
            form.takers,
            version=form.opened_with,
            seen=form.seen.data or "",
        )
        flash(_deactivated(user.name, form.moving), "good")
        return redirect(url_for(".show", user_id=user_id))

    return _answered(user_id, go, for_good=False)


@users.post("/users/<uuid:user_id>/activate")
@requires(Permission.USERS_DEACTIVATE)
def activate(user_id: UUID) -> Response:
    """Reactivate a person, if there is a seat."""
    with submitted(also=(Forbidden,)) as sent:
        user = leaving_service.activate_person(current_actor(), user_id)
        flash(_("%(name)s is active again.", name=user.name), "good")
        return redirect(url_for(".show", user_id=user_id))
    return person_page(user_id, refusal=sent.error)


@users.get("/users/<uuid:user_id>/delete")
@requires(Permission.USERS_DELETE)
@confirmed
def confirm_delete(user_id: UUID) -> Response:
    """Show the form for deleting a person: the reason, and who takes over their work."""
    return _question(user_id, for_good=True)


@users.post("/users/<uuid:user_id>/delete")
@requires(Permission.USERS_DELETE)
def delete(user_id: UUID) -> Response:
    """Reassign a person's work and move them to the trash."""

    def go(form: LeavingForm) -> Response:
        batch = leaving_service.delete_person(
            current_actor(),
            user_id,
            form.reason.data or "",
            form.takers,
            version=form.opened_with,
            seen=form.seen.data or "",
        )
        flash_with_undo(_deleted(batch.root_label, count_handed_over(batch, [user_id]).back), undo_address(batch))
        return redirect(url_for(".index"))

    return _answered(user_id, go, for_good=True)


def _deactivated(name: str, handed_over: int) -> str:
    """Return the message for a deactivation, with the numbers of the summary."""
    if not handed_over:
        return str(_("%(name)s was deactivated. Their seat is available.", name=name))
    return str(
        ngettext(
            "%(name)s was deactivated, and %(num)s record was reassigned. Their seat is available.",
            "%(name)s was deactivated, and %(num)s records were reassigned. Their seat is available.",
            handed_over,
            name=name,
        )
    )


def _deleted(name: str, handed_over: int) -> str:
    """Return the message for a deletion, with the number of records that Undo brings back."""
    if not handed_over:
        return str(_("%(name)s was deleted.", name=name))
    return str(
        ngettext(
            "%(name)s was deleted. Undo also brings back the %(num)s reassigned record.",
            "%(name)s was deleted. Undo also brings back the %(num)s reassigned records.",
            handed_over,
            name=name,
        )
    )


def _answered(user_id: UUID, go: Callable[[LeavingForm], Response], *, for_good: bool) -> Response:
    """Carry out the action, or show the form again with the refusal and an updated summary."""
    actor = current_actor()
    person = get_person(actor, user_id)
    form = LeavingForm.about(open_work_of(actor, person, for_good=for_good))
    with submitted(form, also=(Forbidden,)) as sent:
        form.check()
        return go(form)
    if isinstance(sent.error, Conflict):  # Their work may have changed since it was read; the rows are locked by now.
        form = LeavingForm.about(open_work_of(actor, person, for_good=for_good))
        form.refuse(sent.error)
    return _page(person, form, sent.status, for_good=for_good)


def _question(user_id: UUID, *, for_good: bool) -> Response:
    """Show the form with a summary of the choices in the URL; HTMX requests get only the summary."""
    actor = current_actor()
    person = get_person(actor, user_id)
    refuse_own_account(actor, person)
    work = open_work_of(actor, person, for_good=for_good)
    # Choices that aren't in the URL stay empty, without the form's defaults.
    chosen = MultiDict({field_of(one.kind): request.args.get(field_of(one.kind), "") for one in work})
    is_chosen = wants_fragment() or any(chosen.values())
    form = LeavingForm.about(work, formdata=chosen if is_chosen else None, version=person.version)
    return _page(person, form, for_good=for_good)


def _page(person: User, form: LeavingForm, status: int = HTTPStatus.OK, *, for_good: bool) -> Response:
    summary = sum_up(person, form, count_other_effects(person, datetime.now(UTC)), for_good=for_good)
    page = render(
        "people/users/leaving.html",
        "people/users/_summary.html",
        person=person,
        form=form,
        summary=summary,
        for_good=for_good,
    )
    return make_response(page, status)
