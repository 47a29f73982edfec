"""Rate limits of authentication in the JSON API, which count together with those of the sign-in pages."""

from dataclasses import replace
from typing import Any

from app.errors import DomainError
from app.people.sign_in.client_queries import find_session_refreshed_by, is_known_client
from app.people.sign_in.password_views import ASKING_FOR_LINKS
from app.people.sign_in.schemas import SignInInput
from app.people.sign_in.views import GUESSING
from app.security.tokens import Token, TokenType
from app.web.json_bodies import read_json
from app.web.rate_limits import Limits, attempted_account


def _body() -> Any:
    """Return the body, or None for one that the view will refuse."""
    try:
        return read_json()
    except DomainError:
        return None


def _sent(name: str) -> str:
    body = _body()
    found = body.get(name) if isinstance(body, dict) else None
    return found if isinstance(found, str) else ""


def _account() -> str:
    return _sent("email").strip().casefold()


def _known_client() -> str:
    try:
        sent = SignInInput.read(_body())
    except DomainError:
        return ""
    return f"{attempted_account()} {sent.client_id}" if is_known_client(sent.email, sent.client_id) else ""


def _refreshed_session() -> str:
    token = Token.parse(_sent("refreshToken"), TokenType.REFRESH)
    session_id = find_session_refreshed_by(token) if token is not None else None
    return str(session_id or "")


#: A client is known by the name that it gives itself.
GUESSING_BY_API = replace(GUESSING, account=_account, device=_known_client, is_device_named=True)
ASKING_BY_API = replace(ASKING_FOR_LINKS, account=_account, device=None, per_device="")
REFRESHING = Limits("refresh", per_account="60 per hour", account=_refreshed_session)
