"""Finding entries of the trail that no index has in order: by words, by several actions, by a range of addresses.

The database's function `audit_search` does it, stretch by stretch of time. It knows the other filters too: narrowing
what it found would leave pages half empty.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Boolean, ColumnElement, Integer, func, literal, select
from sqlalchemy.dialects.postgresql import ARRAY, INET, TEXT, TIMESTAMP
from sqlalchemy.types import Uuid

from app.db.paging import Cursor
from app.periods import Span
from app.security.scope import unscoped
from app.trust.audit_log.filters import SYSTEM, AuditFilters

_MOMENT = TIMESTAMP(timezone=True)


def needs_search(filters: AuditFilters) -> bool:
    """Whether `filters` want more than one stretch of an index."""
    words = (filters.q, filters.actor_name, filters.field, filters.request_id)
    addresses = filters.addresses
    is_range = addresses is not None and addresses.first != addresses.last
    # Under "no person" the planner sorts, for it takes IS NULL for no equality.
    return any(words) or _is_of_any_kind(filters) or len(filters.actions) > 1 or is_range or filters.actor == SYSTEM


@dataclass(frozen=True, slots=True)
class Search:
    """What is looked for: all filters, and the time that their period means."""

    filters: AuditFilters
    span: Span | None
    #: Kinds of records in which no words are looked for.
    closed: Sequence[str] = ()
    #: Kinds of records that are not found by what they are called.
    unnamed: Sequence[str] = ()

    def ids(self, *, most: int | None, cursor: Cursor | None = None, newest_first: bool | None = None) -> Any:
        """A table of the ids that match, `entry_id`, at most `most`, beginning at `cursor` in this order; with
        `newest_first` None in none, which is quicker."""
        place = literal(cursor.value if cursor else None, _MOMENT), literal(cursor.id if cursor else None, Uuid())
        found = func.audit_search(
            *self._words(),
            *self._conditions(),
            *place,
            literal(newest_first, Boolean()),
            literal(most, Integer()),
            literal(list(self.unnamed), ARRAY(TEXT())),
        )
        ids = unscoped(select(found.column_valued("entry_id")), why="leaves out what is closed to the reader by itself")
        return ids.subquery("found")

    def _words(self) -> tuple[ColumnElement[Any], ...]:
        """Words, words of who did it, a changed field, a request: each is found by the same index."""
        filters = self.filters
        # A record without its kind is found by its id as by any other word.
        words = f"{filters.q} {filters.resource_id}" if _is_of_any_kind(filters) else filters.q
        texts = (words.strip(), filters.actor_name, filters.field, filters.request_id)
        return tuple(literal(text, TEXT()) for text in texts)

    def _conditions(self) -> tuple[ColumnElement[Any], ...]:
        filters, span, addresses = self.filters, self.span, self.filters.addresses
        return (
            literal(None if filters.actor == SYSTEM else filters.actor, Uuid()),
            literal(filters.actor == SYSTEM),
            literal(list(filters.actions), ARRAY(TEXT())),
            literal(filters.resource_type, TEXT()),
            literal(list(self.closed) if filters.q else [], ARRAY(TEXT())),
            literal(filters.resource_id, Uuid()),
            literal(filters.operation_id, Uuid()),
            literal(addresses.first if addresses else None, INET()),
            literal(addresses.last if addresses else None, INET()),
            literal(span.start if span else None, _MOMENT),
            literal(span.end if span else None, _MOMENT),
        )


def _is_of_any_kind(filters: AuditFilters) -> bool:
    return filters.resource_id is not None and not filters.resource_type
