"""Appearance of a page: the user's choice, or a visitor's in this browser, else the device's."""

from datetime import timedelta
from typing import Any

from flask import Flask, Response, g, has_request_context
from flask_babel import get_locale

from app.models import Density, Theme
from app.security.actor import loaded_actor
from app.security.cookies import delete_cookie, read_cookie, set_cookie
from app.web.value_words import LANGUAGES

_THEME_COOKIE = "theme"
_DENSITY_COOKIE = "density"
_A_YEAR = timedelta(days=365)


def init_appearance(app: Flask) -> None:
    """Pass the values that the layout needs to every template."""
    app.context_processor(_layout_values)


def keep_in_browser(response: Response, **looks: str | None) -> Response:
    """Store appearance settings in cookies, for people who are not signed in; None deletes a cookie.

    The names are language, theme and density. Returns `response`.
    """
    for name, value in looks.items():
        if value is None:
            delete_cookie(response, name)
        else:
            set_cookie(response, name, value, _A_YEAR)
    return response


def _layout_values() -> dict[str, Any]:
    """Return the layout's values without queries: the page can be about an unreachable database."""
    actor = loaded_actor() if has_request_context() else None
    return {
        "actor": actor,
        "visitor": g.get("visitor") if has_request_context() else None,
        "theme": actor.theme if actor else _cookie(_THEME_COOKIE, Theme),
        "density": actor.density if actor else _cookie(_DENSITY_COOKIE, Density),
        "locale": get_locale(),
        "languages": LANGUAGES,
        "request_id": g.get("request_id"),
    }


def _cookie(name: str, values: type[Theme] | type[Density]) -> str | None:
    chosen = read_cookie(name) if has_request_context() else None
    return chosen if chosen in set(values) else None
