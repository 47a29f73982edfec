"""`flask trash …`: purge deleted records, for operators of the installation."""

import click
from flask.cli import AppGroup

from app.cli.needs_database import needs_database
from app.cli.work import work_as
from app.db.session import jobs_role
from app.trust.trash.file_service import remove_files_of_purged_organizations
from app.trust.trash.purge_service import list_organizations_with_trash_due, purge_due, purge_organizations_due

trash_commands = AppGroup("trash", help="Purge the trash.")


@trash_commands.command("purge")
@needs_database
def purge() -> None:
    """Permanently delete expired records and organizations in the trash, as the worker does every night.

    Records under legal hold and the audit trail are kept.
    """
    with jobs_role():
        with work_as(None):
            due = list_organizations_with_trash_due()
        deletions = 0
        for organization_id in due:
            with work_as(organization_id):
                deletions += purge_due(organization_id)
        with work_as(None):
            organizations = purge_organizations_due()
        with work_as(None):
            remove_files_of_purged_organizations()
    click.echo(f"Permanently deleted: {_many(deletions, 'deletion')} and {_many(organizations, 'organization')}.")


def _many(number: int, word: str) -> str:
    return f"{number} {word}" if number == 1 else f"{number} {word}s"
