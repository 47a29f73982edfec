"""A page of which named views are kept, though it is no list: filters and order of what it shows, in its address."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import parse_qs

from app.db.filters import Filters
from app.errors import Sentence
from app.security.actor import Actor
from app.security.permissions import Permission


class Viewed(Protocol):
    """What named views are kept of: a list, or a page of numbers."""

    @property
    def name(self) -> str:
        """What stored views call it."""
        ...

    @property
    def label(self) -> Sentence:
        """What people call it."""
        ...

    @property
    def endpoint(self) -> str:
        """The page that shows what is kept."""
        ...

    @property
    def permission(self) -> Permission:
        """What it takes to open it."""
        ...

    @property
    def sort_names(self) -> frozenset[str]:
        """By what it can be sorted."""
        ...

    def keeps_views_of(self, actor: Actor) -> bool:
        """Whether this person, who may open it, keeps views of it, and uses those of others."""
        ...

    def read(self, query: str) -> tuple[Filters, str | None]:
        """Filters and sort of a query string; raises ValidationFailed for what it does not know."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ViewedPage:
    """A page that is no list; `is_for` says whose page has views."""

    name: str
    label: Sentence
    endpoint: str
    permission: Permission
    filters: type[Filters]
    sort_names: frozenset[str]
    is_for: Callable[[Actor], bool]

    def keeps_views_of(self, actor: Actor) -> bool:
        """Whether `actor` keeps views of it."""
        return self.is_for(actor)

    def read(self, query: str) -> tuple[Filters, str | None]:
        """Filters and sort of a query string; raises ValidationFailed for filters that it does not know."""
        given = parse_qs(query)
        return self.filters.parse(given), given.get("sort", [None])[-1]
