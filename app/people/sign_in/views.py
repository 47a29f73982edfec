"""Signing in and out."""

from uuid import UUID

from flask import Blueprint, Response, flash, make_response, render_template, request, session, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from app.errors import InvalidCredentials
from app.people.sign_in import service
from app.people.sign_in.forms import CodeForm, OrganizationForm, SignInForm
from app.people.sign_in.known_device_service import (
    DEVICE_COOKIE,
    DEVICE_LIFETIME,
    known_device,
    remember_device,
)
from app.people.sign_in.pending_sign_in_service import (
    PendingSignIn,
    find_choice,
    find_second_step,
    keep_choice,
    keep_second_step,
    who_is_asked,
)
from app.people.sign_in.queries import Account, has_second_factor
from app.security.actor import current_actor, use_actor
from app.security.cookies import set_cookie
from app.security.guard import public, signed_in
from app.security.identity import delete_session_cookie, find_actor_or_none, set_session_cookie, switch_to_home
from app.security.session_rules import EndReason
from app.web.forms import Form, Submission, submitted
from app.web.htmx import redirect
from app.web.maintenance import open_during_maintenance
from app.web.rate_limits import Limits, account_asked_for, limited, take_back, tries_left
from app.web.redirects import local_path

sign_in = Blueprint("sign_in", __name__)

#: Who goes on guessing one account's password waits longer each time: a quarter of an hour, an hour, three hours.
_GUESSES = "10 per 15 minutes; 20 per hour; 30 per 3 hours"
#: A stranger's tries keep nobody else out: they count at their address, and a browser that the account was signed in to
#: with counts for itself.
GUESSING = Limits(
    "sign-in",
    per_address="50 per 15 minutes",
    per_account_and_address=_GUESSES,
    per_device=_GUESSES,
    device=lambda: str(known_device(account_asked_for()) or ""),
)

#: A code is one of a million, so few tries are enough for people and useless for a machine.
GUESSING_CODES = Limits(
    "second-step",
    per_address="50 per 15 minutes",
    per_account="5 per 15 minutes; 15 per hour; 30 per day",
    account=who_is_asked,
)

#: From here on the page counts down what is left before a pause.
_FEW_TRIES = 5


@sign_in.get("/login")
@public
@open_during_maintenance
def new() -> Response:
    """The sign-in form; whoever is signed in already goes on."""
    wanted = local_path(request.args.get("next"))
    if find_actor_or_none() is not None:
        return redirect(wanted or url_for("dashboards.home"))
    page = render_template("people/sign_in/login.html", form=SignInForm(formdata=None, next=wanted))
    return delete_session_cookie(make_response(page))


@sign_in.post("/login")
@public
@open_during_maintenance
@limited(GUESSING)
def create() -> Response:
    """Try an address and a password; an address with several organizations is asked which one."""
    form = SignInForm()
    with submitted(form, also=(InvalidCredentials,)) as sent:
        form.check()
        email, wanted = form.email.data or "", local_path(form.next.data)
        opened = service.verify_credentials(email, form.password.data or "")
        take_back()
        if len(opened) == 1:
            return _go_on(opened[0], email, wanted)
        keep_choice(email, opened, wanted)
        return redirect(url_for(".new_choice"))
    return _tried_again("people/sign_in/login.html", form, sent)


@sign_in.get("/login/organization")
@public
@open_during_maintenance
def new_choice() -> Response:
    """Ask which of one's organizations to work in."""
    choice = find_choice()
    if choice is None:
        return _start_again()
    return make_response(render_template("people/sign_in/organization.html", form=_organization_form(choice)))


@sign_in.post("/login/organization")
@public
@open_during_maintenance
def create_choice() -> Response:
    """Go on with one of the accounts that the password has opened."""
    choice = find_choice()
    if choice is None:
        return _start_again()
    form = _organization_form(choice)
    with submitted(form) as sent:
        form.check()
        chosen = next(one for one in choice.accounts if str(one.organization_id) == form.organization.data)
        return _go_on(chosen, choice.email, choice.next)
    return form_page("people/sign_in/organization.html", form, sent.status)


@sign_in.get("/login/code")
@public
@open_during_maintenance
def new_code() -> Response:
    """Ask for a code of the second factor."""
    if find_second_step() is None:
        return _start_again()
    return make_response(render_template("people/sign_in/code.html", form=CodeForm(formdata=None)))


@sign_in.post("/login/code")
@public
@open_during_maintenance
@limited(GUESSING_CODES)
def create_code() -> Response:
    """Go on with a code of the app, or a recovery code."""
    step = find_second_step()
    if step is None:
        return _start_again()
    form = CodeForm()
    with submitted(form, also=(InvalidCredentials,)) as sent:
        form.check()
        response = _begin(step.accounts[0], step.next, form.code.data)
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
    flash(_("You are signed out."), "good")
    return delete_session_cookie(redirect(url_for(".new")))


def _go_on(account: Account, email: str, wanted: str | None) -> Response:
    """Begin the session, or ask for a code first."""
    if has_second_factor(account):
        keep_second_step(email, account, wanted)
        return redirect(url_for(".new_code"))
    return _begin(account, wanted)


def _begin(account: Account, wanted: str | None, code: str | None = None) -> Response:
    """Flask's own cookie starts afresh too: nothing that was put there before signing in counts after."""
    visitor = find_actor_or_none()
    token = service.start_session(account, instead_of=switch_to_home(visitor) if visitor else None, code=code)
    session.clear()
    response = set_session_cookie(redirect(wanted or url_for("dashboards.home")), token)
    return known_from_now_on(response, account.organization_id, account.user_id)


def known_from_now_on(response: Response, organization_id: UUID, user_id: UUID) -> Response:
    """Let this browser be known as one of this person, who has just proved who they are."""
    return set_cookie(response, DEVICE_COOKIE, remember_device(organization_id, user_id), DEVICE_LIFETIME)


def form_page(template: str, form: object, status: int, **values: object) -> Response:
    """A form that comes back with what is wrong in it."""
    return make_response(render_template(template, form=form, **values), status)


def _tried_again(template: str, form: Form, sent: Submission) -> Response:
    """The form once more; after a wrong password or code, with what is left before a pause."""
    warning = _pause_warning() if isinstance(sent.error, InvalidCredentials) else None
    return form_page(template, form, sent.status, warning=warning)


def _organization_form(choice: PendingSignIn) -> OrganizationForm:
    form = OrganizationForm()
    form.organization.choices = {str(one.organization_id): one.organization_name for one in choice.accounts}
    return form


def _start_again() -> Response:
    flash(_("That took too long. Enter your password again."), "warn")
    return redirect(url_for(".new"))


def _pause_warning() -> str | None:
    left = tries_left()
    if left is None or left > _FEW_TRIES:
        return None
    return str(ngettext("%(num)s try left before a pause.", "%(num)s tries left before a pause.", left))
