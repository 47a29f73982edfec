"""The job that runs an import (`JobName.RUN_IMPORT`); argument: `import_id`."""

from uuid import UUID

from app.imports.run import fail_import, run_import
from app.jobs.work import Work


def _run(import_id: str) -> None:
    run_import(UUID(import_id))


def _give_up(error: BaseException, import_id: str) -> None:
    fail_import(UUID(import_id), error)


IMPORT_WORK = Work(run=_run, give_up=_give_up)
