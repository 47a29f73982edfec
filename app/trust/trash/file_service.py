"""Removal of the files of purged organizations, after the commit so that no row is left without its file."""

from uuid import UUID

from sqlalchemy import func, select

from app.extensions import db
from app.storage import storage


def remove_files_of_purged_organizations() -> int:
    """Remove the files of organizations that the trail records as purged; return how many organizations.

    Only organizations that still have files are considered, so an interrupted run is completed by the next one.
    Requires the worker's database role.
    """
    kept = storage().organization_ids()
    gone: list[UUID] = list(db.session.scalars(select(func.organizations_that_were_purged(kept)))) if kept else []
    for organization_id in gone:
        storage().delete_organization(organization_id)
    return len(gone)
