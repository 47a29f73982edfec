"""A record and its parts as they were at an earlier time, reconstructed from the trail."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any, TypeAlias
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    DateTime,
    Integer,
    LargeBinary,
    Text,
    Uuid,
    bindparam,
    cast,
    column,
    func,
    literal,
    select,
    table,
    union_all,
)

from app.db.paging import Selection
from app.db.session import INCLUDE_DELETED
from app.declarations.registry import registry
from app.errors import NotFound
from app.models import AuditLog
from app.security.actor import Actor
from app.security.compiled_query import compiled_query
from app.security.scope import restrict, scoped_models, sees_all_rows, sees_no_rows, unscoped
from app.trust.audit_log.moment_rules import State, Values, as_it_was, without_later
from app.trust.audit_log.name_queries import Reference
from app.trust.audit_log.part_queries import part_fields, parts_of
from app.trust.audit_log.withheld_queries import kinds_withheld

#: Of more entries than these, none are taken back.
MAX_TAKEN_BACK = 2_000

#: Kinds whose entries are events: their rows are not recorded.
_EVENTS_ONLY = frozenset({"job"})
#: The columns of each kind whose values the trail keeps.
_Kept: TypeAlias = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Moment:
    """A record at a time, and the parts it had then.

    `state` is None if the record didn't exist, if the time `is_too_far` back, or if it is before `begins`: the time of
    the record's first entry, before which nothing is known. `begins` is None if there is no entry.
    """

    state: State | None
    parts: Mapping[Reference, State]
    begins: datetime | None
    is_too_far: bool = False


def can_be_shown(actor: Actor, kind: str) -> bool:
    """Return whether `actor` can read records of this kind with all values that the trail keeps of them."""
    resource = registry().resources.get(kind)
    return (
        resource is not None
        and resource.is_audited
        and kind not in _EVENTS_ONLY
        and resource.model in scoped_models()
        and not sees_no_rows(resource.model, actor)
        and kind not in kinds_withheld(actor)
    )


def moment_of(actor: Actor, record: Reference, at: datetime) -> Moment:
    """Return a record and its parts as they were at a time.

    Raises NotFound for a record that `actor` can't see, for one that no longer exists unless they see all of its kind,
    and for one that neither exists nor has an entry.
    """
    kind, record_id = record
    parts = [part for part in parts_of(actor, *record, or_moved=True) if _is_readable(actor, part[0])]
    kept = _kept_fields(actor, {one for one, _id in (record, *parts)})
    today = _rows_today(actor, kept, [record, *parts])
    if record not in today and not _sees_all(actor, kind):
        raise NotFound(kind, record_id)
    known = [one for one in (record, *parts) if one in today or _sees_all(actor, one[0])]
    begins = next((row.created_at for row in _first_entry.rows(actor, kind=kind, record=record_id)), None)
    if record not in today and begins is None:
        raise NotFound(kind, record_id)
    if begins is not None and at < begins:
        return Moment(None, {}, begins)
    later = _later_entries(actor, known, at)
    if len(later) > MAX_TAKEN_BACK:
        return Moment(None, {}, begins, is_too_far=True)
    states = {
        reference: without_later(state, registry().resources[reference[0]].accompanying, at)
        for reference, state in _states(kept, known, today, later)
    }
    fields = {part: field for part, field, _model in part_fields(kind)}
    own = {
        one: state
        for one, state in states.items()
        if one != record and one[0] in fields and _is_part(state, fields[one[0]], record_id)
    }
    return Moment(states.get(record), own, begins)


def _is_part(state: State, field: str, record: UUID) -> bool:
    """Return whether a part belonged to the record and was not in the trash."""
    is_own = field in state.erased or state.values.get(field) == str(record)
    return is_own and state.values.get("deleted_at") is None


def _is_readable(actor: Actor, kind: str) -> bool:
    """Return whether `actor` can read parts of this kind: those without a scope are read with their record."""
    return registry().resources[kind].model not in scoped_models() or can_be_shown(actor, kind)


def _sees_all(actor: Actor, kind: str) -> bool:
    model = registry().resources[kind].model
    return model not in scoped_models() or sees_all_rows(model, actor)


def _states(
    kept: _Kept, known: Iterable[Reference], today: Mapping[Reference, Values], later: Sequence[Any]
) -> Iterator[tuple[Reference, State]]:
    """Yield the records that existed, as they were before the later entries."""
    ordered = sorted(later, key=lambda entry: (entry.resource_type, entry.resource_id))
    entries = {
        record: list(theirs) for record, theirs in groupby(ordered, lambda one: (one.resource_type, one.resource_id))
    }
    for record in known:
        state = as_it_was(today.get(record), entries.get(record, ()), kept[record[0]])
        if state is not None:
            yield record, state


def _rows_today(actor: Actor, kept: _Kept, records: Iterable[Reference]) -> dict[Reference, Values]:
    """Return the values of these records, without those that no longer exist or that `actor` can't see."""
    ids: dict[str, list[UUID]] = {}
    for kind, record in records:
        ids.setdefault(kind, []).append(record)
    kinds = tuple(sorted((kind, kept[kind]) for kind in ids))
    rows = _rows.rows(actor, kinds, **{f"{kind}_ids": wanted for kind, wanted in ids.items()})
    return {(row.kind, UUID(row.told["id"])): row.told for row in rows}


@compiled_query
def _rows(actor: Actor, kinds: tuple[tuple[str, tuple[str, ...]], ...]) -> Selection:
    """Select rows by id as JSON, as the trail stores them; `kinds` names each kind with its columns."""
    found = []
    for kind, fields in kinds:
        model = registry().resources[kind].model
        columns = [model.__table__.columns[name] for name in fields]
        is_asked = model.id == func.any(bindparam(f"{kind}_ids", type_=ARRAY(Uuid())))
        if model in scoped_models():
            these = restrict(select(*columns).where(is_asked), model, actor)
        else:
            these = unscoped(select(*columns), why="parts without a scope are seen with their record")
            these = these.where(model.organization_id == actor.organization_id, is_asked)
        row = these.subquery(kind)
        found.append(select(literal(kind, Text()).label("kind"), func.to_jsonb(row.table_valued()).label("told")))
    return select(union_all(*found).subquery("rows")).execution_options(**{INCLUDE_DELETED: True})


def _later_entries(actor: Actor, records: Sequence[Reference], at: datetime) -> Sequence[Any]:
    """Return the entries about these records after a time, newest first, at most one more than MAX_TAKEN_BACK."""
    kinds, ids = [kind for kind, _id in records], [record for _kind, record in records]
    return _entries.rows(actor, kinds=kinds, ids=ids, at=at, most=MAX_TAKEN_BACK + 1)


@compiled_query
def _entries(actor: Actor) -> Selection:
    arrays = bindparam("kinds", type_=ARRAY(Text())), bindparam("ids", type_=ARRAY(Uuid()))
    record = func.unnest(*arrays).table_valued(column("kind", Text()), column("id", Uuid())).render_derived("record")
    most = bindparam("most", type_=Integer())
    # In the order of its index for each record: most of them have a few entries.
    of_one = (
        select(*_TAKEN_BACK)
        .where(
            AuditLog.organization_id == actor.organization_id,
            AuditLog.resource_type == record.c.kind,
            AuditLog.resource_id == record.c.id,
            AuditLog.created_at > bindparam("at", type_=DateTime(timezone=True)),
        )
        .order_by(AuditLog.created_at.desc(), AuditLog.id.desc())
        .limit(most)
    )
    entry = of_one.correlate(record).lateral("entry")
    found: Selection = select(entry).select_from(record).join(entry, literal(True))
    return found.order_by(entry.c.created_at.desc(), entry.c.id.desc()).limit(most)


_TAKEN_BACK = (
    AuditLog.id,
    AuditLog.created_at,
    AuditLog.resource_type,
    AuditLog.resource_id,
    AuditLog.action,
    AuditLog.before,
    AuditLog.after,
    AuditLog.redacted_at,
)


@compiled_query
def _first_entry(actor: Actor) -> Selection:
    return (
        select(AuditLog.created_at)
        .where(
            AuditLog.organization_id == actor.organization_id,
            AuditLog.resource_type == bindparam("kind", type_=Text()),
            AuditLog.resource_id == bindparam("record", type_=Uuid()),
        )
        .order_by(AuditLog.created_at, AuditLog.id)
        .limit(1)
    )


def _kept_fields(actor: Actor, kinds: Iterable[str]) -> _Kept:
    """Return the columns of each kind whose values the trail keeps: not those it ignores or masks."""
    tables = {registry().resources[kind].model.__table__.name: kind for kind in kinds}
    left_out: dict[str, set[str]] = {}
    for row in _triggers.rows(actor, tables=list(tables)):
        _kind, ignored, redacted, *_rest = bytes(row.arguments).decode().split("\0")
        left_out[tables[row.table_name]] = {*_names_in(ignored), *_names_in(redacted)}
    return {
        kind: tuple(one.name for one in registry().resources[kind].model.__table__.columns if one.name not in names)
        for kind, names in left_out.items()
    }


def _names_in(array: str) -> list[str]:
    """Return the names in the text of an array, as the triggers have it."""
    return [name for name in array.strip("{}").split(",") if name]


@compiled_query
def _triggers(_actor: Actor) -> Selection:
    """Select the arguments of the triggers that write the entries: kind, ignored and masked columns."""
    trigger = table("pg_trigger", column("tgrelid"), column("tgname"), column("tgargs", LargeBinary()))
    relation = table("pg_class", column("oid"), column("relname", Text()))
    return (
        select(cast(relation.c.relname, Text).label("table_name"), trigger.c.tgargs.label("arguments"))
        .join_from(trigger, relation, relation.c.oid == trigger.c.tgrelid)
        .where(
            trigger.c.tgname == "audit",
            cast(relation.c.relname, Text) == func.any(bindparam("tables", type_=ARRAY(Text()))),
        )
    )
