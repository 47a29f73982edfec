"""Jobs that run or undo a bulk change step by step; each enqueues the next step while rows are left."""

from uuid import UUID

from flask_babel import lazy_gettext as _l

from app.data.bulk import run_service
from app.db.context import current_context
from app.declarations.job import Job, job
from app.ops.jobs.queue import enqueue
from app.tenancy.actor_queries import get_job_actor


def enqueue_step(step: Job, bulk_operation_id: UUID) -> None:
    """Enqueue a step of a bulk change; those of an organization run one after another."""
    one_by_one = f"bulk:{current_context().organization_id}"
    enqueue(step, one_by_one=one_by_one, bulk_operation_id=str(bulk_operation_id))


def _give_up(error: BaseException, bulk_operation_id: str) -> None:
    run_service.stop(UUID(bulk_operation_id), error)


def _go_on(bulk_operation_id: str) -> None:
    run_service.go_on(UUID(bulk_operation_id))


def _go_on_undoing(bulk_operation_id: str) -> None:
    run_service.go_on_undoing(UUID(bulk_operation_id))


@job("bulk.run", _l("Change records in bulk"), give_up=_give_up, revive=_go_on)
def change_rows(bulk_operation_id: str) -> None:
    """Change the next batch of rows of a bulk change."""
    if run_service.change_some(get_job_actor(), UUID(bulk_operation_id)):
        enqueue_step(change_rows, UUID(bulk_operation_id))


@job("bulk.undo", _l("Undo a bulk change"), give_up=_give_up, revive=_go_on_undoing)
def undo_rows(bulk_operation_id: str) -> None:
    """Revert the next batch of rows of a bulk change that is being undone."""
    if run_service.undo_some(get_job_actor(), UUID(bulk_operation_id)):
        enqueue_step(undo_rows, UUID(bulk_operation_id))
