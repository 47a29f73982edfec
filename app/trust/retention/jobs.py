"""The job of retention."""

from flask_babel import lazy_gettext as _l

from app.db.context import current_context
from app.declarations.job import Schedule, job
from app.tenancy.organization_queries import is_held
from app.trust.retention.rules import RUNS
from app.trust.retention.sweep_service import sweep


@job("retention.apply", _l("Remove what was kept long enough"), schedule=Schedule(RUNS))
def apply_retention() -> None:
    """Of one organization, every week, or when somebody asks for it."""
    organization_id = current_context().organization_id
    if organization_id is None:
        raise ValueError("records are kept for one organization")
    if is_held(organization_id):
        return  # what is held is no failure of the job: the page of retention says so
    sweep(organization_id)
