"""Queries for the jobs of an organization, and for the figures of the whole queue."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, select, text

from app.db.conditions import is_any_of
from app.db.paging import newest_or_oldest_first
from app.extensions import db
from app.models import Job, JobStatus
from app.ops.jobs.filters import JobFilters
from app.ops.jobs.queue import QUEUE
from app.periods import Span, span_of
from app.security.actor import Actor
from app.security.list_of import ListOf
from app.security.rows import get_row

#: States in which a job can still change by itself.
UNFINISHED = (JobStatus.WAITING, JobStatus.RUNNING)

SORTS = newest_or_oldest_first("askedAt", Job.asked_at, Job.id)


@dataclass(frozen=True, slots=True)
class QueueNumbers:
    """Figures of the queue across all organizations.

    `lag_seconds` is how long the longest-waiting job has been due, 0 if none waits; `failed` counts the jobs that have
    no attempt left; `workers` counts those with a recent heartbeat.
    """

    waiting: int
    running: int
    failed: int
    lag_seconds: float
    workers: int


def queue_numbers() -> QueueNumbers:
    """Return the current figures of the queue."""
    row = db.session.execute(text("SELECT * FROM queue_numbers(:queue)"), {"queue": QUEUE}).one()
    return QueueNumbers(row.waiting, row.running, row.failed, row.lag_seconds, row.workers)


def get_job(actor: Actor, job_id: UUID, *, lock: bool = False) -> Job:
    """Return the job; with `lock` it is refreshed and locked until the transaction ends. Raises NotFound."""
    return get_row(actor, Job, job_id, named="job", lock=lock)


def _conditions(filters: JobFilters, span: Span | None) -> list[ColumnElement[bool]]:
    """Translate `filters` to SQL."""
    found: list[ColumnElement[bool]] = []
    if span is not None:
        found += [Job.asked_at >= span.start, Job.asked_at < span.end]
    if filters.status:
        found.append(is_any_of(Job.status, filters.status))
    if filters.kind is not None:
        found.append(Job.name == filters.kind)
    return found


_ROW = select(
    Job.id,
    Job.name,
    Job.status,
    Job.asked_at,
    Job.asked_by_label,
    Job.scheduled_for,
    Job.tries,
    Job.next_try_at,
    Job.progress_done,
    Job.progress_total,
    Job.error,
    Job.finished_at,
)


#: Jobs that `actor` can see and that match `filters`.
job_list = ListOf(
    Job,
    _ROW,
    narrow=lambda filters, actor, now: _conditions(filters, span_of(filters, actor, now)),
    sorts=SORTS,
)
