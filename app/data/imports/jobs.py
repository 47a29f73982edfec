"""Jobs that preview, run, undo and clean up imports."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from flask_babel import lazy_gettext as _l

from app.data.imports import preview_service, run_service, undo_service
from app.data.imports.abandoned_service import delete_abandoned, end_abandoned, forget_rows
from app.declarations.job import Retries, Schedule, job


def _give_up(error: BaseException, import_id: str) -> None:
    run_service.fail_import(UUID(import_id), error)


def _revive(import_id: str) -> None:
    run_service.requeue_import(UUID(import_id))


def _show_waiting(import_id: str) -> None:
    run_service.show_import_waiting(UUID(import_id))


@job(
    "imports.run",
    _l("Import a file"),
    give_up=_give_up,
    revive=_revive,
    wait_for_storage=_show_waiting,
    # The user is waiting on the import's page.
    retries=Retries(max_tries=3, first_wait=timedelta(seconds=5), max_wait=timedelta(minutes=1)),
)
def import_file(import_id: str) -> None:
    """Import an uploaded file with its mapping."""
    run_service.run_import(UUID(import_id))


def _give_up_preview(error: BaseException, import_id: str) -> None:
    preview_service.fail_preview(UUID(import_id), error)


def _show_preview_waiting(import_id: str) -> None:
    preview_service.show_preview_waiting(UUID(import_id))


@job(
    "imports.preview",
    _l("Preview an import"),
    give_up=_give_up_preview,
    wait_for_storage=_show_preview_waiting,
    retries=Retries(max_tries=2, first_wait=timedelta(seconds=2)),
)
def preview_file(import_id: str) -> None:
    """Determine what importing an uploaded file would do."""
    preview_service.run_preview(UUID(import_id))


def _stop_undo(_error: BaseException, import_id: str) -> None:
    undo_service.stop_undo(UUID(import_id))


@job("imports.weigh_undo", _l("Preview undoing an import"), give_up=_stop_undo)
def weigh_undo(import_id: str) -> None:
    """Determine what undoing an import would do."""
    undo_service.weigh_undo(UUID(import_id))


@job("imports.undo", _l("Undo an import"), give_up=_stop_undo)
def undo_import(import_id: str) -> None:
    """Delete what the import created and revert what it changed, except for records changed or used since."""
    undo_service.run_undo(UUID(import_id))


@job("imports.end_abandoned", _l("End interrupted imports"), schedule=Schedule("35 * * * *"))
def end_abandoned_imports() -> None:
    """Mark interrupted imports of one organization as failed; runs every hour."""
    end_abandoned(datetime.now(UTC))


@job("imports.clean_up", _l("Delete uploads that were never imported"), schedule=Schedule("20 4 * * *"))
def clean_up_imports() -> None:
    """Delete abandoned uploads and old import rows of one organization; runs every night."""
    now = datetime.now(UTC)
    delete_abandoned(now)
    forget_rows(now)
