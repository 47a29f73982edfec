"""Background jobs for people."""

from datetime import UTC, datetime

from flask_babel import lazy_gettext as _l

from app.db.context import current_context
from app.declarations.job import Schedule, job
from app.people.users.suspension_service import let_back_all


@job(
    "users.let_back",
    _l("Lift expired suspensions"),
    schedule=Schedule("*/5 * * * *", only="organizations_with_suspensions_over"),
)
def let_people_back() -> None:
    """Lift the expired suspensions of one organization.

    If a person signs in before the job runs, signing in lifts their suspension.
    """
    organization_id = current_context().organization_id
    if organization_id is None:
        raise ValueError("people are of one organization")
    let_back_all(organization_id, datetime.now(UTC))
