"""Requests of the JSON API, which are authenticated by the Authorization header alone.

Below API_PREFIX no cookie is read, so no page of another site can act with a person's session there.
"""

from flask import has_request_context, request

from app.security.tokens import Token, TokenType

API_PREFIX = "/api/"
#: Prefix of the current version.
API_ROOT = f"{API_PREFIX}v1"
#: The documentation is a page for people, in the look that they have chosen.
DOCS_PATH = f"{API_PREFIX}docs"

#: Prefix of the endpoints of operations.
OPERATIONS = "api."
#: Prefix of the endpoints outside the generic views, such as those of recordings and exports.
FILES = "api_files."

_SCHEME = "bearer"
#: Types of tokens that authenticate a request; a refresh token only gets a new pair of tokens.
_ACCEPTED = (TokenType.ACCESS, TokenType.API_KEY)


def is_api_request() -> bool:
    """Return whether the current request is for the JSON API."""
    if not has_request_context():
        return False
    path = request.path
    return path.startswith(API_PREFIX) and path != DOCS_PATH


def is_operation() -> bool:
    """Return whether the request is for an operation of the JSON API.

    Its view checks the request itself, after the caller was identified and their permission checked, so that others
    learn nothing about what it accepts.
    """
    return is_api_request() and (request.endpoint or "").startswith(OPERATIONS)


def is_for_file() -> bool:
    """Return whether the request is for a file of the JSON API, whose view checks if the client accepts it."""
    return is_api_request() and (request.endpoint or "").startswith(FILES)


def has_authorization() -> bool:
    """Return whether the request has a non-empty Authorization header."""
    return bool(request.headers.get("Authorization", "").strip())


def bearer_token() -> Token | None:
    """Return the token in the Authorization header, not yet verified.

    Returns None for another scheme, a malformed token, or one of a type that doesn't authenticate requests.
    """
    scheme, _space, text = request.headers.get("Authorization", "").strip().partition(" ")
    if scheme.lower() != _SCHEME:
        return None
    parsed = (Token.parse(text.strip(), kind) for kind in _ACCEPTED)
    return next((token for token in parsed if token is not None), None)
