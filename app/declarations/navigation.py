"""The navigation of the app: sidebar, drawer, and tab bar on phones."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from babel import Locale
from flask import Flask, request, session, url_for
from flask_babel import get_locale
from flask_babel import gettext as _
from markupsafe import Markup

from app.caches import memoize
from app.declarations.place import SIDEBAR, Counted, Group, Place
from app.declarations.registry import Registry, registry
from app.security.actor import Actor, Counts
from app.security.matrix import Extent, extent_of, permissions_of
from app.security.permissions import Permission, Role

#: Number of items that fit into the tab bar of a phone.
TAB_BAR_LENGTH = 4
_MAX_CACHED = 2_000
#: Key in Flask's session, set if the password that was entered opens several organizations.
SEVERAL_ORGANIZATIONS = "several_organizations"

#: The current page: its URL rule ("" if there is none) and the prefix of all addresses.
_Here: TypeAlias = tuple[str, str]
_Reader: TypeAlias = tuple[Registry, Role, frozenset[Permission], Locale, _Here]


@dataclass(frozen=True, slots=True, eq=False)
class NavItem:
    """A navigation item, as one person sees it in one request.

    Items and their groups are cached, and compared by identity: they are part of the cache key of the navigation's
    HTML, and hashing their values would take longer.
    """

    label: str
    icon: str
    href: str
    is_current: bool
    shortcut: str | None
    counted: Counted | None = None

    @property
    def count_to_come(self) -> str:
        """The placeholder that `with_counts` replaces with the count; empty if the item has none."""
        return _to_come(self.counted) if self.counted else ""


@dataclass(frozen=True, slots=True, eq=False)
class NavGroup:
    """Items of a section. Those with a title are shown when it is opened, the others always."""

    items: tuple[NavItem, ...]
    title: str | None = None
    icon: str | None = None

    @property
    def has_current(self) -> bool:
        """True if the current page belongs to one of the items."""
        return any(item.is_current for item in self.items)


def init_navigation(app: Flask) -> None:
    """Make the navigation available in templates."""
    app.jinja_env.globals.update(
        navigation_for=navigation_for,
        own_places=own_places,
        all_places=all_places,
        organization_tabs=organization_tabs,
        switch_url=switch_url,
        tab_bar_of=tab_bar_of,
        bell_label=bell_label,
        nav_count=nav_count,
        counted=tuple(Counted),
    )
    app.jinja_env.filters["with_counts"] = with_counts


def navigation_for(actor: Actor) -> tuple[NavGroup, ...]:
    """Return the sections of the sidebar with the items that `actor` can open.

    The items of daily work come first. Those of the other sections are folded under its title, unless it has only one.
    """
    return _navigation(*_reader(actor))


def own_places(actor: Actor) -> tuple[NavItem, ...]:
    """Return the pages about the signed-in person themselves, which their name leads to."""
    return _open_places(Group.YOU, *_reader(actor))


def all_places(actor: Actor) -> tuple[NavItem, ...]:
    """Return the items of the sidebar, folded or not, and the pages about the person."""
    return (*(item for group in navigation_for(actor) for item in group.items), *own_places(actor))


def with_counts(drawn: Markup, counts: Counts) -> Markup:
    """Replace the placeholders in cached markup with the current counts."""
    for one in Counted:
        if _to_come(one) in drawn:
            drawn = drawn.replace(_to_come(one), nav_count(one, counts))
    return drawn


def nav_count(one: Counted, counts: Counts) -> Markup:
    """Return the markup of the count next to an item; polling finds it by its `data-waiting` attribute."""
    text = counts.text(one)
    return _count(one, text, str(_("(%(count)s waiting)", count=text)) if text else "")


@memoize(_MAX_CACHED)
def _count(one: Counted, text: str, said: str) -> Markup:
    return Markup(
        '<span class="nav-count" data-waiting="{}"><span aria-hidden="true">{}</span><span class="vh">{}</span></span>'
    ).format(one, text, said)


def bell_label(counts: Counts) -> str:
    """Return the label of the notification bell."""
    text = counts.text("unread")
    return str(_("Notifications, %(count)s unread", count=text) if text else _("Notifications"))


def _to_come(one: Counted) -> str:
    return f"count-of-{one}-to-come"


def organization_tabs(actor: Actor) -> tuple[NavItem, ...]:
    """Return the pages about the organization that `actor` can open, as tabs."""
    return _open_places(Group.ORGANIZATION_TABS, *_reader(actor))


def switch_url(actor: Actor) -> str | None:
    """Return the address for switching organizations, or None if the user can't switch.

    People with only one organization can't switch, and no one can while viewing as another person. For platform staff,
    the address is that of the list of organizations. Other people have a separate account in each organization, so they
    must enter their password again.
    """
    if actor.viewer:
        return None
    if actor.may(Permission.ORGANIZATIONS_ENTER):
        return url_for("organizations.index")
    return url_for("sign_in.new", another=1) if session.get(SEVERAL_ORGANIZATIONS) else None


def _reader(actor: Actor) -> _Reader:
    """Return everything that the navigation depends on, as a cache key."""
    rule = request.url_rule
    here = (rule.rule if rule else "", request.script_root)
    return registry(), actor.role, actor.granted, get_locale(), here


@memoize(_MAX_CACHED)
def _navigation(
    known: Registry, role: Role, granted: frozenset[Permission], locale: Locale, here: _Here
) -> tuple[NavGroup, ...]:
    reader = known, role, granted, locale, here
    groups = [(section, items) for group, section in SIDEBAR.items() if (items := _open_places(group, *reader))]
    return tuple(
        NavGroup(items, str(section.title), section.icon) if section and len(items) > 1 else NavGroup(items)
        for section, items in groups
    )


@memoize(_MAX_CACHED)
def _open_places(
    group: Group, known: Registry, role: Role, granted: frozenset[Permission], _locale: Locale, here: _Here
) -> tuple[NavItem, ...]:
    current = _current_places(known, role, granted, here)
    return tuple(
        _item(place, place in current, is_own=_covers_own(place, role, granted))
        for place in _may_open(known.places[group], role, granted)
    )


def _may_open(places: Iterable[Place], role: Role, granted: frozenset[Permission]) -> list[Place]:
    rights = permissions_of(role) | granted
    return [place for place in places if rights.issuperset(place.permissions)]


def tab_bar_of(groups: Sequence[NavGroup]) -> tuple[NavItem, ...]:
    """Return the first items of the navigation `groups`, for the tab bar on phones."""
    return groups[0].items[:TAB_BAR_LENGTH] if groups else ()


def _covers_own(place: Place, role: Role, granted: frozenset[Permission]) -> bool:
    """Return whether the place's permission covers only the person's own rows."""
    permission = place.permission
    return permission is not None and permission not in granted and extent_of(role, permission) is Extent.OWN


def _item(place: Place, is_current: bool, *, is_own: bool) -> NavItem:
    label = place.own_label if place.own_label and is_own else place.label
    return NavItem(str(label), place.icon, url_for(place.endpoint), is_current, place.shortcut, place.counted)


def _current_places(known: Registry, role: Role, granted: frozenset[Permission], here: _Here) -> list[Place]:
    """Return the places that the current page belongs to: those with the longest path that is its prefix.

    For example, /users/<id>/role belongs to /users. If the place is a tab of the organization, the sidebar item of the
    page with the tabs is included.
    """
    rule, root = here
    tabs = _may_open(known.places[Group.ORGANIZATION_TABS], role, granted)
    sidebar = [place for group in (*SIDEBAR, Group.YOU) for place in _may_open(known.places[group], role, granted)]
    above = [place for place in (*sidebar, *tabs) if _has_page(place, rule, root)]
    nearest = max((len(_path_of(place, root)) for place in above), default=0)
    found = [place for place in above if len(_path_of(place, root)) == nearest]
    if found and found[0] in tabs:
        first = known.places[Group.ORGANIZATION_TABS][0].endpoint
        found += [place for place in sidebar if place.endpoint == first]
    return found


def _has_page(place: Place, rule: str, root: str) -> bool:
    is_elsewhere = place.other_path is not None and _is_below(rule, place.other_path)
    return is_elsewhere or _is_below(rule, _path_of(place, root))


def _is_below(rule: str, path: str) -> bool:
    return rule == path or rule.startswith(f"{path}/")


def _path_of(place: Place, root: str) -> str:
    return url_for(place.endpoint).removeprefix(root)
