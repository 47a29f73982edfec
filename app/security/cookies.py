"""Cookies, set and read in one way.

Where TLS is, their names begin with `__Host-`: browsers then take them from this host alone, and only over TLS, so
that no other host of the domain can slip one in.
"""

from datetime import timedelta

from flask import Response, current_app, request

_HOST_ONLY = "__Host-"


def cookie_name(name: str) -> str:
    """What browsers know the cookie `name` by."""
    return f"{_HOST_ONLY}{name}" if _is_secure() else name


def read_cookie(name: str) -> str | None:
    """What the browser presents as `name`."""
    return request.cookies.get(cookie_name(name))


def set_cookie(response: Response, name: str, value: str, lasts: timedelta) -> Response:
    """Give the browser a cookie: not readable by scripts, not sent along by other sites' forms."""
    response.set_cookie(
        cookie_name(name), value, max_age=lasts, httponly=True, samesite="Lax", secure=_is_secure(), path="/"
    )
    return response


def delete_cookie(response: Response, name: str) -> Response:
    """Have the browser forget `name`, if it has presented it."""
    if cookie_name(name) in request.cookies:
        response.delete_cookie(cookie_name(name), httponly=True, samesite="Lax", secure=_is_secure(), path="/")
    return response


def _is_secure() -> bool:
    return bool(current_app.config["SESSION_COOKIE_SECURE"])
