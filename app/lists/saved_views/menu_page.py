"""The menus of a list's saved views and columns."""

from dataclasses import dataclass

from babel import Locale
from flask_babel import get_locale

from app.caches import memoize
from app.db.filters import Filters
from app.declarations.listed import Listed
from app.declarations.resource import Resource
from app.declarations.viewed import Viewed
from app.lists.listing import Listing, address
from app.lists.saved_views.queries import find_columns, list_views, query_of
from app.lists.table import offered_fields, shown_fields
from app.security.actor import Actor
from app.security.permissions import Permission

#: Maximum number of cached column choices.
_MAX_CACHED = 1_000


@dataclass(frozen=True, slots=True)
class ViewLink:
    """A link to a saved view; `owner` is None for the user's own."""

    name: str
    href: str
    is_current: bool
    owner: str | None


@dataclass(frozen=True, slots=True)
class ViewMenu:
    """The saved views of a list, and the fields of the form that saves its current filters (SaveViewForm).

    The fields are plain values: rendering five fields of the form library takes as long as ten rows of a list.
    """

    links: tuple[ViewLink, ...]
    page: str
    query: str
    may_share: bool

    @property
    def current(self) -> str | None:
        """The name of the current view; None if the filters are not those of a saved view."""
        return next((link.name for link in self.links if link.is_current), None)


@dataclass(frozen=True, slots=True)
class ColumnChoice:
    """A column that a list can show; one with `is_fixed` can't be hidden."""

    stored_name: str
    label: str
    is_fixed: bool
    is_shown: bool


@dataclass(frozen=True, slots=True)
class ColumnMenu:
    """The columns of a list; `back` is the address to return to.

    `chosen` is None if nothing was chosen, so all but the optional ones are shown.
    """

    page: str
    columns: tuple[ColumnChoice, ...]
    chosen: tuple[str, ...] | None
    back: str


def view_menu(actor: Actor, listed: Listed, listing: Listing) -> ViewMenu:
    """Return the menu of saved views for a list with its current filters."""
    return menu_of(actor, listed, listing.filters, listing.chosen_sort)


def menu_of(actor: Actor, viewed: Viewed, filters: Filters, sort: str | None) -> ViewMenu:
    """Return the menu of saved views for a list or page that shows these filters."""
    now, home = query_of(filters, sort), address(viewed.endpoint, {})
    links = tuple(
        ViewLink(
            view.name,
            f"{home}?{view.query}" if view.query else home,
            is_current=view.query == now,
            owner=None if view.user_id == actor.user_id else view.owner_name,
        )
        for view in list_views(actor, [viewed.name])
    )
    return ViewMenu(links, viewed.name, now, may_share=actor.may(Permission.SAVED_VIEWS_SHARE))


def column_menu(actor: Actor, resource: Resource, listed: Listed, back: str) -> ColumnMenu:
    """Return the column menu of a list, with the choice of `actor`; `back` is the address to return to."""
    found = find_columns(actor, listed.name)
    chosen = None if found is None else tuple(found)
    offered = tuple(field.name for field in offered_fields(actor, resource))
    return ColumnMenu(listed.name, _choices(resource, offered, chosen, get_locale()), chosen, back)


@memoize(_MAX_CACHED)
def _choices(
    resource: Resource, offered: tuple[str, ...], chosen: tuple[str, ...] | None, _locale: Locale
) -> tuple[ColumnChoice, ...]:
    shown = shown_fields(resource, chosen)
    return tuple(
        ColumnChoice(field.stored_name, str(field.label), field.column.is_fixed, field in shown)
        for field in resource.columns
        if field.column and field.name in offered
    )
