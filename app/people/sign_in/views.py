"""Pages for signing in and out."""

from collections.abc import Sequence
from http import HTTPStatus
from uuid import UUID

from flask import Blueprint, Response, flash, make_response, render_template, request, session, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_limiter import RateLimitExceeded
from werkzeug.exceptions import HTTPException

from app.declarations.first_page import first_page
from app.declarations.navigation import SEVERAL_ORGANIZATIONS
from app.errors import DomainError, InvalidCredentials
from app.people.sign_in import service
from app.people.sign_in.demonstration_queries import list_demonstration_sign_ins
from app.people.sign_in.forms import (
    ConfirmationForm,
    OrganizationForm,
    SignInCodeForm,
    SignInForm,
    SignInStep,
    confirmation_form,
)
from app.people.sign_in.known_device_service import (
    DEVICE_COOKIE,
    DEVICE_LIFETIME,
    known_device,
    remember_device,
)
from app.people.sign_in.pending_sign_in_service import (
    attempt_key,
    find_choice,
    find_second_step,
    keep_choice,
    keep_second_step,
)
from app.people.sign_in.queries import Account, find_start_page, has_second_factor
from app.people.sign_in.saved_form_service import SavedFormExpired, open_form
from app.security.actor import Actor, current_actor, use_actor
from app.security.cookies import set_cookie
from app.security.guard import public, signed_in
from app.security.identity import (
    EndedSession,
    delete_session_cookie,
    find_actor_of,
    find_actor_or_none,
    find_ended_session,
    set_session_cookie,
    switch_to_home,
)
from app.security.session_rules import EndReason
from app.security.tokens import Token
from app.web.concurrency_limit import Lane, in_lane
from app.web.error_mapping import domain_error
from app.web.errors import answer
from app.web.forms import Form, Submission, submitted
from app.web.htmx import redirect
from app.web.maintenance import open_during_maintenance
from app.web.rate_limits import Limits, attempted_account, limited, take_back, tries_left
from app.web.redirects import local_path
from app.web.resubmission import DONE_ONCE

sign_in = Blueprint("sign_in", __name__)

#: Continued guessing of one account's password is paused longer each time: 15 minutes, an hour, three hours.
_GUESSES = "10 per 15 minutes; 20 per hour; 30 per 3 hours"
#: Attempts by strangers don't lock out the owner: they count per IP address, and a browser that has signed in to the
#: account before has its own count.
GUESSING = Limits(
    "sign-in",
    per_address="50 per 15 minutes",
    is_guessing=True,
    per_account_and_address=_GUESSES,
    per_device=_GUESSES,
    device=lambda: str(known_device(attempted_account()) or ""),
)

#: A code is one of a million, so a few attempts are enough for people and useless to a machine.
GUESSING_CODES = Limits(
    "second-step",
    per_address="50 per 15 minutes",
    is_guessing=True,
    per_account="5 per 15 minutes; 15 per hour; 30 per day",
    account=attempt_key,
)

#: Session keys of the secret from which CSRF tokens are derived, and of forms that must not be carried out again.
_OF_FORMS = ("csrf_token", DONE_ONCE)

#: At this number of remaining attempts, the page starts to show how many are left.
_FEW_TRIES = 5


@sign_in.get("/login")
@public
@open_during_maintenance
@in_lane(Lane.SIGN_IN)
def new() -> Response:
    """Show the sign-in form, or redirect a person who is signed in.

    A signed-in person who asks for `another` organization gets the form, too.
    """
    wanted, actor = local_path(request.args.get("next")), find_actor_or_none()
    if actor is not None:
        if "another" not in request.args:
            return redirect(wanted or url_for("dashboards.home"))
        form = SignInForm(formdata=None, email=actor.email)
        return make_response(render_template("people/sign_in/login.html", form=form, wants_another=True))
    ended = find_ended_session()
    response = make_response(sign_in_page(SignInForm(formdata=None, next=wanted), ended))
    # The cookie of an ended session stays: forms still open here belong to its person. It doesn't open anything.
    return response if ended is not None and ended.user_id is not None else delete_session_cookie(response)


@sign_in.post("/login")
@public
@open_during_maintenance
@in_lane(Lane.SIGN_IN)
@limited(GUESSING)
def create() -> Response:
    """Check an address and a password; with several organizations, continue with the choice of one."""
    form = SignInForm()
    with submitted(form, also=(InvalidCredentials,)) as sent:
        form.check()
        email, wanted = form.email.data or "", local_path(form.next.data)
        opened = service.verify_credentials(email, form.password.data or "")
        take_back()
        session[SEVERAL_ORGANIZATIONS] = len(opened) > 1
        if len(opened) == 1:
            return _go_on(opened[0], email, wanted, form.kept.data)
        keep_choice(email, opened, wanted)
        if form.kept.data:
            return _carried("people/sign_in/organization.html", _choice_of(opened, formdata=None), form.kept.data)
        return redirect(url_for(".new_choice"))
    return _tried_again("people/sign_in/login.html", form, sent)


@sign_in.get("/login/organization")
@public
@open_during_maintenance
@in_lane(Lane.SIGN_IN)
def new_choice() -> Response:
    """Show the choice of organizations."""
    choice = find_choice()
    if choice is None:
        return _start_again()
    return make_response(render_template("people/sign_in/organization.html", form=_choice_of(choice.accounts)))


@sign_in.post("/login/organization")
@public
@open_during_maintenance
@in_lane(Lane.SIGN_IN)
def create_choice() -> Response:
    """Continue with one of the accounts that the password opened."""
    choice = find_choice()
    if choice is None:
        return _start_again()
    form = _choice_of(choice.accounts)
    with submitted(form) as sent:
        form.check()
        chosen = next(one for one in choice.accounts if str(one.organization_id) == form.organization.data)
        return _go_on(chosen, choice.email, choice.next, form.kept.data)
    return form_page("people/sign_in/organization.html", form, sent.status)


@sign_in.get("/login/code")
@public
@open_during_maintenance
@in_lane(Lane.SIGN_IN)
def new_code() -> Response:
    """Show the form for a two-factor code."""
    if find_second_step() is None:
        return _start_again()
    return make_response(render_template("people/sign_in/code.html", form=SignInCodeForm(formdata=None)))


@sign_in.post("/login/code")
@public
@open_during_maintenance
@in_lane(Lane.SIGN_IN)
@limited(GUESSING_CODES)
def create_code() -> Response:
    """Continue with a code of the authenticator app or a recovery code."""
    step = find_second_step()
    if step is None:
        return _start_again()
    form = SignInCodeForm()
    with submitted(form, also=(InvalidCredentials,)) as sent:
        form.check()
        response = _begin(step.accounts[0], step.next, form.kept.data, form.code.data)
        take_back()
        return response
    return _tried_again("people/sign_in/code.html", form, sent)


@sign_in.post("/logout")
@signed_in
def sign_out() -> Response:
    """End this browser's session."""
    actor = switch_to_home(current_actor())
    if actor.session_id is not None:
        service.end_session(actor, actor.session_id, EndReason.SIGNED_OUT)
    use_actor(None)
    session.clear()
    flash(_("You’re signed out."), "good")
    return delete_session_cookie(redirect(url_for(".new")))


def _go_on(account: Account, email: str, wanted: str | None, kept: str | None) -> Response:
    """Start the session, or ask for a code first."""
    if has_second_factor(account):
        keep_second_step(email, account, wanted)
        if kept:
            return _carried("people/sign_in/code.html", SignInCodeForm(formdata=None), kept)
        return redirect(url_for(".new_code"))
    return _begin(account, wanted, kept)


def _carried(template: str, step: SignInStep, kept: str) -> Response:
    """Show the next step directly, because a redirect would lose the form that the page carries."""
    step.kept.data = kept
    return form_page(template, step, HTTPStatus.OK)


def _begin(account: Account, wanted: str | None, kept: str | None, code: str | None = None) -> Response:
    """Start the session and clear Flask's cookie, so that data set before signing in doesn't persist.

    Only the mark of a person with several organizations stays. If the same person signs in again, the CSRF secret
    stays, too, so that forms in their other tabs remain valid.
    """
    visitor = find_actor_or_none()
    token = service.start_session(account, instead_of=switch_to_home(visitor) if visitor else None, code=code)
    kept_names = (SEVERAL_ORGANIZATIONS, *(() if _is_someone_else(account, visitor) else _OF_FORMS))
    staying = {name: session[name] for name in kept_names if name in session}
    session.clear()
    session.update(staying)
    response = set_session_cookie(_first_answer(account, token, wanted, kept), token)
    return known_from_now_on(response, account.organization_id, account.user_id)


def _is_someone_else(account: Account, visitor: Actor | None) -> bool:
    """Return whether someone else, or no one, was signed in here before."""
    before = visitor or find_ended_session()
    return before is None or (before.organization_id, before.user_id) != (account.organization_id, account.user_id)


def _first_answer(account: Account, token: Token, wanted: str | None, kept: str | None) -> Response:
    """Return a redirect to `wanted` or the person's first page, or a page with their saved form.

    Redirecting to the first page directly, not by way of `/`, saves a request.
    """
    try:
        form = open_form(kept, account)
    except SavedFormExpired:
        flash(_("What you entered was kept for an hour and has expired. Enter it again."), "warn")
    else:
        if form is not None:
            return make_response(render_template("people/sign_in/kept_form.html", form=form))
    actor = None if wanted else find_actor_of(token)
    return redirect(wanted or (first_page(actor, find_start_page(actor)) if actor else "/"))


def known_from_now_on(response: Response, organization_id: UUID, user_id: UUID) -> Response:
    """Remember this browser for a person who has just been authenticated."""
    return set_cookie(response, DEVICE_COOKIE, remember_device(organization_id, user_id), DEVICE_LIFETIME)


def sign_in_page(form: SignInForm, ended: EndedSession | None, *, is_too_long: bool = False) -> str:
    """Render the first step of signing in, with the reason why it is needed."""
    was_visiting = ended is not None and ended.was_visiting and request.method == "POST"
    return render_template(
        "people/sign_in/login.html",
        form=form,
        why=ended.why if ended else None,
        is_too_long=is_too_long,
        was_visiting=was_visiting,
        demonstration=list_demonstration_sign_ins(),
    )


def form_page(template: str, form: object, status: int, **values: object) -> Response:
    """Return a page with a form and this status; `values` are for the template."""
    return make_response(render_template(template, form=form, **values), status)


def _tried_again(template: str, form: Form, sent: Submission) -> Response:
    """Show the form again with its errors.

    After a wrong password or code, the page also shows the number of attempts left before a pause.
    """
    warning = _pause_warning() if isinstance(sent.error, InvalidCredentials) else None
    return form_page(template, form, sent.status, warning=warning)


def _choice_of(accounts: Sequence[Account], **sent: None) -> OrganizationForm:
    form = OrganizationForm(**sent)
    form.organization.choices = {str(one.organization_id): one.organization_name for one in accounts}
    return form


def _start_again() -> Response:
    flash(_("That took too long. Enter your password again."), "warn")
    form = SignInForm()
    if form.kept.data:
        return form_page("people/sign_in/login.html", form, HTTPStatus.OK)
    return redirect(url_for(".new"))


@sign_in.errorhandler(RateLimitExceeded)
def pause(raised: RateLimitExceeded) -> Response | HTTPException:
    """Respond to too many attempts; show the form again if it carries another form.

    The person can then repeat the step after the pause, without losing the form that is carried.
    """
    error = domain_error(raised)
    paused = answer(error)
    if isinstance(error, DomainError) and isinstance(paused, Response) and "kept" in request.form:
        if request.endpoint == "sign_in.create":
            paused.set_data(_paused("people/sign_in/login.html", SignInForm(), error))
        elif request.endpoint == "sign_in.create_code":
            paused.set_data(_paused("people/sign_in/code.html", SignInCodeForm(), error))
        elif request.endpoint == "sign_in.create_confirmation":
            paused.set_data(_paused("people/sign_in/confirm.html", confirmation_form(current_actor()), error))
    return paused


def _paused(template: str, form: SignInStep | ConfirmationForm, error: DomainError) -> str:
    form.refuse(error)
    return render_template(template, form=form)


def _pause_warning() -> str | None:
    left = tries_left()
    if left is None or left > _FEW_TRIES:
        return None
    return str(
        ngettext(
            "%(num)s attempt left before you have to wait.", "%(num)s attempts left before you have to wait.", left
        )
    )
