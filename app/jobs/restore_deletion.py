"""The job that restores a deletion of many rows, a portion at a time (`JobName.RESTORE_DELETION`).

Arguments: `batch_id`, and the kind and id of the row after which to go on.
"""

from uuid import UUID

from app.jobs.work import Work
from app.trash.background import go_on, restore_some, stop


def _restore(batch_id: str, after_kind: str | None, after_id: str | None) -> None:
    after = (after_kind, UUID(after_id)) if after_kind and after_id else None
    restore_some(UUID(batch_id), after)


def _give_up(error: BaseException, batch_id: str, **_after: str | None) -> None:
    stop(UUID(batch_id), error)


def _go_on(batch_id: str, **_after: str | None) -> None:
    go_on(UUID(batch_id))


RESTORE_DELETION_WORK = Work(run=_restore, give_up=_give_up, revive=_go_on)
