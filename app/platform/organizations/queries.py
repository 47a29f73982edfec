"""Queries for all organizations, for platform staff."""

from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, func, or_, select

from app.db.lists import ListQuery
from app.db.paging import Sort
from app.db.session import INCLUDE_DELETED
from app.errors import NotFound
from app.extensions import db
from app.models import Organization, User, UserStatus
from app.platform.organizations.filters import OrganizationFilters
from app.security.scope import unscoped

_BY_NAME = Sort(
    "name",
    func.lower(Organization.name),
    Organization.id,
    descending=False,
    value_of=lambda row: row.name.lower(),
    parse=str,
)
SORTS = (_BY_NAME,)

_PEOPLE = unscoped(
    select(User.organization_id).where(
        User.organization_id == Organization.id, User.status == UserStatus.ACTIVE, User.deleted_at.is_(None)
    ),
    why="aggregates only, for the platform's overview of organizations",
)

_ROW = select(
    Organization.id,
    Organization.name,
    Organization.slug,
    Organization.status,
    Organization.timezone,
    Organization.created_at,
    Organization.deleted_at,
    _PEOPLE.with_only_columns(func.count()).correlate(Organization).scalar_subquery().label("people"),
    _PEOPLE.with_only_columns(func.max(User.last_seen_at))
    .correlate(Organization)
    .scalar_subquery()
    .label("last_seen_at"),
).execution_options(**{INCLUDE_DELETED: True})


def list_of_all(filters: OrganizationFilters) -> ListQuery:
    """Return the list of all organizations, sorted by name and including deleted ones.

    It must be read within `app.db.session.platform_reading`.
    """
    conditions = _conditions(filters)
    return ListQuery(
        rows=_ROW.where(*conditions),
        matching=select(Organization.id).where(*conditions).execution_options(**{INCLUDE_DELETED: True}),
        sorts=SORTS,
        filters=filters,
    )


def _conditions(filters: OrganizationFilters) -> list[ColumnElement[bool]]:
    """Return the SQL conditions of `filters`: the text in the name or URL name, and the status."""
    found: list[ColumnElement[bool]] = []
    if filters.q:
        wanted = filters.q.lower()
        named = func.lower(Organization.name).contains(wanted, autoescape=True)
        found.append(or_(named, Organization.slug.contains(wanted, autoescape=True)))
    if filters.status is not None:
        found.append(Organization.status == filters.status)
    return found


def get_from_all(organization_id: UUID) -> Row[*tuple[Any, ...]]:
    """Return an organization that is not deleted, as a row of id, name, slug and status. Raises NotFound.

    Must be called within `platform_reading`.
    """
    columns = select(Organization.id, Organization.name, Organization.slug, Organization.status)
    found = db.session.execute(columns.where(Organization.id == organization_id)).one_or_none()
    if found is None:
        raise NotFound("organization", organization_id)
    return found
