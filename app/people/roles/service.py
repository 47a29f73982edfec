"""Changes of a person's role and of their extra permissions.

Every change locks the organization and the person first, so that changes by two admins are serialized. Whatever a
change invalidates – sessions, tokens, keys, links – ends in the same transaction (`access_service.follow_rights` of
users).
"""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from flask_babel import lazy_gettext as _l

from app.audit.actions import Action
from app.audit.reason_rules import clean_reason
from app.audit.record import name_action, name_change
from app.db.ids import uuid7
from app.db.removal import remove_row
from app.declarations.events import PermissionGranted, raise_event
from app.errors import Forbidden, LazyText
from app.extensions import db
from app.models import User, UserPermission
from app.people.roles import queries
from app.people.roles.rules import OWNERS_ALONE, may_grant
from app.people.roles.words import permission_label
from app.people.users import service as users
from app.people.users.access_service import follow_rights
from app.people.users.detail_queries import get_person
from app.people.users.handover_rules import Successors
from app.people.users.handover_service import hand_over
from app.people.users.notices import ACCESS_CHANGED, ACCOUNT
from app.people.users.queries import grants_of_user
from app.people.users.rules import Rights, refuse_past
from app.security.actor import Actor
from app.security.matrix import Extent, first_role_with
from app.security.permissions import Permission, Role
from app.security.session_rules import EndReason
from app.tenancy.notification_service import notify_all


def change_role(
    actor: Actor,
    user_id: UUID,
    role: Role,
    *,
    reason: str,
    version: int,
    dropped: Collection[Permission] = (),
    takers: Successors | None = None,
) -> None:
    """Change a person's role, if they are still at `version`, the one that `actor` saw.

    `dropped` are grants to remove with the change; `takers` maps each kind of the person's open work to its successor
    (see `handover_service`). Does nothing if the person already has the role. Raises ValidationFailed without a reason
    or if a successor is missing or unsuitable, Forbidden if the current or the new role is above the actor's, Conflict
    if reassigned work would overlap with other work of its successor, LastOwner, VersionConflict and NotFound.
    """
    actor.requires(Permission.USERS_CHANGE_ROLE)
    why = clean_reason(reason)
    user = users.lock_person(get_person(actor, user_id), actor, Permission.USERS_CHANGE_ROLE)
    if Role(user.role) is role:
        return
    user.refuse_stale(version, {"role": user.role})
    hand_over(actor, user, takers or {}, new_role=role)
    users.change_role(user, role, actor=actor, reason=why)
    _drop(user, dropped)


def grant(
    actor: Actor, user_id: UUID, permission: Permission, *, reason: str, expires_at: datetime | None = None
) -> UserPermission | None:
    """Grant an extra permission for the whole organization, or change its reason or expiry; return the grant.

    Returns None if the person's role already includes the permission for the whole organization. The grant has no
    effect from `expires_at` on; an expired grant is replaced. Raises ValidationFailed without a reason or for an expiry
    in the past, Forbidden for a permission that `actor` can't grant and for a person above them, and NotFound.
    """
    actor.requires(Permission.USERS_CHANGE_ROLE)
    why = clean_reason(reason)
    refuse_past(expires_at)
    if not may_grant(actor, permission):
        raise _may_not_grant(actor, permission)
    user = users.lock_person(get_person(actor, user_id), actor, Permission.USERS_CHANGE_ROLE)
    before = Rights(Role(user.role), grants_of_user(user))
    row = next((row for row in queries.list_grant_rows(user) if row.permission == permission), None)
    if row is None or permission not in before.granted:
        if before.extent(permission) is Extent.ALL:
            return None
        if row is not None:
            remove_row(row)
        row = UserPermission(
            organization_id=user.organization_id, id=uuid7(), user_id=user.id, permission=permission.value
        )
        db.session.add(row)
    is_more = permission not in before.granted or _ends_later(expires_at, row.expires_at)
    row.granted_by, row.granted_by_label = actor.reference_id, actor.name
    row.reason, row.expires_at = why, expires_at
    if db.session.is_modified(row):
        name_action(Action.USER_PERMISSION_GRANTED, row)
        _follow(user, before)
        if is_more:
            raise_event(PermissionGranted(user.id, user.name, permission))
        _notify(user, _l("You now have this permission: %(permission)s.", permission=permission_label(permission)))
    return row


def revoke(actor: Actor, user_id: UUID, grant_id: UUID) -> Permission | None:
    """Revoke a grant; return its permission, or None if it no longer exists.

    Raises Forbidden for a person above the actor, and NotFound for an unknown person.
    """
    actor.requires(Permission.USERS_CHANGE_ROLE)
    user = users.lock_person(get_person(actor, user_id), actor, Permission.USERS_CHANGE_ROLE)
    taken = next((one.permission for one in queries.list_grants(user) if one.id == grant_id), None)
    if taken is not None:
        _drop(user, [taken])
        _notify(user, _l("One of your permissions was removed: %(permission)s.", permission=permission_label(taken)))
    return taken


def _ends_later(expires_at: datetime | None, before: datetime | None) -> bool:
    return before is not None and (expires_at is None or expires_at > before)


def _notify(user: User, sentence: LazyText) -> None:
    notify_all(ACCESS_CHANGED, [user], sentence, ACCOUNT)


def _drop(user: User, permissions: Collection[Permission]) -> None:
    before = Rights(Role(user.role), grants_of_user(user))
    dropped = [row for row in queries.list_grant_rows(user) if row.permission in permissions]
    for row in dropped:
        name_change(Action.USER_PERMISSION_TAKEN, "user_permission", row.id)
        remove_row(row)
    if dropped:
        _follow(user, before)


def _follow(user: User, before: Rights) -> None:
    """End what the changed rights no longer allow, and raise the user's version.

    The new version keeps an admin who has the old rights on screen from deciding based on them.
    """
    user.raise_version()
    db.session.flush()
    follow_rights(user, before, Rights(Role(user.role), grants_of_user(user)), EndReason.PERMISSION_TAKEN)


def _may_not_grant(actor: Actor, permission: Permission) -> Forbidden:
    needed = Role.OWNER if permission in OWNERS_ALONE else first_role_with(permission)
    sentence = _l(
        "You can only grant permissions that you have organization-wide, and some only as an owner. Ask an owner."
    )
    return actor.refusal(permission, sentence, needed=needed)
