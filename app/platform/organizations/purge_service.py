"""Removing a deleted organization for good before its day: what the worker does."""

from contextlib import suppress
from dataclasses import replace
from uuid import UUID

from app.db.context import current_context, use_context
from app.db.session import enter_context
from app.errors import NotFound
from app.extensions import db
from app.tenancy.organization_queries import lock_organization
from app.trust.trash.purge_service import purge_organization


def purge_requested(organization_id: UUID, batch_id: UUID) -> None:
    """The job's part: it ends the deletion that was confirmed, and no later one.

    An organization that is gone already, or was restored meanwhile, stays as it is. Raises Conflict while it is held.
    """
    home = current_context()
    with use_context(replace(home, organization_id=organization_id, actor_home_id=home.organization_id)) as theirs:
        enter_context(db.session.connection(), theirs)
        with suppress(NotFound):
            organization = lock_organization(organization_id, with_its_rows=True, include_deleted=True)
            if organization.deletion_batch_id == batch_id:
                purge_organization(organization_id)
    enter_context(db.session.connection(), home)
