"""Queries for roles and for extra permissions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import and_, func, select

from app.db.paging import Selection, newest_or_oldest_first
from app.errors import NotFound
from app.extensions import db
from app.models import User, UserPermission, UserStatus
from app.models.users import GRANT_COUNTS
from app.security.actor import Actor
from app.security.list_of import ListOf
from app.security.matrix import grants_of
from app.security.permissions import Permission, Role
from app.security.scope import restrict, unscoped

#: More than an organization usually grants; the page notes when there are more.
MAX_HOLDERS = 200


@dataclass(frozen=True, slots=True)
class Grant:
    """An extra permission: who granted it, when, for what reason, and until when.

    An expired grant is still listed but has no effect. `granted_by` is a name, or '' if unknown.
    """

    id: UUID
    permission: Permission
    granted_by: str
    granted_at: datetime
    reason: str | None
    expires_at: datetime | None
    is_expired: bool


@dataclass(frozen=True, slots=True)
class Holder:
    """An active person with an extra permission."""

    user_id: UUID
    name: str
    role: Role
    permission: Permission


def count_people(actor: Actor) -> Mapping[Role, int]:
    """Return the number of active people per role, counting only those whom `actor` can see."""
    people = restrict(select(User.role, func.count()), User, actor).where(User.status == UserStatus.ACTIVE)
    counted = {Role(role): number for role, number in db.session.execute(people.group_by(User.role))}
    return {role: counted.get(role, 0) for role in Role}


def list_grants(user: User) -> list[Grant]:
    """Return a person's extra permissions, oldest first.

    Permissions that this version doesn't know are omitted.
    """
    now = datetime.now(UTC)
    return [
        Grant(
            row.id,
            permission,
            row.granted_by_label,
            row.created_at,
            row.reason,
            row.expires_at,
            is_expired=row.expires_at is not None and row.expires_at <= now,
        )
        for row in list_grant_rows(user)
        for permission in grants_of([row.permission])
    ]


def list_grant_rows(user: User) -> Sequence[UserPermission]:
    """Return the grant rows of a user who was found within the scope; each permission occurs once."""
    rows = unscoped(select(UserPermission), why="permissions of a user who is already scoped").where(
        UserPermission.organization_id == user.organization_id, UserPermission.user_id == user.id
    )
    return db.session.scalars(rows.order_by(UserPermission.created_at, UserPermission.id)).all()


GRANT_SORTS = newest_or_oldest_first("createdAt", UserPermission.created_at, UserPermission.id)[::-1]


def _in_organization(statement: Selection, _model: Any, actor: Actor) -> Selection:
    return statement.where(UserPermission.organization_id == actor.organization_id)


#: The extra permissions of people, oldest first, including expired ones.
grant_records = ListOf(
    UserPermission,
    unscoped(
        select(
            UserPermission.id,
            UserPermission.user_id,
            UserPermission.permission,
            UserPermission.reason,
            UserPermission.granted_by,
            UserPermission.granted_by_label.label("granted_by_name"),
            UserPermission.expires_at,
            UserPermission.created_at,
            UserPermission.updated_at,
        ),
        why="people who change roles see all grants of a user whom they can see",
    ),
    narrow=lambda _filters, _actor, _now: (),
    sorts=GRANT_SORTS,
    hold=_in_organization,
)


def get_grant(actor: Actor, grant_id: UUID) -> UserPermission:
    """Return an extra permission of anyone in the organization. Raises NotFound."""
    model = unscoped(UserPermission, why="callers check that they can see its user")
    found = db.session.get(model, (actor.organization_id, grant_id), populate_existing=True)
    if found is None:
        raise NotFound("user_permission", grant_id)
    return found


def list_holders(actor: Actor, role: Role | None, permission: Permission | None) -> Sequence[Holder]:
    """Return active people that `actor` can see with their unexpired extra permissions, sorted by name.

    A person is listed once for each extra permission. Reads at most MAX_HOLDERS grants, filtered by `role` and
    `permission` unless they are None.
    """
    rows = (
        restrict(select(User.id, User.name, User.role, UserPermission.permission), User, actor)
        .join(
            UserPermission,
            and_(UserPermission.organization_id == User.organization_id, UserPermission.user_id == User.id),
        )
        .where(User.status == UserStatus.ACTIVE, GRANT_COUNTS)
        .order_by(User.name, User.id, UserPermission.permission)
        .limit(MAX_HOLDERS)
    )
    if role is not None:
        rows = rows.where(User.role == role)
    if permission is not None:
        rows = rows.where(UserPermission.permission == permission.value)
    return [
        Holder(row.id, row.name, Role(row.role), permission)
        for row in db.session.execute(rows)
        for permission in grants_of([row.permission])
    ]
