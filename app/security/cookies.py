"""Cookies, set and read in a uniform way.

With TLS, their names begin with `__Host-`: browsers then accept them only from this host and only over TLS, so that no
other host of the domain can set one. For one release, the previous names without the prefix are read too if the new
cookie is missing, so that the change signs no one out.
"""

from datetime import timedelta

from flask import Flask, Request, Response, current_app, request
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface, SessionMixin
from itsdangerous import BadSignature, URLSafeTimedSerializer

from app.security.api_requests import is_api_request

_HOST_ONLY = "__Host-"

#: Cookies that were set without the prefix, besides Flask's own, and the release that stops reading them.
NAMES_OF_BEFORE = frozenset({"switchboard_session", "theme", "density", "language"})
NAMES_OF_BEFORE_END_WITH = "0.1.0"


def init_cookies(app: Flask) -> None:
    """Apply the naming rule to Flask's session cookie."""
    app.session_interface = _SessionCookie()


def cookie_name(name: str) -> str:
    """Return the name of the cookie in the browser."""
    return f"{_HOST_ONLY}{name}" if _is_secure() else name


def read_cookie(name: str) -> str | None:
    """Return the cookie's value as sent by the browser, or None; the JSON API reads no cookies."""
    if is_api_request():
        return None
    before = request.cookies.get(name) if name in NAMES_OF_BEFORE else None
    return request.cookies.get(cookie_name(name), before)


def set_cookie(response: Response, name: str, value: str, lasts: timedelta) -> Response:
    """Set a cookie that scripts can't read and that is not sent with other sites' forms.

    Returns `response`.
    """
    _delete(response, {name} - {cookie_name(name)})
    response.set_cookie(
        cookie_name(name), value, max_age=lasts, httponly=True, samesite="Lax", secure=_is_secure(), path="/"
    )
    return response


def delete_cookie(response: Response, name: str) -> Response:
    """Delete the cookie in the browser, if it was sent; return `response`."""
    _delete(response, {name, cookie_name(name)})
    return response


class _SessionCookie(SecureCookieSessionInterface):
    """Flask's session interface, extended to read the cookie under its previous name too."""

    def __init__(self) -> None:
        self._serializer: URLSafeTimedSerializer | None = None

    def get_cookie_name(self, app: Flask) -> str:
        return cookie_name(super().get_cookie_name(app))

    def get_signing_serializer(self, app: Flask) -> URLSafeTimedSerializer | None:
        """Return one serializer for the whole process; Flask creates one each time a session is opened or saved."""
        if self._serializer is None:
            self._serializer = super().get_signing_serializer(app)
        return self._serializer

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        """Open the session, from the cookie with the previous name if the new one is missing.

        For the JSON API, it is always empty; its documentation is a page.
        """
        if is_api_request():
            return self.session_class()
        before = request.cookies.get(super().get_cookie_name(app))
        serializer = self.get_signing_serializer(app)
        if before is None or serializer is None or self.get_cookie_name(app) in request.cookies:
            return super().open_session(app, request)
        try:
            return self.session_class(
                serializer.loads(before, max_age=int(app.permanent_session_lifetime.total_seconds()))
            )
        except BadSignature:
            return self.session_class()

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Save the session; if the session was modified, delete the cookie with the previous name."""
        if session.modified:
            _delete(response, {super().get_cookie_name(app)} - {self.get_cookie_name(app)})
        super().save_session(app, session, response)


def _delete(response: Response, names: set[str]) -> None:
    for presented in names & request.cookies.keys():
        response.delete_cookie(presented, httponly=True, samesite="Lax", secure=_is_secure(), path="/")


def _is_secure() -> bool:
    return bool(current_app.config["SESSION_COOKIE_SECURE"])
