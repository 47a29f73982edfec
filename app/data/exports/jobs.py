"""Jobs that create and remove export files."""

from uuid import UUID

from flask_babel import lazy_gettext as _l

from app.data.exports import run_service
from app.declarations.job import Schedule, job


def give_up_export(error: BaseException, export_id: str) -> None:
    """Mark the export as failed, with the reason."""
    run_service.fail_export(UUID(export_id), error)


def revive_export(export_id: str) -> None:
    """Queue a failed export again.

    Raises NotFound, and Conflict for one that has not failed.
    """
    run_service.requeue_export(UUID(export_id))


def show_export_waiting(export_id: str) -> None:
    """Show that the export waits for storage."""
    run_service.show_export_waiting(UUID(export_id))


@job(
    "exports.run",
    _l("Create an export"),
    give_up=give_up_export,
    revive=revive_export,
    wait_for_storage=show_export_waiting,
)
def make_export(export_id: str) -> None:
    """Create the file of an export."""
    run_service.run_export(UUID(export_id))


@job("exports.remove", _l("Delete expired exports"), schedule=Schedule("40 * * * *"))
def remove_exports() -> None:
    """Delete the expired files of one organization.

    Runs every hour, and when a user removes a file.
    """
    run_service.remove_expired()
