"""The token of forms against requests of other sites (CSRF), other letters in each answer.

A secret that stands in every page in the same letters could be found out by how well the page compresses (BREACH). So
what Flask-WTF signs goes out under a random mask, and is unmasked when it comes back.
"""

import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask, current_app, g, request
from flask_wtf import CSRFProtect
from flask_wtf.csrf import generate_csrf

View = TypeVar("View", bound=Callable[..., Any])

_KEY = "switchboard_without_form_token"


def without_form_token(view: View) -> View:
    """For what programs send that have no page of ours: its address holds what nobody else knows. Stands below the
    route."""
    setattr(view, _KEY, True)
    return view


class _MaskedCSRFProtect(CSRFProtect):  # type: ignore[misc]  # flask-wtf says nothing of its types
    def _get_csrf_token(self) -> str | None:
        sent: str | None = super()._get_csrf_token()
        # One without a mask has a dot; forms that were open when this release came still send it.
        return sent if sent is None or "." in sent else _unmasked(sent)

    def protect(self, apply_exemptions: bool = False) -> None:
        """Refuse what does not bear the token, where one is asked for."""
        if not getattr(current_app.view_functions.get(request.endpoint or ""), _KEY, False):
            super().protect(apply_exemptions=apply_exemptions)


def init_form_token(app: Flask) -> None:
    """Check every form, and give templates the masked token as `csrf_token()`."""
    _MaskedCSRFProtect(app)
    app.jinja_env.globals["csrf_token"] = masked_token
    # Flask-WTF gives its own to each template, which would go before the global.
    app.context_processor(lambda: {"csrf_token": masked_token})


def masked_token() -> str:
    """The token for the forms of this answer."""
    if "masked_token" not in g:
        token = generate_csrf().encode()
        mask = secrets.token_bytes(len(token))
        g.masked_token = urlsafe_b64encode(mask + _xor(mask, token)).decode()
    masked: str = g.masked_token
    return masked


def _unmasked(sent: str) -> str | None:
    """What was signed; None for what was never masked here."""
    try:
        both = urlsafe_b64decode(sent.encode())
        return _xor(both[: len(both) // 2], both[len(both) // 2 :]).decode()
    except ValueError:
        return None


def _xor(one: bytes, other: bytes) -> bytes:
    return (int.from_bytes(one) ^ int.from_bytes(other)).to_bytes(len(other))
