"""The job that removes a stored file once the rows that named it are gone for good."""

from flask_babel import lazy_gettext as _l

from app.db.context import current_context
from app.declarations.job import job
from app.storage import storage


@job("files.remove", _l("Remove a file"))
def remove_file(key: str) -> None:
    """One that is gone already stays gone. Raises ValueError for a file of another organization."""
    if not key.startswith(f"{current_context().organization_id}/"):
        raise ValueError("the key is not of this organization")
    storage().delete(key)
