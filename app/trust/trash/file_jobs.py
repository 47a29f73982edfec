"""Background job that removes a stored file after the rows that referred to it were purged."""

from flask_babel import lazy_gettext as _l

from app.db.context import current_context
from app.declarations.job import job
from app.storage import storage


@job("files.remove", _l("Delete a file"))
def remove_file(key: str) -> None:
    """Remove a file; does nothing if it is already gone.

    Raises ValueError for a file of another organization.
    """
    if not key.startswith(f"{current_context().organization_id}/"):
        raise ValueError("the key is not of this organization")
    storage().delete(key)
