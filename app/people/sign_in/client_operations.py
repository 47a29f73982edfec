"""Authentication in the JSON API: sign-in and sign-out, passwords, and a person's own sessions."""

from datetime import UTC, datetime
from uuid import UUID

from flask_babel import lazy_gettext as _l

from app.errors import FieldError, NotFound, TotpRequired, ValidationFailed
from app.people.sign_in import client_service, password_service, second_factor_service, service
from app.people.sign_in.caller_operations import session_of, user_of
from app.people.sign_in.caller_schemas import (
    AcceptedRecord,
    ConfirmedRecord,
    OwnSessionRecord,
    SignedInRecord,
    TokensRecord,
)
from app.people.sign_in.client_service import TokenPair
from app.people.sign_in.password_views import send_reset_links
from app.people.sign_in.pending_sign_in_service import attempt_key_of
from app.people.sign_in.queries import has_second_factor, list_own_sessions
from app.people.sign_in.schemas import NewPasswordInput, ReauthenticationInput, RefreshInput, ResetInput, SignInInput
from app.people.sign_in.views import GUESSING, GUESSING_CODES
from app.people.users.queries import grants_of_user
from app.security.actor import Actor
from app.security.session_rules import CONFIRMATION_LIFETIME, EndReason
from app.security.tokens import Token, TokenType
from app.web.late_limits import counted
from app.web.rate_limits import lift, take_back

_DEAD_LINK = FieldError("token", _l("This link can’t be used anymore. Request a new one."))


def sign_in(given: SignInInput) -> SignedInRecord:
    """Start a session for a client, with the password and, if the account has two-factor authentication, a code."""
    opened = service.verify_credentials(given.email, given.password)
    take_back()
    account = client_service.choose_account(opened, given.organization)
    if not has_second_factor(account):
        user, pair = client_service.start_client_session(account, given.client_id)
    elif not given.totp:
        raise TotpRequired
    else:
        with counted(GUESSING_CODES, attempt_key_of(account)):
            user, pair = client_service.start_client_session(account, given.client_id, given.totp)
    return SignedInRecord(user=user_of(user, grants_of_user(user)), **_tokens(pair).model_dump())


def refresh(given: RefreshInput) -> TokensRecord:
    """Replace the tokens of a session."""
    return _tokens(client_service.refresh_session(Token.parse(given.refresh_token, TokenType.REFRESH)))


def sign_out(actor: Actor) -> None:
    """End the session of the access token."""
    if actor.session_id is not None:
        service.end_session(actor, actor.session_id, EndReason.SIGNED_OUT)


def request_password_reset(given: ResetInput) -> AcceptedRecord:
    """Send a password link; the response doesn't reveal whether the address has an account."""
    send_reset_links(given.email)
    return AcceptedRecord()


def confirm_password_reset(given: NewPasswordInput) -> None:
    """Set a password with the token of a link, which ends all sessions and lifts the limit on password attempts."""
    token = Token.parse(given.token)
    holder = password_service.find_link_holder(token)
    if holder is None:
        raise ValidationFailed([_DEAD_LINK])
    try:
        password_service.use_link(token, given.password)
    except NotFound:  # used by another request in the meantime
        raise ValidationFailed([_DEAD_LINK]) from None
    lift(GUESSING, holder.email.casefold())


def reauthenticate(actor: Actor, given: ReauthenticationInput) -> ConfirmedRecord:
    """Confirm the session, so that sensitive operations are possible for ten minutes, and replace its tokens."""
    second_factor_service.reauthenticate(actor, given.password, given.totp)
    take_back()
    tokens = _tokens(client_service.replace_tokens(actor))
    return ConfirmedRecord(confirmed_for=int(CONFIRMATION_LIFETIME.total_seconds()), **tokens.model_dump())


def list_sessions(actor: Actor) -> list[OwnSessionRecord]:
    """Return the person's usable sessions, most recently seen first."""
    return [session_of(session, actor) for session in list_own_sessions(actor, datetime.now(UTC))]


def end_session(actor: Actor, session_id: UUID) -> None:
    """End one of the person's sessions, which may be the one of this request."""
    service.end_session(actor, session_id, EndReason.ENDED_BY_SELF)


def _tokens(pair: TokenPair) -> TokensRecord:
    return TokensRecord(token=pair.access.text, refresh_token=pair.refresh.text, expires_in=pair.expires_in)
