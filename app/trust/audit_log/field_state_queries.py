"""Current values of the fields that trail entries changed, read for all records of a kind together."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Text,
    and_,
    bindparam,
    column,
    func,
    literal_column,
    select,
    true,
    tuple_,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TEXT, TIMESTAMP
from sqlalchemy.types import Uuid

from app.db.session import INCLUDE_DELETED
from app.declarations.registry import registry
from app.extensions import db
from app.models import AuditLog
from app.security.actor import Actor
from app.security.scope import restrict
from app.trust.audit_log.name_queries import Reference
from app.trust.audit_log.revert_rules import changed_fields


@dataclass(frozen=True, slots=True)
class FieldState:
    """A field of an entry: the value to restore, the value that the entry set, and the current value.

    All three are JSON; those of an existing record are written as its columns write them, so that they can be compared.
    `has_moved` is True if the field was set again since the entry. An accompanying field has not moved: if it was set
    again, it has no state, since its newer value stays.
    """

    name: str
    wanted: Any
    recorded: Any
    now: Any
    has_moved: bool
    is_accompanying: bool = False


States: TypeAlias = Mapping[Reference, Sequence[FieldState]]


def find_states(actor: Actor, entries: Iterable[AuditLog]) -> States:
    """Return the current states of the fields of each entry's record, for records that `actor` can see.

    No two of the entries can be about the same record.
    """
    kinds: dict[str, list[AuditLog]] = {}
    for entry in entries:
        kinds.setdefault(entry.resource_type, []).append(entry)
    return {
        (kind, record): states
        for kind, theirs in kinds.items()
        for record, states in _of_a_kind(actor, kind, theirs).items()
    }


def find_in_trash(actor: Actor, entries: Iterable[AuditLog]) -> set[Reference]:
    """Return the types and ids of these entries' records that `actor` can see, in the trash or not."""
    kinds: dict[str, set[Any]] = {}
    for entry in entries:
        kinds.setdefault(entry.resource_type, set()).add(entry.resource_id)
    found: set[Reference] = set()
    for kind, ids in kinds.items():
        model: Any = registry().resources[kind].model
        rows = restrict(select(model.id).where(model.id.in_(ids)), model, actor)
        found |= {(kind, one) for one in db.session.scalars(rows.execution_options(**{INCLUDE_DELETED: True}))}
    return found


def typed_before(kind: str, entries: Sequence[AuditLog]) -> Mapping[UUID, Mapping[str, Any]]:
    """Return the values of the changed fields before each entry, by record, with the types of the columns.

    The entries are about different records of one kind. The database that produced the JSON converts it.
    """
    table = registry().resources[kind].model.__table__
    names = {entry.resource_id: changed_fields(entry.before, entry.after) for entry in entries}
    told = _table(
        [{"record": str(one.resource_id), "before": one.before} for one in entries], record=Uuid(), before=JSONB()
    )
    every = sorted({name for these in names.values() for name in these})
    empty: Any = literal_column(f"NULL::{table.name}")
    columns = [column(name, table.c[name].type) for name in every]
    typed = func.jsonb_populate_record(empty, told.c.before).table_valued(*columns).lateral("typed")
    rows = db.session.execute(select(told.c.record, *typed.c).join_from(told, typed, true()))
    found = {record: dict(zip(every, values, strict=True)) for record, *values in rows}
    return {record: {name: found[record][name] for name in names[record]} for record in found}


def record_of(entry: AuditLog) -> Reference:
    """Return the type and the id of the record that an entry is about."""
    record_id: Any = entry.resource_id
    return entry.resource_type, record_id


def _of_a_kind(actor: Actor, kind: str, entries: Sequence[AuditLog]) -> Mapping[UUID, Sequence[FieldState]]:
    """Return the field states of the records of one kind.

    All values pass through the column types so that equal values compare as equal: a time written in another time zone,
    an amount with a different number of zeros.
    """
    model, accompanying = registry().resources[kind].model, registry().resources[kind].accompanying
    names = {entry.resource_id: changed_fields(entry.before, entry.after) for entry in entries}
    told = _table(
        [{"record": str(one.resource_id), "before": one.before, "after": one.after} for one in entries],
        record=Uuid(),
        before=JSONB(),
        after=JSONB(),
    )
    no_row: Any = literal_column(f"CAST(NULL AS {model.__tablename__})")
    sides = [func.to_jsonb(func.jsonb_populate_record(no_row, told.c[side])) for side in ("before", "after")]
    # Column by column: the app's database role cannot read every column of some tables.
    every = sorted({name for these in names.values() for name in these})
    columns = [func.to_jsonb(model.__table__.c[name]) for name in every]
    rows = restrict(select(model.id, *sides, *columns), model, actor).join(told, model.id == told.c.record)
    again = _set_again(kind, entries)
    found = {}
    for record, wanted, recorded, *values in db.session.execute(rows):
        now = dict(zip(every, values, strict=True))
        found[record] = [
            FieldState(
                name,
                wanted[name],
                recorded[name],
                now[name],
                has_moved=name not in accompanying and (name in again.get(record, ()) or now[name] != recorded[name]),
                is_accompanying=name in accompanying,
            )
            for name in names[record]
            if name not in accompanying or now[name] == recorded[name]
        ]
    return found


def _set_again(kind: str, entries: Sequence[AuditLog]) -> Mapping[UUID, Collection[str]]:
    """Return the fields of each record that later entries set, even if the old value has come back since.

    A field that someone gave its old value again was set on purpose. A later change that was reverted, alone or with
    its operation, doesn't count, and neither does the revert itself.
    """
    since = _table(
        [{"record": str(one.resource_id), "at": one.created_at.isoformat(), "entry": str(one.id)} for one in entries],
        record=Uuid(),
        at=TIMESTAMP(timezone=True),
        entry=Uuid(),
    )
    fields = select(func.jsonb_object_keys(AuditLog.after).column_valued("field")).correlate(AuditLog)
    later = select(
        AuditLog.resource_id,
        AuditLog.id.cast(Text),
        AuditLog.operation_id.cast(Text),
        AuditLog.details["entry"].astext,
        AuditLog.details["operation"].astext,
        func.array(fields.scalar_subquery(), type_=ARRAY(TEXT())),
    ).join(since, _is_later(kind, entries[0].organization_id, since))
    records: dict[UUID, list[Any]] = {}
    for record, *told in db.session.execute(later):
        records.setdefault(record, []).append(told)
    return {record: _not_reverted(told) for record, told in records.items()}


def _is_later(kind: str, organization_id: UUID, since: FromClause) -> ColumnElement[bool]:
    return and_(
        AuditLog.organization_id == organization_id,
        AuditLog.resource_type == kind,
        AuditLog.resource_id == since.c.record,
        AuditLog.before.is_not(None),
        AuditLog.after.is_not(None),
        tuple_(AuditLog.created_at, AuditLog.id) > tuple_(since.c.at, since.c.entry),
    )


def _not_reverted(told: Sequence[Any]) -> Collection[str]:
    """Return the fields set by the entries of one record that were not reverted.

    The entry of a revert refers to the entry it reverted, or to the operation if it reverted a whole one.
    """
    undone = {taken for _id, _operation, entry, whole, _fields in told for taken in (entry, whole) if taken}
    there = {name for one, operation, *_ in told for name in (one, operation) if name}
    return {
        field
        for one, operation, entry, whole, fields in told
        if not {one, operation} & undone and not {entry, whole} & there
        for field in fields
    }


def _table(rows: Sequence[Mapping[str, Any]], **types: Any) -> Any:
    """Return rows as a table, passed as a single parameter however many there are."""
    columns = [column(name, kind) for name, kind in types.items()]
    values = func.jsonb_to_recordset(bindparam(None, list(rows), type_=JSONB))
    return values.table_valued(*columns).render_derived(name="given", with_types=True)
