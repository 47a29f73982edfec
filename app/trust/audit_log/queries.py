"""Lists of audit trail entries: the same query for the page, its file and the exports."""

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, case, func, select
from sqlalchemy.dialects.postgresql import ARRAY, TEXT

from app.db.lists import ListQuery
from app.db.new_rows import has_none_since
from app.db.paging import (
    MAX_COUNTED,
    PAGE_SIZE,
    CompiledRows,
    Count,
    Finish,
    Page,
    Rows,
    Selection,
    list_fingerprint,
    newest_or_oldest_first,
    parse_cursor,
    statement_of,
)
from app.models import AuditLog
from app.periods import Span, span_of
from app.security.actor import Actor
from app.security.compiled_query import CompiledQuery, NarrowedQuery, compiled_query
from app.security.list_of import Conditions, ListOf
from app.security.scope import unscoped
from app.trust.audit_log.filters import AuditFilters
from app.trust.audit_log.name_queries import kinds_text, kinds_unnamed, named_kinds, with_names
from app.trust.audit_log.number_queries import number_searched
from app.trust.audit_log.part_queries import parts_of
from app.trust.audit_log.people_queries import refuse_unknown_actor
from app.trust.audit_log.search_queries import Search, ids_found, needs_search, page_found
from app.trust.audit_log.verification_queries import verified_column
from app.trust.audit_log.withheld_queries import kinds_withheld, visible_columns

#: Up to this many matches are faster to sort than to find in order; the search returns all of them.
FEW = 200

SORTS = newest_or_oldest_first("createdAt", AuditLog.created_at, AuditLog.id)


@dataclass(frozen=True, slots=True)
class _Found:
    """Entries found by a search, as the rows of a page."""

    rows: NarrowedQuery
    values: Mapping[str, Any]

    @property
    def statement(self) -> Selection:
        """The statement with its parameters, not compiled."""
        return self.rows.statement.params(self.values)

    def fetch(self, shape: Hashable, finish: Finish, **values: Any) -> Sequence[Any]:
        """Return all rows of the statement that `finish` returns."""
        return self.rows.fetch(shape, finish, **self.values, **values)


@dataclass(frozen=True, slots=True)
class _Named:
    """Rows of a page, each with the names of its record and its user as far as `actor` can see them."""

    rows: CompiledRows
    actor: Actor
    newest_first: bool

    @property
    def statement(self) -> Selection:
        """The statement without the names."""
        return self.rows.statement

    def fetch(self, shape: Hashable, finish: Finish, **values: Any) -> Sequence[Any]:
        """Return all rows of the statement that `finish` returns, in the order of the page."""
        told = kinds_text(named_kinds(self.actor))
        return self.rows.fetch(("named", shape), partial(self._named, finish), told=told, **values)

    def _named(self, finish: Finish, rows: Selection) -> Selection:
        return with_names(finish(rows), newest_first=self.newest_first)


@dataclass(frozen=True, slots=True)
class AuditList(ListQuery):
    """Entries of the trail; a page has the names that `actor` can see.

    With `search`, the database finds the entries of a page and counts them in one step; `rows` and `matching` then
    cover the whole organization, and `found` selects the rows of what was found. `search` is None if one index serves
    the filters (see `needs_search`).
    """

    actor: Actor
    found: CompiledQuery
    search: Search | None = None
    is_named: bool = True

    def page(self, sort: str | None = None, cursor: str | None = None, size: int | None = None) -> Page[Any]:
        """Return one page of entries.

        Raises InvalidCursor, and ValidationFailed for an unknown sort.
        """
        chosen = self.sort(sort)
        fingerprint = list_fingerprint(chosen.name, (*self.filters.parameters().items(), *self.cursors_of))
        place = parse_cursor(cursor, chosen, fingerprint) if cursor else None
        newest_first = chosen.descending is (place is None or place.way == "after")
        rows: Any = self.rows
        if self.search is not None:
            values = self.search.values(most=(size or PAGE_SIZE) + 1, newest_first=newest_first, cursor=place)
            limits = {"few": FEW, "counted": self.search.most_counted}
            rows = _Found(self.found.where(self.actor, ()), {**values, **limits})
        if self.is_named:
            rows = _Named(rows, self.actor, newest_first)
        return ListQuery.page(replace(self, rows=rows), sort, cursor, size)

    def numbered_page(self, sort: str | None, number: int, size: int) -> tuple[Sequence[Any], bool]:
        """Return the entries of the page with this number, from 1, and if there is a next one.

        Raises ValidationFailed for an unknown sort.
        """
        if self.search is None:
            return ListQuery.numbered_page(self, sort, number, size)
        newest_first = self.sort(sort).descending
        found = joined(self.rows, self.search.ids(most=number * size + 1, newest_first=newest_first))
        return ListQuery.numbered_page(replace(self, rows=found), sort, number, size)

    def count(self, *, exact: bool = False) -> Count:
        """Return the number of matching entries."""
        if self.search is None:
            return ListQuery.count(self, exact=exact)
        found = self.search.ids(most=None if exact else MAX_COUNTED + 1)
        matching = unscoped(
            select(found.c.entry_id), why="the search function returns only entries of the organization"
        )
        return ListQuery.count(replace(self, matching=matching), exact=exact)

    def count_total(self, page: Page[Any], *, exact: bool = False) -> Count:
        """Return the number of all matching entries, as the search that found `page` has counted them."""
        if self.search is None or exact or page.is_all:
            return ListQuery.count_total(self, page, exact=exact)
        number, most = page.rows[0].total, self.search.most_counted
        return Count(min(number, most), exact=number <= most)

    def come_since(self, moment: datetime, page: Page[Any], most: int, *, but_of: UUID) -> Sequence[UUID]:
        """Return the ids of up to `most` entries after `moment`, newest first.

        In the list of a record, only matching entries are included; with any other search, entries of the whole
        organization.
        """
        if self.search is None:
            return ListQuery.come_since(self, moment, page, most, but_of=but_of)
        if not self.search.records:
            # The page shows only what the search has found.
            return ListQuery.come_since(self, moment, replace(page, last_created_at=None), most, but_of=but_of)
        if has_none_since(moment, page):
            return ()
        values = self.search.values(most=most, newest_first=True, since=moment)
        return [row.entry_id for row in _ids_found.rows(self.actor, **values)]

    def total_and_new(
        self, page: Page[Any], since: datetime | None, most: int, *, but_of: UUID, exact: bool = False
    ) -> tuple[Count, Sequence[UUID]]:
        """Return the number of all matching entries, and the ids of up to `most` entries after `since`.

        A search has counted them already.
        """
        if self.search is None:
            return ListQuery.total_and_new(self, page, since, most, but_of=but_of, exact=exact)
        new = () if since is None else self.come_since(since, page, most, but_of=but_of)
        return self.count_total(page, exact=exact), new

    def stream(self, sort: str | None = None) -> Iterator[Any]:
        """Yield all entries in order, using a separate connection."""
        if self.search is None:
            return ListQuery.stream(self, sort)
        found = self.search.ids(most=None, newest_first=self.sort(sort).descending)
        return ListQuery.stream(replace(self, rows=joined(self.rows, found)), sort)


def joined(rows: Rows, found: Any) -> Selection:
    """Return `rows` that are among the entries `found` by a search."""
    return statement_of(rows).join(found, AuditLog.id == found.c.entry_id)


class ListOfEntries(ListOf):
    """Entries of the trail, found by a search where no index serves the filters.

    Their rows `row` have the names that the reader can see if they are `named`.
    """

    def __init__(self, row: Callable[[Actor], Selection], *, is_named: bool) -> None:
        super().__init__(
            AuditLog,
            row,
            narrow=lambda filters, actor, now: _conditions(filters, span_of(filters, actor, now)),
            sorts=SORTS,
            hold=_of_organization,
        )
        self._found = compiled_query(partial(_found_rows, row))
        self._is_named = is_named

    def conditions(self, filters: Any, actor: Actor, now: datetime | None = None) -> Conditions:
        """Return the conditions of `filters` for `actor`; none for those of a search."""
        return () if needs_search(filters) else super().conditions(filters, actor, now)

    def __call__(self, actor: Actor, filters: Any, now: datetime | None = None) -> AuditList:
        """Return the entries of `actor`'s organization that match `filters`. Raises InvalidPeriod."""
        return self._narrowed(actor, filters, self.conditions(filters, actor, now), now)

    def narrowed(self, actor: Actor, filters: Any, conditions: Conditions, now: datetime | None = None) -> AuditList:
        """Return the entries with `conditions`, which can be fewer than those that match `filters`.

        Raises NotFound if the filters name an unknown user.
        """
        refuse_unknown_actor(actor, filters)
        return self._narrowed(actor, filters, conditions, now)

    def _narrowed(self, actor: Actor, filters: Any, conditions: Conditions, now: datetime | None) -> AuditList:
        listed = super().narrowed(actor, filters, conditions)
        found = AuditList(
            listed.rows, listed.matching, listed.sorts, filters, actor, self._found, is_named=self._is_named
        )
        if not needs_search(filters):
            return found
        search = _search(actor, filters, span_of(filters, actor, now or datetime.now(UTC)))
        if not conditions:
            return replace(found, search=search)
        among = search.ids(most=None)
        return replace(found, rows=joined(found.rows, among), matching=joined(found.matching, among))


def _search(actor: Actor, filters: AuditFilters, span: Span | None) -> Search:
    record = filters.record
    return Search(
        filters,
        span,
        closed=kinds_withheld(actor),
        unnamed=kinds_unnamed(actor),
        number=number_searched(actor, filters.q),
        records=[record, *parts_of(actor, *record)] if record else (),
    )


@compiled_query
def _ids_found(_actor: Actor) -> Selection:
    return ids_found()


def _found_rows(row: Callable[[Actor], Selection], actor: Actor) -> Selection:
    found = page_found()
    return _of_organization(joined(row(actor).add_columns(found.c.total), found), AuditLog, actor)


def _of_organization(entries: Selection, _model: type[AuditLog], actor: Actor) -> Selection:
    """Restrict entries to the organization: users who can read the trail can read all of it."""
    return entries.where(AuditLog.organization_id == actor.organization_id)


def _conditions(filters: AuditFilters, span: Span | None) -> list[ColumnElement[bool]]:
    """Return the conditions of the filters that one index serves in either direction.

    `audit_search` contains the same conditions.
    """
    equal = (
        (AuditLog.user_id, filters.actor),
        (AuditLog.action, next(iter(filters.actions), None)),
        (AuditLog.resource_type, filters.resource_type or None),
        (AuditLog.operation_id, filters.operation_id),
        (AuditLog.ip_address, filters.addresses.first if filters.addresses else None),
    )
    found: list[ColumnElement[bool]] = [column == value for column, value in equal if value is not None]
    if span is not None:
        found += [AuditLog.created_at >= span.start, AuditLog.created_at < span.end]
    return found


def _row(actor: Actor) -> Selection:
    """Select the columns of a row of the list, with the result of the last verification."""
    return _selection().add_columns(verified_column(actor))


def _selection() -> Selection:
    """Select the columns of a row of the list.

    For changes only the field names are selected: the values can be long.
    """
    fields = select(func.jsonb_object_keys(AuditLog.after).column_valued("field")).correlate(AuditLog)
    changed = and_(AuditLog.before.is_not(None), AuditLog.after.is_not(None))
    return select(
        AuditLog.id,
        AuditLog.created_at,
        AuditLog.user_id,
        AuditLog.actor_label,
        AuditLog.actor_role,
        AuditLog.source,
        AuditLog.action,
        AuditLog.resource_type,
        AuditLog.resource_id,
        AuditLog.resource_label,
        AuditLog.details.label("details"),
        func.host(AuditLog.ip_address).label("ip_address"),
        AuditLog.operation_id,
        AuditLog.redacted_at,
        case((changed, func.array(fields.scalar_subquery(), type_=ARRAY(TEXT())))).label("fields"),
    )


def _record(actor: Actor) -> Selection:
    """Select all content of an entry; values and names that are withheld from `actor` are NULL."""
    columns = {one.key: one for one in visible_columns(actor)}
    columns["ip_address"] = func.host(AuditLog.ip_address).label("ip_address")
    columns["details"] = AuditLog.details.label("details")
    return unscoped(
        select(AuditLog.organization_id, *columns.values()),
        why="withheld values are NULL; readers of the trail can see everything else",
    )


#: The entries of `actor`'s organization that match the filters, with the columns of `_row` and the names of a page.
audit_list = ListOfEntries(_row, is_named=True)
#: The same entries with all their content.
audit_records = ListOfEntries(_record, is_named=False)
