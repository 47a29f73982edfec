"""Mapping of any exception to a domain error: from the app, from Flask and its extensions, or from the database."""

import json
from collections.abc import Callable, Iterator

from flask import request
from flask_babel import lazy_gettext as _l
from flask_limiter import RateLimitExceeded
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DataError, DBAPIError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from werkzeug import exceptions as http

from app.db.constraints import translate
from app.db.deadline import DeadlineExceeded
from app.db.transaction import SAFE_METHODS
from app.errors import (
    DISK_SQLSTATES,
    MISSING_REQUIRED_FIELD,
    CsrfFailed,
    DatabaseUnavailable,
    DomainError,
    FieldError,
    InternalError,
    InvalidJson,
    MethodNotAllowed,
    NotAcceptable,
    NotFound,
    OutOfRange,
    Overloaded,
    PayloadTooLarge,
    RequestTimeout,
    StorageFull,
    UnsupportedMediaType,
    ValidationFailed,
    disk_error,
)
from app.web.rate_limits import refusal

#: By class, most specific first: an entry also applies to subclasses.
_HTTP: tuple[tuple[type[http.HTTPException], Callable[[], DomainError]], ...] = (
    (CSRFError, CsrfFailed),
    (RateLimitExceeded, refusal),
    (http.NotFound, lambda: NotFound("route")),
    (http.MethodNotAllowed, MethodNotAllowed),
    (http.NotAcceptable, NotAcceptable),
    (http.RequestEntityTooLarge, PayloadTooLarge),
    (http.UnsupportedMediaType, UnsupportedMediaType),
    (http.RequestedRangeNotSatisfiable, OutOfRange),
)

_QUERY_CANCELED = "57014"
_READ_ONLY = "25006"
_SERIALIZATION_FAILURE, _DEADLOCK, _LOCK_NOT_AVAILABLE = "40001", "40P01", "55P03"
_FULL_FOR_READING = _l(
    "Storage is full, so this can’t be opened right now. Tell your Switchboard administrator, and try again later."
)
#: Connection errors, a terminated idle transaction, insufficient resources, a server starting or stopping.
_SERVER_TROUBLE = ("08", "25P", "53", "57P")


def domain_error(error: Exception) -> DomainError | http.HTTPException:
    """Convert `error` to a domain error.

    An HTTP exception without a code of ours (such as 410) is returned unchanged.
    """
    match error:
        case DomainError():
            return error
        case http.InternalServerError(original_exception=Exception() as cause):
            return domain_error(cause)
        case http.HTTPException():
            return _from_http(error)
        case SQLAlchemyError():
            return _from_database(error)
        case OSError() if (fault := disk_error(error)) is not None:
            return _storage_full() if isinstance(fault, StorageFull) else fault
        case _:
            return InternalError()


def is_read_only(error: Exception) -> bool:
    """Return whether the database rejected a write because this request is read-only."""
    return isinstance(error, DBAPIError) and getattr(error.orig, "sqlstate", None) == _READ_ONLY


def _from_http(error: http.HTTPException) -> DomainError | http.HTTPException:
    for kind, make in _HTTP:
        if isinstance(error, kind):
            return make()
    if isinstance(error, http.BadRequest):
        return _from_bad_request(error)
    return InternalError() if (error.code or 500) >= 500 else error


def _from_bad_request(error: http.BadRequest) -> DomainError:
    if isinstance(error, http.BadRequestKeyError):
        return ValidationFailed([FieldError(str(error.args[0]), _l("Fill this in."), MISSING_REQUIRED_FIELD)])
    for cause in _causes(error):
        if isinstance(cause, json.JSONDecodeError):
            return InvalidJson(f"line {cause.lineno}, column {cause.colno}")
        if isinstance(cause, UnicodeDecodeError):
            return InvalidJson(f"byte {cause.start}")
    return ValidationFailed([FieldError("request", _l("The request couldn’t be read. Try again."))])


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Yield the causes of `error`, nearest first: Flask wraps a JSON error in one of its own."""
    cause = error.__cause__ or error.__context__
    while cause is not None:
        yield cause
        cause = cause.__cause__ or cause.__context__


def _from_database(error: SQLAlchemyError) -> DomainError:
    if isinstance(error, PoolTimeoutError):
        return Overloaded()
    if not isinstance(error, DBAPIError):
        return InternalError()
    if (refused := translate(error)) is not None:
        return refused
    if isinstance(error, DataError):
        where = "query" if request.method in SAFE_METHODS else "body"
        return ValidationFailed(
            [FieldError(where, _l("A value is out of range or contains a character that can’t be used."))]
        )
    return _from_state(error)


def _storage_full() -> StorageFull:
    """Return the error in the words for what the request does: someone who only opens a page has no copy to keep."""
    return StorageFull(_FULL_FOR_READING if request.method in SAFE_METHODS else None)


def _from_state(error: DBAPIError) -> DomainError:
    """Convert by SQLSTATE; an operational error without one means a broken or failed connection."""
    state: str = getattr(error.orig, "sqlstate", None) or ""
    if state == _QUERY_CANCELED or isinstance(error.orig, DeadlineExceeded):
        return RequestTimeout()
    if state in {_SERIALIZATION_FAILURE, _DEADLOCK, _LOCK_NOT_AVAILABLE}:
        return DatabaseUnavailable(_l("Someone else was changing the same data, so nothing was saved. Try again."))
    if (kind := DISK_SQLSTATES.get(state)) is not None:
        return _storage_full() if kind is StorageFull else kind()
    broken = not state and isinstance(error, OperationalError)
    if broken or error.connection_invalidated or state.startswith(_SERVER_TROUBLE):
        return DatabaseUnavailable()
    return InternalError()
