"""Bodies that arrive after the headers, awaited only if the request would be accepted without them.

The server (`app.server.gateway`) first calls the app without the body. Route, size, address, session and permission are
checked as always; if nothing is wrong, the response states how much may be sent, and the server waits without holding a
slot. Then it calls the app again with the body, or with the information that the body did not arrive. A request over a
rate limit is refused in the first call; each request is counted in the second.
"""

from enum import StrEnum

from flask import Flask, Response, request
from flask_babel import lazy_gettext as _l

from app.errors import BodyTimeout, FieldError, Overloaded, PayloadTooLarge, ValidationFailed
from app.web.request_limits import BODY_BYTES, is_upload

#: Names in the WSGI environment: the state of the body, how long it took, and the error of the disk if NOT_STORED;
STATE, WAITED_SECONDS, DISK_ERROR = "switchboard.body", "switchboard.body_waited", "switchboard.body_disk_error"
#: and the response: the allowed number of bytes, and whether it is an upload, which has no time limit.
ALLOWED = "switchboard.body_allowed"

_BROKEN = _l("The request ended before its content was complete, so nothing was saved.")


class BodyState(StrEnum):
    """State of a body that did not arrive with the headers."""

    AWAITED = "awaited"
    HERE = "here"
    LATE = "late"
    TOO_LARGE = "too large"
    BROKEN = "broken"
    NO_ROOM = "no room"
    NOT_STORED = "not stored"


def is_only_question() -> bool:
    """Return whether this call only asks if a body is allowed; the request itself follows in another call."""
    return ALLOWED in request.environ


def is_without_its_body() -> bool:
    """Return whether the body is missing, so there is nothing to act on."""
    return STATE in request.environ and request.environ[STATE] != BodyState.HERE


def is_body_broken() -> bool:
    """Return whether the body ended early, or breaks the protocol."""
    return request.environ.get(STATE) == BodyState.BROKEN


def refuse_broken_body() -> None:
    """Raise ValidationFailed if the body is broken; no other check has anything to say about such a request."""
    if is_body_broken():
        raise ValidationFailed([FieldError("body", _BROKEN)], _BROKEN)


def waited_seconds() -> float:
    """Return the number of seconds that the body took to arrive after the headers."""
    return float(request.environ.get(WAITED_SECONDS, 0.0))


def init_awaited_body(app: Flask) -> None:
    """Register the hook that tells the server whether it may wait for a body.

    Must be called after everything that can refuse a request without its body.
    """
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
        case BodyState.NOT_STORED:
            raise request.environ[DISK_ERROR]
    return None
