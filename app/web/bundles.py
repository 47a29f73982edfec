"""The one stylesheet and the one script of every page, each put together from the files under static/css and static/js.

They are kept apart to be read and served as one: two requests instead of 23, and 8 kB less over the wire; without their
comments and indentation 6 kB less again.
"""

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from flask import Flask, Response, current_app, request, url_for
from rjsmin import jsmin

from app.security.guard import public
from app.web.concurrency_limit import answers_always
from app.web.maintenance import open_during_maintenance


@dataclass(frozen=True, slots=True)
class Bundle:
    """Files that are served as one: their kind, what takes comments and indentation out of a text, the names in order,
    and what stands around the text of each."""

    mimetype: str
    pack: Callable[[str], str]
    names: tuple[str, ...]
    around: str = "{}"


def _styles_packed(text: str) -> str:
    """`text` without comments, each white space one blank: packers that take more join `.a :is(b)` in nested rules."""
    return _STRING_OR_FILLING.sub(lambda found: found["string"] or " ", text)


_STRING_OR_FILLING = re.compile(r"""(?P<string>"[^"]*"|'[^']*')|(/\*.*?\*/|\s)+""", re.DOTALL)

#: Kind of file → what all pages load of it.
BUNDLES = {
    # In the order of the layers; within a layer a later file wins over an earlier one.
    "css": Bundle(
        "text/css",
        _styles_packed,
        (
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
            "output",
        ),
    ),
    # Each in a block of its own: their functions do not meet.
    "js": Bundle(
        "text/javascript",
        jsmin,
        ("theme", "overlays", "session", "forms", "fragments", "lists", "shortcuts"),
        around="{{\n{}\n}}",
    ),
}

_FOR_A_YEAR = "public, max-age=31536000, immutable"


def init_bundles(app: Flask) -> None:
    """Serve each beside its parts, so that the addresses of fonts in them hold."""
    view = answers_always(open_during_maintenance(public(_bundle)))
    for kind in BUNDLES:
        app.add_url_rule(f"{app.static_url_path}/{kind}/app.{kind}", "bundle", view, defaults={"kind": kind})


def bundle_url(kind: str) -> str:
    """Its address with the digest of its content: a browser keeps it until one of the parts changes."""
    return url_for("bundle", kind=kind, v=_digest(_put_together(kind)))


def _bundle(kind: str) -> Response:
    text = _put_together(kind)
    response = Response(text, mimetype=BUNDLES[kind].mimetype)
    if request.args.get("v") == _digest(text):
        response.headers["Cache-Control"] = _FOR_A_YEAR
    return response


def _put_together(kind: str) -> str:
    paths = _paths(current_app.static_folder or "static", kind)
    return _read(paths, tuple(path.stat().st_mtime_ns for path in paths), kind)


@cache
def _paths(static_folder: str, kind: str) -> tuple[Path, ...]:
    return tuple(Path(static_folder, kind, f"{name}.{kind}") for name in BUNDLES[kind].names)


@cache
def _read(paths: tuple[Path, ...], _changed: tuple[int, ...], kind: str) -> str:
    """Kept until a part changes, which it does only while somebody develops."""
    bundle = BUNDLES[kind]
    return "\n".join(bundle.around.format(bundle.pack(path.read_text(encoding="utf-8"))) for path in paths)


@cache
def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:12]
