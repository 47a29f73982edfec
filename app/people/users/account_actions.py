"""Actions on another person's account, and the reasons why some of them are unavailable."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import url_for
from flask_babel import lazy_gettext as _l

from app.errors import LazyText
from app.models import User, UserStatus
from app.people.users.queries import has_other_owner
from app.people.users.rules import NOTHING_ARRIVES, is_placeholder_address
from app.security.actor import Actor
from app.security.permissions import Permission, Role
from app.security.rank_rules import may_give


@dataclass(frozen=True, slots=True)
class AccountAction:
    """An action with the URL of its page; `refusal` is the reason if it is unavailable.

    An `at_once` action runs with a click on its button.
    """

    label: LazyText
    icon: str
    href: str
    refusal: LazyText | None = None
    at_once: bool = False


@dataclass(frozen=True, slots=True)
class _Kind:
    endpoint: str
    label: LazyText
    icon: str
    permission: Permission
    not_to_oneself: LazyText | None = None
    takes_an_owner: bool = False
    at_once: bool = False


_OWN_ACCOUNT = _l("This is you. Use your account page.")
_NOT_ONESELF = _l("You can’t deactivate, suspend or delete yourself. Ask another admin or owner.")

_EDIT = _Kind("users.edit", _l("Edit"), "pencil", Permission.USERS_UPDATE)
_PICTURE = _Kind("users.edit_picture", _l("Change photo"), "circle-user-round", Permission.USERS_UPDATE)
_ROLE = _Kind("roles.edit_role", _l("Change role"), "user-cog", Permission.USERS_CHANGE_ROLE)
_PERMISSIONS = _Kind("roles.edit_permissions", _l("Edit extra permissions"), "key-round", Permission.USERS_CHANGE_ROLE)
_SESSIONS = _Kind("sessions.index", _l("View sessions"), "log-out", Permission.USERS_REVOKE_SESSIONS)
_VIEW_AS = _Kind(
    "impersonation.confirm_start",
    _l("View as this person"),
    "eye",
    Permission.USERS_VIEW_AS,
    _l("You’re already viewing your own pages."),
)
_PASSWORD = _Kind("users.new_password_link", _l("Send password link"), "mail", Permission.USERS_UPDATE)
_FACTOR = _Kind(
    "users.confirm_reset_second_factor",
    _l("Reset two-factor authentication"),
    "fingerprint",
    Permission.USERS_UPDATE,
    _OWN_ACCOUNT,
)
_ACTIVATE = _Kind("users.activate", _l("Activate"), "circle-check", Permission.USERS_DEACTIVATE, at_once=True)
_DEACTIVATE = _Kind(
    "users.confirm_deactivate",
    _l("Deactivate"),
    "user-x",
    Permission.USERS_DEACTIVATE,
    _NOT_ONESELF,
    takes_an_owner=True,
)
_SUSPEND = _Kind(
    "users.confirm_suspend",
    _l("Suspend"),
    "pause",
    Permission.USERS_DEACTIVATE,
    _NOT_ONESELF,
    takes_an_owner=True,
)
_LET_BACK = _Kind("users.let_back", _l("Lift suspension"), "play", Permission.USERS_DEACTIVATE, at_once=True)
_DELETE = _Kind(
    "users.confirm_delete", _l("Delete"), "trash-2", Permission.USERS_DELETE, _NOT_ONESELF, takes_an_owner=True
)

_STANDING = {
    UserStatus.ACTIVE: (_SUSPEND, _DEACTIVATE),
    UserStatus.SUSPENDED: (_LET_BACK, _DEACTIVATE),
    UserStatus.INACTIVE: (_ACTIVATE,),
}


def list_account_actions(actor: Actor, user: User) -> Sequence[AccountAction]:
    """Return the actions that `actor` has permission to take on a person's account.

    There are none for a person above the actor. Actions that don't apply to the person are omitted; others that are
    unavailable are included, with the reason.
    """
    if not may_give(actor.role, Role(user.role)):
        return ()
    is_active = user.status == UserStatus.ACTIVE
    kinds = [
        _EDIT,
        _PICTURE,
        _ROLE,
        _PERMISSIONS,
        _SESSIONS,
        *([_VIEW_AS, _PASSWORD] if is_active else []),
        *([_FACTOR] if user.mfa_secret is not None else []),
        *_STANDING[UserStatus(user.status)],
        _DELETE,
    ]
    found = []
    for kind in kinds:
        href = url_for(kind.endpoint, user_id=user.id)
        if actor.may(kind.permission):
            found.append(
                AccountAction(kind.label, kind.icon, href, refusal=_refusal(actor, user, kind), at_once=kind.at_once)
            )
    return found


def _refusal(actor: Actor, user: User, kind: _Kind) -> LazyText | None:
    if user.id == actor.user_id and kind.not_to_oneself is not None:
        return kind.not_to_oneself
    if kind is _PASSWORD and is_placeholder_address(user.email):
        return NOTHING_ARRIVES
    is_owner = user.role == Role.OWNER and user.status == UserStatus.ACTIVE
    if kind.takes_an_owner and is_owner and not has_other_owner(user.organization_id, [user.id]):
        return _l("This is the organization’s only active owner. Make someone else an owner first.")
    return None
