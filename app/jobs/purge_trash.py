"""The jobs that remove for good what was in the trash long enough, or the one deletion that an owner chose
(`JobName.PURGE_…`; arguments, where there are: `batch_id`, `organization`, `deletion`), and the files of what was
removed (`JobName.REMOVE_FILE`).
"""

from uuid import UUID

from app.db.context import current_context
from app.jobs.work import Work
from app.platform.lifecycle import purge_requested
from app.storage import storage
from app.trash.files import remove_files_of_purged_organizations
from app.trash.purging import purge_chosen, purge_due, purge_organizations_due


def _purge_trash(batch_id: str | None = None) -> None:
    organization_id = current_context().organization_id
    if organization_id is None:
        raise ValueError("the trash is purged for one organization")
    if batch_id is None:
        purge_due(organization_id)
    else:
        purge_chosen(organization_id, UUID(batch_id))


def _purge_organizations() -> None:
    """Files of those that were purged by a run before this one: a file goes after the commit."""
    remove_files_of_purged_organizations()
    purge_organizations_due()


def _purge_organization(organization: str, deletion: str) -> None:
    purge_requested(UUID(organization), UUID(deletion))


def _remove_file(key: str) -> None:
    storage().delete(key)


PURGE_TRASH_WORK = Work(run=_purge_trash)
PURGE_ORGANIZATIONS_WORK = Work(run=_purge_organizations)
PURGE_ORGANIZATION_WORK = Work(run=_purge_organization)
REMOVE_FILE_WORK = Work(run=_remove_file)
