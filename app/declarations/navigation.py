"""The way through the app: what stands in the sidebar, the drawer and the tab bar of phones."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from babel import Locale
from flask import Flask, request, url_for
from flask_babel import get_locale

from app.declarations.place import SIDEBAR, Group, Place
from app.declarations.registry import Registry, registry
from app.security.actor import Actor
from app.security.matrix import permissions_of
from app.security.permissions import Permission, Role
from app.web.kept import kept

#: How many places fit into the tab bar of a phone beside each other.
TAB_BAR_LENGTH = 4
_MOST = 2_000

#: The page that is shown: its endpoint, its blueprint, and what stands before all addresses.
_Here: TypeAlias = tuple[str | None, str | None, str]
_Reader: TypeAlias = tuple[Registry, Role, frozenset[Permission], Locale, _Here]


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


def init_navigation(app: Flask) -> None:
    """Let templates show it."""
    app.jinja_env.globals.update(
        navigation_for=navigation_for, organization_tabs=organization_tabs, tab_bar_of=tab_bar_of
    )


def navigation_for(actor: Actor) -> tuple[NavGroup, ...]:
    """The places that `actor` may open; groups without any are left out."""
    return _navigation(*_reader(actor))


def organization_tabs(actor: Actor) -> tuple[NavItem, ...]:
    """The pages of one's own organization that `actor` may open, as tabs under each other's heads."""
    return _open_places(Group.ORGANIZATION_TABS, *_reader(actor))


def _reader(actor: Actor) -> _Reader:
    """All that the way through the app depends on."""
    here = (request.endpoint, request.blueprint, request.script_root)
    return registry(), actor.role, actor.granted, get_locale(), here


@kept(_MOST)
def _navigation(
    known: Registry, role: Role, granted: frozenset[Permission], locale: Locale, here: _Here
) -> tuple[NavGroup, ...]:
    return tuple(
        NavGroup(str(title) if title else None, items)
        for group, title in SIDEBAR.items()
        if (items := _open_places(group, known, role, granted, locale, here))
    )


@kept(_MOST)
def _open_places(
    group: Group, known: Registry, role: Role, granted: frozenset[Permission], _locale: Locale, here: _Here
) -> tuple[NavItem, ...]:
    rights = permissions_of(role) | granted
    return tuple(_item(place, role, here) for place in known.places[group] if rights.issuperset(place.permissions))


def tab_bar_of(groups: Sequence[NavGroup]) -> tuple[NavItem, ...]:
    """The first places of `navigation_for`, for phones."""
    return groups[0].items[:TAB_BAR_LENGTH] if groups else ()


def _item(place: Place, role: Role, here: _Here) -> NavItem:
    label = place.own_label if place.own_label and role is Role.CSR else place.label
    return NavItem(str(label), place.icon, url_for(place.endpoint), _is_current(place, here), place.shortcut)


def _is_current(place: Place, here: _Here) -> bool:
    """A record's page counts as its list's: calls.show lights calls.index."""
    shown, shown_blueprint, _root = here
    blueprint, _, view = place.endpoint.partition(".")
    return shown == place.endpoint or (view == "index" and shown_blueprint == blueprint)
