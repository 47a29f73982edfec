"""Running and undoing bulk changes in steps.

A step changes a batch of rows and stores its position. A job enqueues the next step in the same transaction: so a
crashed worker loses nothing and repeats nothing, no row is locked for long, and other jobs get their turn. The steps of
a few rows run in the request that asks for them.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from app.audit.record import name_action
from app.audit.stored_values import stored_value, values_to_restore
from app.data.bulk.queries import declared
from app.data.bulk.selection_queries import Selection
from app.db.context import current_context
from app.db.transaction import translated_integrity_errors
from app.declarations.bulk import BulkChange, Together, Verdict
from app.declarations.registry import registry
from app.errors import Conflict, DomainError, NotFound
from app.extensions import db
from app.models import AuditLog, BulkOperation, BulkStatus
from app.security.actor import Actor
from app.security.scope import unscoped, visible

ROWS_A_STEP = 1_000

_MAX_FAILURE_LENGTH = 1_000


def change_some(actor: Actor, bulk_operation_id: UUID) -> bool:
    """Run the next step of a bulk change and return whether there are further steps.

    Raises NotFound for an unknown bulk change, action or person in the filters, Forbidden, and Conflict when more rows
    match than were confirmed, or a row can't be changed for a reason that its rules don't foresee.
    """
    row = _locked(bulk_operation_id)
    if row.status not in (BulkStatus.QUEUED, BulkStatus.RUNNING):
        return False
    change = declared(row.action)
    actor.requires(change.permission)
    if row.started_at is None:
        _check_still_the_same(actor, row, change)
        row.status, row.started_at = BulkStatus.RUNNING, datetime.now(UTC)
    at_most = change.together.rows_a_step if change.together else ROWS_A_STEP
    number, last = _change_rows(actor, row, change, at_most)
    if number < at_most:
        row.status, row.finished_at = BulkStatus.COMPLETED, datetime.now(UTC)
    else:
        row.position = last
    db.session.flush()
    return row.status != BulkStatus.COMPLETED


def undo_some(actor: Actor, bulk_operation_id: UUID) -> bool:
    """Run the next step of undoing a bulk change and return whether there are further steps.

    A row gets back the values recorded in its audit entry, unless it was changed since.
    """
    row = _locked(bulk_operation_id)
    if row.status != BulkStatus.UNDOING:
        return False
    change = declared(row.action)
    actor.requires(change.permission)
    if change.together is not None:
        return _undo_together(actor, row, change.together)
    entries = _next_entries(row, change)
    model = change.target.model
    wanted = visible(model, actor).where(model.id.in_([entry.resource_id for entry in entries]))
    there = {one.id: one for one in db.session.scalars(wanted.order_by(model.id).with_for_update())}
    undone = [one for one in entries if _put_back_if_possible(there.get(one.resource_id), one, change)]
    if change.withdraw_notifications is not None and undone:
        change.withdraw_notifications(undone)
    row.rows_undone += len(undone)
    row.rows_moved_on += len(entries) - len(undone)
    if len(entries) < ROWS_A_STEP:
        row.status = BulkStatus.UNDONE
    else:
        row.position = entries[-1].id
    db.session.flush()
    return row.status == BulkStatus.UNDOING


def _undo_together(actor: Actor, row: BulkOperation, together: Together) -> bool:
    there_is_more = together.undo_some(actor, row)
    if not there_is_more:
        row.status = BulkStatus.UNDONE
    db.session.flush()
    return there_is_more


def stop(bulk_operation_id: UUID, error: BaseException) -> None:
    """Mark the bulk change as failed, with the reason; rows changed so far stay changed and can be undone."""
    row = _locked(bulk_operation_id)
    if row.status not in (BulkStatus.QUEUED, BulkStatus.RUNNING, BulkStatus.UNDOING):
        return
    row.status = BulkStatus.FAILED
    row.finished_at = row.finished_at or datetime.now(UTC)
    row.failure = _in_words(error)[:_MAX_FAILURE_LENGTH]


def go_on(bulk_operation_id: UUID) -> None:
    """Resume a failed bulk change where it stopped.

    Raises NotFound, and Conflict unless the change itself has failed, not its undo.
    """
    row = _stopped(bulk_operation_id, undoing=False)
    row.status, row.failure, row.finished_at = BulkStatus.QUEUED, None, None
    db.session.flush()


def go_on_undoing(bulk_operation_id: UUID) -> None:
    """Resume a failed undo where it stopped.

    Raises NotFound, and Conflict if no undo of the bulk change has failed.
    """
    row = _stopped(bulk_operation_id, undoing=True)
    row.status, row.failure = BulkStatus.UNDOING, None
    db.session.flush()


def _stopped(bulk_operation_id: UUID, *, undoing: bool) -> BulkOperation:
    row = _locked(bulk_operation_id)
    if row.status != BulkStatus.FAILED or (row.undone_at is not None) != undoing:
        raise Conflict(None, _l("Only a stopped bulk change can be resumed."))
    return row


def _locked(bulk_operation_id: UUID) -> BulkOperation:
    organization_id = current_context().organization_id
    row = db.session.get(
        unscoped(BulkOperation, why="the job continues an accepted bulk change of any user"),
        (organization_id, bulk_operation_id),
        with_for_update=True,
    )
    if row is None:
        raise NotFound("bulk_operation", bulk_operation_id)
    return row


def _check_still_the_same(actor: Actor, row: BulkOperation, change: BulkChange) -> None:
    """Raise Conflict if more rows match now than the user confirmed.

    This can happen because a transaction that was open when the rows were counted committed rows with an earlier
    timestamp.
    """
    filters = change.target.listed.filters.of(row.filters)
    selection = Selection(change, filters, tuple(row.row_ids) if row.row_ids else None)
    if selection.count(actor, row.rows_until) > row.rows_total:
        raise Conflict(None, _l("More rows match now than you confirmed, so nothing was changed. Start again."))


def _change_rows(actor: Actor, row: BulkOperation, change: BulkChange, at_most: int) -> tuple[int, UUID | None]:
    """Change and count the next batch of rows; return its size and the id of its last row."""
    if change.together is not None:
        change.together.hold(row)
        rows = _next_rows(actor, row, change, at_most)
        last = rows[-1].id if rows else None  # deleted rows can't be read afterwards
        outcome = change.together.apply(actor, row, rows)
        row.rows_changed += outcome.changed
        row.rows_refused += outcome.refused
        row.refusals = dict(Counter(row.refusals) + Counter(outcome.refusals))
        return len(rows), last
    settings = change.prepare(actor, row.settings) if change.prepare else row.settings
    rows = _next_rows(actor, row, change, at_most)
    verdicts = [_change_one(actor, one, change, settings) for one in rows]
    changed = [one for one, verdict in zip(rows, verdicts, strict=True) if verdict is Verdict.CHANGED]
    if change.notify is not None and changed:
        change.notify(actor, changed)
    row.rows_changed += len(changed)
    row.rows_unchanged += verdicts.count(Verdict.UNCHANGED)
    row.rows_refused += verdicts.count(Verdict.REFUSED)
    return len(rows), rows[-1].id if rows else None


def _next_rows(actor: Actor, row: BulkOperation, change: BulkChange, at_most: int) -> Sequence[Any]:
    """Lock and return the next batch of rows, in the order of their ids.

    A change can make rows stop matching the filters, but never changes the order.
    """
    target = change.target
    rows = target.rows(actor, target.listed.filters.of(row.filters), row.row_ids, row.rows_until)
    if row.position is not None:
        rows = rows.where(target.model.id > row.position)
    return db.session.scalars(rows.order_by(target.model.id).limit(at_most).with_for_update()).all()


def _change_one(actor: Actor, one: Any, change: BulkChange, settings: Mapping[str, Any]) -> Verdict:
    if change.apply is None:
        raise ValueError(f"{change.action} changes no single row")
    try:
        verdict = change.apply(actor, one, settings)
    except DomainError as error:
        raise _with_name(actor, one, change, error) from error
    if verdict is Verdict.CHANGED and change.recorded is not None:
        name_action(change.recorded, one, metadata=change.facts(one, settings) if change.facts else None)
    return verdict


def _with_name(actor: Actor, one: Any, change: BulkChange, error: DomainError) -> Conflict:
    """Return the error with the name of the row that it is about, so that the user can deselect it."""
    title = registry().resources[change.target.resource].title
    name = None
    if title is not None:
        named = visible(change.target.model, actor).where(change.target.model.id == one.id)
        with db.session.no_autoflush:
            name = db.session.scalar(named.with_only_columns(title()))
    return Conflict(
        None,
        _l(
            "“%(name)s” can’t be changed, so nothing was changed. %(reason)s",
            name=name or str(one.id),
            reason=error.sentence,
        ),
    )


def _next_entries(row: BulkOperation, change: BulkChange) -> Sequence[AuditLog]:
    entries = select(AuditLog).where(
        AuditLog.organization_id == row.organization_id,
        AuditLog.operation_id == row.operation_id,
        AuditLog.resource_type == change.target.resource,
        AuditLog.before.is_not(None),
        AuditLog.after.is_not(None),
    )
    if row.position is not None:
        entries = entries.where(AuditLog.id > row.position)
    return db.session.scalars(entries.order_by(AuditLog.id).limit(ROWS_A_STEP)).all()


def _put_back_if_possible(one: Any, entry: AuditLog, change: BulkChange) -> bool:
    """Revert a row like `_put_back`, but return False if a constraint forbids it.

    This happens when another row has taken its unique value since.
    """
    try:
        with translated_integrity_errors():
            return _put_back(one, entry, change)
    except Conflict:
        return False


def _put_back(one: Any, entry: AuditLog, change: BulkChange) -> bool:
    """Revert a row that is still as the change left it, and return whether it was reverted."""
    before, after = entry.before or {}, entry.after or {}
    if one is None or one.version != after.get("version"):
        return False
    columns, resource = change.target.model.__table__.columns, registry().resources[change.target.resource]
    values = {name: stored_value(columns[name], before[name]) for name in change.columns if name in before}
    for name, value in (values | values_to_restore(one, before, after, resource.accompanying)).items():
        setattr(one, name, value)
    if change.recorded is not None:
        name_action(change.recorded, one)
    return True


def _in_words(error: BaseException) -> str:
    if isinstance(error, DomainError):
        return error.sentence
    return str(_("Something broke on our side partway through. Anything already changed can be undone."))
