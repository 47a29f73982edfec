"""What a list shows of its saved views and columns."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from flask import url_for

from app.db.ids import uuid7
from app.declarations.field import Field
from app.declarations.listed import Listed
from app.declarations.resource import Resource
from app.lists.listing import Listing
from app.lists.saved_views.queries import find_columns, list_views, query_of
from app.lists.table import shown_fields
from app.security.actor import Actor
from app.security.permissions import Permission


@dataclass(frozen=True, slots=True)
class ViewLink:
    """A saved view as a list links it; `owner` is None for one's own."""

    name: str
    href: str
    is_current: bool
    owner: str | None


@dataclass(frozen=True, slots=True)
class ViewMenu:
    """The saved views of a list, and what a form sends to save the filters that are set now, as SaveViewForm reads it.

    The fields are values here: five fields of a form library take as long as ten rows of a list.
    """

    links: Sequence[ViewLink]
    new_id: UUID
    page: str
    query: str
    may_share: bool

    @property
    def current(self) -> str | None:
        """The name of the view that is shown now."""
        return next((link.name for link in self.links if link.is_current), None)


@dataclass(frozen=True, slots=True)
class ColumnMenu:
    """The columns of a list, and the stored names of those that are shown; `back` is the address to come back to.

    `chosen` is what was chosen; None: nothing, so all are shown.
    """

    page: str
    columns: Sequence[Field]
    chosen: Sequence[str] | None
    shown: frozenset[str]
    back: str


def view_menu(actor: Actor, listed: Listed, listing: Listing) -> ViewMenu:
    """The menu of a list as it is filtered now."""
    now, home = query_of(listing.filters, listing.chosen_sort), url_for(listed.endpoint)
    links = [
        ViewLink(
            view.name,
            f"{home}?{view.query}" if view.query else home,
            is_current=view.query == now,
            owner=None if view.user_id == actor.user_id else view.owner_name,
        )
        for view in list_views(actor, [listed.name])
    ]
    return ViewMenu(links, uuid7(), listed.name, now, may_share=actor.may(Permission.SAVED_VIEWS_SHARE))


def column_menu(actor: Actor, resource: Resource, listed: Listed, back: str) -> ColumnMenu:
    """The columns of a list as `actor` has chosen them."""
    chosen = find_columns(actor, listed.name)
    shown = frozenset(field.stored_name for field in shown_fields(resource, chosen))
    return ColumnMenu(listed.name, resource.columns, chosen, shown, back)
