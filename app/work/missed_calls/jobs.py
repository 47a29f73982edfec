"""The job of the missed-call queue."""

from datetime import UTC, datetime, timedelta

from flask_babel import lazy_gettext as _l

from app.declarations.job import Retries, Schedule, job
from app.work.missed_calls.lapse_service import end_forgotten_calls_back, lapse_missed_calls


@job(
    "missed_calls.lapse",
    _l("Let claims of missed calls run out"),
    schedule=Schedule("* * * * *", only="organizations_with_missed_calls_due"),
    # The next run comes within a minute anyway.
    retries=Retries(max_tries=3, max_wait=timedelta(seconds=30)),
)
def lapse_claims() -> None:
    """Let claims and rescue windows run out, and end calls that nobody has said a result of."""
    now = datetime.now(UTC)
    end_forgotten_calls_back(now)  # first: whoever ends a call holds it before its entry
    lapse_missed_calls(now)
