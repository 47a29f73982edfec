"""Worker side of reverting a large operation: it is reverted in steps, each a transaction of its own.

A step reverts some records and stores its position; the job enqueues the next step in the same transaction. So a
crashed worker loses nothing and repeats nothing. All steps continue the operation of the request. Records that can't be
reverted, or that changed since, are skipped and listed with the reason.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID

from flask_babel import LazyString, format_decimal
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.audit.actions import Action
from app.audit.record import name_action
from app.db.context import current_context
from app.db.transaction import translated_integrity_errors
from app.errors import Conflict, DomainError, LazyText, NotFound
from app.extensions import db
from app.models import OperationRevert, RevertStatus, SkippedRecord
from app.models.operation_reverts import MAX_REASON_LENGTH
from app.security.actor import Actor
from app.security.permissions import Permission
from app.security.scope import unscoped
from app.tenancy.actor_queries import get_job_actor
from app.tenancy.notification_service import NewNotification, notify
from app.trust.audit_log.notices import REVERT_FINISHED
from app.trust.audit_log.operation_queries import UNFINISHED, ReasonCount, count_reasons, next_portion
from app.trust.audit_log.revert_service import Outcome, revert_each

RECORDS_A_STEP = 500
NEEDED = (Permission.AUDIT_READ, Permission.AUDIT_REVERT)


def revert_some(revert_id: UUID) -> bool:
    """Run the next step of a revert and return whether there are further steps.

    Raises Forbidden if the person who requested it can no longer revert, and NotFound if they or their organization are
    no longer active.
    """
    row = _locked(revert_id)
    if row.status not in UNFINISHED:
        return False
    actor = get_job_actor()
    missing = next((one for one in NEEDED if not actor.may(one)), None)
    if missing is not None:
        raise actor.refusal(
            missing,
            _l("%(name)s can no longer revert changes. Records reverted so far stay reverted.", name=actor.name),
        )
    row.status, row.started_at = RevertStatus.RUNNING, row.started_at or datetime.now(UTC)
    portion = next_portion(actor, row.target_id, row.position, RECORDS_A_STEP)
    changes = [(one.entry, one.is_withheld) for one in portion.changes]
    outcomes = revert_each(actor, changes, metadata={"operation": str(row.target_id)})
    skipped = [_skipped(row, number, one) for number, one in enumerate(_refused(outcomes), row.records_skipped + 1)]
    db.session.add_all(skipped)
    reverted = sum(one.is_changed for one in outcomes)
    row.records_reverted += reverted
    row.records_skipped += len(skipped)
    row.records_unchanged += portion.size - reverted - len(skipped)
    row.position = portion.position or row.position
    if portion.size < RECORDS_A_STEP:
        _complete(actor, row)
    db.session.flush()
    return row.status == RevertStatus.RUNNING


def stop(revert_id: UUID, error: BaseException) -> None:
    """Mark the revert as stopped, with the reason; records reverted so far stay reverted."""
    row = _locked(revert_id)
    if row.status not in UNFINISHED:
        return
    row.status, row.finished_at = RevertStatus.FAILED, datetime.now(UTC)
    row.failure = _in_words(error)[:MAX_REASON_LENGTH]
    name_action(Action.OPERATION_REVERT_FAILED, row)
    _notify(row, _l("The revert of an operation stopped."))


def go_on(revert_id: UUID) -> None:
    """Resume a stopped revert where it stopped.

    Raises NotFound, and Conflict for one that has not stopped, or if the operation is being reverted again.
    """
    row = _locked(revert_id)
    if row.status != RevertStatus.FAILED:
        raise Conflict(None, _l("Only a stopped revert can be resumed."))
    with translated_integrity_errors():
        row.status, row.failure, row.finished_at = RevertStatus.QUEUED, None, None


def _complete(actor: Actor, row: OperationRevert) -> None:
    row.status, row.finished_at = RevertStatus.COMPLETED, datetime.now(UTC)
    name_action(Action.OPERATION_REVERT_COMPLETED, row)
    db.session.flush()
    _notify(row, _result(row, count_reasons(actor, row)))


def _result(row: OperationRevert, reasons: Sequence[ReasonCount]) -> LazyText:
    if row.records_reverted:
        return _l("The revert of an operation finished.")
    if not reasons:
        return _l("Nothing was reverted: the records of the operation already have the earlier values.")
    first = reasons[0]
    return _l(
        "Nothing was reverted. Skipped records: %(skipped)s. Main reason (%(records)s): %(reason)s",
        skipped=LazyString(format_decimal, row.records_skipped),
        records=LazyString(format_decimal, first.records),
        reason=first.reason,
    )


def _notify(row: OperationRevert, sentence: LazyText) -> None:
    notify(REVERT_FINISHED, [NewNotification(row.created_by, sentence, f"/audit/reverts/{row.id}", row.id)])


def _refused(outcomes: list[Outcome]) -> list[Outcome]:
    return [one for one in outcomes if one.refusal is not None]


def _skipped(row: OperationRevert, place: int, outcome: Outcome) -> SkippedRecord:
    entry = outcome.entry
    return SkippedRecord(
        organization_id=row.organization_id,
        revert_id=row.id,
        place=place,
        entry_id=entry.id,
        resource=entry.resource_type,
        record_id=entry.resource_id,
        reason=str(outcome.refusal)[:MAX_REASON_LENGTH],
    )


def _locked(revert_id: UUID) -> OperationRevert:
    row = db.session.get(
        unscoped(OperationRevert, why="the job continues an accepted revert of any user"),
        (current_context().organization_id, revert_id),
        with_for_update=True,
    )
    if row is None:
        raise NotFound("operation_revert", revert_id)
    return row


def _in_words(error: BaseException) -> str:
    if isinstance(error, DomainError):
        return error.sentence
    return str(_("Something broke on our side. Records reverted so far stay reverted."))
