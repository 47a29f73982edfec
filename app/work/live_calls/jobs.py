"""Scheduled job of calls that providers report."""

from datetime import UTC, datetime

from flask_babel import lazy_gettext as _l

from app.db.context import current_context
from app.declarations.job import Retries, Schedule, job
from app.work.live_calls.silence_service import fail_silent_calls


@job(
    "live_calls.fail_silent",
    _l("End calls without news"),
    schedule=Schedule("*/5 * * * *", only="organizations_with_silent_calls"),
    retries=Retries(max_tries=1),  # the next run follows
)
def fail_silent() -> None:
    """End the active calls of one organization of which the provider reports nothing anymore."""
    organization_id = current_context().organization_id
    if organization_id is not None:
        fail_silent_calls(organization_id, datetime.now(UTC))
