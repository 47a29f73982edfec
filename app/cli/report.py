"""`flask report …`: create scheduled reports, for operators of the installation."""

from datetime import UTC, datetime

import click
from flask.cli import AppGroup

from app.cli.needs_database import needs_database
from app.cli.organization_choice import chosen, organization_option
from app.cli.work import work_for
from app.db.session import jobs_role
from app.insight.reports.service import write_weekly

report_commands = AppGroup("report", help="Create scheduled reports.")


@report_commands.command("weekly")
@organization_option
@needs_database
def weekly(slug: str | None) -> None:
    """Create last week’s report if it doesn’t exist, as the worker does every Monday."""
    for one in chosen(slug):
        with jobs_role(), work_for(one):
            click.echo(f"{one}: {write_weekly(datetime.now(UTC))}")
