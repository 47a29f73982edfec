"""What a list shows of its saved views and columns."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from flask import url_for

from app.db.ids import uuid7
from app.models import ListPage
from app.saved_views.pages import PAGES, query_of
from app.saved_views.queries import find_columns, list_views
from app.security.actor import Actor
from app.security.permissions import Permission
from app.web.columns import Columns
from app.web.lists import Listing


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
    """The columns of a list and those that are shown; `back` is the address to come back to."""

    page: str
    columns: Columns
    shown: frozenset[str]
    back: str


def view_menu(actor: Actor, page: ListPage, listing: Listing) -> ViewMenu:
    """The menu of a list as it is filtered now."""
    now, home = query_of(listing.filters, listing.chosen_sort), url_for(PAGES[page].endpoint)
    links = [
        ViewLink(
            view.name,
            f"{home}?{view.query}" if view.query else home,
            is_current=view.query == now,
            owner=None if view.user_id == actor.user_id else view.owner_name,
        )
        for view in list_views(actor, [page])
    ]
    return ViewMenu(links, uuid7(), page.value, now, may_share=actor.may(Permission.SAVED_VIEWS_SHARE))


def column_menu(actor: Actor, page: ListPage, back: str) -> ColumnMenu:
    """The columns of a list as `actor` has chosen them; only for lists that have a choice."""
    columns = PAGES[page].columns
    if columns is None:
        raise ValueError(f"nobody chooses columns of {page}")
    return ColumnMenu(page.value, columns, columns.shown(find_columns(actor, page)), back)
