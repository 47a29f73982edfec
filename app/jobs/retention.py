"""The weekly job that removes what was kept long enough (`JobName.APPLY_RETENTION`)."""

from app.db.context import current_context
from app.jobs.work import Work
from app.retention.sweep import is_held, sweep


def _apply_retention() -> None:
    organization_id = current_context().organization_id
    if organization_id is None:
        raise ValueError("records are kept for one organization")
    if is_held(organization_id):
        return  # what is held is no failure of the job: the page of retention says so
    sweep(organization_id)


RETENTION_WORK = Work(run=_apply_retention)
