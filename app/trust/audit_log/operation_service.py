"""Reverting a whole operation: all records that it changed, or selected ones of a small one.

Several entries of the operation for one record are treated as one change: from the values before the first to those
after the last. Records that the operation created or deleted, and those changed since, are reported and left as they
are. A small operation is reverted in a single step; the worker reverts a large one in many
(`app.trust.audit_log.operation_run_service`). Imports and bulk changes have an undo of their own.
"""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from uuid import UUID

from flask_babel import LazyString, format_decimal
from flask_babel import lazy_gettext as _l

from app.audit.actions import Action
from app.audit.record import name_action, name_change
from app.db.context import current_context
from app.db.paging import MAX_COUNTED
from app.db.transaction import add_once
from app.errors import Conflict, FieldError, LazyText, NotFound, ValidationFailed
from app.extensions import db
from app.models import OperationRevert, RevertStatus
from app.security.actor import Actor
from app.security.permissions import Permission
from app.tenancy.actor_rules import refuse_guest
from app.trust.audit_log.jobs import enqueue_revert_step
from app.trust.audit_log.operation_queries import (
    UNFINISHED,
    KindCount,
    ReasonCount,
    came_or_went,
    changes_of,
    count_came_or_went,
    count_entries,
    count_kinds,
    count_shapes,
    find_revert,
    first_entries,
    get_revert,
    is_unfinished_revert,
)
from app.trust.audit_log.origin_queries import IMPORT, Origin, find_origin
from app.trust.audit_log.revert_rules import REDACTED, changed_fields, missing_permission, who_may, why_never
from app.trust.audit_log.revert_service import Proposal, propose_each, revert_change

#: Operations with more entries are reverted by the worker, up to MAX_COUNTED.
MAX_ENTRIES = 100

_TOO_MANY = _l(
    "This operation has more than %(most)s entries, which is too many to revert together. "
    "Undo it where it was made, such as in the trash, or revert single entries.",
    most=LazyString(format_decimal, MAX_COUNTED),
)
_LARGE = _l(
    "This operation has more than %(most)s entries. Open this page again to revert it as a whole.", most=MAX_ENTRIES
)
_OF_IMPORT = _l("This operation is an import. Undo it on the import’s page instead.")
_OF_UNDO = _l("This operation undid an import. Import the file again instead.")
_OF_BULK = _l("This operation is a bulk change. Undo it on its own page instead.")
_UNFINISHED = _l("This operation is a revert that hasn’t finished. Wait until it has, or cancel it first.")
_NONE_CAN_BE = _l("None of the records can be reverted.")
_NOTHING_CHOSEN = _l("Choose at least one record to revert.")


@dataclass(frozen=True, slots=True)
class OperationProposal:
    """Effect of reverting an operation, record by record, the one changed last first.

    `came_or_went` counts entries of records that the operation created or deleted, which are left as they are.
    `refusal` is the reason if nothing can be reverted; if that is because the operation is an import or a bulk change,
    `origin` is that. Of a large operation, there are only the numbers of its records by `kinds`, and of those that will
    be skipped whatever their current state, by reason (`never`).
    """

    operation_id: UUID
    records: Sequence[Proposal] = ()
    came_or_went: int = 0
    refusal: LazyText | None = None
    origin: Origin | None = None
    kinds: Sequence[KindCount] = ()
    never: Sequence[ReasonCount] = ()

    @property
    def is_possible(self) -> bool:
        """True if reverting would change anything; for a large operation, True if it changed any records."""
        return self.refusal is None and (bool(self.kinds) or any(one.is_possible for one in self.records))


def propose_operation(actor: Actor, operation_id: UUID) -> OperationProposal:
    """Return what reverting the operation would do now.

    Raises NotFound and Forbidden.
    """
    actor.requires(Permission.AUDIT_REVERT)
    entries = first_entries(actor, operation_id, MAX_ENTRIES + 1)
    if not entries:
        raise NotFound("operation", operation_id)
    origin = find_origin(actor, operation_id)
    if origin is not None:
        return OperationProposal(operation_id, refusal=_elsewhere(origin), origin=origin)
    if is_unfinished_revert(actor, operation_id):
        return OperationProposal(operation_id, refusal=_UNFINISHED)
    if len(entries) > MAX_ENTRIES:
        return _propose_large(actor, operation_id)
    records = propose_each(actor, [(one.entry, one.is_withheld) for one in changes_of(entries)])
    return OperationProposal(operation_id, records, sum(came_or_went(one.entry) for one in entries))


def _propose_large(actor: Actor, operation_id: UUID) -> OperationProposal:
    if not count_entries(actor, operation_id).exact:
        return OperationProposal(operation_id, refusal=_TOO_MANY)
    kinds, left = count_kinds(actor, operation_id), count_came_or_went(actor, operation_id)
    never = _count_never(actor, operation_id)
    is_possible = sum(kind.records for kind in kinds) > sum(reason.records for reason in never)
    refusal = _NONE_CAN_BE if kinds and not is_possible else None
    return OperationProposal(operation_id, came_or_went=left, refusal=refusal, kinds=kinds, never=never)


def _count_never(actor: Actor, operation_id: UUID) -> list[ReasonCount]:
    """Count the records that can't be reverted whatever their current state, by reason, the most frequent first."""
    numbers: Counter[str] = Counter()
    for shape in count_shapes(actor, operation_id):
        values = dict.fromkeys(shape.fields, REDACTED if shape.is_secret else None)
        reason = why_never(shape.kind, values, values, is_erased=shape.is_erased)
        if reason is None:
            missing = missing_permission(actor, shape.kind, changed_fields(values, values))
            reason = who_may(missing) if missing else None
        if reason is not None:
            numbers[str(reason)] += shape.records
    return [ReasonCount(*item) for item in numbers.most_common()]


def revert_operation(actor: Actor, operation_id: UUID, chosen: Collection[UUID]) -> int:
    """Revert the `chosen` records of a small operation, all or none, and return how many of them changed.

    Records that already have their earlier values are not counted. Raises NotFound, Forbidden, ValidationFailed without
    a choice, and Conflict or VersionConflict for the first record that can't be reverted anymore, and for an operation
    that is large, an import, a bulk change or an unfinished revert.
    """
    actor.requires(Permission.AUDIT_REVERT)
    entries = first_entries(actor, operation_id, MAX_ENTRIES + 1)
    if not entries:
        raise NotFound("operation", operation_id)
    _refuse_impossible(actor, operation_id)
    if len(entries) > MAX_ENTRIES:
        raise Conflict(None, _LARGE)
    changes = [one for one in changes_of(entries) if one.entry.resource_id in set(chosen)]
    if not changes:
        raise ValidationFailed([FieldError("record", _NOTHING_CHOSEN)], _NOTHING_CHOSEN)
    # All or none, even if the page is shown again afterwards.
    with db.session.begin_nested():
        metadata = {"operation": str(operation_id)}
        return sum(revert_change(actor, one.entry, is_withheld=one.is_withheld, metadata=metadata) for one in changes)


def start(actor: Actor, revert_id: UUID, operation_id: UUID) -> OperationRevert:
    """Have the worker revert an operation, once this transaction is committed.

    `revert_id` is generated with the form. If the operation is already being reverted, that revert is returned. Raises
    NotFound, Forbidden, and Conflict for an operation that is too large, an import, a bulk change or an unfinished
    revert.
    """
    refuse_guest(actor, Permission.AUDIT_REVERT)
    actor.requires(Permission.AUDIT_REVERT)
    there = find_revert(actor, operation_id, revert_id)
    if there is not None:
        return there
    count = count_entries(actor, operation_id)
    if not count.number:
        raise NotFound("operation", operation_id)
    _refuse_impossible(actor, operation_id)
    if not count.exact:
        raise Conflict(None, _TOO_MANY)
    row = OperationRevert(
        organization_id=actor.organization_id,
        id=revert_id,
        target_id=operation_id,
        operation_id=current_context().operation_id,
        status=RevertStatus.QUEUED,
        records_total=sum(kind.records for kind in count_kinds(actor, operation_id)),
        created_by=actor.reference_id,
        created_by_label=actor.name,
    )
    name_change(Action.OPERATION_REVERT_STARTED, "operation_revert", row.id)
    made = add_once(row, partial(find_revert, actor, operation_id, revert_id))
    if made is row:
        enqueue_revert_step(row.id)
    return made


def cancel(actor: Actor, revert_id: UUID) -> None:
    """Cancel an unfinished revert; records reverted so far stay reverted.

    Does nothing if it is already canceled. Raises NotFound, Forbidden, and Conflict for one that has ended otherwise.
    """
    actor.requires(Permission.AUDIT_REVERT)
    row = get_revert(actor, revert_id, lock=True)
    if row.status == RevertStatus.CANCELLED:
        return
    if row.status not in UNFINISHED:
        raise Conflict(None, _l("This revert has already ended."))
    row.status, row.finished_at = RevertStatus.CANCELLED, datetime.now(UTC)
    name_action(Action.OPERATION_REVERT_CANCELLED, row)


def _refuse_impossible(actor: Actor, operation_id: UUID) -> None:
    """Raise Conflict for an import, a bulk change, and a revert that hasn't finished."""
    origin = find_origin(actor, operation_id)
    if origin is not None:
        raise Conflict(None, _elsewhere(origin))
    if is_unfinished_revert(actor, operation_id):
        raise Conflict(None, _UNFINISHED)


def _elsewhere(origin: Origin) -> LazyText:
    if origin.resource == IMPORT:
        return _OF_UNDO if origin.is_undo else _OF_IMPORT
    return _OF_BULK
