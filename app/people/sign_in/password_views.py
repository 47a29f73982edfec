"""Pages for changing a password on `/account`, requesting a link, and setting it by a one-time link."""

import time
from http import HTTPStatus

from flask import Response, after_this_request, flash, make_response, render_template, url_for
from flask_babel import gettext as _

from app.errors import NotFound
from app.people.sign_in import password_service
from app.people.sign_in.account_views import account_page, preferences_of
from app.people.sign_in.forms import ChangePasswordForm, ForgottenForm, PasswordForm
from app.people.sign_in.service import renew_token
from app.people.sign_in.views import GUESSING, form_page, known_from_now_on, sign_in
from app.people.users.password_limits import CONFIRMING
from app.security.actor import current_actor
from app.security.guard import public, signed_in
from app.security.identity import set_session_cookie, switch_to_home
from app.security.tokens import Token
from app.web.forms import submitted
from app.web.htmx import redirect
from app.web.rate_limits import Limits, lift, limited, take_back

#: Minimum duration of a request for a link, more than issuing one for each of several accounts takes.
ASKING_SECONDS = 0.5

#: As with guesses, requests by strangers don't keep the owner from requesting a link. The number of mails that they can
#: cause is limited by `ask_for_link`.
_ASKING = "3 per hour; 6 per day"
ASKING_FOR_LINKS = Limits(
    "password-links",
    per_address="20 per hour",
    per_account_and_address=_ASKING,
    per_device=_ASKING,
    device=GUESSING.device,
)


@sign_in.post("/account/password")
@signed_in
@limited(CONFIRMING)
def change_password() -> Response:
    """Change the person's own password, which ends their sessions in other browsers."""
    actor, form = switch_to_home(current_actor()), ChangePasswordForm()
    with submitted(form) as sent:
        form.check()
        password_service.change_password(actor, form.current.data or "", form.password.data or "")
        take_back()
        flash(_("Your password was changed, and you were signed out everywhere else."), "good")
        response = set_session_cookie(redirect(url_for(".show")), renew_token(actor))
        return known_from_now_on(response, actor.organization_id, actor.user_id)
    return make_response(account_page(actor, preferences_of(actor), form), sent.status)


@sign_in.get("/login/forgot")
@public
def new_reset_link() -> str:
    """Show the form for requesting a password link."""
    return render_template("people/sign_in/forgotten.html", form=ForgottenForm(formdata=None))


@sign_in.post("/login/forgot")
@public
@limited(ASKING_FOR_LINKS)
def create_reset_link() -> Response:
    """Send a password link; the response doesn't reveal whether the address has an account."""
    form = ForgottenForm()
    with submitted(form) as sent:
        form.check()
        send_reset_links(form.email.data or "")
        return make_response(render_template("people/sign_in/link_sent.html", email=form.email.data))
    return form_page("people/sign_in/forgotten.html", form, sent.status)


@sign_in.get("/password/<token>")
@public
def edit_password(token: str) -> Response:
    """Show the form for a new password to the holder of a one-time link."""
    holder = password_service.find_link_holder(Token.parse(token))
    if holder is None:
        return _dead_link()
    return make_response(
        render_template("people/sign_in/password.html", form=PasswordForm(formdata=None), holder=holder)
    )


@sign_in.post("/password/<token>")
@public
def update_password(token: str) -> Response:
    """Set the password; this uses up the link and resets the limit on password attempts."""
    opened = Token.parse(token)
    holder = password_service.find_link_holder(opened)
    if opened is None or holder is None:
        return _dead_link()
    form = PasswordForm()
    with submitted(form, also=(NotFound,)) as sent:
        form.check()
        password_service.use_link(opened, form.password.data or "")
        lift(GUESSING, holder.email.casefold())
        flash(_("Your password is set. Sign in with it."), "good")
        return known_from_now_on(redirect(url_for(".new")), opened.organization_id, holder.user_id)
    if isinstance(sent.error, NotFound):
        return _dead_link()
    return form_page("people/sign_in/password.html", form, sent.status, holder=holder)


def send_reset_links(email: str) -> None:
    """Send a password link to each account of an address; the response takes as long if there are none."""
    began = time.monotonic()
    password_service.request_reset_link(email)
    after_this_request(lambda response: _not_before(began + ASKING_SECONDS, response))


def _not_before(moment: float, response: Response) -> Response:
    """Delay the response until `moment`.

    Called after the commit, whose duration depends on whether there was something to write.
    """
    time.sleep(max(0.0, moment - time.monotonic()))
    return response


def _dead_link() -> Response:
    return make_response(render_template("people/sign_in/dead_link.html"), HTTPStatus.NOT_FOUND)
