"""One job, done: in the name of whoever asked for it, in one transaction that stays whole or does not stay at all."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from time import perf_counter
from typing import Any

import structlog
from flask import Flask
from flask_babel import force_locale
from flask_babel import lazy_gettext as _l

from app.db.context import Context, use_context
from app.db.session import jobs_role
from app.errors import InternalError
from app.extensions import db
from app.jobs.queue import context_from_json

MOST_STARTS = 3

_log = structlog.get_logger("switchboard.job")


@dataclass(frozen=True, slots=True)
class Work:
    """What a kind of job does. Both are called with the arguments it was asked for with.

    `run` works in `db.session`, which is committed when it returns. When it raises, all it did is rolled back, and
    `give_up` says so where people look for the result, in a transaction of its own; the error comes first.
    """

    run: Callable[..., None]
    give_up: Callable[..., None]


class StoppedTooOften(InternalError):
    """The worker died several times over this job: it must not take the worker down for ever."""

    default_message = _l("It was started several times, and each time the server stopped in the middle of it.")


def perform(app: Flask, name: str, work: Work, stored: Mapping[str, Any], starts: int) -> None:
    """Do a stored job; `starts` is how often it was begun before. Raises what `run` raises, after giving up."""
    context = context_from_json(stored["context"])
    arguments = stored["arguments"]
    with (
        _log_line(name, context),
        app.app_context(),
        jobs_role(),
        force_locale(stored["language"]),
        use_context(context),
    ):
        try:
            _run(work, arguments, starts)
        except BaseException as error:
            db.session.rollback()
            work.give_up(error, **arguments)
            db.session.commit()
            raise


def _run(work: Work, arguments: Mapping[str, Any], starts: int) -> None:
    if starts >= MOST_STARTS:
        raise StoppedTooOften
    work.run(**arguments)
    db.session.commit()


@contextmanager
def _log_line(name: str, context: Context) -> Iterator[None]:
    """One line a job; what is logged inside has the ids of the request that asked for it."""
    began = perf_counter()
    outcome = "failed"
    facts = {
        "job": name,
        "organization": str(context.organization_id),
        "request_id": context.request_id,
        "correlation_id": context.correlation_id,
    }
    with structlog.contextvars.bound_contextvars(**facts):
        try:
            yield
            outcome = "done"
        finally:
            _log.info("job", outcome=outcome, ms=round((perf_counter() - began) * 1000, 1))
