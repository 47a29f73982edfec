"""Errors in the description of the API: the codes that each operation can answer with, by status."""

from collections.abc import Iterable, Iterator, Mapping

import app.errors
from app.api.document.schemas import is_versioned
from app.api.endpoints import Endpoint, Kind
from app.db.filters import NAMES_PERSON, NamesRecord
from app.db.transaction import SAFE_METHODS
from app.declarations.api import Callers
from app.errors import (
    AlreadyExists,
    BodyTimeout,
    Conflict,
    CsrfFailed,
    DatabaseUnavailable,
    DomainError,
    Forbidden,
    IdempotencyInProgress,
    IdempotencyKeyReused,
    InternalError,
    InvalidCursor,
    InvalidJson,
    InvalidPeriod,
    Maintenance,
    NotAcceptable,
    NotFound,
    Overloaded,
    PayloadTooLarge,
    RateLimited,
    ReauthenticationRequired,
    RequestTimeout,
    SecondFactorRequired,
    ShuttingDown,
    TokenExpired,
    TokenInvalid,
    Unauthenticated,
    UnsupportedMediaType,
    ValidationFailed,
    VersionConflict,
)
from app.security.confirmation import CONFIRMED

Errors = Iterable[type[DomainError]]

_ALWAYS: Errors = (
    ValidationFailed,
    NotAcceptable,
    RateLimited,
    InternalError,
    DatabaseUnavailable,
    Overloaded,
    ShuttingDown,
    Maintenance,
    RequestTimeout,
)
_OF_CALLERS: Errors = (Unauthenticated, TokenExpired, TokenInvalid, Forbidden, SecondFactorRequired)
_OF_LISTS: Errors = (InvalidCursor, InvalidPeriod)
_OF_BODIES: Errors = (InvalidJson, UnsupportedMediaType, PayloadTooLarge, BodyTimeout)
_OF_REPEATS: Errors = (IdempotencyKeyReused, IdempotencyInProgress)


def errors_of(endpoint: Endpoint) -> Mapping[int, list[str]]:
    """Return the codes of the errors of an operation, by status."""
    found: dict[int, list[str]] = {}
    for error in sorted(_errors_of(endpoint), key=lambda one: one.status):
        codes = found.setdefault(error.status, [])
        if error.code not in codes:
            codes.append(error.code)
    return found


def all_errors() -> Mapping[str, type[DomainError]]:
    """Return one error for each code that operations answer with, by status and code."""
    classes = [one for name in app.errors.__all__ if isinstance(one := getattr(app.errors, name), type)]
    errors = [one for one in classes if issubclass(one, DomainError) and hasattr(one, "code")]
    first: dict[str, type[DomainError]] = {}
    for error in sorted(errors, key=lambda one: (one.status, one.code)):
        if error.code != CsrfFailed.code:
            first.setdefault(error.code, error)
    return first


def _names_others(endpoint: Endpoint) -> bool:
    """Return whether the parameters of an endpoint refer to people or records, which may be unknown."""
    other = endpoint.operation or endpoint.outside
    filters = endpoint.api.filters if endpoint.kind is Kind.LIST and endpoint.api is not None else None
    asked = filters or (other.query if other is not None else None)
    marks = [mark for field in asked.model_fields.values() for mark in field.metadata] if asked is not None else []
    return any(mark is NAMES_PERSON or isinstance(mark, NamesRecord) for mark in marks)


def _errors_of(endpoint: Endpoint) -> Iterator[type[DomainError]]:
    yield from _ALWAYS
    if endpoint.callers is not Callers.ANYONE:
        yield from _OF_CALLERS
    if endpoint.kind is Kind.LIST:
        yield from _OF_LISTS
    if "{" in endpoint.path or endpoint.input is not None or _names_others(endpoint):
        yield NotFound
    if endpoint.method != "GET":
        yield from _OF_BODIES
        if endpoint.takes_idempotency_key:
            yield from _OF_REPEATS
            if endpoint.is_secret:
                yield AlreadyExists
        if endpoint.api is not None:
            yield Conflict
    if is_versioned(endpoint):
        yield VersionConflict
    if _needs_confirmation(endpoint):
        yield ReauthenticationRequired
    yield from endpoint.declared.errors if endpoint.declared is not None else ()


def _needs_confirmation(endpoint: Endpoint) -> bool:
    is_unasked = endpoint.write is not None and bool(endpoint.write.unasked)
    is_act = endpoint.method not in SAFE_METHODS and not is_unasked
    return is_act and bool(endpoint.permissions) and CONFIRMED.issuperset(endpoint.permissions)
