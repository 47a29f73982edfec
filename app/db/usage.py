"""Database usage of a request: the number of statements and the time spent in them."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime
from time import perf_counter
from typing import Any

from flask import has_request_context, request
from sqlalchemy import Connection, Engine, event
from sqlalchemy.engine import ExceptionContext

from app.db.slow_statements import SLOW_SECONDS, SlowStatement, keep
from app.tracing import trace_statement


@dataclass(slots=True)
class DatabaseUsage:
    """Running totals: the number of statements, and the `seconds` spent waiting for their responses.

    BEGIN and COMMIT are not included.
    """

    queries: int = 0
    seconds: float = 0.0


_usage: ContextVar[DatabaseUsage | None] = ContextVar("switchboard_database_usage", default=None)


def measure_database_usage() -> DatabaseUsage:
    """Start counting for this thread, and return the totals, which are updated until the next start."""
    usage = DatabaseUsage()
    _usage.set(usage)
    return usage


@contextmanager
def unmeasured() -> Iterator[None]:
    """Exclude the block's statements from the usage: they serve the process, not the current request."""
    token = _usage.set(None)
    try:
        yield
    finally:
        _usage.reset(token)


def init_database_usage() -> None:
    """Listen to every engine of the process, once: a second listener would count twice."""
    if not event.contains(Engine, "before_cursor_execute", _before):
        event.listen(Engine, "before_cursor_execute", _before)
        event.listen(Engine, "after_cursor_execute", _after)
        event.listen(Engine, "handle_error", _failed)


def _before(connection: Connection, *_statement: Any) -> None:
    connection.info["switchboard_statement_began"] = perf_counter()


def _after(connection: Connection, _cursor: Any, statement: str, *_more: Any) -> None:
    _count(connection, statement)


def _failed(context: ExceptionContext) -> None:
    if context.connection is not None:
        _count(context.connection, context.statement or "")


def _count(connection: Connection, statement: str) -> None:
    began = connection.info.pop("switchboard_statement_began", None)
    if began is None:
        return
    seconds = perf_counter() - began
    usage = _usage.get()
    if usage is not None:
        usage.queries += 1
        usage.seconds += seconds
    trace_statement(statement, seconds)
    if seconds >= SLOW_SECONDS:
        keep(SlowStatement(datetime.now(UTC), seconds, _route(), statement))


def _route() -> str | None:
    return request.url_rule.rule if has_request_context() and request.url_rule else None
