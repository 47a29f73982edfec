"""Response headers and cache policy."""

from collections.abc import Sequence
from functools import lru_cache

from flask import Flask, Response, request

from app.security.api_requests import is_api_request
from app.security.guard import is_static
from app.storage import storage
from app.web.assets import ASK_AGAIN, FOR_A_YEAR, init_assets, is_current_version
from app.web.htmx import is_htmx

#: Only the listed sources and nothing inline: content injected into a page can neither run nor load or send anything.
_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; font-src 'self'; "
    "media-src 'self'; connect-src 'self'; worker-src 'self'; manifest-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)

#: A rep on an appointment records audio and needs directions; no other device feature is used.
PERMISSIONS_POLICY = "camera=(), geolocation=(self), microphone=(self), payment=(), usb=()"

#: Two years, as required by browsers' preload lists.
STRICT_TRANSPORT_SECURITY = "max-age=63072000; includeSubDomains"

_NO_STORE = "no-store"
_VARY_OF_PAGES = ("Accept", "Cookie", "HX-Request", "HX-Request-Type")
_VARY_OF_API = ("Authorization", "Accept", "Accept-Language")


def init_headers(app: Flask) -> None:
    """Add the headers to every response, including errors, and a version to the URLs of static files."""
    init_assets(app)
    app.after_request(_add_headers)


@lru_cache(maxsize=8)
def _of_every_response(files: str | None) -> Sequence[tuple[str, str]]:
    """Return the headers of every response, which no view sets; recordings can be played from the origin `files`."""
    policy = _POLICY if files is None else _POLICY.replace("media-src 'self'", f"media-src 'self' {files}")
    return (
        ("Server", "switchboard"),  # replaces the server's own, which would reveal what to attack
        ("Content-Security-Policy", policy),
        ("X-Content-Type-Options", "nosniff"),
        ("X-Robots-Tag", "noindex"),
        # Our own pages need to know where a form came from; other sites learn nothing.
        ("Referrer-Policy", "same-origin"),
        ("Permissions-Policy", PERMISSIONS_POLICY),
        ("Cross-Origin-Opener-Policy", "same-origin"),
        ("Cross-Origin-Resource-Policy", "same-origin"),
    )


def _add_headers(response: Response) -> Response:
    headers = response.headers
    headers.extend(_of_every_response(storage().origin))  # setting each would search for it among the others
    if is_htmx():
        # Missing from a proxy's own pages: static/js/fragments.js swaps in no others.
        headers["X-Answered-By"] = "switchboard"
    if request.is_secure:
        headers["Strict-Transport-Security"] = STRICT_TRANSPORT_SECURITY
    if request.endpoint is not None and is_static(request.endpoint) and response.status_code < 400:
        headers["Cache-Control"] = FOR_A_YEAR if is_current_version() else ASK_AGAIN
    else:
        headers.setdefault("Cache-Control", _NO_STORE)
        if not response.cache_control.public:
            response.vary.update(_VARY_OF_API if is_api_request() else _VARY_OF_PAGES)
    return response
