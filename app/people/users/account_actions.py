"""What can be done with somebody's account by whoever looks at it, and why not where it can't."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import url_for
from flask_babel import lazy_gettext as _l

from app.errors import Sentence
from app.models import User, UserStatus
from app.people.users.queries import has_owner_besides
from app.people.users.rules import NOTHING_ARRIVES, is_placeholder_address
from app.security.actor import Actor
from app.security.permissions import Permission, Role
from app.security.rank_rules import may_give


@dataclass(frozen=True, slots=True)
class AccountAction:
    """One thing to do: where it is done, or why it is not. `at_once` is done by its button alone."""

    label: Sentence
    icon: str
    href: str
    refusal: Sentence | None = None
    at_once: bool = False


@dataclass(frozen=True, slots=True)
class _Kind:
    endpoint: str
    label: Sentence
    icon: str
    permission: Permission
    not_to_oneself: Sentence | None = None
    takes_an_owner: bool = False
    at_once: bool = False


_OWN_ACCOUNT = _l("This is you. Use the page of your account.")
_NOT_ONESELF = _l("Nobody puts themselves out. Ask another admin or owner to do it.")

_EDIT = _Kind("users.edit", _l("Edit"), "pencil", Permission.USERS_UPDATE)
_PICTURE = _Kind("users.edit_picture", _l("Picture"), "circle-user-round", Permission.USERS_UPDATE)
_ROLE = _Kind("roles.edit_role", _l("Change role"), "user-cog", Permission.USERS_CHANGE_ROLE)
_PERMISSIONS = _Kind("roles.edit_permissions", _l("Extra permissions"), "key-round", Permission.USERS_CHANGE_ROLE)
_SESSIONS = _Kind("sessions.index", _l("Sessions"), "log-out", Permission.USERS_REVOKE_SESSIONS)
_VIEW_AS = _Kind(
    "impersonation.confirm_start",
    _l("View as this person"),
    "eye",
    Permission.USERS_VIEW_AS,
    _l("You see your own pages already."),
)
_PASSWORD = _Kind("users.new_password_link", _l("Send a link to set a password"), "mail", Permission.USERS_UPDATE)
_FACTOR = _Kind(
    "users.confirm_reset_second_factor",
    _l("Remove the second factor"),
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
_LET_BACK = _Kind("users.let_back", _l("Let back"), "play", Permission.USERS_DEACTIVATE, at_once=True)
_DELETE = _Kind(
    "users.confirm_delete", _l("Delete"), "trash-2", Permission.USERS_DELETE, _NOT_ONESELF, takes_an_owner=True
)

_STANDING = {
    UserStatus.ACTIVE: (_SUSPEND, _DEACTIVATE),
    UserStatus.SUSPENDED: (_LET_BACK, _DEACTIVATE),
    UserStatus.INACTIVE: (_ACTIVATE,),
}


def list_account_actions(actor: Actor, user: User) -> Sequence[AccountAction]:
    """What `actor` may do here; nothing for those who only look, and nothing to somebody above them."""
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


def _refusal(actor: Actor, user: User, kind: _Kind) -> Sentence | None:
    if user.id == actor.user_id and kind.not_to_oneself is not None:
        return kind.not_to_oneself
    if kind is _PASSWORD and is_placeholder_address(user.email):
        return NOTHING_ARRIVES
    is_owner = user.role == Role.OWNER and user.status == UserStatus.ACTIVE
    if kind.takes_an_owner and is_owner and not has_owner_besides(user.organization_id, [user.id]):
        return _l("This is the only active owner of the organization. Make somebody else an owner first.")
    return None
