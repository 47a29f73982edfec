"""The interface of pages that can have saved views, and the declaration of those that are not lists."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import parse_qs

from app.db.filters import Filters
from app.errors import LazyText
from app.security.actor import Actor
from app.security.permissions import Permission


class Viewed(Protocol):
    """A page that can have saved views: a list, or a page of numbers."""

    @property
    def name(self) -> str:
        """The page's name in stored views."""
        ...

    @property
    def label(self) -> LazyText:
        """The label of the page, in the reader's language."""
        ...

    @property
    def endpoint(self) -> str:
        """Endpoint of the page."""
        ...

    @property
    def permission(self) -> Permission:
        """The permission required to open the page."""
        ...

    @property
    def sort_names(self) -> frozenset[str]:
        """The names of the page's sort orders."""
        ...

    def keeps_views_of(self, actor: Actor) -> bool:
        """Return whether `actor`, who can open the page, can save views of it and use shared ones."""
        ...

    def read(self, query: str) -> tuple[Filters, str | None]:
        """Parse the filters and the sort of a query string.

        Raises ValidationFailed for unknown or invalid filters; the sort is not checked.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ViewedPage:
    """A page other than a list; `is_for` returns whether saved views are available to a person."""

    name: str
    label: LazyText
    endpoint: str
    permission: Permission
    filters: type[Filters]
    sort_names: frozenset[str]
    is_for: Callable[[Actor], bool]

    def keeps_views_of(self, actor: Actor) -> bool:
        """Return whether `actor` can save views of the page."""
        return self.is_for(actor)

    def read(self, query: str) -> tuple[Filters, str | None]:
        """Parse the filters and the sort of a query string.

        Raises ValidationFailed for unknown or invalid filters; the sort is not checked.
        """
        given = parse_qs(query)
        return self.filters.parse(given), given.get("sort", [None])[-1]
