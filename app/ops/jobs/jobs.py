"""Job that deletes old jobs."""

from datetime import UTC, datetime, timedelta

from flask_babel import lazy_gettext as _l
from sqlalchemy import and_, delete, or_

from app.db.context import current_context
from app.declarations.job import Schedule, job
from app.extensions import db
from app.models import Job, JobStatus

_DONE_DAYS = timedelta(days=30)
#: Failed jobs are retained longer, so that a user can look at them.
_FAILED_DAYS = timedelta(days=90)


@job("jobs.clean_up", _l("Delete old jobs"), schedule=Schedule("30 4 * * *"))
def clean_up_jobs() -> None:
    """Delete jobs that ended long ago, but not the single record that each scheduled job has."""
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
