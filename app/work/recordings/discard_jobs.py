"""The job that removes discarded recordings for good."""

from datetime import UTC, datetime

from flask_babel import lazy_gettext as _l

from app.declarations.job import Schedule, job
from app.work.recordings.discard_service import remove_discarded


@job(
    "recordings.remove_discarded",
    _l("Remove discarded recordings"),
    schedule=Schedule("* * * * *", only="organizations_with_discarded_recordings"),
)
def remove_discarded_recordings() -> None:
    """Remove those of one organization that can no longer be brought back."""
    remove_discarded(datetime.now(UTC))
