"""Single place where an error becomes a response: a page, a fragment for HTMX, or JSON.

The templates `errors/page.html` and `errors/_fragment.html` get

- `error`: code, status, title, message, advice ('' if the message is sufficient), extra (a dict in snake case with the
  further fields of the API's table) and field_errors
- `request_id`: to quote to support
- `sent_again`: names and values of a form to be sent once more

and must not query the database, which can be the cause of the error. `loaded_actor()` returns the signed-in user, if
known.
"""

from collections.abc import Sequence
from datetime import UTC, datetime

import structlog
from flask import Flask, Response, make_response, render_template, request
from markupsafe import escape
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import HTTPException

from app.audit.record import record_refusal
from app.errors import (
    DomainError,
    Forbidden,
    InvalidCredentials,
    Overloaded,
    TooManyAtOnce,
    Unauthenticated,
    ValidationFailed,
)
from app.security.actor import find_actor, loaded_actor, use_actor
from app.security.secret_fields import is_secret
from app.web.error_json import error_response
from app.web.error_mapping import domain_error, is_read_only
from app.web.htmx import current_page, go_to, is_htmx
from app.web.redirects import page_before, sign_in_address
from app.web.representation import Representation, init_representation, wanted_representation
from app.web.requests import note_error, request_id
from app.web.resubmission import is_shown_again, lead_back

_log = structlog.get_logger("switchboard.errors")

_SAYS_WHEN_TO_COME_BACK = (409, 429, 503)

#: Headers of an HTTP error that only the exception knows.
_PASSED_HEADERS = ("Allow", "Content-Range")

CSRF_FIELD = "csrf_token"
#: A larger form is sent again from the previous page.
_MAX_SENT_AGAIN_BYTES = 64 * 1024

#: Shown if even the error page fails. Unstyled, because the policy allows no inline styles.
_BARE_PAGE = (
    "<!doctype html><html lang=en><meta charset=utf-8><title>{title} · Switchboard</title>"
    "<h1>{title}</h1><p>{sentence}</p><p>Request {request_id}</p></html>"
)


def init_errors(app: Flask) -> None:
    """Handle every exception raised while a request is processed."""
    app.register_error_handler(Exception, answer)
    init_representation(app)


def answer(raised: Exception) -> Response | HTTPException:
    """Respond to an error; also called by a feature's own handler for errors that it does not handle."""
    error = domain_error(raised)
    if isinstance(error, HTTPException):
        return error
    if is_shown_again() and (is_read_only(raised) or isinstance(error, ValidationFailed)):
        return lead_back()
    _log_fault(error, raised)
    _settle_actor(error)
    if isinstance(error, Forbidden):
        _record_refusal(error)
    response = _represent(error)
    _add_headers(response, error, raised)
    return response


def _log_fault(error: DomainError, raised: Exception) -> None:
    note_error(error.code)
    if error.status == 500 and not isinstance(raised, HTTPException):  # Flask has logged those with their cause
        _log.error("unhandled error", exc_info=raised)
    elif error.status > 500:
        _log.warning("fault", code=error.code, cause=str(getattr(raised, "orig", raised.__cause__ or raised)))


def _settle_actor(error: DomainError) -> None:
    """Load the signed-in user if possible; the error page must not fail because of that.

    For Unauthenticated, TooManyAtOnce and server errors, the page is shown without a user.
    """
    if loaded_actor() is not None:
        return
    try:
        if isinstance(error, (Unauthenticated, TooManyAtOnce)) or error.status >= 500:
            use_actor(None)
        else:
            find_actor()
    except (DomainError, SQLAlchemyError):
        use_actor(None)


def _record_refusal(error: Forbidden) -> None:
    if loaded_actor() is None:
        return
    route = request.url_rule.rule if request.url_rule else None
    try:
        record_refusal(error.extra["required_permission"], request.method, route, datetime.now(UTC))
    except SQLAlchemyError:
        _log.exception("refusal not recorded")


def _represent(error: DomainError) -> Response:
    representation = wanted_representation()
    if representation is Representation.JSON:
        return error_response(error)
    if isinstance(error, Unauthenticated) and not isinstance(error, InvalidCredentials):
        return _lead_to_sign_in(error)
    template = "errors/_fragment.html" if representation is Representation.FRAGMENT else "errors/page.html"
    try:
        page = render_template(template, error=error, request_id=request_id(), sent_again=_sent_again(error))
        return make_response(page, error.status)
    except Exception:  # noqa: BLE001 - whatever breaks the error page, a response must be sent
        _log.exception("error page broken", template=template)
        return _bare_page(error)


def _sent_again(error: DomainError) -> Sequence[tuple[str, str]]:
    """Return the fields of a form that found no slot, to be sent again.

    Empty if the form is too large, or contains a file or a secret, which is not repeated in a page.
    """
    is_small = (request.content_length or 0) <= _MAX_SENT_AGAIN_BYTES
    if request.method != "POST" or not isinstance(error, (TooManyAtOnce, Overloaded)) or not is_small:
        return ()
    fields = tuple(request.form.items(multi=True))
    is_whole = not request.files and not any(is_secret(name) for name, _value in fields if name != CSRF_FIELD)
    return fields if is_whole else ()


def _lead_to_sign_in(error: Unauthenticated) -> Response:
    """Redirect the visitor of a page to the sign-in page, which explains why and leads back afterwards."""
    asked = request.full_path.rstrip("?") if request.method == "GET" else None
    if is_htmx():
        # HTMX would follow a 303 and put the sign-in page inside the current one.
        return go_to(make_response("", error.status), sign_in_address(asked or current_page()))
    response = make_response("", 303)
    response.location = sign_in_address(asked or page_before())
    return response


def _bare_page(error: DomainError) -> Response:
    html = _BARE_PAGE.format(title=escape(error.title), sentence=escape(error.sentence), request_id=request_id())
    return make_response(html, error.status)


def _add_headers(response: Response, error: DomainError, raised: Exception) -> None:
    if response.status_code == 401:
        response.headers["WWW-Authenticate"] = 'Bearer realm="switchboard"'
    if error.retry_after is not None and error.status in _SAYS_WHEN_TO_COME_BACK:
        response.headers["Retry-After"] = str(error.retry_after)
    if isinstance(raised, HTTPException):
        own = dict(raised.get_headers())
        response.headers.update({name: own[name] for name in _PASSED_HEADERS if name in own})
