"""Record of a job during its run: begun, done, waiting for another try, or failed.

Each run of a job has a number (`tries`). A run can change the record only while it is the latest one: a worker presumed
dead finds another run's number there, and all its work is rolled back.
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.db.context import Context, current_context
from app.db.transaction import own_transaction
from app.extensions import db
from app.models import Job, JobStatus
from app.ops.jobs.queue import context_from_json
from app.security.scope import unscoped

_UNFINISHED = (JobStatus.WAITING, JobStatus.RUNNING)
_MAX_ERROR_LENGTH = 1_000
SCHEDULE_LABEL = "Schedule"


@dataclass(frozen=True, slots=True)
class Run:
    """One attempt to run a job: its arguments, user context, language, and number.

    `storage_failures` is how many of the attempts before failed because of storage.
    """

    job_id: UUID
    name: str
    tries: int
    storage_failures: int
    arguments: dict[str, Any]
    context: Context
    language: str
    is_scheduled: bool


def begin(job_id: UUID) -> Run | None:
    """Mark the job as running, committed immediately.

    Returns None if it has already ended or was deleted with its organization.
    """
    with own_transaction() as session:
        job = session.get(
            unscoped(Job, why="the worker runs jobs of any user"),
            (current_context().organization_id, job_id),
            with_for_update=True,
        )
        if job is None or job.status not in _UNFINISHED:
            return None
        job.status = JobStatus.RUNNING
        if job.tries == 0:  # retried, or due again
            job.storage_failures = 0
        job.tries += 1
        job.started_at = datetime.now(UTC)
        job.next_try_at = None
        job.progress_done, job.progress_total = 0, None
        is_scheduled = job.scheduled_for is not None
        return Run(
            job.id,
            job.name,
            job.tries,
            job.storage_failures,
            job.arguments,
            _context_of(job),
            job.language,
            is_scheduled,
        )


def finish(run: Run) -> bool:
    """Mark the job as done in the transaction of its work.

    Returns False if the run is no longer the latest.
    """
    return _change(
        db.session(), run, status=JobStatus.DONE, finished_at=datetime.now(UTC), error=None, progress_total=None
    )


def fail(run: Run, error: str) -> bool:
    """Mark the job as permanently failed in the current transaction.

    Returns False if the run is no longer the latest.
    """
    return _change(
        db.session(), run, status=JobStatus.FAILED, finished_at=datetime.now(UTC), error=error[:_MAX_ERROR_LENGTH]
    )


def try_again(run: Run, at: datetime, error: str, *, because_of_storage: bool) -> bool:
    """Mark the job as waiting for its next try, committed immediately.

    Returns False if the run is no longer the latest.
    """
    with own_transaction() as session:
        return _change(
            session,
            run,
            status=JobStatus.WAITING,
            next_try_at=at,
            error=error[:_MAX_ERROR_LENGTH],
            storage_failures=run.storage_failures + because_of_storage,
        )


def is_unfinished(job_id: UUID) -> bool:
    """Return whether the job exists and has not ended."""
    status = db.session.scalar(
        unscoped(select(Job.status), why="the worker delivers jobs of any user").where(
            Job.organization_id == current_context().organization_id, Job.id == job_id
        )
    )
    return status in _UNFINISHED


def _change(session: Session, run: Run, **values: Any) -> bool:
    latest = update(Job).where(
        Job.organization_id == current_context().organization_id,
        Job.id == run.job_id,
        Job.status == JobStatus.RUNNING,
        Job.tries == run.tries,
    )
    return session.scalar(latest.values(**values).returning(Job.id)) is not None


def _context_of(job: Job) -> Context:
    """Return the requester's context; a scheduled job has no requester."""
    if job.scheduled_for is not None:
        return Context(organization_id=job.organization_id, actor_label=SCHEDULE_LABEL)
    return replace(context_from_json(job.context), organization_id=job.organization_id)
