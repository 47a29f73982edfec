"""The job that runs an import (`JobName.RUN_IMPORT`); argument: `import_id`."""

from datetime import timedelta
from uuid import UUID

from app.imports.run import fail_import, requeue_import, run_import
from app.jobs.retries import Retries
from app.jobs.work import Work


def _run(import_id: str) -> None:
    run_import(UUID(import_id))


def _give_up(error: BaseException, import_id: str) -> None:
    fail_import(UUID(import_id), error)


def _revive(import_id: str) -> None:
    requeue_import(UUID(import_id))


# Somebody is looking at its page and waits.
IMPORT_WORK = Work(
    run=_run,
    give_up=_give_up,
    revive=_revive,
    retries=Retries(most_tries=3, first_wait=timedelta(seconds=5), longest_wait=timedelta(minutes=1)),
)
