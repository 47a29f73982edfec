"""Background jobs that remove stored files: those of purged rows, and what killed processes left."""

from datetime import UTC, datetime, timedelta

from flask_babel import lazy_gettext as _l

from app.db.context import current_context
from app.declarations.job import JobScope, Schedule, job
from app.storage import storage

_LEFT_FOR = timedelta(days=1)


@job("files.remove", _l("Delete a file"))
def remove_file(key: str) -> None:
    """Remove a file; does nothing if it is already gone.

    Raises ValueError for a file of another organization.
    """
    if not key.startswith(f"{current_context().organization_id}/"):
        raise ValueError("the key is not of this organization")
    storage().delete(key)


@job(
    "files.remove_unfinished",
    _l("Delete unfinished files"),
    schedule=Schedule("40 5 * * *", scope=JobScope.SYSTEM),
)
def remove_unfinished_files() -> None:
    """Remove what processes that were killed while writing left in the storage over a day ago, of all organizations."""
    storage().remove_unfinished(before=datetime.now(UTC) - _LEFT_FOR)
