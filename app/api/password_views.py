"""`/api/v1/auth`: passwords, and proof that the person of a session is at the keyboard."""

from http import HTTPStatus

from flask import Response
from flask_babel import lazy_gettext as _l

from app.api.auth_answers import answer, read_input
from app.api.auth_limits import ASKING_BY_API
from app.api.auth_views import auth
from app.api.responses import respond_with_nothing
from app.errors import FieldError, NotFound, ValidationFailed
from app.people.sign_in import password_service, second_factor_service
from app.people.sign_in.password_views import send_reset_links
from app.people.sign_in.schemas import NewPasswordInput, ReauthenticationInput, ResetInput
from app.people.sign_in.views import GUESSING
from app.people.users.password_limits import CONFIRMING
from app.security.actor import current_actor
from app.security.guard import public, signed_in
from app.security.session_rules import CONFIRMATION_LIFETIME
from app.security.tokens import Token
from app.web.rate_limits import lift, limited, take_back

_DEAD_LINK = FieldError("token", _l("This link can’t be used anymore. Request a new one."))


@auth.post("/password-reset")
@public
@limited(ASKING_BY_API)
def request_password_reset() -> Response:
    """Send a password link; the response doesn't reveal whether the address has an account."""
    send_reset_links(read_input(ResetInput).email)
    return answer({}, HTTPStatus.ACCEPTED)


@auth.post("/password-reset/confirm")
@public
def confirm_password_reset() -> Response:
    """Set a password with the token of a link, which ends all sessions and lifts the limit on password attempts."""
    sent = read_input(NewPasswordInput)
    token = Token.parse(sent.token)
    holder = password_service.find_link_holder(token)
    if holder is None:
        raise ValidationFailed([_DEAD_LINK])
    try:
        password_service.use_link(token, sent.password)
    except NotFound:  # used by another request in the meantime
        raise ValidationFailed([_DEAD_LINK]) from None
    lift(GUESSING, holder.email.casefold())
    return respond_with_nothing()


@auth.post("/reauthenticate")
@signed_in
@limited(CONFIRMING)
def reauthenticate() -> Response:
    """Confirm the session, so that sensitive operations are possible for ten minutes."""
    sent = read_input(ReauthenticationInput)
    second_factor_service.reauthenticate(current_actor(), sent.password, sent.totp)
    take_back()
    return answer({"expires_in": int(CONFIRMATION_LIFETIME.total_seconds())})
