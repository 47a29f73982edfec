"""Names of the records on a page of the trail, returned with its rows by one database function.

A record is named, and its page linked, if the user can see it; otherwise only its kind and id are shown. The function
`record_names` covers kinds of which the user sees all records; kinds of which they see only some are queried
separately.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple, TypeAlias
from uuid import UUID

from flask import current_app, url_for
from sqlalchemy import Text, and_, bindparam, cast, column, func, literal, null, select, union_all
from sqlalchemy.dialects.postgresql import ARRAY, TEXT
from sqlalchemy.types import Boolean, Uuid

from app.caches import memoize
from app.db.paging import Selection
from app.db.session import INCLUDE_DELETED
from app.declarations.registry import registry
from app.declarations.resource import Resource
from app.directions import escape_directions
from app.models import SoftDeleted
from app.security.actor import Actor
from app.security.compiled_query import CompiledQuery, compiled_query
from app.security.scope import restrict, scoped_models, sees_all_rows, sees_no_rows, unscoped
from app.trust.audit_log.field_kinds import field_kinds, id_in

#: A kind of record and a record's id.
Reference: TypeAlias = tuple[str, UUID]
#: Page for records of a kind: its endpoint and the name of its argument.
_Page: TypeAlias = tuple[str, str] | None

MAX_NAME_LENGTH = 80
_MAX_SELECTIONS = 200
_MAX_READERS = 2_000

_PERSON = "user"
_BETWEEN_KINDS = ","
#: States that `record_names` returns; `unknown`: no page shows the kind, `unread`: the function doesn't know the kind.
_TRASHED, _GONE, _UNKNOWN, _UNREAD = "trashed", "gone", "unknown", "unread"


class Named(NamedTuple):
    """The name of a record.

    `page` is its endpoint, the name of the argument and the id, or None if this user can't open a page for it.
    `is_deleted` means that it is in the trash, `is_gone` that it no longer exists; its name is then the last one known
    to the trail. `today` is its current name if that differs from the name in the entry.
    """

    name: str | None
    page: tuple[str, str, UUID] | None = None
    is_deleted: bool = False
    is_gone: bool = False
    today: str | None = None

    @property
    def href(self) -> str | None:
        """The URL of the record's page, built when it is rendered: rows served from the cache need none."""
        if self.page is None:
            return None
        endpoint, argument, record_id = self.page
        values: dict[str, Any] = {argument: record_id}
        return url_for(endpoint, **values)


UNKNOWN_RECORD = Named(None)


def names_of(actor: Actor, wanted: Iterable[Reference]) -> Mapping[Reference, Named]:
    """Return the names of these records, as far as `actor` can see them."""
    told, known = named_kinds(actor), registry().resources
    references = {reference for reference in wanted if reference[0] in known}
    asked = sorted(reference for reference in references if reference[0] in told)
    if not asked:
        return _own_names(actor, references)
    kinds, ids = zip(*asked, strict=True)
    rows = _names.rows(actor, kinds=list(kinds), ids=list(ids), told=kinds_text(told))
    read = [(row.kind, row.record, row.name, row.state) for row in rows if row.state != _UNREAD]
    apart = {(row.kind, row.record) for row in rows if row.state == _UNREAD} | references.difference(asked)
    return {**_read(actor, read), **_own_names(actor, apart)}


@compiled_query
def _names(_actor: Actor) -> Selection:
    return select(_record_names(_given("kinds", TEXT()), _given("ids", Uuid())).table_valued(*_COLUMNS))


def with_names(rows: Selection, *, newest_first: bool) -> Selection:
    """Return rows of the trail joined with the names of their records and users, for `names_in`.

    The rows must be limited. Requires the parameter `told`: the `kinds_text` of records whose names the reader can see.
    """
    page = rows.cte("page")
    wanted = union_all(
        unscoped(
            select(page.c.resource_type.label("kind"), page.c.resource_id.label("id")),
            why="records of entries on the page; the database function omits withheld names",
        ),
        unscoped(
            select(literal(_PERSON).label("kind"), page.c.user_id.label("id")),
            why="users of entries on the page; the database function omits withheld names",
        ),
    ).cte("wanted")
    kinds, ids = (
        unscoped(select(one), why="arguments of the database function, as selected above").scalar_subquery()
        for one in (wanted.c.kind, wanted.c.id)
    )
    told = _record_names(func.array(kinds, type_=ARRAY(TEXT())), func.array(ids, type_=ARRAY(Uuid())))
    names = select(told.table_valued(*_COLUMNS)).cte("names")
    record, person = names.alias("record"), names.alias("person")
    shown = unscoped(
        select(
            page,
            record.c.name.label("record_name"),
            record.c.state.label("record_state"),
            person.c.name.label("person_name"),
            person.c.state.label("person_state"),
        ),
        why="entries on the page, which are already selected",
    )
    of_record = and_(record.c.kind == page.c.resource_type, record.c.record == page.c.resource_id)
    of_person = and_(person.c.kind == _PERSON, person.c.record == page.c.user_id)
    order = [one.desc() if newest_first else one.asc() for one in (page.c.created_at, page.c.id)]
    joined = shown.join_from(page, record, of_record, isouter=True).join(person, of_person, isouter=True)
    return joined.order_by(*order)


def names_in(actor: Actor, rows: Sequence[Any]) -> Sequence[tuple[Named, Named]]:
    """Return the names of the record and the user of each row from `with_names`, as far as `actor` can see them."""
    read = _Reader(actor)
    found = [
        (
            read.find(row.resource_type, row.resource_id, row.record_name, row.record_state),
            read.find(_PERSON, row.user_id, row.person_name, row.person_state),
        )
        for row in rows
    ]
    own = _own_names(actor, read.apart)
    return [
        (
            record or own.get((row.resource_type, row.resource_id), UNKNOWN_RECORD),
            person or own.get((_PERSON, row.user_id), UNKNOWN_RECORD),
        )
        for row, (record, person) in zip(rows, found, strict=True)
    ]


def record_named(actor: Actor, record: Reference, rows: Sequence[Any]) -> Named:
    """Return the name of a record: from one of the `rows` of `with_names` that is about it, or by a statement."""
    about = next((row for row in rows if (row.resource_type, row.resource_id) == record), None)
    if about is None:
        return names_of(actor, [record]).get(record, UNKNOWN_RECORD)
    [(named, _person)] = names_in(actor, [about])
    return named


def named_then(entry: Any, names: Mapping[Reference, Named], told: Collection[str]) -> Named:
    """Return the name a record had when the entry was written, or its current name in `names`."""
    return then_named(entry, names.get((entry.resource_type, entry.resource_id), UNKNOWN_RECORD), told)


def then_named(entry: Any, now: Named, told: Collection[str]) -> Named:
    """Return the name a record had when the entry was written, or the current one, `now`.

    The name in the entry is used if there is one, and if the current name is known or the record's kind is among
    `told`. The current name is added as `today` if it differs.
    """
    label = entry.resource_label
    if label is None or (now.name is None and entry.resource_type not in told):
        return now
    is_renamed = not now.is_gone and now.name != label
    return Named(label, now.page, now.is_deleted, now.is_gone, today=now.name if is_renamed else None)


@memoize(_MAX_READERS)
def named_kinds(actor: Actor) -> frozenset[str]:
    """Return the kinds of records whose names `actor` can see without exception, including deleted records.

    Kinds that no page shows at all are named as in the trail, which the actor can read anyway.
    """
    known = registry().resources.items()
    return frozenset(name for name, one in known if one.model not in scoped_models() or sees_all_rows(one.model, actor))


@memoize(_MAX_READERS)
def kinds_text(kinds: frozenset[str]) -> str:
    """Return kinds as a single value of a statement: the driver would write each element of an array anew."""
    return _BETWEEN_KINDS.join(sorted(kinds))


def kinds_unnamed(actor: Actor) -> list[str]:
    """Return the kinds of records some of whose names `actor` cannot see."""
    told = named_kinds(actor)
    return [name for name, one in registry().resources.items() if one.title and name not in told]


def references_in(resource_type: str, values: Iterable[Mapping[str, Any] | None]) -> Iterator[Reference]:
    """Yield the types and ids of the records that these values refer to."""
    kinds = field_kinds(resource_type)
    for side in values:
        for name, value in (side or {}).items():
            kind = kinds[name].refers_to if name in kinds else None
            record_id = id_in(value) if kind else None
            if kind and record_id:
                yield kind, record_id


#: Columns that `record_names` returns.
_COLUMNS = (column("kind", TEXT()), column("record", Uuid()), column("name", TEXT()), column("state", TEXT()))


def _record_names(kinds: Any, ids: Any) -> Any:
    told = func.string_to_array(bindparam("told", type_=TEXT()), _BETWEEN_KINDS)
    return func.record_names(kinds, ids, told)


def _given(name: str, kind: Any) -> Any:
    return bindparam(name, type_=ARRAY(kind))


def _read(actor: Actor, found: Iterable[tuple[str, UUID, str | None, str]]) -> dict[Reference, Named]:
    """Convert kinds, ids, names and states, as `record_names` returns them, to names by record."""
    read = _Reader(actor)
    return {(kind, record): read.named(kind, record, name, state) for kind, record, name, state in found}


class _Reader:
    """Names from what `record_names` returns, for one actor; `apart` are records that it doesn't name for them."""

    def __init__(self, actor: Actor) -> None:
        self.apart: set[Reference] = set()
        self._actor, self._kinds_apart = actor, registry().resources.keys() - named_kinds(actor)
        self._pages: dict[str, _Page] = {}

    def find(self, kind: str, record: UUID | None, name: str | None, state: str | None) -> Named | None:
        """Return a record's name from its kind, id, name and state, or None after adding it to `apart`."""
        if record is not None and (state == _UNREAD or kind in self._kinds_apart):
            self.apart.add((kind, record))
            return None
        return UNKNOWN_RECORD if record is None or state is None else self.named(kind, record, name, state)

    def named(self, kind: str, record: UUID, name: str | None, state: str) -> Named:
        """Return a record's name from its kind, id, name and state."""
        if state in (_GONE, _UNKNOWN):
            last = escape_directions(name)[:MAX_NAME_LENGTH] if name else None
            return Named(last, is_gone=state == _GONE)
        if kind not in self._pages:
            self._pages[kind] = _page_of(self._actor, registry().resources[kind])
        return _named((kind, record), self._pages[kind], name, state == _TRASHED)


def _own_names(actor: Actor, wanted: Collection[Reference]) -> dict[Reference, Named]:
    """Return the names of existing records that are within the scope of `actor`.

    Used for kinds of which `actor` sees only some records, and for kinds that `record_names` does not know yet.
    """
    ids: dict[str, set[UUID]] = {}
    for kind, record in wanted:
        model = registry().resources[kind].model
        if model in scoped_models() and not sees_no_rows(model, actor):
            ids.setdefault(kind, set()).add(record)
    if not ids:
        return {}
    resources = [registry().resources[kind] for kind in sorted(ids)]
    pages = {resource.name: _page_of(actor, resource) for resource in resources}
    rows = _names_of_kinds(tuple(resources)).rows(actor, **{_place(one): list(ids[one.name]) for one in resources})
    return {(row.kind, row.id): _named((row.kind, row.id), pages[row.kind], row.name, row.is_deleted) for row in rows}


@lru_cache(_MAX_SELECTIONS)
def _names_of_kinds(resources: Sequence[Resource]) -> CompiledQuery:
    """Return the compiled query for a combination of kinds; a trail's pages need a few dozen combinations."""

    def build(actor: Actor) -> Any:
        selections = (_selection(actor, resource) for resource in resources)
        return union_all(*selections).execution_options(**{INCLUDE_DELETED: True})

    return compiled_query(build)


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
    return restrict(these, model, actor)


def _page_of(actor: Actor, resource: Resource) -> _Page:
    """Return the page for records of a kind, if `actor` can open it."""
    page, needed = resource.page, resource.page_permission
    # A resource can declare a page that this app does not have yet.
    if page is None or page[0] not in current_app.view_functions:
        return None
    return page if needed is None or actor.may(needed) else None


def _named(reference: Reference, page: _Page, name: str | None, is_deleted: bool) -> Named:
    return Named(name, (*page, reference[1]) if page and not is_deleted else None, is_deleted)
