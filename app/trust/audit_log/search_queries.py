"""Finding entries of the trail that no index has in order: by words, by several actions, by a range of addresses.

The database's function `audit_search` does it, stretch by stretch of time. It knows the other filters too: narrowing
what it found would leave pages half empty. `audit_page` does it for a page, and counts what it finds.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Boolean, Integer, bindparam, column, func, literal, select
from sqlalchemy.dialects.postgresql import ARRAY, INET, TEXT, TIMESTAMP
from sqlalchemy.types import TypeEngine, Uuid

from app.db.paging import MAX_COUNTED, Cursor
from app.periods import Span
from app.security.scope import unscoped
from app.trust.audit_log.filters import SYSTEM, AuditFilters

#: A page says that there are more.
MOST_BY_WORDS = 1_000

_MOMENT = TIMESTAMP(timezone=True)


def needs_search(filters: AuditFilters) -> bool:
    """Whether `filters` want more than one stretch of an index."""
    addresses = filters.addresses
    is_range = addresses is not None and addresses.first != addresses.last
    # Under "no person" the planner sorts, for it takes IS NULL for no equality.
    return _has_words(filters) or len(filters.actions) > 1 or is_range or filters.actor == SYSTEM


#: What `audit_search` and `audit_page` are given, in their order.
_GIVEN: Mapping[str, TypeEngine[Any]] = {
    "words": TEXT(),
    "names": TEXT(),
    "field": TEXT(),
    "request": TEXT(),
    "actor": Uuid(),
    "by_nobody": Boolean(),
    "actions": ARRAY(TEXT()),
    "type": TEXT(),
    "closed": ARRAY(TEXT()),
    "record": Uuid(),
    "operation": Uuid(),
    "first_address": INET(),
    "last_address": INET(),
    "since": _MOMENT,
    "until": _MOMENT,
    "cursor_at": _MOMENT,
    "from_id": Uuid(),
    "newest_first": Boolean(),
    "most": Integer(),
    "hidden": ARRAY(TEXT()),
}
_COUNTED: Mapping[str, TypeEngine[Any]] = {"few": Integer(), "counted": Integer()}


@dataclass(frozen=True, slots=True)
class Search:
    """What is looked for: all filters, and the time that their period means."""

    filters: AuditFilters
    span: Span | None
    #: Kinds of records in which no words are looked for.
    closed: Sequence[str] = ()
    #: Kinds of records that are not found by what they are called.
    unnamed: Sequence[str] = ()

    @property
    def most_counted(self) -> int:
        """How far a page counts: what words find costs more than what an index has in order."""
        return MOST_BY_WORDS if _has_words(self.filters) else MAX_COUNTED

    def ids(self, *, most: int | None, newest_first: bool | None = None) -> Any:
        """A table of the ids that match, `entry_id`, at most `most`, in this order; with `newest_first` None in none,
        which is quicker."""
        values = self.values(most=most, newest_first=newest_first)
        found = func.audit_search(*(literal(values[name], kind) for name, kind in _GIVEN.items()))
        ids = unscoped(select(found.column_valued("entry_id")), why="leaves out what is closed to the reader by itself")
        return ids.subquery("found")

    def values(self, *, most: int | None, newest_first: bool | None, cursor: Cursor | None = None) -> dict[str, Any]:
        """What `_GIVEN` names. Words, words of who did it, fields and requests are found by the same index."""
        filters, span, addresses = self.filters, self.span, self.filters.addresses
        # A record without its kind is found by its id as by any other word.
        words = f"{filters.q} {filters.resource_id}" if _is_of_any_kind(filters) else filters.q
        return {
            "words": words.strip(),
            "names": filters.actor_name,
            "field": filters.field,
            "request": filters.request_id,
            "actor": None if filters.actor == SYSTEM else filters.actor,
            "by_nobody": filters.actor == SYSTEM,
            "actions": list(filters.actions),
            "type": filters.resource_type,
            "closed": list(self.closed) if filters.q else [],
            "record": filters.resource_id,
            "operation": filters.operation_id,
            "first_address": addresses.first if addresses else None,
            "last_address": addresses.last if addresses else None,
            "since": span.start if span else None,
            "until": span.end if span else None,
            "cursor_at": cursor.value if cursor else None,
            "from_id": cursor.id if cursor else None,
            "newest_first": newest_first,
            "most": most,
            "hidden": list(self.unnamed),
        }


def page_found() -> Any:
    """The entries of a page as `Search.values`, `few` and `counted` say: `entry_id`, and `total`, how many match."""
    given = (bindparam(name, type_=kind) for name, kind in {**_GIVEN, **_COUNTED}.items())
    return func.audit_page(*given).table_valued(column("entry_id", Uuid()), column("total", Integer())).alias("found")


def _has_words(filters: AuditFilters) -> bool:
    return any((filters.q, filters.actor_name, filters.field, filters.request_id)) or _is_of_any_kind(filters)


def _is_of_any_kind(filters: AuditFilters) -> bool:
    return filters.resource_id is not None and not filters.resource_type
