"""Routes of the app by who requests them: people in a browser, or programs."""

from collections.abc import Iterator

from flask import Flask
from werkzeug.routing import Rule

from app.api.routes import PREFIX


def page_routes(app: Flask) -> Iterator[Rule]:
    """Yield the routes that browsers request; those of the JSON API have a walk of their own."""
    return (rule for rule in app.url_map.iter_rules() if not rule.rule.startswith((PREFIX, "/api/client/")))
