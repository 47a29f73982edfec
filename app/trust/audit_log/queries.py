"""Lists of audit trail entries: the same query for the page, its file and the exports."""

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from typing import Any
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, Text, Uuid, and_, case, column, func, select
from sqlalchemy.dialects.postgresql import ARRAY, TEXT

from app.db.lists import ListQuery
from app.db.paging import (
    MAX_COUNTED,
    PAGE_SIZE,
    CompiledRows,
    Count,
    Finish,
    Page,
    Selection,
    list_fingerprint,
    newest_or_oldest_first,
    parse_cursor,
    statement_of,
)
from app.db.session import INCLUDE_DELETED
from app.errors import NotFound
from app.extensions import db
from app.models import AuditLog, RevisionKind, User
from app.periods import Span, span_of
from app.security.actor import Actor
from app.security.compiled_query import NarrowedQuery, cached_rows, compiled_query
from app.security.list_of import ListOf
from app.security.people import is_of_organization
from app.security.scope import restrict, unscoped
from app.trust.audit_log.filters import AuditFilters
from app.trust.audit_log.name_queries import kinds_unnamed, named_kinds, with_names
from app.trust.audit_log.number_queries import number_searched
from app.trust.audit_log.part_queries import parts_of
from app.trust.audit_log.search_queries import Search, needs_search, page_found
from app.trust.audit_log.verification_queries import verified_column
from app.trust.audit_log.withheld_queries import kinds_withheld

#: Limit for the options of the picker.
MAX_PEOPLE = 2_000
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
        told = sorted(named_kinds(self.actor))
        return self.rows.fetch(("named", shape), partial(self._named, finish), told=told, **values)

    def _named(self, finish: Finish, rows: Selection) -> Selection:
        return with_names(finish(rows), newest_first=self.newest_first)


@dataclass(frozen=True, slots=True)
class AuditList(ListQuery):
    """Entries of the trail; a page has the names that `actor` can see.

    With `search`, the database finds the entries of a page and counts them in one step; `rows` and `matching` then
    cover the whole organization. `search` is None if one index serves the filters (see `needs_search`).
    """

    actor: Actor
    search: Search | None = None

    def page(self, sort: str | None = None, cursor: str | None = None, size: int | None = None) -> Page[Any]:
        """Return one page of entries.

        Raises InvalidCursor, and ValidationFailed for an unknown sort.
        """
        chosen = self.sort(sort)
        fingerprint = list_fingerprint(chosen.name, tuple(self.filters.parameters().items()))
        place = parse_cursor(cursor, chosen, fingerprint) if cursor else None
        newest_first = chosen.descending is (place is None or place.way == "after")
        rows: Any = self.rows
        if self.search is not None:
            values = self.search.values(most=(size or PAGE_SIZE) + 1, newest_first=newest_first, cursor=place)
            limits = {"few": FEW, "counted": self.search.most_counted}
            rows = _Found(_found_rows.where(self.actor, ()), {**values, **limits})
        return ListQuery.page(replace(self, rows=_Named(rows, self.actor, newest_first)), sort, cursor, size)

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
        if self.search is None or not self.search.records:
            return ListQuery.come_since(self, moment, page, most, but_of=but_of)
        found = self.search.ids(most=most, newest_first=True, since=moment)
        return db.session.scalars(
            unscoped(select(found.c.entry_id), why="the search function returns only entries of the organization")
        ).all()

    def stream(self, sort: str | None = None) -> Iterator[Any]:
        """Yield all entries in order, using a separate connection."""
        if self.search is None:
            return ListQuery.stream(self, sort)
        found = self.search.ids(most=None, newest_first=self.sort(sort).descending)
        rows = statement_of(self.rows).join(found, AuditLog.id == found.c.entry_id)
        return ListQuery.stream(replace(self, rows=rows), sort)


def audit_list(actor: Actor, filters: AuditFilters, now: datetime | None = None) -> AuditList:
    """Return the entries of `actor`'s organization that match `filters`; rows have the columns of `_row`.

    Raises InvalidPeriod.
    """
    now = now or datetime.now(UTC)
    span = span_of(filters, actor, now)
    search = _search(actor, filters, span) if needs_search(filters) else None
    listed = _entries.narrowed(actor, filters, ()) if search else _entries(actor, filters, now)
    return AuditList(listed.rows, listed.matching, listed.sorts, filters, actor, search)


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
def _found_rows(actor: Actor) -> Selection:
    found = page_found()
    rows = _row(actor).add_columns(found.c.total).join(found, AuditLog.id == found.c.entry_id)
    return _of_organization(rows, AuditLog, actor)


def _of_organization(entries: Selection, _model: type[AuditLog], actor: Actor) -> Selection:
    """Restrict entries to the organization: users who can read the trail can read all of it."""
    return entries.where(AuditLog.organization_id == actor.organization_id)


def list_people(actor: Actor) -> list[tuple[str, str]]:
    """Return ids and names of the users in the picker, with deleted users and the platform's staff last, marked so."""
    found = _people.rows(actor)
    people = [(str(row.id), _("%(name)s (deleted)", name=row.name) if row.is_gone else row.name) for row in found]
    return [*people, *((str(row.user_id), staff_name(row.name)) for row in _staff.rows(actor))]


def staff_name(name: str) -> str:
    """Return the name of a member of the platform's staff, as organizations know them."""
    return str(_("Switchboard support: %(name)s", name=name))


@cached_rows(RevisionKind.PEOPLE)
def _people(actor: Actor) -> Selection:
    is_gone = User.deleted_at.is_not(None)
    people = restrict(select(User.id, User.name, is_gone.label("is_gone")), User, actor)
    people = people.order_by(is_gone, func.lower(User.name), User.id).limit(MAX_PEOPLE)
    return people.execution_options(**{INCLUDE_DELETED: True})


@cached_rows(RevisionKind.PEOPLE)
def _staff(_actor: Actor) -> Selection:
    """Select the platform's staff who acted in the organization; the first entry of each raises the revision."""
    found = func.staff_in_trail().table_valued(column("user_id", Uuid), column("name", Text))
    staff = select(found.c.user_id, found.c.name)
    return staff.order_by(func.lower(found.c.name), found.c.user_id).limit(MAX_PEOPLE)


def refuse_unknown_actor(actor: Actor, filters: AuditFilters) -> str | None:
    """Raise NotFound if `filters` name a user who is neither in the organization nor in its trail.

    Otherwise return the most recent name in the trail of a user outside the organization, or None.
    """
    person = filters.actor
    if not isinstance(person, UUID) or is_of_organization(person, actor):
        return None
    label = find_actor_label(actor, person)
    if label is None:
        raise NotFound("user", person)
    return label


def find_actor_label(actor: Actor, user_id: UUID) -> str | None:
    """Return the most recent name in the trail of a user who isn't in the organization, or None.

    Such users are platform staff, or were purged.
    """
    label = select(AuditLog.actor_label).where(
        AuditLog.organization_id == actor.organization_id, AuditLog.user_id == user_id
    )
    return db.session.scalar(label.order_by(AuditLog.created_at.desc(), AuditLog.id.desc()).limit(1))


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


_entries = ListOf(
    AuditLog,
    _row,
    narrow=lambda filters, actor, now: _conditions(filters, span_of(filters, actor, now)),
    sorts=SORTS,
    hold=_of_organization,
)
