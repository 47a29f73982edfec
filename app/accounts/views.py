"""Signing in and out, and the link to set a password."""

from http import HTTPStatus

from flask import Blueprint, Response, flash, make_response, render_template, request, session, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from app.accounts import service
from app.accounts.choice import Choice, find_choice, keep_choice
from app.accounts.forms import OrganizationForm, PasswordForm, SignInForm
from app.accounts.identity import find_visitor, hand_over, take_back_session
from app.accounts.queries import Account
from app.errors import InvalidCredentials, NotFound, ValidationFailed
from app.security.actor import current_actor, use_actor
from app.security.guard import public, signed_in
from app.security.tokens import Token
from app.users.rules import EndReason
from app.web.htmx import redirect
from app.web.limits import Limits, limited, take_back, tries_left
from app.web.maintenance import open_during_maintenance
from app.web.redirects import local_path

accounts = Blueprint("accounts", __name__)

#: Who goes on guessing one account's password waits longer each time: a quarter of an hour, an hour, three hours.
GUESSING = Limits(
    "sign-in",
    per_address="50 per 15 minutes",
    per_account="10 per 15 minutes; 20 per hour; 30 per 3 hours",
)

#: From here on the page counts down what is left before a pause.
_FEW_TRIES = 5


@accounts.get("/login")
@public
@open_during_maintenance
def login() -> Response:
    """The sign-in form; whoever is signed in already goes on."""
    wanted = local_path(request.args.get("next"))
    if find_visitor() is not None:
        return redirect(wanted or url_for("home.index"))
    page = render_template("accounts/login.html", form=SignInForm(formdata=None, next=wanted))
    return take_back_session(make_response(page))


@accounts.post("/login")
@public
@open_during_maintenance
@limited(GUESSING)
def sign_in() -> Response:
    """Try an address and a password; an address with several organizations is asked which one."""
    form = SignInForm()
    if not form.validate():
        return _form_page("accounts/login.html", form, HTTPStatus.BAD_REQUEST)
    email, wanted = form.email.data or "", local_path(form.next.data)
    try:
        opened = service.verify_credentials(email, form.password.data or "")
    except InvalidCredentials as refusal:
        form.refuse(refusal)
        return _form_page("accounts/login.html", form, refusal.status, warning=_pause_warning())
    take_back()
    if len(opened) == 1:
        return _begin(opened[0], wanted)
    keep_choice(email, opened, wanted)
    return redirect(url_for(".organization"))


@accounts.get("/login/organization")
@public
@open_during_maintenance
def organization() -> Response:
    """Ask which of one's organizations to work in."""
    choice = find_choice()
    if choice is None:
        return _start_again()
    return make_response(render_template("accounts/organization.html", form=_organization_form(choice)))


@accounts.post("/login/organization")
@public
@open_during_maintenance
def choose_organization() -> Response:
    """Go on with one of the accounts that the password has opened."""
    choice = find_choice()
    if choice is None:
        return _start_again()
    form = _organization_form(choice)
    if not form.validate():
        return _form_page("accounts/organization.html", form, HTTPStatus.BAD_REQUEST)
    chosen = next(one for one in choice.accounts if str(one.organization_id) == form.organization.data)
    return _begin(chosen, choice.next)


@accounts.post("/logout")
@signed_in
def logout() -> Response:
    """End this browser's session."""
    actor = current_actor()
    if actor.session_id is not None:
        service.end_session(actor, actor.session_id, EndReason.SIGNED_OUT)
    use_actor(None)
    session.clear()
    flash(_("You are signed out."), "good")
    return take_back_session(redirect(url_for(".login")))


@accounts.get("/password/<token>")
@public
def password(token: str) -> Response:
    """The page a one-time link leads to."""
    holder = service.find_link_holder(Token.parse(token))
    if holder is None:
        return _dead_link()
    return make_response(render_template("accounts/password.html", form=PasswordForm(formdata=None), holder=holder))


@accounts.post("/password/<token>")
@public
def set_password(token: str) -> Response:
    """Set the password; the link is used up with it."""
    holder = service.find_link_holder(Token.parse(token))
    if holder is None:
        return _dead_link()
    form = PasswordForm()
    if not form.validate():
        return _form_page("accounts/password.html", form, HTTPStatus.BAD_REQUEST, holder=holder)
    try:
        service.use_link(Token.parse(token), form.password.data or "")
    except ValidationFailed as refusal:
        form.refuse(refusal)
        return _form_page("accounts/password.html", form, refusal.status, holder=holder)
    except NotFound:
        return _dead_link()
    flash(_("Your password is set. Sign in with it."), "good")
    return redirect(url_for(".login"))


def _begin(account: Account, wanted: str | None) -> Response:
    """Flask's own cookie starts afresh too: nothing that was put there before signing in counts after."""
    token = service.start_session(account, instead_of=find_visitor())
    session.clear()
    return hand_over(redirect(wanted or url_for("home.index")), token)


def _form_page(template: str, form: object, status: int, **values: object) -> Response:
    return make_response(render_template(template, form=form, **values), status)


def _organization_form(choice: Choice) -> OrganizationForm:
    form = OrganizationForm()
    form.organization.choices = {str(one.organization_id): one.organization_name for one in choice.accounts}
    return form


def _start_again() -> Response:
    flash(_("That took too long. Enter your password again."), "warn")
    return redirect(url_for(".login"))


def _pause_warning() -> str | None:
    left = tries_left()
    if left is None or left > _FEW_TRIES:
        return None
    return str(ngettext("%(num)s try left before a pause.", "%(num)s tries left before a pause.", left))


def _dead_link() -> Response:
    return make_response(render_template("accounts/dead_link.html"), HTTPStatus.NOT_FOUND)
