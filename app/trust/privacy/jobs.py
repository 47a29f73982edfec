"""Background jobs for people's data: exports, erasures, and the removal of files after an erasure."""

from uuid import UUID

from flask_babel import lazy_gettext as _l

from app.data.exports.jobs import give_up_export, revive_export, show_export_waiting
from app.data.exports.run_service import make_file
from app.declarations.job import Schedule, job
from app.models import Export
from app.ops.jobs.queue import enqueue
from app.trust.privacy import erase_service, monthly_export_service
from app.trust.privacy.organization_file_service import write_organization
from app.trust.privacy.person_file_service import write_person


@job(
    "privacy.export_person",
    _l("Export a person’s data"),
    give_up=give_up_export,
    revive=revive_export,
    wait_for_storage=show_export_waiting,
)
def export_person(export_id: str) -> None:
    """Export all data about a person as one archive."""
    make_file(UUID(export_id), write_person)


@job(
    "privacy.export_organization",
    _l("Export all organization data"),
    give_up=give_up_export,
    revive=revive_export,
    wait_for_storage=show_export_waiting,
)
def export_organization(export_id: str) -> None:
    """Export all data of an organization as one archive."""
    make_file(UUID(export_id), write_organization)


@job(
    "privacy.export_monthly",
    _l("Export all organization data every month"),
    schedule=Schedule("30 3 1 * *", only="organizations_with_monthly_export"),
)
def export_monthly() -> None:
    """Request the monthly export of an organization that has turned it on."""
    enqueue_organization_export(monthly_export_service.add_monthly_export())


def enqueue_organization_export(export: Export) -> None:
    """Enqueue the job that creates the file of an organization's export; the exports of one run after each other."""
    enqueue(export_organization, one_by_one=f"exports:{export.organization_id}", export_id=str(export.id))


def _give_up(error: BaseException, erasure_id: str) -> None:
    erase_service.fail_erasure(UUID(erasure_id), error)


def _revive(erasure_id: str) -> None:
    erase_service.requeue_erasure(UUID(erasure_id))


@job("privacy.remove_files", _l("Delete the files of an erased person"), give_up=_give_up, revive=_revive)
def remove_erased_files(erasure_id: str) -> None:
    """Remove the files after the erasure has been committed, so that no row is left without its file."""
    erase_service.remove_files(UUID(erasure_id))


@job("privacy.erase", _l("Erase a person"), give_up=_give_up, revive=_revive)
def erase_person(erasure_id: str) -> None:
    """Erase all rows about a person in one transaction; another job then removes the files."""
    if erase_service.run_erasure(UUID(erasure_id)):
        enqueue(remove_erased_files, erasure_id=erasure_id)
