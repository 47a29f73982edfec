"""Job that prepares an uploaded recording for playing."""

from datetime import timedelta
from uuid import UUID

from flask_babel import lazy_gettext as _l

from app.declarations.job import Retries, job
from app.work.recordings.ready_service import make_ready_to_hear


@job(
    "recordings.make_ready",
    _l("Prepare a recording"),
    retries=Retries(max_tries=5, first_wait=timedelta(seconds=5), max_wait=timedelta(minutes=10)),
)
def make_ready(recording_id: str) -> None:
    """Join the parts of a recording, and measure its length and loudness."""
    make_ready_to_hear(UUID(recording_id))
