"""Search for entries that no index returns in order, such as by words or in a range of IP addresses.

`needs_search` lists the filters that need it. The database function `audit_search` searches one period of time after
the other. It applies the other filters too: filtering its result afterwards would leave pages half empty. `audit_page`
does the same for a page and counts the matches.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Boolean, Integer, bindparam, column, func, literal, select
from sqlalchemy.dialects.postgresql import ARRAY, INET, TEXT, TIMESTAMP
from sqlalchemy.types import TypeEngine, Uuid

from app.db.paging import MAX_COUNTED, Cursor, Selection
from app.periods import Span
from app.security.scope import unscoped
from app.trust.audit_log.filters import SYSTEM, AuditFilters
from app.trust.audit_log.name_queries import Reference
from app.trust.audit_log.number_queries import SearchedNumber

#: Beyond this count a page shows that there are more.
MAX_BY_WORDS = 1_000

_MOMENT = TIMESTAMP(timezone=True)


def needs_search(filters: AuditFilters) -> bool:
    """Return whether `filters` need a search, because no single index range has the matches in order."""
    addresses = filters.addresses
    is_range = addresses is not None and addresses.first != addresses.last
    # For "no user" the planner would sort, because it doesn't treat IS NULL as an equality.
    return (
        _has_words(filters)
        or len(filters.actions) > 1
        or is_range
        or filters.actor == SYSTEM
        or filters.record is not None
    )


#: Parameters of `audit_search` and `audit_page`, in order.
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
#: Parameters of both after these.
_ADDED: Mapping[str, TypeEngine[Any]] = {
    "typed": TEXT(),
    "numbers": ARRAY(TEXT()),
    "types": ARRAY(TEXT()),
    "records": ARRAY(Uuid()),
}


@dataclass(frozen=True, slots=True)
class Search:
    """A search with all filters, and the time span of their period."""

    filters: AuditFilters
    span: Span | None
    #: Kinds of records that are excluded from the word search.
    closed: Sequence[str] = ()
    #: Kinds of records that can't be found by their name.
    unnamed: Sequence[str] = ()
    #: The phone number among the words.
    number: SearchedNumber | None = None
    #: The record that the filters name and its parts; an entry that only raises a version is then shown only if its
    #: operation has no other one.
    records: Sequence[Reference] = ()

    @property
    def most_counted(self) -> int:
        """The number up to which a page counts matches.

        It is lower for a search by words, whose matches cost more than entries that an index has in order.
        """
        return MAX_BY_WORDS if _has_words(self.filters) else MAX_COUNTED

    def ids(self, *, most: int | None, newest_first: bool | None = None) -> Any:
        """Return a table of up to `most` matching ids, `entry_id`, in the given order.

        With `newest_first` None the ids are unordered, which is faster.
        """
        values = self.values(most=most, newest_first=newest_first)
        found = func.audit_search(*(literal(values[name], kind) for name, kind in {**_GIVEN, **_ADDED}.items()))
        ids = unscoped(
            select(found.column_valued("entry_id")),
            why="the search function itself omits what is withheld from the reader",
        )
        return ids.subquery("found")

    def values(
        self,
        *,
        most: int | None,
        newest_first: bool | None,
        cursor: Cursor | None = None,
        since: datetime | None = None,
    ) -> dict[str, Any]:
        """Return the values for the parameters in `_GIVEN` and `_ADDED`.

        `since` is an earliest time, in addition to the start of the period. Words, words of the actor's name, fields
        and request ids are found with the same index.
        """
        filters, span, addresses, number = self.filters, self.span, self.filters.addresses, self.number
        words = number.typed.rest if number else filters.q
        # A record id without a kind is searched for like any other word.
        words = f"{words} {filters.resource_id}" if _is_of_any_kind(filters) else words
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
            "since": max((start for start in (span and span.start, since) if start), default=None),
            "until": span.end if span else None,
            "cursor_at": cursor.value if cursor else None,
            "from_id": cursor.id if cursor else None,
            "newest_first": newest_first,
            "most": most,
            "hidden": list(self.unnamed),
            "typed": number.typed.text if number else "",
            "numbers": list(number.numbers) if number else [],
            "types": [kind for kind, _record in self.records],
            "records": [record for _kind, record in self.records],
        }


def page_found() -> Any:
    """Return the entries of a page as a table, with parameters for `Search.values`, `few` and `counted`.

    The columns are `entry_id` and `total`, the number of matches.
    """
    given = (bindparam(name, type_=kind) for name, kind in {**_GIVEN, **_COUNTED, **_ADDED}.items())
    return func.audit_page(*given).table_valued(column("entry_id", Uuid()), column("total", Integer())).alias("found")


def ids_found() -> Selection:
    """Select the ids that `audit_search` finds, as `entry_id`, with parameters for `Search.values`.

    The function itself omits what is withheld from the reader.
    """
    given = (bindparam(name, type_=kind) for name, kind in {**_GIVEN, **_ADDED}.items())
    return select(func.audit_search(*given).column_valued("entry_id"))


def _has_words(filters: AuditFilters) -> bool:
    return any((filters.q, filters.actor_name, filters.field, filters.request_id)) or _is_of_any_kind(filters)


def _is_of_any_kind(filters: AuditFilters) -> bool:
    return filters.resource_id is not None and not filters.resource_type
