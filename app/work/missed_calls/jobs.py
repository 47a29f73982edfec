"""Scheduled job of the missed-call queue."""

from datetime import UTC, datetime, timedelta

from flask_babel import lazy_gettext as _l

from app.declarations.job import Retries, Schedule, job
from app.work.missed_calls.lapse_service import end_forgotten_calls_back, lapse_missed_calls, warn_of_claims_ending


@job(
    "missed_calls.lapse",
    _l("Release expired missed-call claims"),
    schedule=Schedule("* * * * *", only="organizations_with_missed_calls_due"),
    # The next run starts within a minute anyway.
    retries=Retries(max_tries=3, max_wait=timedelta(seconds=30)),
)
def lapse_claims() -> None:
    """End expired claims and rescue windows, warn of claims about to expire, and end calls without a result."""
    now = datetime.now(UTC)
    end_forgotten_calls_back(now)  # first, since ending a call locks the call before its entry
    lapse_missed_calls(now)
    warn_of_claims_ending(now)
