"""Job that submits recordings to Shunya, and fetches results that didn't arrive."""

from datetime import UTC, datetime, timedelta

from flask_babel import lazy_gettext as _l

from app.db.context import current_context
from app.declarations.job import Retries, Schedule, job
from app.work.analyses.task_service import work_on_tasks

#: Other jobs wait for this one; the next run continues where it stopped.
_MAX_DURATION = timedelta(seconds=30)


@job(
    "analyses.work_on_tasks",
    _l("Send recordings for analysis"),
    schedule=Schedule("* * * * *", only="organizations_with_provider_tasks_due"),
    retries=Retries(max_tries=1),  # each task has its own retries, and the next run follows within a minute
)
def send_for_analysis() -> None:
    """Work on the due tasks of one organization, every minute."""
    organization_id = current_context().organization_id
    if organization_id is not None:
        work_on_tasks(organization_id, datetime.now(UTC) + _MAX_DURATION)
