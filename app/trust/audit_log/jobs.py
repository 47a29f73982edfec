"""Background jobs of the audit trail."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from flask_babel import lazy_gettext as _l

from app.audit.seals import seal_all
from app.db.context import current_context
from app.declarations.job import JobScope, Retries, Schedule, job
from app.ops.jobs.queue import enqueue
from app.trust.audit_log import operation_run_service
from app.trust.audit_log.list_read_service import delete_old_reads, record_reads
from app.trust.audit_log.refusal_service import record_refusals
from app.trust.audit_log.verify_service import verify_chain

#: Other jobs wait for this one; the next run continues where it stopped.
MAX_DURATION = timedelta(seconds=20)


@job("audit.seal", _l("Seal the audit trail"), schedule=Schedule("* * * * *", scope=JobScope.SYSTEM))
def seal_audit() -> None:
    """Seal the trails of all organizations, every minute."""
    seal_all(current_context(), until=datetime.now(UTC) + MAX_DURATION)


@job(
    "audit.verify",
    _l("Verify the audit trail"),
    # A user is on the page, waiting for the result.
    retries=Retries(max_tries=3, first_wait=timedelta(seconds=5)),
)
def verify_audit() -> None:
    """Verify the chain of seals of one organization."""
    verify_chain()


def enqueue_revert_step(revert_id: UUID) -> None:
    """Enqueue a step of reverting an operation; those of an organization run one after another."""
    one_by_one = f"audit.revert:{current_context().organization_id}"
    enqueue(revert_records, one_by_one=one_by_one, revert_id=str(revert_id))


def _give_up(error: BaseException, revert_id: str) -> None:
    operation_run_service.stop(UUID(revert_id), error)


def _go_on(revert_id: str) -> None:
    operation_run_service.go_on(UUID(revert_id))


@job("audit.revert", _l("Revert an operation"), give_up=_give_up, revive=_go_on)
def revert_records(revert_id: str) -> None:
    """Revert the next records of an operation."""
    if operation_run_service.revert_some(UUID(revert_id)):
        enqueue_revert_step(UUID(revert_id))


@job("audit.record_refusals", _l("Add refused requests to the audit trail"), schedule=Schedule("7 * * * *"))
def record_refused_requests() -> None:
    """Record how many requests of past hours were refused for one organization, every hour."""
    record_refusals(datetime.now(UTC))


@job("api.record_list_reads", _l("Add API reads to the audit trail"), schedule=Schedule("5 * * * *"))
def record_list_reads() -> None:
    """Record the reads of past hours for one organization, every hour, and delete old counts."""
    now = datetime.now(UTC)
    record_reads(now)
    delete_old_reads(now)
