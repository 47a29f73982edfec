"""Queries for API keys with their creator, whose current permissions limit those of the key."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, and_, case, func, or_, select

from app.db.lists import ListQuery
from app.db.paging import Selection, newest_or_oldest_first
from app.errors import NotFound
from app.extensions import db
from app.models import ApiKey, ApiKeyState, User, UserPermission
from app.models.users import GRANT_COUNTS
from app.organization.api_keys.filters import ApiKeyFilters
from app.organization.api_keys.rules import creator_of
from app.security.actor import Actor
from app.security.key_rules import effective_permissions
from app.security.list_of import ListOf
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
    effective = effective_permissions(row.ApiKey.permissions, creator_of(row))
    return ShownKey(row.ApiKey, ApiKeyState(row.status), effective)


def _with_creator(actor: Actor, now: datetime) -> Select[Any]:
    # The id and the time of creation are sort keys of the list.
    return restrict(_of_creator(select(ApiKey, ApiKey.id, ApiKey.created_at), now), ApiKey, actor)


def _of_creator(keys: Selection, now: Any) -> Selection:
    """Add the status of keys, and role, status and grants of their creator; NULL if the creator was deleted."""
    granted = (
        select(func.array_agg(UserPermission.permission))
        .where(UserPermission.organization_id == ApiKey.organization_id, UserPermission.user_id == ApiKey.created_by)
        .where(GRANT_COUNTS)
        .scalar_subquery()
    )
    return keys.add_columns(
        User.role.label("creator_role"),
        User.status.label("creator_status"),
        granted.label("creator_granted"),
        case(*((_is(state, now), state.value) for state in ApiKeyState)).label("status"),
    ).outerjoin(User, (User.organization_id == ApiKey.organization_id) & (User.id == ApiKey.created_by))


def _is(state: ApiKeyState, now: Any) -> ColumnElement[bool]:
    """Return the condition for keys in a state at a time, which may be an expression."""
    ended = ApiKey.expires_at <= now
    match state:
        case ApiKeyState.ACTIVE:
            return and_(ApiKey.revoked_at.is_(None), or_(ApiKey.expires_at.is_(None), ApiKey.expires_at > now))
        case ApiKeyState.EXPIRED:
            return and_(ApiKey.revoked_at.is_(None), ended)
        case ApiKeyState.REVOKED:
            return ApiKey.revoked_at.is_not(None)


_RECORD = _of_creator(
    select(
        ApiKey.id,
        ApiKey.name,
        ApiKey.prefix,
        ApiKey.permissions,
        ApiKey.created_by,
        ApiKey.created_by_label.label("created_by_name"),
        ApiKey.expires_at,
        ApiKey.last_used_at,
        func.host(ApiKey.last_used_ip).label("last_used_ip"),
        ApiKey.last_used_operation,
        ApiKey.revoked_at,
        ApiKey.created_at,
        ApiKey.updated_at,
        ApiKey.version,
    ),
    func.now(),
)

#: The keys of the list with all their values.
api_key_records = ListOf(ApiKey, _RECORD, narrow=lambda filters, _actor, now: _conditions(filters, now), sorts=SORTS)
