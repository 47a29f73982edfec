"""The description of the API for programs, at `/api/openapi.json`."""

from flask import Blueprint, Response, current_app, request
from pydantic_core import to_json

from app.api.document.openapi import description_of
from app.security.guard import public
from app.web.assets import ASK_AGAIN

document = Blueprint("api_document", __name__, url_prefix="/api")

_KEY = "switchboard_openapi_json"


@document.get("/openapi.json")
@public
def show_openapi() -> Response:
    """Return the description of the API."""
    response = Response(_as_json(), content_type="application/json; charset=utf-8")
    response.headers["Cache-Control"] = ASK_AGAIN
    response.add_etag()
    response.make_conditional(request)
    return response


def _as_json() -> bytes:
    if _KEY not in current_app.extensions:
        current_app.extensions[_KEY] = to_json(description_of(current_app))
    found: bytes = current_app.extensions[_KEY]
    return found
