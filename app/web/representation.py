"""Representation of a response: a page, a fragment for HTMX, or JSON for a program."""

from enum import Enum, auto

from flask import Flask, request

from app.errors import NotAcceptable
from app.security.api_requests import API_PREFIX, is_api_request, is_for_file, is_operation
from app.web.htmx import wants_fragment

#: Not opened in browsers, so their errors are JSON whatever the Accept header contains.
_FOR_PROGRAMS = (API_PREFIX, "/health/", "/metrics", "/webhooks/")


class Representation(Enum):
    """Kinds of response bodies."""

    PAGE = auto()
    FRAGMENT = auto()
    JSON = auto()


def init_representation(app: Flask) -> None:
    """Reject, before any work is done, API requests that don't accept JSON."""
    app.before_request(_refuse_other_than_json)


def wanted_representation() -> Representation:
    """Return the representation for this request: decided by its path, then by HTMX, then by Accept."""
    if is_for_programs(request.path):
        return Representation.JSON
    if wants_fragment():
        return Representation.FRAGMENT
    accepted = request.accept_mimetypes
    if accepted["application/json"] > accepted["text/html"]:
        return Representation.JSON
    return Representation.PAGE


def is_for_programs(path: str) -> bool:
    """Return whether only programs, not browsers, request this path."""
    return path.startswith(_FOR_PROGRAMS)


def refuse_other_than_json() -> None:
    """Raise NotAcceptable for a request that doesn't accept JSON."""
    if request.accept_mimetypes and not request.accept_mimetypes.accept_json:
        raise NotAcceptable


def refuse_other_than(*media_types: str) -> None:
    """Raise NotAcceptable for a request that accepts none of these media types."""
    accepted = request.accept_mimetypes
    if accepted and not any(accepted[media_type] for media_type in media_types):
        raise NotAcceptable


def _refuse_other_than_json() -> None:
    if is_api_request() and request.endpoint is not None and not is_operation() and not is_for_file():
        refuse_other_than_json()
