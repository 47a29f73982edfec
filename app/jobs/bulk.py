"""The jobs of a bulk change: one step of it, and one step of undoing it; argument: `bulk_operation_id`."""

from uuid import UUID

from app.bulk.run import change_some, go_on, go_on_undoing, stop, undo_some
from app.jobs.work import Work


def _change(bulk_operation_id: str) -> None:
    change_some(UUID(bulk_operation_id))


def _undo(bulk_operation_id: str) -> None:
    undo_some(UUID(bulk_operation_id))


def _give_up(error: BaseException, bulk_operation_id: str) -> None:
    stop(UUID(bulk_operation_id), error)


def _go_on(bulk_operation_id: str) -> None:
    go_on(UUID(bulk_operation_id))


def _go_on_undoing(bulk_operation_id: str) -> None:
    go_on_undoing(UUID(bulk_operation_id))


RUN_BULK_WORK = Work(run=_change, give_up=_give_up, revive=_go_on)
UNDO_BULK_WORK = Work(run=_undo, give_up=_give_up, revive=_go_on_undoing)
