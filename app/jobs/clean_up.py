"""The jobs that delete what an organization needs no longer (`JobName.CLEAN_UP_…`), every night."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import and_, delete, or_

from app.accounts.expiry import delete_expired
from app.db.context import current_context
from app.extensions import db
from app.imports.abandoned import delete_abandoned
from app.jobs.work import Work
from app.models import Job, JobStatus

_DONE_DAYS = timedelta(days=30)
#: A job that failed waits longer for somebody to look at it.
_FAILED_DAYS = timedelta(days=90)


def _clean_up_accounts() -> None:
    delete_expired(datetime.now(UTC))


def _clean_up_imports() -> None:
    delete_abandoned(datetime.now(UTC))


def _clean_up_jobs() -> None:
    """All but the records of scheduled jobs: of those there is one each, and it stays."""
    now = datetime.now(UTC)
    is_over = or_(
        and_(Job.status.in_((JobStatus.DONE, JobStatus.DISMISSED)), Job.finished_at < now - _DONE_DAYS),
        and_(Job.status == JobStatus.FAILED, Job.finished_at < now - _FAILED_DAYS),
    )
    db.session.execute(
        delete(Job).where(
            Job.organization_id == current_context().organization_id, Job.scheduled_for.is_(None), is_over
        )
    )


CLEAN_UP_ACCOUNTS_WORK = Work(run=_clean_up_accounts)
CLEAN_UP_IMPORTS_WORK = Work(run=_clean_up_imports)
CLEAN_UP_JOBS_WORK = Work(run=_clean_up_jobs)
