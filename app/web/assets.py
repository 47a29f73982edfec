"""Addresses of static files carry the digest of their content, so that a browser keeps them until they change."""

import hashlib
from functools import cache
from pathlib import Path
from typing import Any

from flask import Flask, current_app, request, url_for

from app.web.render_context import current_render_context

#: How long an address with a digest is kept, and one without.
FOR_A_YEAR = "public, max-age=31536000, immutable"
ASK_AGAIN = "public, max-age=3600"

_DIGEST_LENGTH = 12


def init_assets(app: Flask) -> None:
    """Let `url_for("static", …)` add `?v=<digest>`."""
    app.url_defaults(_add_version)


def asset_url(path: str) -> str:
    """Address of a file under static/, for example "js/ui.js"; kept for a page: every icon asks for the same."""
    addresses = current_render_context().assets
    known = addresses.get(path)
    if known is None:
        known = addresses[path] = url_for("static", filename=path)
    return known


def is_current_version() -> bool:
    """Whether this request for a static file names the content that is there now."""
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
    """Kept until the file changes, which it does only while somebody develops."""
    return hashlib.sha256(path.read_bytes()).hexdigest()[:_DIGEST_LENGTH]
