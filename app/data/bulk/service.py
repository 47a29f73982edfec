"""Starting and undoing bulk changes, which the worker runs in steps (`app.data.bulk.run_service`)."""

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import partial
from typing import Any
from uuid import UUID

from flask_babel import LazyString, format_decimal
from flask_babel import lazy_gettext as _l

from app.audit.actions import Action
from app.audit.record import name_action
from app.data.bulk.jobs import change_rows, enqueue_step, undo_rows
from app.data.bulk.queries import declared, find_operation, get_operation
from app.data.bulk.selection_queries import Selection
from app.db.context import current_context
from app.db.transaction import add_once
from app.errors import Conflict, FieldError, ValidationFailed
from app.models import BulkOperation, BulkStatus
from app.security.actor import Actor
from app.tenancy.actor_rules import refuse_guest


class OtherCount(Conflict):
    """Conflict raised when the number of matching rows, now `count`, differs from the one shown."""

    def __init__(self, count: int) -> None:
        super().__init__(
            None,
            _l(
                "The number of matching rows is now %(count)s. Check it and confirm again.",
                count=LazyString(format_decimal, count),
            ),
        )
        self.count = count


def start(
    actor: Actor,
    bulk_operation_id: UUID,
    selection: Selection,
    settings: Mapping[str, Any],
    *,
    until: datetime,
    count: int,
) -> BulkOperation:
    """Start a bulk change of the `count` rows that existed at `until`, once this transaction is committed.

    `bulk_operation_id` is generated with the form, so submitting a form twice starts one bulk change. Raises Forbidden,
    NotFound if the filters name an unknown person, ValidationFailed if there is no row, and OtherCount if the number of
    matching rows has changed.
    """
    permission = selection.change.permission
    refuse_guest(actor, permission)
    actor.requires(permission)
    there = find_operation(actor, bulk_operation_id)
    if there is not None:
        return there
    until = min(until, datetime.now(UTC))
    found = selection.count(actor, until)
    if found == 0:
        raise ValidationFailed([FieldError("", _l("There’s nothing to change: no records match anymore."))])
    if found != count:
        raise OtherCount(found)
    row = BulkOperation(
        organization_id=actor.organization_id,
        id=bulk_operation_id,
        action=selection.change.action,
        status=BulkStatus.QUEUED,
        settings=dict(settings),
        filters=selection.filters.parameters(),
        row_ids=list(selection.ids) if selection.ids is not None else None,
        rows_until=until,
        rows_total=found,
        operation_id=current_context().operation_id,
        created_by=actor.reference_id,
        created_by_label=actor.name,
        api_key_id=actor.api_key_id,
    )
    made = add_once(row, partial(find_operation, actor, bulk_operation_id))
    if made is not row:
        return made
    enqueue_step(change_rows, row.id)
    return row


def undo(actor: Actor, bulk_operation_id: UUID) -> None:
    """Start undoing a bulk change, which reverts every row that has not been changed since.

    A failed undo is resumed; one that is running or completed is left alone. Raises NotFound, Forbidden, and Conflict
    while the change is still running, and for a deletion that was purged.
    """
    row = get_operation(actor, bulk_operation_id, lock=True)
    change = declared(row.action)
    actor.requires(change.permission)
    if row.undone_at is not None and row.status != BulkStatus.FAILED:
        return
    if row.status not in (BulkStatus.COMPLETED, BulkStatus.FAILED):
        raise Conflict(None, _l("This change is still running. Wait until it finishes."))
    if change.together is not None:
        change.together.refuse_undoing(actor, row)
    if row.undone_at is None:
        row.position = None
    row.status, row.failure, row.undone_at = BulkStatus.UNDOING, None, datetime.now(UTC)
    name_action(Action.BULK_OPERATION_UNDONE, row)
    enqueue_step(undo_rows, row.id)
