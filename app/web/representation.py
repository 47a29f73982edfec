"""In which form a request is answered: a page, a fragment for HTMX, or JSON for a program."""

from enum import Enum, auto

from flask import Flask, request

from app.errors import NotAcceptable
from app.web.htmx import wants_fragment

API_PREFIX = "/api/"

#: Nobody looks at these with a browser, so their errors are JSON whatever the Accept header says.
_FOR_PROGRAMS = (API_PREFIX, "/health/", "/metrics", "/webhooks/")


class Representation(Enum):
    """What an answer is made of."""

    PAGE = auto()
    FRAGMENT = auto()
    JSON = auto()


def init_representation(app: Flask) -> None:
    """Refuse, before any work is done, an API request that would not take the JSON it gets."""
    app.before_request(_refuse_other_than_json)


def wanted_representation() -> Representation:
    """By path first, then by HTMX, then by what the Accept header prefers."""
    if is_for_programs(request.path):
        return Representation.JSON
    if wants_fragment():
        return Representation.FRAGMENT
    accepted = request.accept_mimetypes
    if accepted["application/json"] > accepted["text/html"]:
        return Representation.JSON
    return Representation.PAGE


def is_for_programs(path: str) -> bool:
    """Whether nobody but programs asks for what is there."""
    return path.startswith(_FOR_PROGRAMS)


def _refuse_other_than_json() -> None:
    if request.path.startswith(API_PREFIX) and request.accept_mimetypes and not request.accept_mimetypes.accept_json:
        raise NotAcceptable
