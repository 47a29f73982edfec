"""The way through the app: what stands in the sidebar, the drawer and the tab bar of phones."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import current_app, request, url_for
from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from app.security.actor import Actor
from app.security.permissions import Permission, Role

#: How many places fit into the tab bar of a phone beside each other.
TAB_BAR_LENGTH = 4


@dataclass(frozen=True, slots=True)
class Place:
    """A page one can go to. `shortcut` is the key after G; `own_label` is what those call it who see their own only."""

    label: LazyString
    icon: str
    endpoint: str
    permission: Permission | None = None
    shortcut: str | None = None
    own_label: LazyString | None = None


@dataclass(frozen=True, slots=True)
class NavItem:
    """A place as one person sees it in one request."""

    label: str
    icon: str
    href: str
    is_current: bool
    shortcut: str | None


@dataclass(frozen=True, slots=True)
class NavGroup:
    """Items under a title; the first group has none."""

    title: str | None
    items: tuple[NavItem, ...]


_GROUPS: tuple[tuple[LazyString | None, tuple[Place, ...]], ...] = (
    (
        None,
        (
            Place(
                _l("CSR dashboard"),
                "layout-dashboard",
                "dashboards.csr",
                Permission.DASHBOARDS_CSR,
                "d",
                _l("My dashboard"),
            ),
            Place(_l("Missed calls"), "phone-missed", "missed_calls.index", Permission.MISSED_CALLS_READ, "m"),
            Place(_l("Calls"), "phone", "calls.index", Permission.CALLS_READ, "c", _l("My calls")),
            Place(
                _l("Appointments"),
                "calendar-check",
                "appointments.index",
                Permission.APPOINTMENTS_READ,
                "b",
                _l("Bookings"),
            ),
            Place(_l("Recordings"), "headphones", "recordings.index", Permission.RECORDINGS_READ),
            Place(_l("Leads"), "contact-round", "leads.index", Permission.LEADS_READ, "l"),
            Place(_l("Tasks"), "list-todo", "tasks.index", Permission.TASKS_READ, "t"),
        ),
    ),
    (
        _l("Data"),
        (
            Place(_l("Imports"), "upload", "imports.index", Permission.CALLS_IMPORT, "i"),
            Place(_l("Exports"), "download", "exports.index", Permission.EXPORTS_CREATE, "e"),
            Place(_l("Bulk changes"), "square-check-big", "bulk.index", Permission.CALLS_UPDATE),
        ),
    ),
    (
        _l("Trust"),
        (
            Place(_l("Audit trail"), "scroll-text", "audit_log.index", Permission.AUDIT_READ, "x"),
            Place(_l("Trash"), "trash-2", "trash.index", Permission.TRASH_READ, "z"),
            Place(_l("Privacy"), "fingerprint", "privacy.index", Permission.CONTACTS_ERASE),
        ),
    ),
    (
        _l("Installation"),
        (
            Place(_l("Jobs"), "hourglass", "jobs.index", Permission.JOBS_READ, "j"),
            Place(_l("System"), "gauge", "system.show", Permission.SYSTEM_READ),
            Place(_l("Repair"), "wrench", "system.repair", Permission.SYSTEM_REPAIR),
        ),
    ),
    (
        _l("Organization"),
        (
            Place(_l("Organization"), "building", "organization.show", Permission.ORGANIZATION_READ, "o"),
            Place(_l("People"), "users", "users.index", Permission.USERS_READ, "p"),
            Place(_l("Roles"), "key-round", "roles.index", Permission.ROLES_READ),
            Place(_l("Invitations"), "user-plus", "invitations.index", Permission.USERS_INVITE),
            Place(_l("Outbox"), "mail", "outbox.index", Permission.OUTBOX_READ),
        ),
    ),
    (
        _l("Platform"),
        (Place(_l("Organizations"), "building-2", "organizations.index", Permission.ORGANIZATIONS_ENTER),),
    ),
    (_l("You"), (Place(_l("Account"), "circle-user-round", "accounts.show", None, "a"),)),
    (_l("Development"), (Place(_l("Style guide"), "palette", "styleguide.index"),)),
)


def navigation_for(actor: Actor) -> list[NavGroup]:
    """The places that exist and that `actor` may open; groups without any are left out."""
    groups = []
    for title, places in _GROUPS:
        items = open_places(places, actor)
        if items:
            groups.append(NavGroup(str(title) if title else None, items))
    return groups


def open_places(places: Sequence[Place], actor: Actor) -> tuple[NavItem, ...]:
    """Those of `places` that exist and that `actor` may open."""
    return tuple(_item(place, actor) for place in places if _is_open(place, actor))


def tab_bar_of(groups: Sequence[NavGroup]) -> tuple[NavItem, ...]:
    """The first places of `navigation_for`, for phones."""
    return groups[0].items[:TAB_BAR_LENGTH] if groups else ()


def _is_open(place: Place, actor: Actor) -> bool:
    exists = place.endpoint in current_app.view_functions
    return exists and (place.permission is None or actor.may(place.permission))


def _item(place: Place, actor: Actor) -> NavItem:
    label = place.own_label if place.own_label and actor.role is Role.CSR else place.label
    return NavItem(str(label), place.icon, url_for(place.endpoint), _is_current(place), place.shortcut)


def _is_current(place: Place) -> bool:
    """A record's page counts as its list's: calls.show lights calls.index."""
    blueprint, _, view = place.endpoint.partition(".")
    return request.endpoint == place.endpoint or (view == "index" and request.blueprint == blueprint)
