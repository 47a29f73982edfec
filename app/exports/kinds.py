"""What can be exported: of each kind the list that the page shows too, and how its rows become lines of a file."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs

from app.audit.actions import Action
from app.calls import export as calls_export
from app.calls.filters import CallFilters
from app.calls.rules import may_export_any_number
from app.db.filters import Filters
from app.db.lists import ListQuery
from app.models import ExportKind
from app.security.actor import Actor
from app.security.permissions import Permission


@dataclass(frozen=True, slots=True)
class Source:
    """A list as the source of a file. `header` and `lines` take the zone whose clocks the file shows.

    `exported` is what the audit trail calls it when rows of `resource` are in a file.
    """

    resource: str
    exported: Action
    endpoint: str
    filters: type[Filters]
    list_of: Callable[[Actor, Any], ListQuery]
    header: Callable[[str], Sequence[str]]
    lines: Callable[[Iterable[Any]], Iterator[Sequence[Any]]]
    is_allowed: Callable[[Actor], bool]

    def read(self, query: str) -> tuple[Filters, str | None]:
        """Filters and sort of a query string; raises ValidationFailed for what the list does not know."""
        given = parse_qs(query)
        sort = given.get("sort", [None])[-1]
        return self.filters.parse(given), sort

    def check(self, actor: Actor) -> None:
        """Raise Forbidden unless `actor` may have such files."""
        if not self.is_allowed(actor):
            raise actor.refusal(Permission.EXPORTS_CREATE)


SOURCES: Mapping[ExportKind, Source] = {
    ExportKind.CALLS: Source(
        resource="call",
        exported=Action.CALLS_EXPORTED,
        endpoint="calls.index",
        filters=CallFilters,
        list_of=calls_export.file_of_calls,
        header=calls_export.header,
        lines=calls_export.lines,
        is_allowed=lambda actor: actor.may(Permission.CALLS_READ) and may_export_any_number(actor),
    ),
}
