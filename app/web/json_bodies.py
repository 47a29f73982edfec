"""JSON bodies of requests."""

from typing import Any

from flask import request

from app.errors import UnsupportedMediaType
from app.strict_json import parse_json

JSON = "application/json"
#: JSON as a type of content, with its characters.
JSON_TYPE = f"{JSON}; charset=utf-8"
BYTES = "application/octet-stream"
MERGE_PATCH = "application/merge-patch+json"
_CHARSETS = frozenset({"utf-8", "utf8"})


def refuse_other_media_types(*, is_patch: bool = False) -> None:
    """Raise UnsupportedMediaType for a body that is not JSON in UTF-8; a request without a body needs no type."""
    if not has_body() and not request.mimetype:
        return
    accepted = {JSON, MERGE_PATCH} if is_patch else {JSON}
    charset = request.mimetype_params.get("charset", "utf-8").casefold()
    if request.mimetype not in accepted or charset not in _CHARSETS or request.content_encoding:
        raise UnsupportedMediaType


def has_body() -> bool:
    """Return whether the request has a body, of a declared length or not."""
    return bool(request.content_length) or "chunked" in request.headers.get("Transfer-Encoding", "").lower()


def read_json() -> Any:
    """Return the body of the request; an empty object if it has none. Raises InvalidJson and PayloadTooLarge."""
    raw = request.get_data(cache=True)
    return parse_json(raw) if raw else {}
