"""The one stylesheet of every page, put together from the files under static/css.

They are kept apart to be read and served as one: a single request, and 12 kB compressed instead of 18.
"""

import hashlib
from functools import cache
from pathlib import Path

from flask import Flask, Response, current_app, request, url_for

from app.security.guard import public
from app.web.concurrency_limit import answers_always
from app.web.maintenance import open_during_maintenance

#: In the order of the layers; within a layer a later file wins over an earlier one.
PARTS = (
    "tokens",
    "base",
    "layout",
    "shell",
    "buttons",
    "forms",
    "filters",
    "panels",
    "stats",
    "table",
    "matrix",
    "charts",
    "overlays",
    "call",
    "accounts",
    "audit",
    "utilities",
)

_FOR_A_YEAR = "public, max-age=31536000, immutable"


def init_stylesheet(app: Flask) -> None:
    """Serve it beside its parts, so that the addresses of fonts in them hold."""
    view = answers_always(open_during_maintenance(public(_stylesheet)))
    app.add_url_rule(f"{app.static_url_path}/css/app.css", "stylesheet", view)


def stylesheet_url() -> str:
    """Its address with the digest of its content: a browser keeps it until one of the parts changes."""
    return url_for("stylesheet", v=_digest(_put_together()))


def _stylesheet() -> Response:
    css = _put_together()
    response = Response(css, mimetype="text/css")
    if request.args.get("v") == _digest(css):
        response.headers["Cache-Control"] = _FOR_A_YEAR
    return response


def _put_together() -> str:
    paths = _paths(current_app.static_folder or "static")
    return _read(paths, tuple(path.stat().st_mtime_ns for path in paths))


@cache
def _paths(static_folder: str) -> tuple[Path, ...]:
    return tuple(Path(static_folder, "css", f"{part}.css") for part in PARTS)


@cache
def _read(paths: tuple[Path, ...], _changed: tuple[int, ...]) -> str:
    """Kept until a part changes, which it does only while somebody develops."""
    return "\n".join(path.read_text(encoding="utf-8") for path in paths)


@cache
def _digest(css: str) -> str:
    return hashlib.sha256(css.encode()).hexdigest()[:12]
