"""Retrying and dismissing failed jobs."""

from datetime import UTC, datetime
from uuid import UUID

from flask_babel import lazy_gettext as _l

from app.audit.actions import Action
from app.audit.record import record_event
from app.declarations.registry import registry
from app.errors import Conflict
from app.extensions import db
from app.models import Job, JobStatus
from app.ops.jobs.queries import get_job
from app.ops.jobs.queue import deliver
from app.security.actor import Actor
from app.security.permissions import Permission


def retry_job(actor: Actor, job_id: UUID) -> None:
    """Run a failed or dismissed job again, with all its tries.

    Raises Forbidden, NotFound, and Conflict for a job that has not failed or that cannot run again.
    """
    job = _ended(actor, job_id, JobStatus.FAILED, JobStatus.DISMISSED)
    kind = registry().job(job.name)
    if kind is None:
        raise _unknown()
    try:
        kind.revive(**job.arguments)
    except (TypeError, ValueError) as error:  # requested by an old version with other arguments
        raise _unknown() from error
    _record(Action.JOB_RETRIED, job)
    job.status = JobStatus.WAITING
    job.tries = 0
    job.started_at = job.finished_at = None
    job.asked_at = datetime.now(UTC)
    deliver(job.id)
    db.session.flush()


def dismiss_job(actor: Actor, job_id: UUID) -> None:
    """Dismiss a failed job, so that it no longer needs attention.

    Raises Forbidden, NotFound, and Conflict for a job that is not failed.
    """
    job = _ended(actor, job_id, JobStatus.FAILED)
    _record(Action.JOB_DISMISSED, job)
    job.status = JobStatus.DISMISSED
    db.session.flush()


def _ended(actor: Actor, job_id: UUID, *statuses: JobStatus) -> Job:
    actor.requires(Permission.JOBS_RETRY)
    job = get_job(actor, job_id, lock=True)
    if job.status not in statuses:
        raise Conflict(
            None, _l("This job hasn’t failed, or someone already retried or dismissed it. Check its status.")
        )
    return job


def _unknown() -> Conflict:
    return Conflict(None, _l("This job’s type no longer exists. Dismiss it."))


def _record(action: Action, job: Job) -> None:
    record_event(action, "job", job.id, {"name": job.name, "tries": job.tries, "error": job.error})
