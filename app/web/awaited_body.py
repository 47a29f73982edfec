"""A body that does not come with its head is waited for only when the request would get in without it.

The server (`app.server.gateway`) first asks for the request without its body. Route, size, address, session and
permission are looked at as always; where nothing is against it, the answer is how much may come, and the server waits
outside, where it holds no place. Then the request is made again with its body, or with the news that it did not come.
Who has asked too often already is refused the first time; asking is counted the second time.
"""

from enum import StrEnum

from flask import Flask, Response, request

from app.errors import BodyTimeout, Overloaded, PayloadTooLarge
from app.web.request_limits import BODY_BYTES, is_upload

#: Names in the environment of a request: what has become of its body, and how long it took;
STATE, WAITED_SECONDS = "switchboard.body", "switchboard.body_waited"
#: and the answer: how many bytes may come, and whether as an upload, which takes its time.
ALLOWED = "switchboard.body_allowed"


class BodyState(StrEnum):
    """Of a body that did not come with its head."""

    AWAITED = "awaited"
    HERE = "here"
    LATE = "late"
    TOO_LARGE = "too large"
    NO_ROOM = "no room"


def is_only_question() -> bool:
    """Whether nobody but the server gets the answer: the body may come, and the request will be made again."""
    return ALLOWED in request.environ


def is_without_its_body() -> bool:
    """Whether there is nothing here to act on."""
    return STATE in request.environ and request.environ[STATE] != BodyState.HERE


def waited_seconds() -> float:
    """How long the body took after the head."""
    return float(request.environ.get(WAITED_SECONDS, 0.0))


def init_awaited_body(app: Flask) -> None:
    """Answer the server's question. After everything that can refuse a request without reading it."""
    app.before_request(_answer)


def _answer() -> Response | None:
    match request.environ.get(STATE):
        case BodyState.AWAITED if request.routing_exception is None:
            request.environ[ALLOWED] = (request.max_content_length or BODY_BYTES, is_upload())
            return Response(status=202)
        case BodyState.LATE:
            raise BodyTimeout
        case BodyState.TOO_LARGE:
            raise PayloadTooLarge
        case BodyState.NO_ROOM:
            raise Overloaded
    return None
