"""Where transactions end: the request edge, and short ones of their own.

Services flush. A request with an unsafe method is committed here when its answer is below 400, and rolled back
otherwise; a safe one runs read-only. What must stay whatever becomes of the request (a refusal, a failed sign-in, a
recorded read) goes through `own_transaction`; what may be refused without the rest going too, into
`translated_integrity_errors`.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import TypeVar

import psycopg
from flask import Response, request
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm import Session

from app.db.constraints import translate
from app.db.context import current_context, use_context
from app.db.session import UnitOfWork
from app.errors import Conflict
from app.extensions import db

Result = TypeVar("Result")

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
TRIES = 3  # of a request whose transaction collided with another


@contextmanager
def own_transaction() -> Iterator[Session]:
    """A short transaction beside the request's, under the same context; committed at the end of the block."""
    with use_context(replace(current_context(), read_only=False)), UnitOfWork(db) as session, session.begin():
        yield session


@contextmanager
def translated_integrity_errors() -> Iterator[None]:
    """A savepoint around a write: what a constraint refuses is undone alone and raised as its domain error.

    The block is flushed at its end. What was done before stays, so that a service can put a duplicate beside its
    field and go on. A deferred constraint speaks at the commit, not here.
    """
    db.session.flush()  # what was refused before the block is not the block's
    try:
        with db.session.begin_nested():
            yield
    except IntegrityError as error:
        refusal = translate(error)
        if refusal is None:
            raise
        raise refusal from None


def add_once(row: Result, find: Callable[[], Result | None]) -> Result:
    """Add `row`, whose id was made with its form; where that is refused, what `find` gives: the form was sent twice.

    Raises Conflict where it gives nothing, ValidationFailed, and what `find` raises of a row that another form made.
    """
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
def dry_run() -> Iterator[None]:
    """Work in `db.session` that is undone at the end of the block: what would happen if.

    A transaction of its own, so that it may write where the request only reads; what was open before ends first.
    """
    db.session.rollback()
    with use_context(replace(current_context(), read_only=False)):
        try:
            yield
        finally:
            db.session.rollback()


def begin_serializable(limit: timedelta) -> None:
    """Start `db.session` anew in a SERIALIZABLE transaction that is given up after `limit`.

    What was read before belongs to a transaction that has ended. It may collide when it commits, so whoever ends it
    tries again: the request edge does, others use `retried`.
    """
    db.session.rollback()
    db.session.connection(execution_options={"isolation_level": "SERIALIZABLE"})
    milliseconds = str(int(limit.total_seconds() * 1000))
    db.session.execute(select(func.set_config("transaction_timeout", milliseconds, True)))


def retried(work: Callable[[], Result]) -> Result:
    """Do `work`, which commits, and again when it collided with another transaction; OperationalError after TRIES."""
    for _ in range(TRIES - 1):
        try:
            return work()
        except OperationalError as error:
            db.session.rollback()
            if not is_collision(error):
                raise
    return work()


def finish_request(dispatch: Callable[[], Response]) -> Response:
    """Run a view and end its transaction; a collision with another transaction runs it again.

    Raises OperationalError when every try collided. A body that was streamed away cannot be read twice, so an upload
    gets one try.
    """
    tries = 1 if request.mimetype == "multipart/form-data" else TRIES
    for attempt in range(1, tries + 1):
        try:
            response = dispatch()
            end_transaction(keep=request.method not in SAFE_METHODS and response.status_code < 400)
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


def end_transaction(*, keep: bool) -> None:
    """Commit or roll back `db.session`."""
    if keep:
        db.session.commit()
    else:
        db.session.rollback()


def is_collision(error: OperationalError) -> bool:
    """Whether the database gave up this transaction for another's sake: trying again may well succeed."""
    return isinstance(error.orig, (psycopg.errors.SerializationFailure, psycopg.errors.DeadlockDetected))
