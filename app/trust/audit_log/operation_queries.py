"""Entries of an operation as changes of records, and reverts of operations that the worker runs."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Select, Text, and_, case, cast, false, func, or_, select
from sqlalchemy.dialects.postgresql import JSONPATH, aggregate_order_by

from app.db.filters import Filters
from app.db.lists import ListQuery
from app.db.paging import Count, Sort, count_rows
from app.errors import LazyText
from app.extensions import db
from app.models import AuditLog, OperationRevert, RevertStatus, SkippedRecord
from app.security.actor import Actor
from app.security.rows import get_row
from app.security.scope import restrict, unscoped, visible
from app.trust.audit_log.name_queries import named_kinds
from app.trust.audit_log.revert_rules import REDACTED
from app.trust.audit_log.withheld_queries import is_withheld

#: Reasons can name values, so there can be as many as records; the list of these has them all.
MAX_REASONS = 5

UNFINISHED = (RevertStatus.QUEUED, RevertStatus.RUNNING)

_KEYS, _MASKED = "$.keyvalue().key", f'$.* ? (@ == "{REDACTED}")'
_PLACES = Sort(
    "place", SkippedRecord.place, SkippedRecord.id, descending=False, value_of=lambda row: row.place, parse=int
)
_CAME_OR_WENT = AuditLog.before.is_(None).is_distinct_from(AuditLog.after.is_(None))


@dataclass(frozen=True, slots=True)
class Change:
    """An operation's change of one record: a single entry, or its entries for the record merged into one."""

    entry: AuditLog
    is_withheld: bool


class Portion(NamedTuple):
    """Some of the records that an operation changed.

    `unchanged` counts those that had their earlier values again at the end of the operation. `position` is the id of
    the last entry of the last record, after which the next portion begins.
    """

    changes: Sequence[Change]
    unchanged: int
    position: UUID | None

    @property
    def size(self) -> int:
        """The number of records."""
        return len(self.changes) + self.unchanged


class KindCount(NamedTuple):
    """The number of records of a kind that an operation changed."""

    kind: str
    records: int


class Shape(NamedTuple):
    """Records of a kind that an operation changed with one entry each, in the same fields.

    `is_secret` is True if a value is masked, `is_erased` if the values were erased.
    """

    kind: str
    fields: Sequence[str]
    is_secret: bool
    is_erased: bool
    records: int


class ReasonCount(NamedTuple):
    """The number of records that are left as they are for one reason."""

    reason: LazyText
    records: int


class OfRevert(Filters):
    """The revert whose skipped records a list shows; it is part of the URL path."""

    operation_revert_id: UUID


def count_entries(actor: Actor, operation_id: UUID) -> Count:
    """Return the number of entries of an operation, up to 10,000."""
    entries = select(AuditLog.id).where(
        AuditLog.organization_id == actor.organization_id, AuditLog.operation_id == operation_id
    )
    return count_rows(db.session, entries)


def first_entries(actor: Actor, operation_id: UUID, most: int) -> list[Change]:
    """Return up to `most` entries of the operation in the order they were written."""
    entries = _entries(actor, operation_id).order_by(AuditLog.created_at, AuditLog.id).limit(most)
    return [Change(*row) for row in db.session.execute(entries)]


def count_came_or_went(actor: Actor, operation_id: UUID) -> int:
    """Return the number of entries in which the operation created or deleted a record."""
    entries = select(func.count(AuditLog.id)).where(
        AuditLog.organization_id == actor.organization_id, AuditLog.operation_id == operation_id, _CAME_OR_WENT
    )
    return db.session.scalar(entries) or 0


def count_kinds(actor: Actor, operation_id: UUID) -> list[KindCount]:
    """Return the numbers of records that the operation changed, by kind."""
    records = _records(actor, operation_id).subquery()
    counts = unscoped(
        select(records.c.resource_type, func.count()), why="counts only, of records selected for the organization"
    )
    by_kind = counts.group_by(records.c.resource_type).order_by(records.c.resource_type)
    return [KindCount(*row) for row in db.session.execute(by_kind)]


def count_shapes(actor: Actor, operation_id: UUID) -> list[Shape]:
    """Return the numbers of records that the operation changed with one entry each, by kind and changed fields.

    Records with several entries are left out: which of their fields differ in the end takes the values.
    """
    both = AuditLog.before.op("||")(AuditLog.after)
    masked = (func.jsonb_path_exists(values, cast(_MASKED, JSONPATH)) for values in (AuditLog.before, AuditLog.after))
    columns = (
        func.min(cast(func.jsonb_path_query_array(both, cast(_KEYS, JSONPATH)), Text)).label("fields"),
        func.coalesce(func.bool_or(or_(*masked)), false()).label("is_secret"),
        func.bool_or(AuditLog.redacted_at.is_not(None)).label("is_erased"),
    )
    records = _records(actor, operation_id).add_columns(*columns).having(func.count() == 1).subquery()
    shape = (records.c.resource_type, records.c.fields, records.c.is_secret, records.c.is_erased)
    counts = unscoped(select(*shape, func.count()), why="counts only, of records selected for the organization")
    rows = db.session.execute(counts.group_by(*shape))
    return [Shape(kind, json.loads(fields or "[]"), *others) for kind, fields, *others in rows]


def next_portion(actor: Actor, operation_id: UUID, position: UUID | None, size: int) -> Portion:
    """Return the next `size` records that the operation changed, those whose last entry is latest first."""
    records = _records(actor, operation_id).subquery()
    last = records.c.last
    some = unscoped(
        select(records.c.resource_type, records.c.resource_id, last), why="ids of records selected for the organization"
    )
    if position is not None:
        some = some.where(last < position)
    wanted = some.order_by(last.desc()).limit(size).subquery()
    theirs = and_(AuditLog.resource_type == wanted.c.resource_type, AuditLog.resource_id == wanted.c.resource_id)
    entries = _entries(actor, operation_id).add_columns(wanted.c.last).join(wanted, theirs)
    rows = db.session.execute(entries.order_by(AuditLog.created_at, AuditLog.id)).all()
    changes = changes_of(Change(entry, is_closed) for entry, is_closed, _last in rows)
    lasts = {one.last for one in rows}
    return Portion(changes, len(lasts) - len(changes), min(lasts, default=None))


def changes_of(entries: Iterable[Change]) -> list[Change]:
    """Return one change per record that existed before and after the operation, last changed first.

    Records that had their earlier values again at the end of the operation are omitted.
    """
    records: dict[tuple[str, Any], list[Change]] = {}
    for one in entries:
        records.setdefault((one.entry.resource_type, one.entry.resource_id), []).append(one)
    whole = [_as_one(told) for told in records.values() if not any(came_or_went(one.entry) for one in told)]
    changes = [one for one in whole if one.entry.redacted_at or one.entry.before]
    return sorted(changes, key=lambda one: (one.entry.created_at, one.entry.id), reverse=True)


def came_or_went(entry: AuditLog) -> bool:
    """Return whether the entry records that its record was created or deleted."""
    return (entry.before is None) is not (entry.after is None)


def get_revert(actor: Actor, revert_id: UUID, *, lock: bool = False) -> OperationRevert:
    """Return a revert of an operation.

    With `lock`, the row is locked until the transaction ends, and reloaded. Raises NotFound.
    """
    return get_row(actor, OperationRevert, revert_id, named="operation_revert", lock=lock)


def find_revert(actor: Actor, operation_id: UUID, revert_id: UUID | None = None) -> OperationRevert | None:
    """Return the newest revert that has this id or is an unfinished revert of the operation, or None."""
    unfinished = and_(OperationRevert.target_id == operation_id, OperationRevert.status.in_(UNFINISHED))
    wanted = or_(OperationRevert.id == revert_id, unfinished) if revert_id else unfinished
    newest = OperationRevert.created_at.desc()
    return db.session.scalar(visible(OperationRevert, actor).where(wanted).order_by(newest).limit(1))


def is_unfinished_revert(actor: Actor, operation_id: UUID) -> bool:
    """Return whether the operation is a revert that the worker hasn't finished."""
    unfinished = and_(OperationRevert.operation_id == operation_id, OperationRevert.status.in_(UNFINISHED))
    return db.session.scalar(visible(OperationRevert, actor).where(unfinished).limit(1)) is not None


def count_reasons(actor: Actor, revert: OperationRevert) -> list[ReasonCount]:
    """Return the reasons for which a revert skipped records, the most frequent first, at most MAX_REASONS."""
    number = func.count(SkippedRecord.id)
    counts = restrict(select(SkippedRecord.reason, number), SkippedRecord, actor)
    of_revert = counts.where(SkippedRecord.revert_id == revert.id).group_by(SkippedRecord.reason)
    most_frequent = of_revert.order_by(number.desc(), SkippedRecord.reason).limit(MAX_REASONS)
    return [ReasonCount(*row) for row in db.session.execute(most_frequent)]


def skipped_list(actor: Actor, revert: OperationRevert) -> ListQuery:
    """Return the records that a revert skipped, in its order.

    `name` is the record's name at the time, for kinds whose names `actor` can see without exception.
    """
    of_revert = SkippedRecord.revert_id == revert.id
    entry = and_(
        AuditLog.organization_id == SkippedRecord.organization_id,
        AuditLog.operation_id == revert.target_id,
        AuditLog.id == SkippedRecord.entry_id,
    )
    name = case((SkippedRecord.resource.in_(sorted(named_kinds(actor))), AuditLog.resource_label)).label("name")
    columns = select(
        SkippedRecord.id,
        SkippedRecord.place,
        SkippedRecord.resource,
        SkippedRecord.record_id,
        SkippedRecord.entry_id,
        SkippedRecord.reason,
        name,
    ).outerjoin_from(SkippedRecord, AuditLog, entry)
    return ListQuery(
        rows=restrict(columns, SkippedRecord, actor).where(of_revert),
        matching=restrict(select(SkippedRecord.id), SkippedRecord, actor).where(of_revert),
        sorts=(_PLACES,),
        filters=OfRevert(operation_revert_id=revert.id),
    )


def _entries(actor: Actor, operation_id: UUID) -> Select[AuditLog, bool]:
    closed = is_withheld(actor)
    entries = select(AuditLog, false() if closed is None else closed)
    return unscoped(entries, why="readers of the trail can see all entries; values are withheld separately").where(
        AuditLog.organization_id == actor.organization_id, AuditLog.operation_id == operation_id
    )


def _records(actor: Actor, operation_id: UUID) -> Select[str, UUID | None, UUID]:
    """Select the records that the operation changed, but neither created nor deleted, with their last entries."""
    last = func.array_agg(aggregate_order_by(AuditLog.id, AuditLog.id.desc()))[1].label("last")
    told = or_(AuditLog.before.is_not(None), AuditLog.redacted_at.is_not(None))
    records = select(AuditLog.resource_type, AuditLog.resource_id, last).where(
        AuditLog.organization_id == actor.organization_id,
        AuditLog.operation_id == operation_id,
        AuditLog.resource_id.is_not(None),
    )
    by_record = records.group_by(AuditLog.resource_type, AuditLog.resource_id)
    return by_record.having(func.bool_or(told), ~func.bool_or(_CAME_OR_WENT))


def _as_one(told: Sequence[Change]) -> Change:
    """Merge the entries of one record into one change, based on the last of them."""
    last = told[-1].entry
    if len(told) == 1:
        return told[0]
    before: dict[str, Any] = {}
    after: dict[str, Any] = {}
    for one in told:
        before = {**(one.entry.before or {}), **before}
        after |= one.entry.after or {}
    changed = [name for name in before if before[name] != after.get(name)]
    whole = AuditLog(
        organization_id=last.organization_id,
        id=last.id,
        action=last.action,
        resource_type=last.resource_type,
        resource_id=last.resource_id,
        resource_label=last.resource_label,
        before={name: before[name] for name in changed} or None,
        after={name: after.get(name) for name in changed} or None,
        details=last.details,
        operation_id=last.operation_id,
        created_at=last.created_at,
        redacted_at=next((one.entry.redacted_at for one in told if one.entry.redacted_at), None),
    )
    return Change(whole, any(one.is_withheld for one in told))
