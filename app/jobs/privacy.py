"""The jobs about people's data: exports (`JobName.EXPORT_PERSON`, `EXPORT_ORGANIZATION`; argument: `export_id`),
erasing somebody and then their files (`JobName.ERASE_PERSON`, `REMOVE_ERASED_FILES`; argument: `erasure_id`).
"""

from uuid import UUID

from app.exports.run import fail_export, make_file, requeue_export
from app.jobs.work import Work
from app.privacy.erasing import fail_erasure, remove_files, requeue_erasure, run_erasure
from app.privacy.organization_file import write_organization
from app.privacy.person_file import write_person


def _export_person(export_id: str) -> None:
    make_file(UUID(export_id), write_person)


def _export_organization(export_id: str) -> None:
    make_file(UUID(export_id), write_organization)


def _give_export_up(error: BaseException, export_id: str) -> None:
    fail_export(UUID(export_id), error)


def _revive_export(export_id: str) -> None:
    requeue_export(UUID(export_id))


def _erase(erasure_id: str) -> None:
    run_erasure(UUID(erasure_id))


def _remove_files(erasure_id: str) -> None:
    remove_files(UUID(erasure_id))


def _give_erasure_up(error: BaseException, erasure_id: str) -> None:
    fail_erasure(UUID(erasure_id), error)


def _revive_erasure(erasure_id: str) -> None:
    requeue_erasure(UUID(erasure_id))


EXPORT_PERSON_WORK = Work(run=_export_person, give_up=_give_export_up, revive=_revive_export)
EXPORT_ORGANIZATION_WORK = Work(run=_export_organization, give_up=_give_export_up, revive=_revive_export)
ERASE_PERSON_WORK = Work(run=_erase, give_up=_give_erasure_up, revive=_revive_erasure)
REMOVE_ERASED_FILES_WORK = Work(run=_remove_files, give_up=_give_erasure_up, revive=_revive_erasure)
