"""The description of the API: for programs at `/api/openapi.json`, for people at `/api/docs`."""

from flask import Blueprint, Response, current_app, redirect, render_template, request, url_for
from flask_babel import get_locale
from markupsafe import Markup
from pydantic_core import to_json
from werkzeug.wrappers import Response as Redirect

from app.api.document.docs_page import Docs, docs_errors
from app.api.document.openapi import RATE, ROWS_A_DAY, description_of
from app.security.api_requests import DOCS_PATH
from app.security.guard import public
from app.web.assets import ASK_AGAIN

document = Blueprint("api_document", __name__)

_PAGES = "switchboard_api_docs"
_KEY = "switchboard_openapi_json"


@document.get("/api/openapi.json")
@public
def show_openapi() -> Response:
    """Return the description of the API."""
    response = Response(_as_json(), content_type="application/json; charset=utf-8")
    response.headers["Cache-Control"] = ASK_AGAIN
    response.add_etag()
    response.make_conditional(request)
    return response


@document.get(DOCS_PATH)
@public
def show_docs() -> str:
    """Show the documentation of the API."""
    return render_template("api/docs.html", reference=_reference())


@document.get("/api-docs")
@public
def lead_to_docs() -> Redirect:
    """Redirect to the documentation."""
    return redirect(url_for("api_document.show_docs"), 301)


def _reference() -> Markup:
    """Return the contents of the documentation, rendered once per process and language."""
    pages: dict[str, Markup] = current_app.extensions.setdefault(_PAGES, {})
    language = str(get_locale())
    if language not in pages:
        address: str = current_app.config["SETTINGS"].address  # not the requested host: the page is kept for others
        docs = Docs(description_of(current_app))
        text = render_template(
            "api/_reference.html", docs=docs, errors=docs_errors(), rate=RATE, rows=ROWS_A_DAY, address=address
        )
        pages[language] = Markup(text)  # noqa: S704 - a template, which escapes
    return pages[language]


def _as_json() -> bytes:
    if _KEY not in current_app.extensions:
        current_app.extensions[_KEY] = to_json(description_of(current_app))
    found: bytes = current_app.extensions[_KEY]
    return found
