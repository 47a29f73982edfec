"""`flask retention …`: what was kept long enough, for whoever runs the installation."""

import json
from datetime import UTC, datetime

import click
from flask.cli import AppGroup

from app.cli.everywhere import chosen, organization_option
from app.cli.needs_database import needs_database
from app.cli.work import work_for
from app.db.session import jobs_role
from app.extensions import db
from app.models import Organization
from app.tenancy.organization_queries import is_held
from app.trust.retention.queries import count_due
from app.trust.retention.sweep_service import sweep

retention_commands = AppGroup("retention", help="What was kept long enough.")

_WORD = "remove"


@retention_commands.command("run")
@organization_option
@click.option("--yes", is_flag=True, help="Neither count nor ask first; for scripts.")
@click.option("--json", "as_json", is_flag=True, help="Answer in JSON.")
@needs_database
def run(slug: str | None, yes: bool, as_json: bool) -> None:
    """Remove what was kept long enough, as the worker does every Sunday. What is held for a court stays.

    It first tells how much is due, on standard error, and asks for a word.
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
        click.echo(f"{one}: {_told(deleted)}" if isinstance(deleted, dict) else f"{one}: held, nothing was removed.")


def _ask(slugs: list[str]) -> None:
    for one in slugs:
        with work_for(one) as organization_id:
            due = count_due(db.session.get_one(Organization, organization_id), datetime.now(UTC))
            told = ", ".join(f"{kind.due} {kind.kind}" for kind in due if kind.due)
            click.echo(f"{one}: {told} are due." if told else f"{one}: nothing is due.", err=True)
    if (
        click.prompt(f"This cannot be undone. Type “{_WORD}” to go on", default="", show_default=False, err=True)
        != _WORD
    ):
        raise click.ClickException("Nothing was removed.")


def _told(deleted: dict[str, int]) -> str:
    parts = [f"{number} {kind}" for kind, number in deleted.items() if number]
    return f"removed {', '.join(parts)}." if parts else "nothing was due."
