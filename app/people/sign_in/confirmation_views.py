"""`/account/confirm`: proof that the person of the session is at the keyboard, for acts that need a confirmation.

`app.security.confirmation` declares these acts.
"""

from dataclasses import replace
from http import HTTPStatus
from uuid import uuid4

from flask import Flask, Response, flash, g, make_response, render_template, request, session, url_for
from flask_babel import gettext as _
from werkzeug.exceptions import HTTPException

from app.errors import ReauthenticationRequired
from app.people.sign_in import second_factor_service
from app.people.sign_in.ended_session_views import submitted_form
from app.people.sign_in.forms import ConfirmationForm, confirmation_form
from app.people.sign_in.saved_form_service import FormNotSaved, SavedForm, SavedFormExpired, open_form, seal_form
from app.people.sign_in.service import renew_token
from app.people.sign_in.views import form_page, sign_in
from app.people.users.password_limits import CONFIRMING
from app.security.actor import Actor, current_actor, loaded_actor
from app.security.api_requests import is_api_request
from app.security.confirmation import is_confirmed_now, is_sensitive_request
from app.security.guard import signed_in
from app.security.identity import set_session_cookie, switch_to_home
from app.security.secret_fields import is_secret
from app.web.errors import CSRF_FIELD, answer
from app.web.forms import submitted
from app.web.htmx import current_page, go_to, is_htmx, redirect
from app.web.rate_limits import limited, take_back
from app.web.redirects import local_path, page_before
from app.web.representation import Representation, wanted_representation
from app.web.requests import note_error
from app.web.resubmission import DONE_ONCE, STOOD_AT, SUBMITTED_ONCE, is_shown_again

_PAGE, _ASKS = "people/sign_in/confirm.html", "sign_in.new_confirmation"

#: A person who goes back goes back a few pages.
_MAX_DONE = 10


def init_confirmation(app: Flask) -> None:
    """Ask for a confirmation before sensitive requests, and carry out each form that waited for one only once.

    Call it when everything else that rejects a request has been registered.
    """
    app.before_request(_insist_on_confirmation)
    app.after_request(_note_as_done)


@sign_in.get("/account/confirm")
@signed_in
def new_confirmation() -> Response:
    """Ask for a code or the password; a session that is confirmed goes on to the page that was asked for."""
    actor, wanted = switch_to_home(current_actor()), local_path(request.args.get("next"))
    if is_confirmed_now(actor):
        return redirect(wanted or url_for(".show"))
    return form_page(_PAGE, confirmation_form(actor, next=wanted, back=page_before()), HTTPStatus.OK)


@sign_in.post("/account/confirm")
@signed_in
@limited(CONFIRMING)
def create_confirmation() -> Response:
    """Confirm the session, then go on to the page that was asked for, or submit the form that waited."""
    here = current_actor()
    actor = switch_to_home(here)
    form = confirmation_form(actor)
    if is_confirmed_now(actor):  # in another tab
        take_back()
        return _go_on(here, form)
    with submitted(form) as sent:
        form.check()
        second_factor_service.confirm_session(actor, form.proof)
        take_back()
        return set_session_cookie(_go_on(here, form), renew_token(actor))
    return form_page(_PAGE, form, sent.status)


@sign_in.app_errorhandler(ReauthenticationRequired)
def ask_to_confirm(error: ReauthenticationRequired) -> Response | HTTPException:
    """Redirect to the confirmation page, or return it with the submitted form, which it carries.

    HTMX requests are led to the page without their form, and JSON clients get the usual response to `error`.
    """
    take_back()  # it counts when it is carried out
    if wanted_representation() is Representation.JSON:
        return answer(error)
    note_error(error.code)
    asked = request.full_path.rstrip("?") if request.method == "GET" else None
    if is_htmx():
        # HTMX would follow a 303 and put the page inside the current one.
        return go_to(make_response("", error.status), url_for(_ASKS, next=asked or current_page()))
    if asked is not None:
        return redirect(url_for(_ASKS, next=asked))
    return _page_with_form(error.status)


def _insist_on_confirmation() -> Response | None:
    actor = loaded_actor()
    if actor is None or is_shown_again():
        return None
    is_form = request.method == "POST" and not is_api_request()
    g.submitted_once = request.form.get(SUBMITTED_ONCE) if is_form else None
    if g.submitted_once and g.submitted_once in session.get(DONE_ONCE, ()):
        flash(_("That was already submitted."), "warn")
        return redirect(local_path(request.form.get(STOOD_AT)) or "/")
    if not is_confirmed_now(actor) and is_sensitive_request(actor):
        raise ReauthenticationRequired
    return None


def _note_as_done(response: Response) -> Response:
    mark = g.get("submitted_once")
    if mark and response.status_code < HTTPStatus.BAD_REQUEST:
        session[DONE_ONCE] = [*session.get(DONE_ONCE, ()), mark][-_MAX_DONE:]
    return response


def _page_with_form(status: int) -> Response:
    """Return the confirmation page with this request's form, or with advice to submit the form again.

    The form can be carried out only in the organization where it was submitted.
    """
    here, back, is_too_long = current_actor(), page_before(), False
    form = confirmation_form(switch_to_home(here), next=back, back=back)
    try:
        form.kept.data = seal_form(_to_be_done(submitted_form()), here)
    except FormNotSaved:
        is_too_long = True
    return form_page(_PAGE, form, status, is_too_long=is_too_long)


def _to_be_done(form: SavedForm) -> SavedForm:
    """Mark the form as one to carry out, unless it had a file or a secret, which aren't kept."""
    lacks = form.had_file or any(is_secret(name) for name, _value in form.fields if name != CSRF_FIELD)
    return form if lacks else replace(form, once=g.submitted_once or str(uuid4()))


def _go_on(here: Actor, form: ConfirmationForm) -> Response:
    kept = None
    try:
        kept = open_form(form.kept.data, here)
    except SavedFormExpired:
        flash(_("What you entered was kept for an hour and has expired. Enter it again."), "warn")
    if kept is None:
        return redirect(form.next.data or url_for(".show"))
    return make_response(render_template("people/sign_in/kept_form.html", form=kept, is_confirmed=True))
