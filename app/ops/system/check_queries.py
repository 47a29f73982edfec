"""Queries for the health of what the app depends on: the database, its schema, the job queue."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

import structlog
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from app.db import migrate
from app.db.deadline import use_deadline
from app.db.usage import unmeasured
from app.extensions import db
from app.models import SystemSettings
from app.ops.jobs.queries import queue_numbers

#: A slower check has failed: its caller needs an answer now.
CHECK_SECONDS = 2.0
#: Jobs normally start within seconds; a lag this long means too few workers, or none.
MAX_LAG_SECONDS = 300.0

_log = structlog.get_logger("switchboard.health")


class State(StrEnum):
    """Result of a check."""

    OK = "ok"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Check:
    """One check: its name, the result, and its duration."""

    name: str
    state: State
    milliseconds: float


def readiness() -> tuple[Check, ...]:
    """Check everything a process needs to serve requests.

    If the database doesn't respond, the checks that need it are reported as failed.
    """
    database = database_check()
    if database.state is State.FAILED:
        return (database, *(Check(name, State.FAILED, 0.0) for name in _IN_THE_DATABASE))
    return (database, *(_run(name, check) for name, check in _IN_THE_DATABASE.items()))


def database_check() -> Check:
    """Check whether the database responds at all."""
    return _run("database", _database)


def _run(name: str, check: Callable[[], bool]) -> Check:
    began = time.perf_counter()
    try:
        with use_deadline(CHECK_SECONDS), unmeasured():
            is_fine = check()
    except SQLAlchemyError as error:
        is_fine = False
        _log.warning("check failed", check=name, cause=str(getattr(error, "orig", error)))
    finally:
        db.session.rollback()  # each check starts a new transaction: a failed one must not affect the next
    state = State.OK if is_fine else State.FAILED
    return Check(name, state, round((time.perf_counter() - began) * 1000, 1))


def _database() -> bool:
    return db.session.scalar(select(1)) == 1


def _schema() -> bool:
    return db.session.scalar(select(SystemSettings.schema_version)) == migrate.head()


def _queue() -> bool:
    numbers = queue_numbers()
    return numbers.workers > 0 and numbers.lag_seconds <= MAX_LAG_SECONDS


_IN_THE_DATABASE: dict[str, Callable[[], bool]] = {"schema": _schema, "queue": _queue}
