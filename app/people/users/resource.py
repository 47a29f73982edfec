"""Resource declarations of people and of extra permissions."""

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from sqlalchemy import ColumnElement, func, select

from app.db.joins import refers_to
from app.declarations.field import Choice, Column, Field, FileColumn, Moment, Person, Priority
from app.declarations.found import Finder, Found
from app.declarations.listed import Listed
from app.declarations.resource import Model, Resource, Title, Words
from app.declarations.stored import entered_as, entered_on_page, not_entered, not_returned, returned_as
from app.models import User, UserPermission, UserStatus
from app.people.users.filters import UserFilters
from app.people.users.list_queries import SORTS, user_list
from app.people.users.queries import manager_choices
from app.security import own_rows
from app.security.permissions import Permission, Role, role_label
from app.security.scope import Scope, unscoped


def person_title(source: Model) -> Title:
    """Return a title for rows of `source`: the name of the person they belong to."""

    def title() -> ColumnElement[Any]:
        called = unscoped(select(User.name), why="a user's name is visible to everyone who can see the row")
        return called.where(refers_to(User, source, source.user_id)).scalar_subquery()

    return title


USER_LIST = Listed(
    name="users",
    label=_l("People"),
    endpoint="users.index",
    permission=Permission.USERS_READ,
    filters=UserFilters,
    query=user_list,
    sorts=SORTS,
    bar_label=_l("Filter people"),
    pickers=("role", "status", "manager", "second_factor", "seen"),
    offered={"role": lambda _actor: [(role.value, str(role_label(role))) for role in Role]},
    filter_words={"q": _l("Name or email"), "manager": _l("Reports to"), "seen": _l("Has signed in")},
    keeps_views=False,
)


#: Settings of pages that only their owner sees.
_SETTINGS_OF_PAGES = (
    "working_hours",
    "theme",
    "density",
    "shortcuts_enabled",
    "start_page",
    "notification_choices",
)

USER = Resource(
    name="user",
    model=User,
    words=Words(
        _l("person"), _l("people"), lambda n, count: ngettext("%(count)s person", "%(count)s people", n, count=count)
    ),
    icon="user",
    title=lambda: User.name,
    page=("users.show", "user_id"),
    page_permission=Permission.USERS_READ,
    scope=Scope((Permission.USERS_READ,), own_rows.oneself, own_is_free=True),
    listed=USER_LIST,
    found=Found(
        by=((Finder("people_found", "people_misspelt"), User.id),),
        at=lambda: func.coalesce(User.last_seen_at, User.created_at),
        line=lambda: {"email": User.email},
    ),
    stored=(
        returned_as("avatar", "avatar_key"),
        not_returned("It is unused and will be removed.", "avatar_url"),
        returned_as("roles", "role"),
        not_returned(
            "It is a secret that proves who somebody is.", "password_hash", "mfa_secret", "calendar_feed_hash"
        ),
        not_returned(
            "It only serves signing in and confirming an account.",
            "mfa_last_step",
            "second_factor_reminded_at",
            "email_verified_at",
            "password_changed_at",
        ),
        not_returned(
            "It is a setting of pages that only its owner sees.",
            *_SETTINGS_OF_PAGES,
        ),
        not_entered("It is unused and will be removed.", "avatar_url"),
        entered_on_page(
            "avatar_key",
            "password_hash",
            *_SETTINGS_OF_PAGES,
        ),
        not_entered("Inviting, suspending and deactivating the person sets it.", "status", "deactivated_at"),
        entered_as("until", "suspended_until"),
        entered_as("reason", "suspension_reason"),
        entered_as("reason", "deactivation_reason"),
        not_entered(
            "Signing in and setting up a second factor sets it.",
            "mfa_secret",
            "mfa_last_step",
            "last_seen_at",
            "second_factor_reminded_at",
            "email_verified_at",
            "password_changed_at",
        ),
        not_entered("The app generates the address of the calendar.", "calendar_feed_hash"),
    ),
    fields=(
        Field("name", _l("Name"), column=Column(is_fixed=True), sort="name"),
        Field("email", _l("Email"), file=FileColumn()),
        Field(
            "role",
            _l("Role"),
            column=Column(Priority.WIDE, is_whole=True),
            file=FileColumn(words=lambda role: str(role_label(Role(role)))),
            sort="role",
        ),
        Field(
            "manager",
            _l("Manager"),
            Person(manager_choices),
            Column(Priority.WIDER),
            shows="manager_name",
            recorded=("manager_id",),
        ),
        Field(
            "status",
            _l("Status"),
            Choice(UserStatus, {"active": "good", "inactive": "plain", "suspended": "bad"}),
            Column(),
        ),
        Field(
            "second_factor",
            _l("Two-factor authentication"),
            column=Column(Priority.WIDEST),
            file=FileColumn(words=lambda is_on: _("On") if is_on else _("Off")),
            shows="has_second_factor",
            recorded=("mfa_secret",),
        ),
        Field(
            "last_seen_at",
            _l("Last seen"),
            Moment("relative"),
            Column(Priority.WIDER, is_whole=True),
            sort="lastSeen",
            recorded=(),
        ),
    ),
    revert=_l("Change a person’s role, status and details on their page."),
)

USER_PERMISSION = Resource(
    name="user_permission",
    model=UserPermission,
    words=Words(_l("extra permission"), _l("extra permissions")),
    icon="shield-check",
    stored=(
        not_returned("It only replaces the name of a person who was deleted.", "granted_by_label"),
        not_entered(
            "The path names the person, and whoever grants the permission is recorded.",
            "user_id",
            "granted_by",
            "granted_by_label",
        ),
    ),
    fields=(
        Field("permission", _l("Permission"), column=Column(is_fixed=True)),
        Field("granted_by", _l("Granted by"), column=Column(Priority.WIDE)),
        Field("reason", _l("Reason"), column=Column(Priority.WIDER)),
        Field("created_at", _l("When"), Moment(), Column(Priority.WIDER), shows="granted_at", recorded=()),
        Field("expires_at", _l("Expires"), Moment(), Column()),
    ),
    revert=_l("Grant and remove permissions on the person’s page."),
)
