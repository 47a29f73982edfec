"""Reading the audit trail as a list: one for the page, its file and the exports."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, and_, case, func, select
from sqlalchemy.dialects.postgresql import ARRAY, TEXT

from app.db.lists import ListQuery
from app.db.paging import (
    MAX_COUNTED,
    PAGE_SIZE,
    Count,
    Page,
    Selection,
    list_fingerprint,
    newest_or_oldest_first,
    parse_cursor,
    statement_of,
)
from app.db.session import INCLUDE_DELETED
from app.extensions import db
from app.models import AuditLog, User
from app.periods import Span, span_of
from app.security.actor import Actor
from app.security.scope import restrict, unscoped
from app.trust.audit_log.filters import AuditFilters
from app.trust.audit_log.name_queries import kinds_unnamed
from app.trust.audit_log.search_queries import Search, needs_search
from app.trust.audit_log.withheld_queries import kinds_withheld

#: In a picker.
MAX_PEOPLE = 2_000

SORTS = newest_or_oldest_first("createdAt", AuditLog.created_at, AuditLog.id)


@dataclass(frozen=True, slots=True)
class AuditList(ListQuery):
    """Entries of the trail. With `search` the database looks for the entries of a page first; `rows` and `matching`
    are then of the whole organization."""

    search: Search | None = None

    def page(self, sort: str | None = None, cursor: str | None = None, size: int | None = None) -> Page[Any]:
        """One page; raises InvalidCursor, and ValidationFailed for an unknown sort."""
        if self.search is None:
            return ListQuery.page(self, sort, cursor, size)
        chosen = self.sort(sort)
        fingerprint = list_fingerprint(chosen.name, tuple(self.filters.parameters().items()))
        place = parse_cursor(cursor, chosen, fingerprint) if cursor else None
        newest_first = chosen.descending is (place is None or place.way == "after")
        found = self.search.ids(most=(size or PAGE_SIZE) + 1, cursor=place, newest_first=newest_first)
        return ListQuery.page(self._only(found), sort, cursor, size)

    def count(self, *, exact: bool = False) -> Count:
        """How many entries match."""
        if self.search is None:
            return ListQuery.count(self, exact=exact)
        found = self.search.ids(most=None if exact else MAX_COUNTED + 1)
        matching = unscoped(select(found.c.entry_id), why="the search looks within the trail of the organization alone")
        return ListQuery.count(replace(self, matching=matching), exact=exact)

    def stream(self, sort: str | None = None) -> Iterator[Any]:
        """All entries in order, on a connection of its own."""
        if self.search is None:
            return ListQuery.stream(self, sort)
        found = self.search.ids(most=None, newest_first=self.sort(sort).descending)
        return ListQuery.stream(self._only(found), sort)

    def _only(self, found: Any) -> "AuditList":
        return replace(self, rows=statement_of(self.rows).join(found, AuditLog.id == found.c.entry_id))


def audit_list(actor: Actor, filters: AuditFilters, now: datetime | None = None) -> AuditList:
    """The entries of `actor`'s organization that `filters` keep. A row has the columns of `_selection`.

    Raises InvalidPeriod.
    """
    span = span_of(filters, actor, now or datetime.now(UTC))
    conditions = [AuditLog.organization_id == actor.organization_id]
    search = Search(filters, span, kinds_withheld(actor), kinds_unnamed(actor)) if needs_search(filters) else None
    if search is None:
        conditions += _conditions(filters, span)
    return AuditList(
        rows=_selection().where(*conditions),
        matching=select(AuditLog.id).where(*conditions),
        sorts=SORTS,
        filters=filters,
        search=search,
    )


def list_people(actor: Actor) -> list[tuple[str, str]]:
    """Ids and names of the people whom the picker offers, the deleted ones last and named as such."""
    is_gone = User.deleted_at.is_not(None)
    people = restrict(select(User.id, User.name, is_gone.label("is_gone")), User, actor)
    found = db.session.execute(
        people.order_by(is_gone, func.lower(User.name), User.id).limit(MAX_PEOPLE),
        execution_options={INCLUDE_DELETED: True},
    )
    return [(str(row.id), _("%(name)s (deleted)", name=row.name) if row.is_gone else row.name) for row in found]


def find_actor_label(actor: Actor, user_id: UUID) -> str | None:
    """What the trail last called somebody who is no person of the organization: one of the platform, or purged."""
    label = select(AuditLog.actor_label).where(
        AuditLog.organization_id == actor.organization_id, AuditLog.user_id == user_id
    )
    return db.session.scalar(label.order_by(AuditLog.created_at.desc(), AuditLog.id.desc()).limit(1))


def _conditions(filters: AuditFilters, span: Span | None) -> list[ColumnElement[bool]]:
    """What the filters mean that one index serves, in either direction; the same stands in `audit_search`."""
    equal = (
        (AuditLog.user_id, filters.actor),
        (AuditLog.action, next(iter(filters.actions), None)),
        (AuditLog.resource_type, filters.resource_type or None),
        (AuditLog.resource_id, filters.resource_id),
        (AuditLog.operation_id, filters.operation_id),
        (AuditLog.ip_address, filters.addresses.first if filters.addresses else None),
    )
    found: list[ColumnElement[bool]] = [column == value for column, value in equal if value is not None]
    if span is not None:
        found += [AuditLog.created_at >= span.start, AuditLog.created_at < span.end]
    return found


def _selection() -> Selection:
    """What a row of the list shows; of a change, the names of the fields only: their values can be long."""
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
        AuditLog.details,
        AuditLog.ip_address,
        AuditLog.operation_id,
        AuditLog.redacted_at,
        case((changed, func.array(fields.scalar_subquery(), type_=ARRAY(TEXT())))).label("fields"),
    )
