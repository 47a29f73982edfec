"""Permanent removal of a deleted organization before its scheduled day, by the worker."""

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
    """Purge the organization if its current deletion is the one that was confirmed.

    One that is already gone, or was restored in the meantime, is left unchanged. Raises Conflict while it is under
    legal hold.
    """
    home = current_context()
    with use_context(replace(home, organization_id=organization_id, actor_home_id=home.organization_id)) as theirs:
        enter_context(db.session.connection(), theirs)
        with suppress(NotFound):
            organization = lock_organization(organization_id, with_its_rows=True, include_deleted=True)
            if organization.deletion_batch_id == batch_id:
                purge_organization(organization_id)
    enter_context(db.session.connection(), home)
