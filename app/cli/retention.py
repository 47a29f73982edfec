"""`flask retention …`: what was kept long enough, for whoever runs the installation."""

import json

import click
from flask.cli import AppGroup

from app.cli.everywhere import chosen, organization_option
from app.cli.needs_database import needs_database
from app.cli.work import work_for
from app.db.session import jobs_role
from app.tenancy.organization_queries import is_held
from app.trust.retention.sweep_service import sweep

retention_commands = AppGroup("retention", help="What was kept long enough.")


@retention_commands.command("run")
@organization_option
@click.option("--json", "as_json", is_flag=True, help="Answer in JSON.")
@needs_database
def run(slug: str | None, as_json: bool) -> None:
    """Remove what was kept long enough, as the worker does every Sunday. What is held for a court stays."""
    reports: dict[str, dict[str, object]] = {}
    with jobs_role():
        for one in chosen(slug):
            with work_for(one) as organization_id:
                held = is_held(organization_id)
                reports[one] = {"held": True} if held else {"itemsDeleted": sweep(organization_id)}
    if as_json:
        click.echo(json.dumps(reports))
        return
    for one, report in reports.items():
        deleted = report.get("itemsDeleted")
        click.echo(f"{one}: {_told(deleted)}" if isinstance(deleted, dict) else f"{one}: held, nothing was removed.")


def _told(deleted: dict[str, int]) -> str:
    parts = [f"{number} {kind}" for kind, number in deleted.items() if number]
    return f"removed {', '.join(parts)}." if parts else "nothing was due."
