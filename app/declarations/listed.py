"""The list of a resource: its page, its filters, its query and its sorts."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

from app.audit.actions import Action
from app.db.filters import Filters
from app.db.lists import ListQuery
from app.db.paging import Sort
from app.errors import Sentence
from app.security.actor import Actor
from app.security.permissions import Permission


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Listed:
    """What a page, its file, a saved view, a bulk change and a number's link all ask.

    `name` is what stored views call the list; `filter_words` are those of filters that are no field. Without
    `keeps_views` no filters of it are kept under a name, without `has_column_choice` everybody sees all of its columns.
    `exported` is what the audit trail calls it when somebody takes rows of it as a file. `opening` are the parameters
    of an address without any: what one comes for. Without the filters of it the address has its sort left, and the list
    is whole.
    """

    name: str
    label: Sentence
    endpoint: str
    permission: Permission
    filters: type[Filters]
    query: Callable[[Actor, Any], ListQuery]
    sorts: tuple[Sort, ...]
    filter_words: Mapping[str, Sentence] = field(default_factory=dict)
    has_column_choice: bool = True
    keeps_views: bool = True
    opening: Callable[[Actor], Mapping[str, str]] | None = None
    exported: Action = Action.LIST_EXPORTED

    @property
    def csv_endpoint(self) -> str:
        """The endpoint of its file: calls.csv of calls.index, billing.invoices_csv of billing.invoices."""
        feature, page = self.endpoint.split(".")
        return f"{feature}.csv" if page == "index" else f"{feature}.{page}_csv"

    def read(self, query: str) -> tuple[Filters, str | None]:
        """Filters and sort of a query string; raises ValidationFailed for what the list does not know."""
        given = parse_qs(query)
        return self.filters.parse(given), given.get("sort", [None])[-1]
