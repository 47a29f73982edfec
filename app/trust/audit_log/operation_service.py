"""Reverting a whole operation: all records that it changed, or selected ones, in a single step.

Several entries of the operation for one record are treated as one change: from the values before the first to those
after the last. Records that the operation created or deleted, and those changed since, are reported and left as they
are.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask_babel import lazy_gettext as _l
from sqlalchemy import false, select

from app.errors import Conflict, FieldError, LazyText, NotFound, ValidationFailed
from app.extensions import db
from app.models import AuditLog
from app.security.actor import Actor
from app.security.permissions import Permission
from app.security.scope import unscoped
from app.trust.audit_log.revert_service import Proposal, propose_each, revert_change
from app.trust.audit_log.withheld_queries import is_withheld

#: Operations with more entries are bulk changes or imports, which are undone on their own pages.
MAX_ENTRIES = 100

TOO_MANY = _l(
    "This operation has more than %(most)s entries. If it’s a bulk change or an import, undo it on "
    "its own page; otherwise, revert entries one by one.",
    most=MAX_ENTRIES,
)
_NOTHING_CHOSEN = _l("Choose at least one record to revert.")


@dataclass(frozen=True, slots=True)
class Change:
    """An operation's change of one record; `entry` represents all entries for that record."""

    entry: AuditLog
    is_withheld: bool


@dataclass(frozen=True, slots=True)
class OperationProposal:
    """Effect of reverting an operation, record by record, the one changed last first.

    `came_or_went` counts entries of records that the operation created or deleted, which are left as they are.
    `refusal` is the reason if nothing can be reverted.
    """

    operation_id: UUID
    records: Sequence[Proposal]
    came_or_went: int
    refusal: LazyText | None = None

    @property
    def is_possible(self) -> bool:
        """True if reverting would change anything."""
        return self.refusal is None and any(one.is_possible for one in self.records)


def propose_operation(actor: Actor, operation_id: UUID) -> OperationProposal:
    """Return what reverting the operation would do now.

    Raises NotFound and Forbidden.
    """
    actor.requires(Permission.AUDIT_REVERT)
    entries = _entries(actor, operation_id)
    if len(entries) > MAX_ENTRIES:
        return OperationProposal(operation_id, (), 0, TOO_MANY)
    records = propose_each(actor, [(one.entry, one.is_withheld) for one in _changes(entries)])
    came_or_went = sum(_came_or_went(one.entry) for one in entries)
    return OperationProposal(operation_id, records, came_or_went)


def revert_operation(actor: Actor, operation_id: UUID, chosen: Collection[UUID]) -> int:
    """Revert the `chosen` records of the operation, all or none, and return how many of them changed.

    Records that already have their earlier values are not counted. Raises NotFound, Forbidden, ValidationFailed without
    a choice, Conflict for an operation with more than MAX_ENTRIES entries, and Conflict or VersionConflict for the
    first record that can't be reverted anymore.
    """
    actor.requires(Permission.AUDIT_REVERT)
    entries = _entries(actor, operation_id)
    if len(entries) > MAX_ENTRIES:
        raise Conflict(None, TOO_MANY)
    changes = [one for one in _changes(entries) if one.entry.resource_id in set(chosen)]
    if not changes:
        raise ValidationFailed([FieldError("record", _NOTHING_CHOSEN)], _NOTHING_CHOSEN)
    # All or none, even if the page is shown again afterwards.
    with db.session.begin_nested():
        metadata = {"operation": str(operation_id)}
        return sum(revert_change(actor, one.entry, is_withheld=one.is_withheld, metadata=metadata) for one in changes)


def _entries(actor: Actor, operation_id: UUID) -> Sequence[Change]:
    """Return the entries of the operation in the order they were written, up to one more than the limit.

    Raises NotFound.
    """
    closed = is_withheld(actor)
    entries = select(AuditLog, false() if closed is None else closed)
    rows = db.session.execute(
        unscoped(entries, why="readers of the trail can see all entries; values are withheld separately")
        .where(AuditLog.organization_id == actor.organization_id, AuditLog.operation_id == operation_id)
        .order_by(AuditLog.created_at, AuditLog.id)
        .limit(MAX_ENTRIES + 1)
    ).all()
    if not rows:
        raise NotFound("operation", operation_id)
    return [Change(*row) for row in rows]


def _changes(entries: Iterable[Change]) -> list[Change]:
    """Return one change per record that existed before and after the operation, the one changed last first."""
    records: dict[tuple[str, Any], list[Change]] = {}
    for one in entries:
        records.setdefault((one.entry.resource_type, one.entry.resource_id), []).append(one)
    whole = [_as_one(told) for told in records.values() if not any(_came_or_went(one.entry) for one in told)]
    changes = [one for one in whole if one.entry.redacted_at or one.entry.before]
    return sorted(changes, key=lambda one: (one.entry.created_at, one.entry.id), reverse=True)


def _came_or_went(entry: AuditLog) -> bool:
    return (entry.before is None) is not (entry.after is None)


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
