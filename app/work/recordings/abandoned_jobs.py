"""The job that ends recordings which nobody has ended."""

from datetime import UTC, datetime

from flask_babel import lazy_gettext as _l

from app.declarations.job import Schedule, job
from app.work.recordings.abandoned_service import end_abandoned


@job("recordings.end_abandoned", _l("End recordings that nobody has ended"), schedule=Schedule("40 4 * * *"))
def end_abandoned_recordings() -> None:
    """Of one organization, every night."""
    end_abandoned(datetime.now(UTC))
