"""Style and script bundles assembled from files under static/css and static/js.

Every page loads the `app` bundles; pages for signed-in users also load the `work` bundles, so that a visitor's first
page does not have to wait for them. A few pages load a script bundle of their own, such as `recorder` and `rep`.
Sources are separate for reading and are served as one: a few requests instead of dozens, and less to transfer, also
because comments and indentation are removed.
"""

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from time import monotonic

from flask import Flask, Response, current_app, request, url_for
from rjsmin import jsmin

from app.security.guard import public
from app.web.assets import ASK_AGAIN, FOR_A_YEAR
from app.web.concurrency_limit import answers_always
from app.web.maintenance import open_during_maintenance


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of file: its suffix, its minifier, and the text placed around each source."""

    ending: str
    mimetype: str
    pack: Callable[[str], str]
    around: str = "{}"


@dataclass(frozen=True, slots=True)
class Bundle:
    """Sources that are served as one file, in this order, and their kind."""

    kind: Kind
    names: tuple[str, ...]


def _styles_packed(text: str) -> str:
    """Remove comments and collapse whitespace, and nothing else.

    Stronger minifiers break nested rules: they join `.a :is(b)` into one selector.
    """
    return _STRING_OR_FILLING.sub(lambda found: found["string"] or " ", text)


_STRING_OR_FILLING = re.compile(r"""(?P<string>"[^"]*"|'[^']*')|(/\*.*?\*/|\s)+""", re.DOTALL)

_STYLES = Kind("css", "text/css", _styles_packed)
# Each in a block of its own, so that their functions don't collide.
_SCRIPTS = Kind("js", "text/javascript", jsmin, around="{{\n{}\n}}")

_GROUND = ("tokens", "base", "layout")
_LAST = ("utilities", "output")

#: By file name. Styles are in the order of the cascade layers; within a layer, later files override earlier ones.
BUNDLES = {
    "app.css": Bundle(
        _STYLES,
        (
            "tokens",
            "base",
            "layout",
            "shell",
            "buttons",
            "forms",
            "panels",
            "overlays",
            "accounts",
            "utilities",
            "output",
        ),
    ),
    "work.css": Bundle(
        _STYLES,
        (
            *("filters", "stats", "table", "matrix", "charts", "audit", "call"),
            *("contacts", "merge", "queue", "funnel", "team", "tasks", "leads", "appointments", "side-panel"),
            *("calendar", "calendar_places", "notifications", "search", "rep", "recordings", "imports", "sheet"),
        ),
    ),
    "docs.css": Bundle(_STYLES, ("docs",)),
    "app.js": Bundle(
        _SCRIPTS,
        ("theme", "overlays", "session", "forms", "focus", "fragments"),
    ),
    "work.js": Bundle(
        _SCRIPTS,
        (
            *("shortcuts", "lists", "bell", "freshness", "queue", "appointments", "imports"),
            *("side-panel", "palette", "device", "pieces", "unsent"),
        ),
    ),
    "recorder.js": Bundle(_SCRIPTS, ("discard", "microphone", "recorder")),
    "rep.js": Bundle(_SCRIPTS, ("discard", "microphone", "recorder", "offline")),
    # Served at the path whose pages it controls: app/insight/dashboards/rep_device_views.py.
    "worker.js": Bundle(_SCRIPTS, ("worker",)),
}


def init_bundles(app: Flask) -> None:
    """Serve each bundle from the folder of its sources, so that relative font URLs work."""
    view = answers_always(open_during_maintenance(public(_bundle)))
    for name, bundle in BUNDLES.items():
        path = f"{app.static_url_path}/{bundle.kind.ending}/{name}"
        app.add_url_rule(path, "bundle", view, defaults={"name": name})


def bundle_url(name: str) -> str:
    """Return the bundle's URL with the digest of its content, so that browsers can cache it.

    Sources are checked for changes once a second: checking every file for each page took half a millisecond.
    """
    return _address(request.root_path, name, int(monotonic()))


def bundle_text(name: str) -> str:
    """Return the content of a bundle, for a route of its own."""
    return _put_together(name)


def bundles_version() -> str:
    """Return a digest that changes with every bundle."""
    return _digest("".join(_put_together(name) for name in BUNDLES))


@lru_cache(maxsize=4 * len(BUNDLES))
def _address(_root: str, name: str, _second: int) -> str:
    return url_for("bundle", name=name, v=_digest(_put_together(name)))


def _bundle(name: str) -> Response:
    text = _put_together(name)
    response = Response(text, mimetype=BUNDLES[name].kind.mimetype)
    is_current = request.args.get("v") == _digest(text)
    response.headers["Cache-Control"] = FOR_A_YEAR if is_current else ASK_AGAIN
    return response


def _put_together(name: str) -> str:
    paths = _paths(current_app.static_folder or "static", name)
    return _read(paths, tuple(path.stat().st_mtime_ns for path in paths), name)


@cache
def _paths(static_folder: str, name: str) -> tuple[Path, ...]:
    bundle = BUNDLES[name]
    ending = bundle.kind.ending
    return tuple(Path(static_folder, ending, f"{part}.{ending}") for part in bundle.names)


@cache
def _read(paths: tuple[Path, ...], _changed: tuple[int, ...], name: str) -> str:
    """Return the joined sources, cached until one changes, which happens only in development."""
    kind = BUNDLES[name].kind
    return "\n".join(kind.around.format(kind.pack(path.read_text(encoding="utf-8"))) for path in paths)


@cache
def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:12]
