"""Refusal of tokens in the query string of the JSON API.

Servers and proxies log addresses, so such a token is revoked, whether the request is otherwise valid or not.
"""

from collections.abc import Sequence
from contextlib import suppress

from flask import Flask, request
from flask_babel import lazy_gettext as _l

from app.errors import FieldError, TokenInvalid, ValidationFailed
from app.security.api_identity import attempt_with
from app.security.api_requests import is_api_request
from app.security.tokens import Token
from app.web.exposed_tokens_service import revoke_exposed

_EXPOSED = _l("URLs end up in logs, so this token was revoked. Send tokens in the Authorization header only.")
#: Tokens that one request can have revoked.
_MOST = 5
#: Names the place if the parameter's name itself contains the token.
_QUERY = "query"


def init_exposed_tokens(app: Flask) -> None:
    """Revoke and refuse tokens in query strings. Must be called before the guard, which needs a valid token."""
    app.before_request(_refuse)


def _refuse() -> None:
    if not is_api_request() or not request.query_string:
        return
    exposed = {
        (_QUERY if Token.find_in(name) else name): found
        for name, value in request.args.items(multi=True)
        if (found := Token.find_in(name) + Token.find_in(value))
    }
    if exposed:
        _revoke(list({token.digest: token for tokens in exposed.values() for token in tokens}.values()))
    if exposed and request.endpoint is not None:  # else routing returns its own error
        raise ValidationFailed([FieldError(name, _EXPOSED) for name in exposed])


def _revoke(tokens: Sequence[Token]) -> None:
    """Revoke the first of these tokens; if none of them is valid, that is a failure to authenticate."""
    with suppress(TokenInvalid), attempt_with(tokens[0]):
        if not revoke_exposed(tokens[:_MOST]):
            raise TokenInvalid
