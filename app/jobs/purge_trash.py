"""The jobs that remove for good what was in the trash long enough (`JobName.PURGE_…`, `JobName.REMOVE_FILE`)."""

from app.db.context import current_context
from app.jobs.work import Work
from app.storage import storage
from app.trash.files import remove_files_of_purged_organizations
from app.trash.purging import purge_due, purge_organizations_due


def _purge_trash() -> None:
    organization_id = current_context().organization_id
    if organization_id is None:
        raise ValueError("the trash is purged for one organization")
    purge_due(organization_id)


def _purge_organizations() -> None:
    """Files of those that were purged by a run before this one: a file goes after the commit."""
    remove_files_of_purged_organizations()
    purge_organizations_due()


def _remove_file(key: str) -> None:
    storage().delete(key)


PURGE_TRASH_WORK = Work(run=_purge_trash)
PURGE_ORGANIZATIONS_WORK = Work(run=_purge_organizations)
REMOVE_FILE_WORK = Work(run=_remove_file)
