"""Repeated requests: with an `Idempotency-Key`, a request takes effect once, and its repeat gets the stored response.

The key, the fingerprint of the request and the response are written in the transaction of the effect, so that there is
no effect without its record. The work runs in a savepoint: an error of the caller rolls back its own work and is
stored too. A second request with the same key waits for the first at the unique key of the table.
"""

import hashlib
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, cast

from flask import Response, request
from flask_babel import lazy_gettext as _l
from sqlalchemy import delete, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import DBAPIError

from app.db.context import current_context
from app.db.ids import uuid7
from app.db.transaction import keep_refusal
from app.errors import (
    AlreadyExists,
    DomainError,
    FieldError,
    IdempotencyInProgress,
    IdempotencyKeyReused,
    ValidationFailed,
)
from app.extensions import db
from app.models import IdempotencyKey
from app.security.actor import Actor
from app.security.scope import unscoped
from app.web.error_mapping import domain_error
from app.web.errors import answer

HEADER, REPLAYED = "Idempotency-Key", "Idempotency-Replayed"

_FORMAT = re.compile(r"[!-~]{1,255}")
_REMEMBERED_FOR = timedelta(hours=24)
_LOCK_NOT_AVAILABLE = "55P03"
_STORED_HEADERS = ("Content-Type", "Location", "ETag", "Link", "Cache-Control")
#: Errors of the caller that would be the same again. Those of authentication and of limits can change by themselves.
_STORED_STATUSES = frozenset({400, 404, 409, 416, 422})
_NOT_STORED_CODES = frozenset({"INVALID_JSON"})
_SHOWN_ONCE = _l("This was done before. Its secret was shown then, and can’t be shown again.")


def read_key() -> str | None:
    """Return the key of the request, or None. Raises ValidationFailed for a malformed one."""
    key = request.headers.get(HEADER)
    if key is not None and not _FORMAT.fullmatch(key):
        raise ValidationFailed([FieldError(HEADER, _l("Use 1 to 255 visible ASCII characters."))])
    return key


def once(actor: Actor, key: str, work: Callable[[], Response], *, is_secret: bool) -> Response:
    """Do `work` unless this caller has sent the key before, and return its response or the stored one.

    The body of a response that `is_secret` is not stored. Raises AlreadyExists with the record's id for its repeat,
    IdempotencyKeyReused if the key belongs to another request, and IdempotencyInProgress if its first request is not
    done after five seconds.
    """
    fingerprint = _fingerprint()
    row_id = _claim(actor, key, fingerprint)
    if row_id is None:
        return _replay(actor, key, fingerprint)
    response = _in_savepoint(work)
    body = None if is_secret and response.status_code < 400 else response.get_data()
    if response.status_code < 500:
        headers = {name: response.headers[name] for name in _STORED_HEADERS if name in response.headers}
        stored = update(IdempotencyKey).where(IdempotencyKey.id == row_id)
        db.session.execute(
            unscoped(stored, why="the row that this request has just written").values(
                status_code=response.status_code, headers=headers, body=body
            )
        )
    keep_refusal()
    return response


def delete_expired(now: datetime) -> None:
    """Delete the stored responses of the context's organization that are no longer replayed."""
    expired = delete(IdempotencyKey).where(
        IdempotencyKey.organization_id == current_context().organization_id, IdempotencyKey.expires_at < now
    )
    db.session.execute(expired)


def _in_savepoint(work: Callable[[], Response]) -> Response:
    """Return the response to `work`, or to the error of the caller that rolled it back."""
    try:
        with db.session.begin_nested():
            response = work()
            db.session.flush()
            # What is checked at the commit would fail too late for its error to be stored.
            db.session.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))
    except Exception as error:
        refused = domain_error(error)
        if not isinstance(refused, DomainError) or not _is_stored(refused):
            raise
        return _answer_to(error)
    db.session.execute(text("SET CONSTRAINTS ALL DEFERRED"))
    return response


def _answer_to(error: Exception) -> Response:
    """Return the response to an error of the caller."""
    return cast(Response, answer(error))  # None only for HTTP errors without a code of ours


def _is_stored(error: DomainError) -> bool:
    return error.status in _STORED_STATUSES and error.code not in _NOT_STORED_CODES


def _claim(actor: Actor, key: str, fingerprint: bytes) -> Any | None:
    """Write the key and return the id of its row, or None if a request with it is stored already."""
    now = datetime.now(UTC)
    values = {
        "request_fingerprint": fingerprint,
        "method": request.method,
        "path": request.path,
        "status_code": None,
        "headers": None,
        "body": None,
        "expires_at": now + _REMEMBERED_FOR,
    }
    claimed = insert(IdempotencyKey).values(
        organization_id=actor.organization_id,
        id=uuid7(),
        user_id=actor.reference_id,
        api_key_id=actor.api_key_id,
        key=key,
        **values,
    )
    claimed = claimed.on_conflict_do_update(
        constraint="uq_idempotency_keys_caller_key", set_=values, where=IdempotencyKey.expires_at < now
    )
    try:
        row_id = db.session.execute(claimed.returning(IdempotencyKey.id)).scalar()
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", None) == _LOCK_NOT_AVAILABLE:
            db.session.rollback()
            raise IdempotencyInProgress from None
        raise
    return row_id


def _replay(actor: Actor, key: str, fingerprint: bytes) -> Response:
    stored = db.session.execute(
        unscoped(select(IdempotencyKey), why="the caller's own key").where(
            IdempotencyKey.organization_id == actor.organization_id,
            IdempotencyKey.user_id.is_not_distinct_from(actor.reference_id),
            IdempotencyKey.api_key_id.is_not_distinct_from(actor.api_key_id),
            IdempotencyKey.key == key,
        )
    ).scalar_one_or_none()
    if stored is None or stored.status_code is None:
        raise IdempotencyInProgress
    if stored.request_fingerprint != fingerprint:
        raise IdempotencyKeyReused
    if stored.body is None:
        raise AlreadyExists(message=_SHOWN_ONCE, resource_id=_record_id_of(stored))
    response = Response(stored.body, status=stored.status_code)
    response.headers.update(stored.headers or {})
    response.headers[REPLAYED] = "true"
    return response


def _record_id_of(stored: IdempotencyKey) -> str:
    """Return the id of the record that a request created, or to which it did something."""
    created = (stored.headers or {}).get("Location")
    record_path = created or stored.path.rpartition("/")[0]
    return str(record_path.rpartition("/")[2])


def _fingerprint() -> bytes:
    """Return a hash of the method, path, query, content type and body."""
    body = hashlib.sha256(request.get_data(cache=True)).hexdigest()
    parts = (request.method, request.path, request.query_string.decode("latin-1"), request.content_type or "", body)
    return hashlib.sha256("\n".join(parts).encode()).digest()
