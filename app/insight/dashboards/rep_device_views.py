"""Views that make the rep's day an installable app: its service worker and its manifest."""

from flask import Response, jsonify, url_for

from app.insight.dashboards.views import dashboards
from app.security.guard import public
from app.web.assets import asset_url
from app.web.bundles import bundle_text, bundles_version

_WORKER = "worker.js"
#: Theme and splash screen colors: tokens of the light theme.
_ACCENT, _PAPER = "#0f5f86", "#ffffff"
_ICONS = (("192", "any"), ("512", "any"), ("512", "maskable"))


@dashboards.get("/rep/worker.js")
@public
def rep_worker() -> Response:
    """Return the service worker, which changes with every version of the bundles.

    Public: it contains no user data, and browsers check for updates even if no one is signed in.
    """
    text = f'const VERSION = "{bundles_version()}";\n{bundle_text(_WORKER)}'
    response = Response(text, mimetype="text/javascript")
    response.headers["Service-Worker-Allowed"] = url_for(".rep")
    response.headers["Cache-Control"] = "no-cache"
    return response


@dashboards.get("/rep/manifest.webmanifest")
@public
def rep_manifest() -> Response:
    """Return the web app manifest.

    Public, because browsers request it without credentials.
    """
    day = url_for(".rep")
    response = jsonify(
        id=day,
        name="Switchboard",
        short_name="Switchboard",
        start_url=day,
        scope="/",
        display="standalone",
        theme_color=_ACCENT,
        background_color=_PAPER,
        icons=[
            {"src": asset_url(_icon(size, purpose)), "sizes": f"{size}x{size}", "type": "image/png", "purpose": purpose}
            for size, purpose in _ICONS
        ],
    )
    response.mimetype = "application/manifest+json"
    response.headers["Cache-Control"] = "no-cache"
    return response


def _icon(size: str, purpose: str) -> str:
    return f"icons/{'maskable' if purpose == 'maskable' else 'icon'}-{size}.png"
