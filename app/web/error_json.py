"""JSON of an error, as documented in the API's description."""

from datetime import UTC, datetime
from typing import Any

from flask import jsonify
from flask.wrappers import Response
from pydantic.alias_generators import to_camel
from pydantic_core import to_jsonable_python

from app.errors import DomainError
from app.security.api_requests import DOCS_PATH, is_api_request
from app.web.requests import request_id

API_VERSION = "1"


def error_response(error: DomainError) -> Response:
    """Return the JSON response for an error, with the error's status.

    Its body is `{success: false, error: {code, message, details, traceId, …}, meta}`; for clients of the API, meta
    links to the explanation of the code.
    """
    is_for_programs = is_api_request()
    body: dict[str, Any] = {
        "code": error.code,
        "message": error.sentence_for_programs if is_for_programs else error.sentence,
        "details": [
            {"field": wrong.field, "message": str(wrong.message), "code": wrong.code} for wrong in error.field_errors
        ],
        "traceId": request_id(),
        **in_camel_case(to_jsonable_python(error.extra, fallback=str)),
    }
    links = {"links": {"docs": f"{DOCS_PATH}#{error.code}"}} if is_for_programs else {}
    response = jsonify(success=False, error=body, meta={**meta(), **links})
    response.status_code = error.status
    return response


def meta() -> dict[str, str]:
    """Return the metadata that every JSON response contains: time, API version and request ID."""
    now = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    return {"timestamp": now, "version": API_VERSION, "requestId": request_id()}


def in_camel_case(value: Any) -> Any:
    """Convert all names of a JSON value to the API's camel case."""
    if isinstance(value, dict):
        return {to_camel(name): in_camel_case(item) for name, item in value.items()}
    if isinstance(value, list):
        return [in_camel_case(item) for item in value]
    return value
