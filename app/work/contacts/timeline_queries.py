"""Timeline of a contact across all resources that declare one, newest first.

It takes two statements, however many resources there are: one for their rows, one for the audit trail of the contact
itself.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from flask import current_app
from sqlalchemy import (
    DateTime,
    Integer,
    Label,
    Uuid,
    bindparam,
    cast,
    func,
    literal,
    select,
    tuple_,
    union_all,
)
from sqlalchemy.dialects.postgresql import JSONB

from app.audit.queries import HistoryEntry, list_history
from app.db.paging import Cursor, Selection, Sort, list_fingerprint, make_cursor, parse_cursor
from app.db.session import INCLUDE_DELETED
from app.declarations.person import ContactReference, Facts, TimelineFilter
from app.declarations.registry import registry
from app.declarations.resource import Resource
from app.models import AuditLog, SoftDeleted
from app.security.actor import Actor
from app.security.compiled_query import compiled_query
from app.security.scope import restrict, unscoped

PAGE_SIZE = 30
#: Maximum number of open items shown per resource.
MAX_OPEN = 5

_SORT = Sort("-at", AuditLog.created_at, AuditLog.id, descending=True, value_of=lambda row: row.at)


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the timeline: a row of a `resource` with its `facts`, or a `change` of the contact itself.

    `page` is the linked page, if the actor can open it: an endpoint, its argument and the ID.
    """

    id: UUID
    at: datetime
    resource: Resource | None = None
    facts: Facts | None = None
    page: tuple[str, str, str] | None = None
    change: HistoryEntry | None = None


@dataclass(frozen=True, slots=True)
class Timeline:
    """A page of lines. `older` is the cursor of the next page, or None at the end."""

    lines: Sequence[Line]
    older: str | None


def timeline_filters(actor: Actor) -> list[TimelineFilter]:
    """Return the timeline filters for the kinds of records that `actor` can see.

    Changes of the contact itself are always included.
    """
    told = {of.story for resource, of in _about_people() if of.story and _may_see(actor, resource)}
    return [story for story in TimelineFilter if story in told or story is TimelineFilter.CHANGES]


def read_timeline(actor: Actor, contact_id: UUID, story: TimelineFilter | None, cursor: str | None) -> Timeline:
    """Return a page of the timeline of a contact that was already authorized, filtered by `story`.

    Raises InvalidCursor.
    """
    fingerprint = list_fingerprint(_SORT.name, (("contact", str(contact_id)), ("story", story or "")))
    place = parse_cursor(cursor, _SORT, fingerprint) if cursor else None
    found = [*_lines(actor, contact_id, story, place), *_changes(actor, contact_id, story, place)]
    found.sort(key=lambda line: (line.at, line.id), reverse=True)
    lines = found[:PAGE_SIZE]
    more = len(found) > PAGE_SIZE
    return Timeline(lines, make_cursor(_SORT, lines[-1], "after", fingerprint) if more else None)


def read_open(actor: Actor, contact_id: UUID) -> Sequence[Line]:
    """Return the open items of a contact, grouped by resource, the earliest first."""
    rows = _open.rows(actor, contact=contact_id, page_rows=MAX_OPEN)
    return [_line(actor, row) for row in sorted(rows, key=lambda row: (row.kind, row.at))]


def _lines(actor: Actor, contact_id: UUID, story: TimelineFilter | None, place: Cursor | None) -> list[Line]:
    if story is TimelineFilter.CHANGES:
        return []
    after = {"cursor_at": place.value, "cursor_id": place.id} if place else {}
    rows = _newest_lines.rows(actor, story, place is not None, contact=contact_id, page_rows=PAGE_SIZE + 1, **after)
    return [_line(actor, row) for row in rows]


def _changes(actor: Actor, contact_id: UUID, story: TimelineFilter | None, place: Cursor | None) -> list[Line]:
    if story not in (None, TimelineFilter.CHANGES):
        return []
    before = (place.value, place.id) if place else None
    entries = list_history(actor, "contact_card", contact_id, before=before, limit=PAGE_SIZE + 1)
    return [Line(entry.id, entry.at, change=entry) for entry in entries]


def _line(actor: Actor, row: Any) -> Line:
    resource = registry().resources[row.kind]
    page = _page_of(actor, resource)
    return Line(row.id, row.at, resource, row.facts, (*page, row.page_id) if page else None)


def _page_of(actor: Actor, resource: Resource) -> tuple[str, str] | None:
    person, needed = resource.person, resource.page_permission
    page = person.page[:2] if person and person.page else resource.page
    # A resource can name a page that this app doesn't have yet.
    if page is None or page[0] not in current_app.view_functions:
        return None
    return page if needed is None or actor.may(needed) else None


@compiled_query
def _newest_lines(actor: Actor, story: TimelineFilter | None, is_continued: bool) -> Selection:
    """Select the newest lines of each resource on the timeline, or only of those in `story`.

    With `is_continued`, only lines after the cursor are selected.
    """
    told = [(one, of) for one, of in _about_people() if of.story and story in (None, of.story)]
    arms = []
    for resource, of in told:
        arm = _arm(actor, resource, of)
        if is_continued:
            after = (bindparam("cursor_at", type_=DateTime(timezone=True)), bindparam("cursor_id", type_=Uuid()))
            arm = arm.where(tuple_(of.at, resource.model.id) < tuple_(*after))
        arms.append(arm.order_by(of.at.desc(), resource.model.id.desc()))
    return _all_of(arms)


@compiled_query
def _open(actor: Actor) -> Selection:
    """Select the open items of each resource that declares them."""
    arms = []
    for resource, of in _about_people():
        if of.open is not None:
            arm = _arm(actor, resource, of).where(of.open())
            arms.append(arm.order_by(of.at, resource.model.id))
    return _all_of(arms)


def _arm(actor: Actor, resource: Resource, of: ContactReference) -> Selection:
    model = resource.model
    shown = of.page[2] if of.page else model.id
    columns = (
        literal(resource.name).label("kind"),
        model.id.label("id"),
        of.at.label("at"),
        cast(shown, Uuid()).label("page_id"),
        _as_json(of.facts(actor)),
    )
    scoped: Selection = restrict(select(*columns).select_from(model), model, actor)
    arm = of.joined(scoped).where(of.card == bindparam("contact", type_=Uuid()))
    return arm.where(model.deleted_at.is_(None)) if issubclass(model, SoftDeleted) else arm


def _as_json(facts: Mapping[str, Any]) -> Label[Any]:
    pairs = [part for name, column in facts.items() for part in (literal(name), column)]
    return func.jsonb_build_object(*pairs, type_=JSONB()).label("facts")


def _all_of(arms: Sequence[Selection]) -> Selection:
    """Combine the queries, with at most `page_rows` of each. Deleted users are still named."""
    size = bindparam("page_rows", type_=Integer())
    limited = [unscoped(select(arm.limit(size).subquery()), why="each combined query is scoped") for arm in arms]
    every = union_all(*limited).subquery("lines")
    return select(every).execution_options(**{INCLUDE_DELETED: True})


def _about_people() -> list[tuple[Resource, ContactReference]]:
    return [(one, one.person) for one in registry().resources.values() if one.person is not None]


def _may_see(actor: Actor, resource: Resource) -> bool:
    return resource.scope is not None and resource.scope.may_show(actor)
