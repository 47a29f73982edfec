"""`/account/second-factor`: set up two-factor authentication, renew the recovery codes, turn it off."""

from collections.abc import Callable
from http import HTTPStatus

import segno
from flask import Flask, Response, flash, make_response, render_template, request, url_for
from flask_babel import gettext as _
from markupsafe import Markup

from app.errors import SecondFactorRequired
from app.people.sign_in import second_factor_service
from app.people.sign_in.forms import ConfirmForm, SetUpForm
from app.people.sign_in.queries import count_recovery_codes, get_own_row
from app.people.sign_in.second_factor_service import Enrolment
from app.people.sign_in.service import renew_token
from app.people.sign_in.views import sign_in
from app.people.users.password_limits import CONFIRMING
from app.security.actor import Actor, current_actor, loaded_actor
from app.security.api_requests import is_api_request
from app.security.confirmation import confirmed, confirmed_if
from app.security.guard import is_static, signed_in
from app.security.identity import set_session_cookie, switch_to_home
from app.web.forms import submitted
from app.web.htmx import redirect
from app.web.rate_limits import limited, take_back

_PAGE = "people/sign_in/second_factor.html"

#: Endpoints that stay open to people who have to set it up first.
_OPEN = frozenset(
    {
        "sign_in.new_second_factor",
        "sign_in.create_second_factor",
        "sign_in.sign_out",
        "api.signOut",
        "organizations.leave",
        "sign_in.update_theme",
        "sign_in.update_language",
    }
)


def init_second_factor(app: Flask) -> None:
    """Register a hook that redirects people who still have to set up two-factor authentication.

    Requests of the JSON API are refused instead. Call it after the guard is registered.
    """
    app.before_request(_insist)


def _has_second_factor(actor: Actor) -> bool:
    return actor.has_second_factor


@sign_in.get("/account/second-factor")
@signed_in
@confirmed_if(_has_second_factor)
def new_second_factor() -> Response:
    """Show whether two-factor authentication is on, with the form to set it up or turn it off."""
    return _page(switch_to_home(current_actor()))


@sign_in.post("/account/second-factor")
@signed_in
@limited(CONFIRMING)
def create_second_factor() -> Response:
    """Turn on two-factor authentication with a first code, and show the recovery codes."""
    actor, form = switch_to_home(current_actor()), SetUpForm()
    enrolment = second_factor_service.open_enrolment(actor, form.enrolment.data or "")
    with submitted(form):
        form.check()
        codes = second_factor_service.set_up(actor, enrolment, form.password.data or "", form.code.data or "")
        return set_session_cookie(_codes_page(codes), renew_token(actor))
    return _page(actor, form, enrolment, status=HTTPStatus.BAD_REQUEST)


@sign_in.post("/account/second-factor/codes")
@signed_in
@limited(CONFIRMING)
def renew_recovery_codes() -> Response:
    """Show new recovery codes, which void the old ones."""

    def renew(actor: Actor, form: ConfirmForm) -> Response:
        return _codes_page(
            second_factor_service.renew_recovery_codes(actor, form.password.data or "", form.code.data or "")
        )

    return _confirmed(renew)


@sign_in.post("/account/second-factor/remove")
@signed_in
@confirmed
@limited(CONFIRMING)
def remove_second_factor() -> Response:

    def remove(actor: Actor, form: ConfirmForm) -> Response:
        second_factor_service.remove(actor, form.password.data or "", form.code.data or "")
        take_back()
        flash(_("Two-factor authentication is off. You now sign in with just your password."), "good")
        return redirect(url_for(".show"))

    return _confirmed(remove)


def _confirmed(do: Callable[[Actor, ConfirmForm], Response]) -> Response:
    """Run `do` with the submitted form, or show the form with its errors."""
    actor, form = switch_to_home(current_actor()), ConfirmForm()
    with submitted(form):
        form.check()
        return do(actor, form)
    return _page(actor, form, status=HTTPStatus.BAD_REQUEST)


def _page(
    actor: Actor, form: ConfirmForm | None = None, enrolment: Enrolment | None = None, *, status: int = HTTPStatus.OK
) -> Response:
    user = get_own_row(actor)
    if user.mfa_secret is not None:
        form = form or ConfirmForm(formdata=None)
        return make_response(render_template(_PAGE, form=form, codes_left=count_recovery_codes(user)), status)
    enrolment = enrolment or second_factor_service.new_enrolment(actor)
    form = form if isinstance(form, SetUpForm) else SetUpForm(formdata=None)
    form.enrolment.data = enrolment.sealed
    page = render_template(
        "people/sign_in/second_factor_set_up.html",
        form=form,
        secret=enrolment.secret,
        qr_code=_drawing(enrolment.address),
        is_required=actor.lacks_second_factor,
    )
    return make_response(page, status)


def _codes_page(codes: list[str]) -> Response:
    take_back()
    return make_response(render_template("people/sign_in/recovery_codes.html", codes=codes))


def _drawing(address: str) -> Markup:
    """Render the QR code as an SVG without styles: dark on light in both themes, as cameras need it."""
    code = segno.make(address, error="m", micro=False)
    drawing = code.svg_inline(border=4, dark="#000", light="#fff", omitsize=True, svgclass="qr", lineclass=None)
    return Markup(drawing)  # noqa: S704 - generated SVG


def _insist() -> Response | None:
    actor = loaded_actor()
    endpoint = request.endpoint or ""
    if actor is None or not actor.lacks_second_factor or endpoint in _OPEN or is_static(endpoint):
        return None
    if is_api_request():
        raise SecondFactorRequired
    return redirect(url_for("sign_in.new_second_factor"))
