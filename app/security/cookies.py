"""Cookies, set and read in one way.

Where TLS is, their names begin with `__Host-`: browsers then take them from this host alone, and only over TLS, so
that no other host of the domain can slip one in. For one release the names without it that were given before are read
too, where the new one is not there: nobody is signed out by the change.
"""

from datetime import timedelta

from flask import Flask, Request, Response, current_app, request
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface, SessionMixin
from itsdangerous import BadSignature, URLSafeTimedSerializer

_HOST_ONLY = "__Host-"

#: Cookies that were given by their plain names, Flask's own besides; and the release after which they are forgotten.
NAMES_OF_BEFORE = frozenset({"switchboard_session", "theme", "density", "language"})
NAMES_OF_BEFORE_END_WITH = "0.1.0"


def init_cookies(app: Flask) -> None:
    """Name Flask's own cookie by the same rule."""
    app.session_interface = _SessionCookie()


def cookie_name(name: str) -> str:
    """What browsers know the cookie `name` by."""
    return f"{_HOST_ONLY}{name}" if _is_secure() else name


def read_cookie(name: str) -> str | None:
    """What the browser presents as `name`."""
    before = request.cookies.get(name) if name in NAMES_OF_BEFORE else None
    return request.cookies.get(cookie_name(name), before)


def set_cookie(response: Response, name: str, value: str, lasts: timedelta) -> Response:
    """Give the browser a cookie: not readable by scripts, not sent along by other sites' forms."""
    _delete(response, {name} - {cookie_name(name)})
    response.set_cookie(
        cookie_name(name), value, max_age=lasts, httponly=True, samesite="Lax", secure=_is_secure(), path="/"
    )
    return response


def delete_cookie(response: Response, name: str) -> Response:
    """Have the browser forget `name`, if it has presented it."""
    _delete(response, {name, cookie_name(name)})
    return response


class _SessionCookie(SecureCookieSessionInterface):
    """Flask's session, which it would read by one name only."""

    def __init__(self) -> None:
        self._serializer: URLSafeTimedSerializer | None = None

    def get_cookie_name(self, app: Flask) -> str:
        return cookie_name(super().get_cookie_name(app))

    def get_signing_serializer(self, app: Flask) -> URLSafeTimedSerializer | None:
        """The same for the life of the process; Flask makes one anew whenever a session is opened or saved."""
        if self._serializer is None:
            self._serializer = super().get_signing_serializer(app)
        return self._serializer

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        """As Flask does, and from the name of before where the new one is not there."""
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
        """What is saved anew, or emptied, no longer stands under the name of before."""
        if session.modified:
            _delete(response, {super().get_cookie_name(app)} - {self.get_cookie_name(app)})
        super().save_session(app, session, response)


def _delete(response: Response, names: set[str]) -> None:
    for presented in names & request.cookies.keys():
        response.delete_cookie(presented, httponly=True, samesite="Lax", secure=_is_secure(), path="/")


def _is_secure() -> bool:
    return bool(current_app.config["SESSION_COOKIE_SECURE"])
