"""Queries for API keys with their creator, whose current permissions limit those of the key."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, and_, case, func, or_, select

from app.db.lists import ListQuery
from app.db.paging import newest_or_oldest_first
from app.errors import NotFound
from app.extensions import db
from app.models import ApiKey, ApiKeyState, Role, User, UserPermission
from app.models.users import GRANT_COUNTS
from app.organization.api_keys.filters import ApiKeyFilters
from app.security.actor import Actor
from app.security.key_rules import Creator, effective_permissions
from app.security.permissions import Permission
from app.security.rows import find_row, get_row
from app.security.scope import restrict


@dataclass(frozen=True, slots=True)
class ShownKey:
    """A key with its current status and permissions."""

    key: ApiKey
    status: ApiKeyState
    effective: frozenset[Permission]


SORTS = newest_or_oldest_first("createdAt", ApiKey.created_at, ApiKey.id)


def api_key_list(actor: Actor, filters: ApiKeyFilters, now: datetime | None = None) -> ListQuery:
    """Return the list query of the keys that `actor` can see and that match `filters`."""
    now = now or datetime.now(UTC)
    conditions = _conditions(filters, now)
    return ListQuery(
        rows=_with_creator(actor, now).where(*conditions),
        matching=restrict(select(ApiKey.id), ApiKey, actor).where(*conditions),
        sorts=SORTS,
        filters=filters,
    )


def _conditions(filters: ApiKeyFilters, now: datetime) -> list[ColumnElement[bool]]:
    """Return `filters` as SQL conditions."""
    found: list[ColumnElement[bool]] = []
    if filters.status is not None:
        found.append(_is(filters.status, now))
    return found


def find_key(actor: Actor, api_key_id: UUID) -> ApiKey | None:
    """Return a key that `actor` can see, or None."""
    return find_row(actor, ApiKey, api_key_id)


def lock_key(actor: Actor, api_key_id: UUID) -> ApiKey:
    """Return the key, refreshed and locked until the transaction ends.

    Raises NotFound.
    """
    return get_row(actor, ApiKey, api_key_id, named="api_key", lock=True)


def get_shown_key(actor: Actor, api_key_id: UUID) -> ShownKey:
    """Return the key with its current status and permissions.

    Raises NotFound.
    """
    row = db.session.execute(_with_creator(actor, datetime.now(UTC)).where(ApiKey.id == api_key_id)).one_or_none()
    if row is None:
        raise NotFound("api_key", api_key_id)
    return shown_key(row)


def shown_key(row: Row[*tuple[Any, ...]]) -> ShownKey:
    """Return the key in a row of the list, with its current status and permissions."""
    creator = None
    if row.creator_role is not None:
        creator = Creator(Role(row.creator_role), row.creator_status, frozenset(row.creator_granted or ()))
    return ShownKey(row.ApiKey, ApiKeyState(row.status), effective_permissions(row.ApiKey.permissions, creator))


def _with_creator(actor: Actor, now: datetime) -> Select[Any]:
    """Select the keys with role, status and grants of their creator; NULL if the creator was deleted."""
    granted = (
        select(func.array_agg(UserPermission.permission))
        .where(UserPermission.organization_id == ApiKey.organization_id, UserPermission.user_id == ApiKey.created_by)
        .where(GRANT_COUNTS)
        .scalar_subquery()
    )
    keys = select(
        ApiKey,
        # Sort keys of the list.
        ApiKey.id,
        ApiKey.created_at,
        User.role.label("creator_role"),
        User.status.label("creator_status"),
        granted.label("creator_granted"),
        case(*((_is(state, now), state.value) for state in ApiKeyState)).label("status"),
    ).outerjoin(User, (User.organization_id == ApiKey.organization_id) & (User.id == ApiKey.created_by))
    return restrict(keys, ApiKey, actor)


def _is(state: ApiKeyState, now: datetime) -> ColumnElement[bool]:
    ended = ApiKey.expires_at <= now
    match state:
        case ApiKeyState.ACTIVE:
            return and_(ApiKey.revoked_at.is_(None), or_(ApiKey.expires_at.is_(None), ApiKey.expires_at > now))
        case ApiKeyState.EXPIRED:
            return and_(ApiKey.revoked_at.is_(None), ended)
        case ApiKeyState.REVOKED:
            return ApiKey.revoked_at.is_not(None)
