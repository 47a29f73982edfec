"""The background job of retention."""

from flask_babel import lazy_gettext as _l

from app.db.context import current_context
from app.declarations.job import Schedule, job
from app.tenancy.organization_queries import is_held
from app.trust.retention.rules import RUNS
from app.trust.retention.sweep_service import sweep


@job("retention.apply", _l("Delete records past retention"), schedule=Schedule(RUNS))
def apply_retention() -> None:
    """Delete the expired records of one organization, weekly or on request.

    Does nothing during a legal hold.
    """
    organization_id = current_context().organization_id
    if organization_id is None:
        raise ValueError("records are kept for one organization")
    if is_held(organization_id):
        return  # a hold is not a failure of the job; the retention page shows it
    sweep(organization_id)
