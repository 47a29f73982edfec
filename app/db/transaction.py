"""Commit and rollback of requests, and short transactions separate from theirs.

Services only flush. A request with an unsafe method is committed here if its status is below 400, and rolled back
otherwise; a request with a safe method is read-only. Writes that must persist even if the request fails (a refusal, a
failed sign-in, a recorded read) use `own_transaction`, and those that a page can do without `dispensable_transaction`;
writes that can be refused without undoing the rest use `translated_integrity_errors`.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import TypeVar
from uuid import UUID

import psycopg
import structlog
from flask import Response, g, request
from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError
from sqlalchemy.orm import Session

from app.db.constraints import translate
from app.db.context import current_context, use_context
from app.db.ids import NewId
from app.db.session import UnitOfWork
from app.errors import DISK_SQLSTATES, Conflict
from app.extensions import db

Result = TypeVar("Result")

_log = structlog.get_logger("switchboard.db")

#: SQLSTATEs of a disk that is full or failing, and of a database that accepts no writes.
_NO_WRITES = frozenset({*DISK_SQLSTATES, "25006"})

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
TRIES = 3  # attempts of a request whose transaction collides with another
#: Media types of bodies that are read as a whole and kept, so that a second attempt can read them; "" is no body.
_KEPT_IN_MEMORY = frozenset(
    {"", "application/json", "application/merge-patch+json", "application/x-www-form-urlencoded"}
)


@contextmanager
def own_transaction() -> Iterator[Session]:
    """Open a short transaction separate from the request's, with the same context.

    It is committed at the end of the block.
    """
    with use_context(replace(current_context(), read_only=False)), UnitOfWork(db) as session, session.begin():
        yield session


@contextmanager
def dispensable_transaction() -> Iterator[Session]:
    """Open a transaction as `own_transaction` does, for what a page can do without, such as the time of a visit.

    If the database can't write at the moment, because its disk is full, failing or read-only, nothing is stored, and
    the log says so.
    """
    try:
        with own_transaction() as session:
            yield session
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", None) not in _NO_WRITES:
            raise
        _log.warning("not stored", cause=str(error.orig))


@contextmanager
def translated_integrity_errors() -> Iterator[None]:
    """Run the block in a savepoint and raise a violated constraint as its domain error.

    The block is flushed at its end. Only the block is undone, so that a service can report a duplicate on its field and
    continue. A deferred constraint is checked at the commit, not here.
    """
    db.session.flush()  # so that errors of earlier changes are raised here, not inside the block
    with _translated(), db.session.begin_nested():
        yield


def find_sent(row_id: UUID, find: Callable[[], Result | None]) -> Result | None:
    """Return the row that a form with this id has already created, by `find`; None for a NewId, without a query."""
    return None if isinstance(row_id, NewId) else find()


def add_once(row: Result, find: Callable[[], Result | None]) -> Result:
    """Store `row`, whose id came from its form; if the form was sent twice, return what `find` returns.

    A row with a NewId needs neither a savepoint nor `find`: an error ends its transaction. Raises ValidationFailed,
    Conflict if `find` returns None, and what `find` raises for a row that another form created.
    """
    if isinstance(getattr(row, "id", None), NewId):
        with _translated():
            db.session.add(row)
            db.session.flush()
        return row
    try:
        with translated_integrity_errors():
            db.session.add(row)
    except Conflict:
        there = find()
        if there is None:
            raise
        return there
    return row


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except IntegrityError as error:
        refusal = translate(error)
        if refusal is None:
            raise
        raise refusal from None


@contextmanager
def dry_run() -> Iterator[None]:
    """Run the block in `db.session` and roll it back, to find out what would happen.

    It is a separate transaction, so that it can write even if the request is read-only; an open one is rolled back
    first.
    """
    db.session.rollback()
    with use_context(replace(current_context(), read_only=False)):
        try:
            yield
        finally:
            db.session.rollback()


@contextmanager
def committed_apart() -> Iterator[None]:
    """Run the block in `db.session` and commit it, so that a read-only request can also change rows by services.

    It is a separate transaction; an open one is rolled back first.
    """
    db.session.rollback()
    with use_context(replace(current_context(), read_only=False)):
        try:
            yield
            db.session.commit()
        finally:
            db.session.rollback()


def begin_serializable(limit: timedelta) -> None:
    """Restart `db.session` in a SERIALIZABLE transaction that is canceled after `limit`.

    Rows that were read before belong to a transaction that has ended. The commit can fail with a serialization error,
    so the code that ends the transaction must retry: `finish_request` does, and other code uses `retried`.
    """
    db.session.rollback()
    db.session.connection(execution_options={"isolation_level": "SERIALIZABLE"})
    milliseconds = str(int(limit.total_seconds() * 1000))
    db.session.execute(select(func.set_config("transaction_timeout", milliseconds, True)))


def retried(work: Callable[[], Result]) -> Result:
    """Call `work`, which commits, again whenever it collides with another transaction; return its result.

    Raises OperationalError after TRIES attempts, and right away if the cause is not a collision.
    """
    for _ in range(TRIES - 1):
        try:
            return work()
        except OperationalError as error:
            db.session.rollback()
            if not is_collision(error):
                raise
    return work()


def finish_request(dispatch: Callable[[], Response]) -> Response:
    """Run a view and end its transaction; run it again if it collides with another transaction.

    Raises OperationalError if every attempt collides. A streamed body can't be read twice, so an upload gets one
    attempt.
    """
    tries = TRIES if request.mimetype in _KEPT_IN_MEMORY else 1
    for attempt in range(1, tries + 1):
        try:
            response = dispatch()
            is_kept = response.status_code < 400 or g.pop("keeps_refusal", False)
            end_transaction(keep=request.method not in SAFE_METHODS and is_kept)
        except OperationalError as error:
            db.session.rollback()
            if attempt == tries or not is_collision(error):
                raise
        except BaseException:
            db.session.rollback()
            raise
        else:
            return response
    raise AssertionError("the last try returns or raises")


def keep_refusal() -> None:
    """Commit the transaction of this request even if its response is an error, which it stores."""
    g.keeps_refusal = True


def end_transaction(*, keep: bool) -> None:
    if keep:
        db.session.commit()
    else:
        db.session.rollback()


def is_collision(error: OperationalError) -> bool:
    """Return whether the database aborted this transaction because of another one, so that a retry can succeed."""
    return isinstance(error.orig, (psycopg.errors.SerializationFailure, psycopg.errors.DeadlockDetected))
