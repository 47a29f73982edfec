"""The job that lets claims and rescue windows of missed calls run out (`JobName.LAPSE_MISSED_CALLS`), by the clock."""

from datetime import UTC, datetime, timedelta

from app.jobs.retries import Retries
from app.jobs.work import Work
from app.missed_calls.lapse import lapse_missed_calls


def _run() -> None:
    lapse_missed_calls(datetime.now(UTC))


# The next run comes within a minute anyway.
LAPSE_MISSED_CALLS_WORK = Work(run=_run, retries=Retries(most_tries=3, longest_wait=timedelta(seconds=30)))
