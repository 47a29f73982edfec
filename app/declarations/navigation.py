"""The way through the app: what stands in the sidebar, the drawer and the tab bar of phones."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Flask, request, url_for

from app.declarations.place import SIDEBAR, Group, Place
from app.declarations.registry import registry
from app.security.actor import Actor
from app.security.permissions import Role

#: How many places fit into the tab bar of a phone beside each other.
TAB_BAR_LENGTH = 4


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


def navigation_for(actor: Actor) -> list[NavGroup]:
    """The places that `actor` may open; groups without any are left out."""
    groups = []
    for group, title in SIDEBAR.items():
        items = _open_places(group, actor)
        if items:
            groups.append(NavGroup(str(title) if title else None, items))
    return groups


def organization_tabs(actor: Actor) -> tuple[NavItem, ...]:
    """The pages of one's own organization that `actor` may open, as tabs under each other's heads."""
    return _open_places(Group.ORGANIZATION_TABS, actor)


def _open_places(group: Group, actor: Actor) -> tuple[NavItem, ...]:
    open_places = (place for place in registry().places[group] if all(map(actor.may, place.permissions)))
    return tuple(_item(place, actor) for place in open_places)


def tab_bar_of(groups: Sequence[NavGroup]) -> tuple[NavItem, ...]:
    """The first places of `navigation_for`, for phones."""
    return groups[0].items[:TAB_BAR_LENGTH] if groups else ()


def _item(place: Place, actor: Actor) -> NavItem:
    label = place.own_label if place.own_label and actor.role is Role.CSR else place.label
    return NavItem(str(label), place.icon, url_for(place.endpoint), _is_current(place), place.shortcut)


def _is_current(place: Place) -> bool:
    """A record's page counts as its list's: calls.show lights calls.index."""
    blueprint, _, view = place.endpoint.partition(".")
    return request.endpoint == place.endpoint or (view == "index" and request.blueprint == blueprint)
