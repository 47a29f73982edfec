"""The files of what was purged: removed after the commit, so that no row is left without its file."""

from uuid import UUID

from sqlalchemy import func, select

from app.extensions import db
from app.storage import storage


def remove_files_of_purged_organizations() -> int:
    """Remove the files of organizations that are gone for good, by the trail; how many organizations.

    It looks at what is there, so one that was interrupted goes on the next time. Needs the jobs' role.
    """
    kept = storage().organization_ids()
    gone: list[UUID] = list(db.session.scalars(select(func.organizations_that_were_purged(kept)))) if kept else []
    for organization_id in gone:
        storage().delete_organization(organization_id)
    return len(gone)
