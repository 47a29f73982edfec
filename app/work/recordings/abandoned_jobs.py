"""Job that ends recordings which no one ended."""

from datetime import UTC, datetime

from flask_babel import lazy_gettext as _l

from app.declarations.job import Schedule, job
from app.work.recordings.abandoned_service import end_abandoned


@job("recordings.end_abandoned", _l("End abandoned recordings"), schedule=Schedule("40 4 * * *"))
def end_abandoned_recordings() -> None:
    """End the abandoned recordings of one organization, every night."""
    end_abandoned(datetime.now(UTC))
