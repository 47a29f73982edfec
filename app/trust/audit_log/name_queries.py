"""What the records of a page of the trail are called: one question for all of them, one more for those that are gone.

A name is told, and a page linked, where the person may see the record; else its kind and its id have to do.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, TypeAlias
from uuid import UUID

from flask import current_app, url_for
from sqlalchemy import Text, bindparam, cast, column, func, literal, null, select, union_all
from sqlalchemy.dialects.postgresql import ARRAY, TEXT
from sqlalchemy.types import Boolean, Uuid

from app.db.session import INCLUDE_DELETED
from app.declarations.registry import registry
from app.declarations.resource import Resource
from app.directions import escape_directions
from app.models import AuditLog, Organization, SoftDeleted
from app.security.actor import Actor
from app.security.kept_selections import KeptSelection, kept_selection
from app.security.scope import restrict, scoped_models, sees_all_rows, unscoped
from app.trust.audit_log.field_kinds import field_kinds, id_in

#: A kind of record and its id.
Reference: TypeAlias = tuple[str, UUID]

MAX_NAME_LENGTH = 80
_MAX_SELECTIONS = 200

#: What a record that is gone was called, by the first of these that the trail has a value of.
_NAMING_FIELDS = (
    "name", "title", "question", "root_label", "display_name", "company_name", "number", "phone", "email", "file_name",
    "service_type", "primary_phone", "caller_number",
)  # fmt: skip
_NAMES_OF_PEOPLE = ("first_name", "last_name")


@dataclass(frozen=True, slots=True)
class Named:
    """What a record is called; `page` is its endpoint, the name of its argument and the id, None where it has no page
    for this person. `is_deleted`: in the trash, `is_gone`: not there any more; its name is then the last one that the
    trail knows. `today` is what it is called now, where that is another name than an entry knows it by."""

    name: str | None
    page: tuple[str, str, UUID] | None = None
    is_deleted: bool = False
    is_gone: bool = False
    today: str | None = None

    @property
    def href(self) -> str | None:
        """The address of its page, made where it is written: rows that are kept need none."""
        if self.page is None:
            return None
        endpoint, argument, record_id = self.page
        values: dict[str, Any] = {argument: record_id}
        return url_for(endpoint, **values)


UNKNOWN_RECORD = Named(None)


def names_of(
    actor: Actor, wanted: Iterable[Reference], named: Mapping[Reference, Named] | None = None
) -> Mapping[Reference, Named]:
    """What these records are called, as far as `actor` may know; those that are `named` already are not asked for."""
    already = named or {}
    return {**already, **_asked_for(actor, [reference for reference in wanted if reference not in already])}


def named_people(actor: Actor, people: Iterable[tuple[UUID, str, bool]]) -> Mapping[Reference, Named]:
    """People within the scope, by id, name and whether they are in the trash, as `names_of` tells them."""
    page = _page_of(actor, registry().resources["user"])
    return {
        ("user", user_id): _named(("user", user_id), page, name[:MAX_NAME_LENGTH], is_deleted)
        for user_id, name, is_deleted in people
    }


def _asked_for(actor: Actor, wanted: Iterable[Reference]) -> Mapping[Reference, Named]:
    known = registry().resources
    ids: dict[str, set[UUID]] = {}
    for kind, record_id in wanted:
        if kind in known:
            ids.setdefault(kind, set()).add(record_id)
    found = _there(actor, ids)
    told = (kind for kind in ids if _sees_all(known[kind].model, actor))
    missing = {(kind, record_id) for kind in told for record_id in ids[kind]} - found.keys()
    pages = {kind: _page_of(actor, known[kind]) for kind in ids}
    named = {reference: _named(reference, pages[reference[0]], *values) for reference, values in found.items()}
    return named | _gone(actor, sorted(missing))


def named_then(actor: Actor, entry: Any, names: Mapping[Reference, Named]) -> Named:
    """What the record of an entry was called then, where the entry knows it and `actor` may; else what it is today."""
    now = names.get((entry.resource_type, entry.resource_id), UNKNOWN_RECORD)
    resource = registry().resources.get(entry.resource_type)
    may_know = now.name is not None or (resource is not None and _sees_all(resource.model, actor))
    if entry.resource_label is None or not may_know:
        return now
    is_renamed = not now.is_gone and now.name != entry.resource_label
    return replace(now, name=entry.resource_label, today=now.name if is_renamed else None)


def kinds_unnamed(actor: Actor) -> list[str]:
    """The kinds of records of which `actor` may not know what all are called."""
    return [name for name, one in registry().resources.items() if one.title and not _sees_all(one.model, actor)]


def references_in(resource_type: str, values: Iterable[Mapping[str, Any] | None]) -> Iterator[Reference]:
    """The records that these values name."""
    kinds = field_kinds(resource_type)
    for side in values:
        for name, value in (side or {}).items():
            kind = kinds[name].refers_to if name in kinds else None
            record_id = id_in(value) if kind else None
            if kind and record_id:
                yield kind, record_id


def _there(actor: Actor, ids: Mapping[str, Collection[UUID]]) -> dict[Reference, tuple[str | None, bool]]:
    """Name and whether it is in the trash, of what is there and within the scope."""
    resources = [registry().resources[kind] for kind in sorted(ids)]
    known = tuple(resource for resource in resources if _is_scoped(resource.model))
    if not known:
        return {}
    wanted = {_place(resource): list(ids[resource.name]) for resource in known}
    rows = _names_of_kinds(known).rows(actor, **wanted)
    return {(row.kind, row.id): (row.name, row.is_deleted) for row in rows}


@lru_cache(_MAX_SELECTIONS)
def _names_of_kinds(resources: Sequence[Resource]) -> KeptSelection:
    """For each mixture of kinds, of which the pages of a trail have some dozens."""

    def build(actor: Actor) -> Any:
        selections = (_selection(actor, resource) for resource in resources)
        return union_all(*selections).execution_options(**{INCLUDE_DELETED: True})

    return KeptSelection(build)


def _place(resource: Resource) -> str:
    return f"{resource.name}_ids"


def _selection(actor: Actor, resource: Resource) -> Any:
    model, title = resource.model, resource.title
    is_deleted = model.deleted_at.is_not(None) if issubclass(model, SoftDeleted) else literal(False)
    called = func.left(cast(title(), Text), MAX_NAME_LENGTH) if title else cast(null(), Text)
    row = select(
        literal(resource.name).label("kind"),
        model.id,
        called.label("name"),
        cast(is_deleted, Boolean).label("is_deleted"),
    )
    these = row.where(model.id == func.any(bindparam(_place(resource), type_=ARRAY(Uuid()))))
    if model is Organization:
        own = unscoped(these, why="everybody may know what their own organization is called")
        return own.where(Organization.id == actor.organization_id)
    return restrict(these, model, actor)


def _gone(actor: Actor, references: list[Reference]) -> dict[Reference, Named]:
    """The last names that the trail knows, of records that are not there: of entries that tell the whole record."""
    if not references:
        return {}
    kinds, ids = zip(*references, strict=True)
    rows = _last_entries.rows(actor, kinds=list(kinds), records=list(ids))
    return {
        (row.kind, row.record): Named(_last_name(row[3:]), is_gone=row.action.endswith((".purged", ".deleted")))
        for row in rows
    }


@kept_selection
def _last_entries(actor: Actor) -> Any:
    pairs = func.unnest(bindparam("kinds", type_=ARRAY(TEXT())), bindparam("records", type_=ARRAY(Uuid())))
    wanted = pairs.table_valued(column("kind", TEXT()), column("record", Uuid())).render_derived()
    last = (
        select(AuditLog.action, func.coalesce(AuditLog.before, AuditLog.after).label("values"))
        .where(
            AuditLog.organization_id == actor.organization_id,
            AuditLog.resource_type == wanted.c.kind,
            AuditLog.resource_id == wanted.c.record,
        )
        .order_by(AuditLog.created_at.desc(), AuditLog.id.desc())
        .limit(1)
        .lateral("last")
    )
    fields = [last.c["values"].op("->>")(field).label(field) for field in (*_NAMING_FIELDS, *_NAMES_OF_PEOPLE)]
    return select(wanted.c.kind, wanted.c.record, last.c.action, *fields).join(last, literal(True))


def _last_name(values: Sequence[str | None]) -> str | None:
    *known, first, last = values
    person = " ".join(filter(None, (first, last)))
    name = person or next(filter(None, known), None)
    return escape_directions(name)[:MAX_NAME_LENGTH] if name else None


def _page_of(actor: Actor, resource: Resource) -> tuple[str, str] | None:
    """The page of records of a kind, as far as `actor` may open it."""
    page, needed = resource.page, resource.page_permission
    # A resource may name a page that this app does not have yet.
    if page is None or page[0] not in current_app.view_functions:
        return None
    return page if needed is None or actor.may(needed) else None


def _named(reference: Reference, page: tuple[str, str] | None, name: str | None, is_deleted: bool) -> Named:
    return Named(name, (*page, reference[1]) if page and not is_deleted else None, is_deleted)


def _is_scoped(model: Any) -> bool:
    return model is Organization or model in scoped_models()


def _sees_all(model: Any, actor: Actor) -> bool:
    """Of those who see their own records only, nobody learns what another one was called. What no page shows at all is
    called as the trail calls it, which they read anyway."""
    return model not in scoped_models() or sees_all_rows(model, actor)
