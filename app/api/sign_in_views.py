"""`/api/v1/auth`: sign-in, renewal of tokens and sign-out of API clients."""

from flask import Response

from app.api.auth_answers import answer, read_input, user_of
from app.api.auth_limits import GUESSING_BY_API, REFRESHING
from app.api.auth_views import auth
from app.api.responses import respond_with_nothing
from app.declarations.input import Input
from app.errors import TotpRequired
from app.people.sign_in import client_service, service
from app.people.sign_in.client_service import TokenPair
from app.people.sign_in.pending_sign_in_service import attempt_key_of
from app.people.sign_in.queries import has_second_factor
from app.people.sign_in.schemas import RefreshInput, SignInInput
from app.people.sign_in.views import GUESSING_CODES
from app.people.users.queries import grants_of_user
from app.security.actor import current_actor
from app.security.guard import public, signed_in
from app.security.session_rules import EndReason
from app.security.tokens import Token, TokenType
from app.web.concurrency_limit import Lane, in_lane
from app.web.late_limits import counted
from app.web.rate_limits import limited, take_back


@auth.post("/login")
@public
@in_lane(Lane.SIGN_IN)
@limited(GUESSING_BY_API)
def sign_in() -> Response:
    """Start a session for a client, with the password and, if the account has two-factor authentication, a code."""
    sent = read_input(SignInInput)
    opened = service.verify_credentials(sent.email, sent.password)
    take_back()
    account = client_service.choose_account(opened, sent.organization)
    if not has_second_factor(account):
        user, pair = client_service.start_client_session(account, sent.client_id)
    elif not sent.totp:
        raise TotpRequired
    else:
        with counted(GUESSING_CODES, attempt_key_of(account)):
            user, pair = client_service.start_client_session(account, sent.client_id, sent.totp)
    return answer({"user": user_of(user, grants_of_user(user)), **_tokens(pair)})


@auth.post("/refresh")
@public
@limited(REFRESHING)
def refresh() -> Response:
    """Replace the tokens of a session."""
    sent = read_input(RefreshInput)
    token = Token.parse(sent.refresh_token, TokenType.REFRESH)
    return answer(_tokens(client_service.refresh_session(token)))


@auth.post("/logout")
@signed_in
def sign_out() -> Response:
    """End the session of the access token."""
    read_input(Input)
    actor = current_actor()
    if actor.session_id is not None:
        service.end_session(actor, actor.session_id, EndReason.SIGNED_OUT)
    return respond_with_nothing()


def _tokens(pair: TokenPair) -> dict[str, str | int]:
    return {"token": pair.access.text, "refresh_token": pair.refresh.text, "expires_in": pair.expires_in}
