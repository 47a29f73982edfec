"""The jobs of exports: one makes a file (`JobName.RUN_EXPORT`; argument: `export_id`), the other removes files whose
time is over (`JobName.REMOVE_EXPORTS`; of one organization).
"""

from uuid import UUID

from app.exports.run import fail_export, remove_expired, requeue_export, run_export
from app.jobs.work import Work


def _run(export_id: str) -> None:
    run_export(UUID(export_id))


def _give_up(error: BaseException, export_id: str) -> None:
    fail_export(UUID(export_id), error)


def _revive(export_id: str) -> None:
    requeue_export(UUID(export_id))


def _remove() -> None:
    remove_expired()


EXPORT_WORK = Work(run=_run, give_up=_give_up, revive=_revive)
REMOVE_EXPORTS_WORK = Work(run=_remove)
