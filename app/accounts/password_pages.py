"""Passwords: changed on `/account`, asked for on the sign-in page, set by a one-time link."""

import time
from http import HTTPStatus

from flask import Response, after_this_request, flash, make_response, render_template, url_for
from flask_babel import gettext as _

from app.accounts import passwords
from app.accounts.account_page import account_page, accounts, preferences_of
from app.accounts.forms import ChangePasswordForm, ForgottenForm, PasswordForm
from app.accounts.identity import come_home, hand_over
from app.accounts.service import renew_token
from app.accounts.views import form_page
from app.errors import NotFound, ValidationFailed
from app.security.actor import current_actor
from app.security.guard import public, signed_in
from app.security.tokens import Token
from app.web.htmx import redirect
from app.web.limits import Limits, limited, take_back

__all__ = ["CONFIRMING", "accounts"]  # with the routes of all modules up to this one


#: Whoever finds a browser signed in must not find out the password there.
CONFIRMING = Limits("confirming", per_address="50 per 15 minutes", per_user="5 per 15 minutes; 15 per hour")

#: What asking for a link takes at least: more than issuing one for each of several accounts does.
ASKING_SECONDS = 0.5

ASKING_FOR_LINKS = Limits("password-links", per_address="20 per hour", per_account="3 per hour; 6 per day")


@accounts.post("/account/password")
@signed_in
@limited(CONFIRMING)
def change_password() -> Response:
    """Change one's own password; the sessions in other browsers end."""
    actor, form = come_home(current_actor()), ChangePasswordForm()
    if form.validate():
        try:
            passwords.change_password(actor, form.current.data or "", form.password.data or "")
        except ValidationFailed as refusal:
            form.refuse(refusal)
        else:
            take_back()
            flash(_("Your password is changed, and your other sessions have ended."), "good")
            return hand_over(redirect(url_for(".show")), renew_token(actor))
    return make_response(account_page(actor, preferences_of(actor), form), HTTPStatus.BAD_REQUEST)


@accounts.get("/login/forgot")
@public
def forgotten() -> str:
    """Where somebody without their password begins."""
    return render_template("accounts/forgotten.html", form=ForgottenForm(formdata=None))


@accounts.post("/login/forgot")
@public
@limited(ASKING_FOR_LINKS)
def ask_for_link() -> Response:
    """Send a link; the answer is the same whether the address has an account."""
    form = ForgottenForm()
    if not form.validate():
        return form_page("accounts/forgotten.html", form, HTTPStatus.BAD_REQUEST)
    began = time.monotonic()
    passwords.ask_for_link(form.email.data or "")
    after_this_request(lambda response: _not_before(began + ASKING_SECONDS, response))
    return make_response(render_template("accounts/link_sent.html", email=form.email.data))


@accounts.get("/password/<token>")
@public
def password(token: str) -> Response:
    """The page a one-time link leads to."""
    holder = passwords.find_link_holder(Token.parse(token))
    if holder is None:
        return _dead_link()
    return make_response(render_template("accounts/password.html", form=PasswordForm(formdata=None), holder=holder))


@accounts.post("/password/<token>")
@public
def set_password(token: str) -> Response:
    """Set the password; the link is used up with it."""
    holder = passwords.find_link_holder(Token.parse(token))
    if holder is None:
        return _dead_link()
    form = PasswordForm()
    if not form.validate():
        return form_page("accounts/password.html", form, HTTPStatus.BAD_REQUEST, holder=holder)
    try:
        passwords.use_link(Token.parse(token), form.password.data or "")
    except ValidationFailed as refusal:
        form.refuse(refusal)
        return form_page("accounts/password.html", form, refusal.status, holder=holder)
    except NotFound:
        return _dead_link()
    flash(_("Your password is set. Sign in with it."), "good")
    return redirect(url_for(".login"))


def _not_before(moment: float, response: Response) -> Response:
    """Called after the commit, which takes time only where there was something to write."""
    time.sleep(max(0.0, moment - time.monotonic()))
    return response


def _dead_link() -> Response:
    return make_response(render_template("accounts/dead_link.html"), HTTPStatus.NOT_FOUND)
