"""Actor of a request: the signed-in person with their organization and permissions.

The actor is loaded on first use by the loader that `app.security.identity` passes to `init_actors`, so a page without
an actor costs no query.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from flask import Flask, current_app, g
from flask_babel import lazy_gettext as _l

from app.errors import Forbidden, LazyText, Unauthenticated
from app.security.api_requests import is_api_request
from app.security.matrix import Extent, extent_of, first_role_with, permissions_of
from app.security.permissions import Permission, Role, role_label

_LOADER = "switchboard_actor_loader"
#: In place of an actor that the request has not loaded.
_NOT_LOADED: Any = object()
_NOT_FOR_KEYS = _l("Only a person can do this, not an API key. Use a person’s access token.")
_NO_TOKEN = _l("Send an access token or an API key as a bearer token in the Authorization header.")


@dataclass(frozen=True, slots=True)
class CallOn:
    """Call that a person makes on their own phone, from the tap on Call until they record its result.

    `number` is in E.164; `entry_id` is the missed-call entry that is called back, `name` the person's name, both if
    known.
    """

    id: UUID
    number: str
    started_at: datetime
    entry_id: UUID | None
    name: str | None


#: Counting stops here, because it is done on every page.
MAX_COUNTED = 100


@dataclass(frozen=True, slots=True)
class Counts:
    """Counts shown on every page, each up to MAX_COUNTED.

    They are the `unread` notifications, the `tasks` due by tonight, and the people in the `queue` who must be called
    back today, no matter by whom. `visits` holds, by list name, how far the person has seen the list and when they last
    looked at it.
    """

    unread: int = 0
    tasks: int = 0
    queue: int = 0
    visits: Mapping[str, tuple[str, str]] = field(default_factory=dict)

    def text(self, name: str) -> str:
        """Return a count as text for a badge: "" for zero, "99+" if counting stopped at the limit."""
        number: int = getattr(self, name)
        if number >= MAX_COUNTED:
            return f"{MAX_COUNTED - 1}+"
        return str(number) if number else ""


@dataclass(frozen=True, slots=True)
class ApiLimits:
    """Limits of the JSON API for each user and API key, from the organization's plan.

    `rows_per_day` is per resource, and doesn't apply to callers who can export.
    """

    requests_per_hour: int = 1_000
    rows_per_day: int = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Ceiling:
    """The API key that an actor stands for; `permissions` are those that it has now, for the whole organization.

    `creator_id` is the user whose own permissions limit them.
    """

    id: UUID
    name: str
    permissions: frozenset[Permission]
    creator_id: UUID = field(compare=False)
    expires_at: datetime | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """A person who works in one organization, or an API key; `granted` are permissions in addition to the role.

    A granted permission covers the whole organization: it has no scope, because a person's own rows are accessible to
    them anyway.

    The actor of a key has a `ceiling`, which alone determines its permissions. Its `user_id` is the key's own id, so
    that no row is its own, and its role is that of its creator, for rules of rank only.
    """

    organization_id: UUID
    user_id: UUID
    name: str
    email: str
    role: Role
    granted: frozenset[Permission] = frozenset()
    ceiling: Ceiling | None = None
    session_id: UUID | None = None
    organization_name: str = ""
    organization_slug: str = ""
    #: IANA time zone of the organization, which defines its days.
    timezone: str = "UTC"
    week_start: str = "monday"
    country: str = "US"
    #: Language and appearance of pages for this person; None follows the device.
    language: str = "en"
    theme: str | None = None
    density: str | None = None
    shortcuts_enabled: bool = True
    #: Key of the stored image.
    avatar_key: str | None = None
    #: True if their organization requires two-factor authentication and they have not set it up.
    lacks_second_factor: bool = False
    #: True if they sign in with a code, too, which then proves that it is them.
    has_second_factor: bool = False
    #: When they last proved in this session that it is them.
    confirmed_at: datetime | None = field(default=None, compare=False)
    #: For platform staff inside another organization: their actor at home.
    home: "Actor | None" = None
    #: The person really signed in, if an admin views the pages of this person.
    viewer: "Actor | None" = None
    #: When they began to view as this person.
    viewing_since: datetime | None = field(default=None, compare=False)
    #: Revisions of the organization's cached data by kind; None if they were not loaded, so the cache can't be used.
    revisions: Mapping[str, str] | None = field(default=None, compare=False)
    #: Limits of their API requests, loaded by the same query; the defaults for actors that don't come from a request.
    api_limits: ApiLimits = field(default=ApiLimits(), compare=False)
    #: Their current call, loaded by the same query as the session.
    call_on: CallOn | None = field(default=None, compare=False)
    #: Counts for their pages, loaded by the same query.
    counts: Counts = field(default=Counts(), compare=False)

    @property
    def real_actor(self) -> "Actor":
        """The person who is actually signed in, under whose name every read is recorded."""
        return self.viewer or self

    @property
    def account(self) -> str:
        """Identifier of the person in this organization.

        Input typed on a page is only submitted while the identifier is the same.
        """
        return f"{self.organization_id}.{self.user_id}"

    @property
    def reference_id(self) -> UUID | None:
        """Id of the acting user for references in rows.

        None for platform staff, who are not users of this organization, and for API keys. Their name is in the label
        column next to it, and their id in the audit trail.
        """
        return self.user_id if self.home is None and self.ceiling is None else None

    @property
    def api_key_id(self) -> UUID | None:
        """Id of the acting API key, for references in rows; None for a person."""
        return self.ceiling.id if self.ceiling else None

    @property
    def permissions(self) -> frozenset[Permission]:
        """All permissions of this person or key, regardless of their extent."""
        return self.ceiling.permissions if self.ceiling else permissions_of(self.role) | self.granted

    def may(self, permission: Permission) -> bool:
        """Return whether the person or key has the permission, even if only for their own rows."""
        if self.ceiling:
            return permission in self.ceiling.permissions
        return permission in self.granted or permission in permissions_of(self.role)

    def sees_all(self, permission: Permission) -> bool:
        """Return whether the permission covers the whole organization, not only the person's own rows."""
        if self.ceiling:
            return permission in self.ceiling.permissions
        return permission in self.granted or extent_of(self.role, permission) is Extent.ALL

    def requires(self, *permissions: Permission) -> None:
        """Raise Forbidden unless the person has all `permissions`; the error names the first that is missing."""
        for permission in permissions:
            if not self.may(permission):
                raise self.refusal(permission)

    def refusal(
        self, permission: Permission, message: LazyText | None = None, *, needed: Role | None = None
    ) -> Forbidden:
        """Return the Forbidden error for a missing `permission`.

        With a `message`, the error is for a permission that the person has, but that does not apply here. `needed` is
        the role for which it applies; None if there is none.
        """
        if self.ceiling:
            return Forbidden(
                required_permission=permission.value,
                required_role=None,
                current_role=None,
                message=message or _l("This API key lacks the permission “%(name)s”.", name=permission.value),
            )
        if message is None and (needed := first_role_with(permission)):
            message = _l(
                "This requires the permission “%(permission)s” (lowest role: %(role)s), and your role is "
                "%(current)s. If you need access, ask an admin of your organization.",
                permission=permission.value,
                role=role_label(needed),
                current=role_label(self.role),
            )
        return Forbidden(
            required_permission=permission.value,
            required_role=needed.value if needed else None,
            current_role=self.role.value,
            message=message,
        )

    def refusal_of_reads(self, missing: Sequence[Permission], *, of_all: bool = True) -> Forbidden:
        """Return the Forbidden error for permissions that are `missing` in addition to the one that lets the actor in.

        They are needed for the whole organization, or for the actor's own rows only. No role is named, because one with
        these permissions may lack the other.
        """
        names = ", ".join(missing)
        if self.ceiling:
            message = _l("This API key lacks permissions that this needs: %(names)s.", names=names)
        elif of_all:
            message = _l(
                "This needs permissions for the whole organization: %(names)s. If you need access, ask an admin of "
                "your organization.",
                names=names,
            )
        else:
            message = _l(
                "This needs permissions: %(names)s. If you need access, ask an admin of your organization.", names=names
            )
        return Forbidden(
            required_permission=missing[0].value,
            required_role=None,
            current_role=None if self.ceiling else self.role.value,
            message=message,
            required_permissions=[permission.value for permission in missing],
        )


def refusal_of_key() -> Forbidden:
    """Return the Forbidden error for what belongs to a person, which an API key can't do with any permission."""
    return Forbidden(required_permission=None, required_role=None, current_role=None, message=_NOT_FOR_KEYS)


def init_actors(app: Flask, load_actor: Callable[[], Actor | None]) -> None:
    """Register the loader for the actor of a request.

    `load_actor` returns None if no one is signed in, and raises TokenExpired or TokenInvalid (with the reason as its
    message) if the session has ended.
    """
    app.extensions[_LOADER] = load_actor


def find_actor() -> Actor | None:
    """Return the actor of this request, or None.

    Raises TokenExpired or TokenInvalid if their session has ended.
    """
    actor: Actor | None = g.get("actor", _NOT_LOADED)
    if actor is _NOT_LOADED:
        actor = g.actor = current_app.extensions[_LOADER]()
    return actor


def loaded_actor() -> Actor | None:
    """Return the actor if this request has already loaded one.

    Does not query the database, so that an error page can use it.
    """
    actor: Actor | None = g.get("actor")
    return actor


def current_actor() -> Actor:
    """Return the actor of this request. Raises Unauthenticated if no one is signed in."""
    actor = find_actor()
    if actor is None:
        raise Unauthenticated(_NO_TOKEN if is_api_request() else None)
    return actor


def use_actor(actor: Actor | None) -> None:
    """Set the actor for the rest of the request (after signing in, or out with None)."""
    g.actor = actor
