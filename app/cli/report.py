"""`flask report …`: what is written on a schedule, for whoever runs the installation."""

from datetime import UTC, datetime

import click
from flask.cli import AppGroup

from app.cli.everywhere import chosen, organization_option
from app.cli.needs_database import needs_database
from app.cli.work import work_for
from app.db.session import jobs_role
from app.insight.reports.service import write_weekly

report_commands = AppGroup("report", help="What is written on a schedule.")


@report_commands.command("weekly")
@organization_option
@needs_database
def weekly(slug: str | None) -> None:
    """Write the report of the last week where it is not there, as the worker does every Monday."""
    for one in chosen(slug):
        with jobs_role(), work_for(one):
            click.echo(f"{one}: {write_weekly(datetime.now(UTC))}")
