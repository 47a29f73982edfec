"""Who is asking: the signed-in person with their organization and what they may do.

The actor of a request is found when it is first asked for, by the loader that `app.security.identity` hands to
`init_actors`; a page that asks for nobody costs no query.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from flask import Flask, current_app, g
from flask_babel import lazy_gettext as _l

from app.errors import Forbidden, Sentence, Unauthenticated
from app.security.matrix import Extent, extent_of, first_role_with, permissions_of
from app.security.permissions import Permission, Role, role_label

_LOADER = "switchboard_actor_loader"


@dataclass(frozen=True, slots=True)
class CallOn:
    """The call that somebody makes on their own phone, from the tap on Call until they say how it went.

    `number` is E.164; `entry_id` is whom of the queue it is to, `name` what the person is called, where that is known.
    """

    id: UUID
    number: str
    started_at: datetime
    entry_id: UUID | None
    name: str | None


#: Nobody counts further with every page.
MOST_COUNTED = 100


@dataclass(frozen=True, slots=True)
class Counts:
    """What waits for somebody, each up to MOST_COUNTED: `unread` notifications, `tasks` that are due by tonight, and
    who is to be called of the `queue` today, whoever does it. `visits` are how far they have seen which list, and when
    they last looked at it, by its name."""

    unread: int = 0
    tasks: int = 0
    queue: int = 0
    visits: Mapping[str, tuple[str, str]] = field(default_factory=dict)

    def text(self, name: str) -> str:
        """One of them for a badge: "" for none, "99+" where counting stopped."""
        number: int = getattr(self, name)
        if number >= MOST_COUNTED:
            return f"{MOST_COUNTED - 1}+"
        return str(number) if number else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """A person at work in one organization. `granted` are single permissions beyond the role.

    A grant reaches the whole organization: it has no scope of its own, and what is a person's own is theirs anyway.
    """

    organization_id: UUID
    user_id: UUID
    name: str
    email: str
    role: Role
    granted: frozenset[Permission] = frozenset()
    session_id: UUID | None = None
    organization_name: str = ""
    organization_slug: str = ""
    #: IANA zone of the organization: a "day" is a day there.
    timezone: str = "UTC"
    week_start: str = "monday"
    country: str = "US"
    #: How pages look and speak for this person; None follows the device.
    language: str = "en"
    theme: str | None = None
    density: str | None = None
    shortcuts_enabled: bool = True
    #: Of the stored picture.
    avatar_key: str | None = None
    #: A second factor that their organization asks for and they do not have yet.
    lacks_second_factor: bool = False
    #: Of the platform's people inside another organization: who they are at home.
    home: "Actor | None" = None
    #: Who really sits there, where an admin sees the pages of this person.
    viewer: "Actor | None" = None
    #: Of what is kept of the organization, by kind; None where it was not asked for, and nothing kept may be used.
    revisions: Mapping[str, str] | None = field(default=None, compare=False)
    #: The call that they are on, as the statement that says who asks has found it.
    call_on: CallOn | None = field(default=None, compare=False)
    #: What waits for them, found by the same statement.
    counts: Counts = field(default=Counts(), compare=False)

    @property
    def real_actor(self) -> "Actor":
        """Who really sits there: whatever is read is read by them."""
        return self.viewer or self

    @property
    def account(self) -> str:
        """Whose pages these are: what was typed into one of them is sent in no other name."""
        return f"{self.organization_id}.{self.user_id}"

    @property
    def reference_id(self) -> UUID | None:
        """Whom rows name as the one who acted: None for the platform's people, who are no users of this organization.

        Their name stands in the label beside it, and their id in the audit trail.
        """
        return self.user_id if self.home is None else None

    @property
    def permissions(self) -> frozenset[Permission]:
        """All that this person may do, wherever it reaches."""
        return permissions_of(self.role) | self.granted

    def may(self, permission: Permission) -> bool:
        """Whether they may at all, be it on their own rows only."""
        return permission in self.granted or permission in permissions_of(self.role)

    def sees_all(self, permission: Permission) -> bool:
        """Whether the permission reaches the whole organization, not their own rows only."""
        return permission in self.granted or extent_of(self.role, permission) is Extent.ALL

    def requires(self, *permissions: Permission) -> None:
        """Raise Forbidden, which names the first missing one, unless they have every permission."""
        for permission in permissions:
            if not self.may(permission):
                raise self.refusal(permission)

    def refusal(
        self, permission: Permission, message: Sentence | None = None, *, needed: Role | None = None
    ) -> Forbidden:
        """What to raise when this person lacks `permission`; or, with a `message`, may not use it there.

        `needed` is the role that may then, None where no role does.
        """
        if message is None and (needed := first_role_with(permission)):
            message = _l(
                "This needs the permission “%(permission)s”, which %(role)s has. You are %(current)s. "
                "Ask an admin of your organization if you need it.",
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


def init_actors(app: Flask, load_actor: Callable[[], Actor | None]) -> None:
    """Tell how to find the actor of a request.

    `load_actor` returns None when nobody is signed in, and raises TokenExpired or TokenInvalid (with the reason as
    its sentence) when what was presented has ended.
    """
    app.extensions[_LOADER] = load_actor


def find_actor() -> Actor | None:
    """The actor of this request, or None; raises TokenExpired or TokenInvalid when their session has ended."""
    if "actor" not in g:
        g.actor = current_app.extensions[_LOADER]()
    actor: Actor | None = g.actor
    return actor


def loaded_actor() -> Actor | None:
    """The actor if this request has found one already; asks nothing of the database, so an error page may use it."""
    actor: Actor | None = g.get("actor")
    return actor


def current_actor() -> Actor:
    """The actor of this request; raises Unauthenticated when nobody is signed in."""
    actor = find_actor()
    if actor is None:
        raise Unauthenticated
    return actor


def use_actor(actor: Actor | None) -> None:
    """Make `actor` the one of this request from here on (after signing in, or out with None)."""
    g.actor = actor
