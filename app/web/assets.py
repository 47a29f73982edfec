"""URLs of static files, which contain a digest of the content so that browsers cache them until they change."""

import hashlib
from functools import cache
from pathlib import Path
from typing import Any

from flask import Flask, current_app, request

from app.web.render_context import current_render_context

#: Cache lifetime of a URL with a digest, and of one without.
FOR_A_YEAR = "public, max-age=31536000, immutable"
ASK_AGAIN = "public, max-age=3600"

_DIGEST_LENGTH = 12


def init_assets(app: Flask) -> None:
    """Make `url_for("static", …)` add `?v=<digest>`."""
    app.url_defaults(_add_version)


def asset_url(path: str) -> str:
    """Return the URL of a file under static/, for example "js/ui.js"."""
    return current_render_context().asset_url(path)


def is_current_version() -> bool:
    """Return whether this request for a static file names the current content."""
    wanted = request.args.get("v")
    filename = (request.view_args or {}).get("filename")
    return wanted is not None and filename is not None and wanted == _version(filename)


def _add_version(endpoint: str, values: dict[str, Any]) -> None:
    if endpoint == "static" and "v" not in values and (version := _version(values["filename"])):
        values["v"] = version


def _version(filename: str) -> str | None:
    if current_app.static_folder is None:
        return None
    path = Path(current_app.static_folder, filename)
    try:
        changed = path.stat().st_mtime_ns
    except OSError:
        return None
    return _digest(path, changed)


@cache
def _digest(path: Path, _changed: int) -> str:
    """Return the digest of a file, cached until the file changes, which happens only in development."""
    return hashlib.sha256(path.read_bytes()).hexdigest()[:_DIGEST_LENGTH]
