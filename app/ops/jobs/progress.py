"""Progress of the current job.

It is written over a separate connection, because the job's changes are uncommitted.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from time import monotonic
from uuid import UUID

from sqlalchemy import update

from app.db.context import current_context
from app.db.transaction import own_transaction
from app.models import Job, JobStatus

SECONDS_BETWEEN_WORDS = 1.0


@dataclass
class _Run:
    job_id: UUID
    tries: int
    reported_at: float


_current: ContextVar[_Run | None] = ContextVar("switchboard_job_run", default=None)


@contextmanager
def running(job_id: UUID, tries: int) -> Iterator[None]:
    """Make `progress` inside the block report on this run of the job."""
    token = _current.set(_Run(job_id, tries, monotonic()))
    try:
        yield
    finally:
        _current.reset(token)


def progress(done: int, total: int | None) -> None:
    """Report that `done` of `total` parts of the job are done (None: unknown).

    Can be called any number of times: it writes at most once a second, and does nothing outside a job.
    """
    run = _current.get()
    if run is None or monotonic() - run.reported_at < SECONDS_BETWEEN_WORDS:
        return
    run.reported_at = monotonic()
    row = update(Job).where(
        Job.organization_id == current_context().organization_id,
        Job.id == run.job_id,
        Job.status == JobStatus.RUNNING,
        Job.tries == run.tries,
    )
    with own_transaction() as session:
        session.execute(row.values(progress_done=done, progress_total=total))
