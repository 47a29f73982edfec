"""`flask retention …`: delete expired data, for operators of the installation."""

import json
from datetime import UTC, datetime

import click
from flask.cli import AppGroup

from app.cli.needs_database import needs_database
from app.cli.organization_choice import chosen, organization_option
from app.cli.work import work_for
from app.db.session import jobs_role
from app.extensions import db
from app.models import Organization
from app.tenancy.organization_queries import is_held
from app.trust.retention.queries import count_due
from app.trust.retention.sweep_service import sweep

retention_commands = AppGroup("retention", help="Delete expired records.")

_WORD = "delete"


@retention_commands.command("run")
@organization_option
@click.option("--yes", is_flag=True, help="Skip the count and the confirmation.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@needs_database
def run(slug: str | None, yes: bool, as_json: bool) -> None:
    """Permanently delete expired records, as the worker does every Sunday.

    Skips organizations under legal hold. Unless --yes is used, shows the number of expired records and asks for
    confirmation first.
    """
    slugs, reports = chosen(slug), dict[str, dict[str, object]]()
    with jobs_role():
        if not yes:
            _ask(slugs)
        for one in slugs:
            with work_for(one) as organization_id:
                held = is_held(organization_id)
                reports[one] = {"held": True} if held else {"itemsDeleted": sweep(organization_id)}
    if as_json:
        click.echo(json.dumps(reports))
        return
    for one, report in reports.items():
        deleted = report.get("itemsDeleted")
        click.echo(
            f"{one}: {_deleted_text(deleted)}"
            if isinstance(deleted, dict)
            else f"{one}: legal hold, nothing was deleted."
        )


def _ask(slugs: list[str]) -> None:
    for one in slugs:
        with work_for(one) as organization_id:
            due = count_due(db.session.get_one(Organization, organization_id), datetime.now(UTC))
            told = ", ".join(f"{kind.due} {kind.kind}" for kind in due if kind.due)
            click.echo(f"{one}: {told} will be deleted." if told else f"{one}: nothing to delete.", err=True)
    if (
        click.prompt(f"This can’t be undone. Type “{_WORD}” to continue", default="", show_default=False, err=True)
        != _WORD
    ):
        raise click.ClickException("Nothing was deleted.")


def _deleted_text(deleted: dict[str, int]) -> str:
    parts = [f"{number} {kind}" for kind, number in deleted.items() if number]
    return f"deleted {', '.join(parts)}." if parts else "nothing to delete."
