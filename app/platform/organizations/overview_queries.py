"""Queries across all organizations for platform staff.

Listing the organizations is recorded in the audit trail of the platform's own organization.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from sqlalchemy import Row

from app.audit.actions import Action
from app.audit.record import record_apart
from app.db.lists import ListQuery
from app.db.session import platform_reading
from app.extensions import db
from app.platform.organizations.filters import OrganizationFilters
from app.platform.organizations.queries import get_from_all, list_of_all
from app.security.actor import Actor


@contextmanager
def all_organizations(staff: Actor, filters: OrganizationFilters) -> Iterator[ListQuery]:
    """Yield the list of all organizations, which can be queried within the block.

    `staff` must be in their home organization, and the request must be read-only.
    """
    record_apart(Action.ORGANIZATIONS_LISTED, "organization", metadata=filters.parameters())
    with platform_reading(f"list of organizations for {staff.email}", db.session):
        yield list_of_all(filters)


def get_organization_to_enter(staff: Actor, organization_id: UUID) -> Row[*tuple[Any, ...]]:
    """Return the row (id, name, slug, status) of an organization that is not deleted. Raises NotFound."""
    with platform_reading(f"{staff.email} is about to enter", db.session):
        return get_from_all(organization_id)
