"""Starting and undoing bulk changes, which run in steps (`app.data.bulk.run_service`).

A few rows are changed, and changed back, in the request; the worker does the rest.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import partial
from typing import Any
from uuid import UUID

from flask_babel import LazyString, format_decimal
from flask_babel import lazy_gettext as _l

from app.audit.actions import Action
from app.audit.record import name_action
from app.data.bulk import run_service
from app.data.bulk.jobs import change_rows, enqueue_step, undo_rows
from app.data.bulk.queries import declared, find_operation, get_operation
from app.data.bulk.selection_queries import Selection
from app.db.context import current_context
from app.db.transaction import add_once
from app.errors import Conflict, FieldError, ValidationFailed
from app.extensions import db
from app.models import BulkOperation, BulkStatus
from app.security.actor import Actor
from app.security.confirmation import require_confirmation_for
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
    count: int | None,
) -> BulkOperation:
    """Change the `count` rows that existed at `until`: a few of them now, more once this transaction is committed.

    `bulk_operation_id` is generated with the form, so submitting a form twice starts one bulk change. Raises Forbidden,
    NotFound if the filters name an unknown person, ValidationFailed if there is no row, OtherCount if the number of
    matching rows is no longer `count` (None: any number of the selected rows), and Conflict for a page that was used
    before, and as `run_service.change_some`.
    """
    permission = selection.change.permission
    refuse_guest(actor, permission)
    actor.requires(permission)
    require_confirmation_for(actor, permission)
    there = find_operation(actor, bulk_operation_id)
    if there is not None:
        return _sent_again(there, selection)
    until = min(until, datetime.now(UTC))
    found = selection.count(actor, until)
    if found == 0:
        raise ValidationFailed([FieldError("", _l("There’s nothing to change: no records match anymore."))])
    if count is not None and found != count:
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
        return _sent_again(made, selection)
    if not selection.change.runs_at_once(found):
        enqueue_step(change_rows, row.id)
        return row
    while run_service.change_some(actor, row.id):
        pass
    return row


def _sent_again(there: BulkOperation, selection: Selection) -> BulkOperation:
    """Return the bulk change that a form has already started.

    Raises Conflict if the user has gone back to the form's page and selected something else, or has undone the change.
    """
    ids = list(selection.ids) if selection.ids is not None else None
    was = (there.action, there.row_ids, there.filters)
    if was != (selection.change.action, ids, selection.filters.parameters()) or there.undone_at is not None:
        raise Conflict(None, _l("This list is out of date. Reload the page and select the records again."))
    return there


def undo(actor: Actor, bulk_operation_id: UUID) -> BulkOperation:
    """Undo a bulk change, or start to: every row that has not been changed since is reverted.

    A failed undo is resumed; one that is running or completed is left alone. Raises NotFound, Forbidden, and Conflict
    while the change is still running, and for a deletion that was purged.
    """
    row = get_operation(actor, bulk_operation_id, lock=True)
    change = declared(row.action)
    actor.requires(change.permission)
    require_confirmation_for(actor, change.permission)
    if row.undone_at is not None and row.status != BulkStatus.FAILED:
        return row
    if row.status not in (BulkStatus.COMPLETED, BulkStatus.FAILED):
        raise Conflict(None, _l("This change is still running. Wait until it finishes."))
    if change.together is not None:
        change.together.refuse_undoing(actor, row)
    if row.undone_at is None:
        row.position = None
    row.status, row.failure, row.undone_at = BulkStatus.UNDOING, None, datetime.now(UTC)
    name_action(Action.BULK_OPERATION_UNDONE, row)
    if not change.runs_at_once(row.rows_total):
        enqueue_step(undo_rows, row.id)
        return row
    db.session.flush()
    while run_service.undo_some(actor, row.id):
        pass
    return row
