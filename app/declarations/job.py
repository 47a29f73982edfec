"""A job: work that the worker does after a request, or by the clock.

@job("imports.run", _l("Import a file"), give_up=_fail)
def run_import(import_id: str) -> None: ...

enqueue(run_import, import_id=str(row.id))
"""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from croniter import croniter
from sqlalchemy.exc import DBAPIError

from app.db.constraints import translate
from app.errors import DomainError, Sentence


class JobScope(StrEnum):
    """Whether a job is done for each active organization, by its own clock, or once for all of them, by UTC."""

    EACH_ORGANIZATION = "each_organization"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Schedule:
    """When a job that takes no arguments is due (five fields of cron).

    `only` names a function of the database that tells which organizations have something to do; without it, all have.
    Where the clocks go forward over a job's hour it is done right after, and an hour that comes twice is meant once.
    """

    cron: str
    scope: JobScope = JobScope.EACH_ORGANIZATION
    only: str | None = None

    def last_due(self, now: datetime, zone: str) -> datetime:
        """The last moment, up to `now`, at which it was due by the clocks of `zone`; in UTC."""
        local = now.astimezone(ZoneInfo(zone))
        if croniter.match(self.cron, local):
            due = local.replace(second=0, microsecond=0)
        else:
            due = croniter(self.cron, local).get_prev(datetime)
        if self.cron.split()[1] != "*":
            due = due.replace(fold=0)  # an hour that comes twice is meant once
        return due.astimezone(UTC)


@dataclass(frozen=True, slots=True)
class Retries:
    """How patient a job is: each wait is twice the one before it, up to `max_wait`."""

    max_tries: int = 5
    first_wait: timedelta = timedelta(seconds=10)
    max_wait: timedelta = timedelta(hours=1)

    def wait_after(self, tries: int, error: BaseException) -> timedelta | None:
        """How long to wait when try number `tries` has failed with `error`; None when it was the last.

        A random part of up to a half is taken off, so that what failed together is not tried together again; who
        asks for more patience than that gets it.
        """
        if tries >= self.max_tries or not is_worth_retrying(error):
            return None
        ceiling: timedelta = min(self.first_wait * 2 ** (tries - 1), self.max_wait)
        wait = ceiling * random.uniform(0.5, 1.0)  # noqa: S311 - spreads load, keeps no secret
        asked = error.retry_after if isinstance(error, DomainError) else None
        return max(wait, timedelta(seconds=asked or 0))


def is_worth_retrying(error: BaseException) -> bool:
    """Whether the same job may end otherwise: not when the data is at fault, which stays as it is.

    Everything else is tried again: a service or database out of reach, a collision, and a bug of ours, which may be
    mended in the meantime.
    """
    if isinstance(error, DBAPIError):
        return translate(error) is None
    return not isinstance(error, DomainError) or error.status >= 500


def nothing(*_arguments: object, **_named: object) -> None:
    """For a job that has nothing to say when it is given up, and nothing to prepare when it is retried."""


@dataclass(frozen=True, slots=True)
class Job:
    """A kind of job. `name` stands in stored jobs: one that is changed leaves those behind that wait.

    `run` works in `db.session`, which is committed when it returns. When it raises, all it did is rolled back; after
    the last try `give_up` says so where people look for the result, in a transaction of its own; the error comes
    first. `revive` makes a job that was given up ready to run again, or raises a DomainError that says why it cannot.
    All three are called with the arguments that the job was asked for with.
    """

    name: str
    label: Sentence
    run: Callable[..., None]
    give_up: Callable[..., None] = nothing
    revive: Callable[..., None] = nothing
    retries: Retries = field(default_factory=Retries)
    schedule: Schedule | None = None


def job(
    name: str,
    label: Sentence,
    *,
    schedule: Schedule | None = None,
    give_up: Callable[..., None] = nothing,
    revive: Callable[..., None] = nothing,
    retries: Retries | None = None,
) -> Callable[[Callable[..., None]], Job]:
    """Declare the decorated function as a job, in whose place the job stands from then on."""

    def declare(run: Callable[..., None]) -> Job:
        return Job(name, label, run, give_up, revive, retries or Retries(), schedule)

    return declare
