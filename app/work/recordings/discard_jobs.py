"""Job that permanently removes the files of discarded recordings."""

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
    """Remove the files of one organization's discarded recordings that can no longer be restored."""
    remove_discarded(datetime.now(UTC))
