"""Declaration of a page other than a list that can have saved views: filters and a sort in its address."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import parse_qs

from app.db.filters import Filters
from app.errors import LazyText
from app.security.actor import Actor
from app.security.permissions import Permission


class Viewed(Protocol):
    """Page that can have saved views: a list, or a page of figures."""

    @property
    def name(self) -> str:
        """Name in stored views."""
        ...

    @property
    def label(self) -> LazyText:
        """Label shown to people."""
        ...

    @property
    def endpoint(self) -> str:
        """Endpoint of the page."""
        ...

    @property
    def permission(self) -> Permission:
        """Permission that it requires."""
        ...

    @property
    def sort_names(self) -> frozenset[str]:
        """Names of its sorts."""
        ...

    def keeps_views_of(self, actor: Actor) -> bool:
        """Return whether `actor`, who can open it, can save views of it and use shared ones."""
        ...

    def read(self, query: str) -> tuple[Filters, str | None]:
        """Parse the filters and the sort of a query string.

        Raises ValidationFailed for unknown parameters.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ViewedPage:
    """Page other than a list; `is_for` returns whether views are available to a person."""

    name: str
    label: LazyText
    endpoint: str
    permission: Permission
    filters: type[Filters]
    sort_names: frozenset[str]
    is_for: Callable[[Actor], bool]

    def keeps_views_of(self, actor: Actor) -> bool:
        """Return whether `actor` can save views of it."""
        return self.is_for(actor)

    def read(self, query: str) -> tuple[Filters, str | None]:
        """Parse the filters and the sort of a query string.

        Raises ValidationFailed for unknown filters.
        """
        given = parse_qs(query)
        return self.filters.parse(given), given.get("sort", [None])[-1]
