"""The declaration of a job: work that the worker does after a request or on a schedule.

@job("imports.run", _l("Import a file"), give_up=_fail)
def run_import(import_id: str) -> None: ...

enqueue(run_import, import_id=str(row.id))
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

import psycopg
from croniter import croniter
from flask_babel import lazy_gettext as _l
from sqlalchemy.exc import DBAPIError, StatementError

from app.backoff import wait_before_retry
from app.db.constraints import translate
from app.errors import DomainError, LazyText, is_storage_fault


class JobScope(StrEnum):
    """The scope of a schedule: each active organization in its own time zone, or the whole app in UTC."""

    EACH_ORGANIZATION = "each_organization"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Schedule:
    """The due times of a job without arguments, as a cron expression with five fields.

    `only` is the name of a database function that returns the organizations with something to do; without it, the job
    runs for all. If the clocks skip a job's hour, it runs right after; if its hour occurs twice, it runs once, unless
    it is due every hour.
    """

    cron: str
    scope: JobScope = JobScope.EACH_ORGANIZATION
    only: str | None = None

    def last_due(self, now: datetime, zone: str) -> datetime:
        """Return, in UTC, the last time up to `now` at which the job was due in the time zone `zone`."""
        local = now.astimezone(ZoneInfo(zone))
        if croniter.match(self.cron, local):
            due = local.replace(second=0, microsecond=0)
        else:
            due = croniter(self.cron, local).get_prev(datetime)
        if self.cron.split()[1] != "*":
            due = due.replace(fold=0)  # an hour that occurs twice counts once
        return due.astimezone(UTC)


#: Shown where people look for the result of a job that waits for storage.
WAITS_FOR_STORAGE: LazyText = _l(
    "Storage is full or unavailable. Nothing is lost: this is tried again at least once an hour until it works."
)
#: Longest wait for storage.
_MAX_WAIT_FOR_STORAGE = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Retries:
    """A retry policy: each wait is twice as long as the one before, up to `max_wait`.

    Attempts that fail because of storage don't count; there is no limit to their number.
    """

    max_tries: int = 5
    first_wait: timedelta = timedelta(seconds=10)
    max_wait: timedelta = timedelta(hours=1)

    def wait_after(self, tries: int, error: BaseException, storage_failures: int = 0) -> timedelta | None:
        """Return the wait after attempt `tries` failed with `error`; None if there is no further attempt.

        `storage_failures` of the attempts before failed because of storage. After one more, there always is another
        attempt, within an hour. Otherwise there is none after the last one, or if a retry can't succeed. A random part
        of up to half is subtracted from the wait, so that jobs that failed together are not retried together. If the
        error asks for a longer wait, that is used.
        """
        if is_storage_fault(error):
            number, longest = storage_failures + 1, _MAX_WAIT_FOR_STORAGE
        else:
            number, longest = tries - storage_failures, self.max_wait
            if number >= self.max_tries or not is_worth_retrying(error):
                return None
        wait = wait_before_retry(number, self.first_wait, longest)
        asked = error.retry_after if isinstance(error, DomainError) else None
        return max(wait, timedelta(seconds=asked or 0))


#: Errors of the code or its data, which fail in the same way each time.
_LASTING = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    NameError,
    RecursionError,
    TypeError,
    ValueError,
    psycopg.DataError,
    psycopg.ProgrammingError,
)
#: Of these, what a worker meets while the schema is older or newer than its code.
_WHILE_UPGRADING = (
    psycopg.errors.InsufficientPrivilege,
    psycopg.errors.UndefinedColumn,
    psycopg.errors.UndefinedFunction,
    psycopg.errors.UndefinedTable,
)


def is_worth_retrying(error: BaseException) -> bool:
    """Return whether a retry can succeed: it can't if the data or the code is at fault, because that doesn't change.

    All other errors are retried: an unreachable service or database, a full disk, a collision, an upgrade in progress.
    """
    if isinstance(error, DomainError):
        return error.status >= 500
    if isinstance(error, DBAPIError) and translate(error) is not None:
        return False
    cause = error.orig if isinstance(error, StatementError) else error
    return isinstance(cause, _WHILE_UPGRADING) or not isinstance(cause, _LASTING)


def nothing(*_arguments: object, **_named: object) -> None:
    """Do nothing; used for jobs without one of the functions beside `run`."""


@dataclass(frozen=True, slots=True)
class Job:
    """A kind of job; `name` is stored with queued jobs, so renaming a job orphans those that wait.

    `run` works in `db.session`, which is committed when it returns. If it raises an exception, everything it did is
    rolled back; after the last attempt, `give_up` records the failure where people look for the result, in a separate
    transaction and with the error as its first argument. `wait_for_storage` records there, in a separate transaction
    too, that a job failed because of storage and is tried again (WAITS_FOR_STORAGE). `revive` prepares a job that was
    given up to run again, or raises a DomainError with the reason why it can't. All four are called with the arguments
    with which the job was enqueued.
    """

    name: str
    label: LazyText
    run: Callable[..., None]
    give_up: Callable[..., None] = nothing
    revive: Callable[..., None] = nothing
    wait_for_storage: Callable[..., None] = nothing
    retries: Retries = field(default_factory=Retries)
    schedule: Schedule | None = None


def job(
    name: str,
    label: LazyText,
    *,
    schedule: Schedule | None = None,
    give_up: Callable[..., None] = nothing,
    revive: Callable[..., None] = nothing,
    wait_for_storage: Callable[..., None] = nothing,
    retries: Retries | None = None,
) -> Callable[[Callable[..., None]], Job]:
    """Declare the decorated function as a job; the name then refers to the Job instead of the function."""

    def declare(run: Callable[..., None]) -> Job:
        return Job(name, label, run, give_up, revive, wait_for_storage, retries or Retries(), schedule)

    return declare
