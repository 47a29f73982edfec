"""CSRF token of forms, written differently in each response.

A constant secret in every page could be guessed from how well the page compresses (BREACH). The token signed by
Flask-WTF is therefore sent under a random mask, and unmasked when it returns.
"""

import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask, current_app, g, request
from flask_wtf import CSRFProtect
from flask_wtf.csrf import generate_csrf

from app.security.api_requests import is_api_request

View = TypeVar("View", bound=Callable[..., Any])

_KEY = "switchboard_without_form_token"


def without_form_token(view: View) -> View:
    """Exempt a view for programs from the CSRF check, because its URL contains a secret.

    Must be placed below the route decorator.
    """
    setattr(view, _KEY, True)
    return view


class _MaskedCSRFProtect(CSRFProtect):  # type: ignore[misc]  # flask-wtf says nothing of its types
    def _get_csrf_token(self) -> str | None:
        sent: str | None = super()._get_csrf_token()
        # An unmasked token contains a dot; forms opened before this release still send it.
        return sent if sent is None or "." in sent else _unmasked(sent)

    def protect(self, apply_exemptions: bool = False) -> None:
        """Reject requests without the token, unless the view is exempt or the request is for the JSON API.

        No browser adds an Authorization header to the form of another site.
        """
        if not is_api_request() and not getattr(current_app.view_functions.get(request.endpoint or ""), _KEY, False):
            super().protect(apply_exemptions=apply_exemptions)


def init_form_token(app: Flask) -> None:
    """Check every form, and provide the masked token to templates as `csrf_token()`."""
    _MaskedCSRFProtect(app)
    app.jinja_env.globals["csrf_token"] = masked_token
    # Flask-WTF adds its own to each template, which would override the global.
    app.context_processor(lambda: {"csrf_token": masked_token})


def masked_token() -> str:
    """Return the token for the forms of this response."""
    masked: str | None = g.get("masked_token")
    if masked is None:
        token = generate_csrf().encode()
        mask = secrets.token_bytes(len(token))
        masked = g.masked_token = urlsafe_b64encode(mask + _xor(mask, token)).decode()
    return masked


def _unmasked(sent: str) -> str | None:
    """Return the signed token, or None if `sent` is not a masked token."""
    try:
        both = urlsafe_b64decode(sent.encode())
        return _xor(both[: len(both) // 2], both[len(both) // 2 :]).decode()
    except ValueError:
        return None


def _xor(one: bytes, other: bytes) -> bytes:
    return (int.from_bytes(one) ^ int.from_bytes(other)).to_bytes(len(other))
