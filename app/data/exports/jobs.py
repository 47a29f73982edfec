"""The jobs of exports."""

from uuid import UUID

from flask_babel import lazy_gettext as _l

from app.data.exports import run_service
from app.declarations.job import Schedule, job


def give_up_export(error: BaseException, export_id: str) -> None:
    """Say in the list of exports why there is no file."""
    run_service.fail_export(UUID(export_id), error)


def revive_export(export_id: str) -> None:
    """Let it be made again. Raises Conflict where it has not failed."""
    run_service.requeue_export(UUID(export_id))


@job("exports.run", _l("Make an export"), give_up=give_up_export, revive=revive_export)
def make_export(export_id: str) -> None:
    """The file of a list."""
    run_service.run_export(UUID(export_id))


@job("exports.remove", _l("Delete exports whose time is over"), schedule=Schedule("40 * * * *"))
def remove_exports() -> None:
    """Of one organization, every hour, and when somebody ends the time of a file."""
    run_service.remove_expired()
