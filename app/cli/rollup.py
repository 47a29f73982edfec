"""`flask rollup …`: numbers that are stored by day, for operators of the installation."""

from datetime import UTC, datetime

import click
from flask.cli import AppGroup

from app.cli.needs_database import needs_database
from app.cli.organization_choice import chosen, organization_option
from app.cli.work import work_for
from app.db.session import jobs_role
from app.insight.rollups.check_queries import Problem, wrong_days
from app.insight.rollups.ledgers import LEDGERS
from app.insight.rollups.refresh_service import rebuild_all

rollup_commands = AppGroup("rollup", help="Check and rebuild the stored numbers of dashboards.")


@rollup_commands.command("check")
@organization_option
@needs_database
def check(slug: str | None) -> None:
    """Compare all stored days with the records. Changes nothing.

    Finds days that differ, overlap or aren’t stored, and records before the first stored day. Exit code 0: all are
    right. 1: some are not; “flask rollup rebuild” counts them again.
    """
    problems = set()
    for one in chosen(slug):
        with jobs_role(), work_for(one):
            for day in (day for ledger in LEDGERS for day in wrong_days(ledger, datetime.now(UTC))):
                problems.add(day.problem)
                click.echo(f"{one}: {day.description}")
    if problems - {Problem.MISSING}:
        click.echo("Dashboards can show wrong numbers. Run “flask rollup rebuild” to count them again.")
    elif problems:
        click.echo("Dashboards count days that aren’t stored from records. The job stores them within the hour.")
    if problems:
        raise SystemExit(1)
    click.echo("All stored numbers match the records.")


@rollup_commands.command("rebuild")
@organization_option
@needs_database
def rebuild(slug: str | None) -> None:
    """Discard all stored numbers and count them again.

    Until then, dashboards count from records.
    """
    for one in chosen(slug):
        with jobs_role(), work_for(one):
            rebuild_all(datetime.now(UTC))
        click.echo(f"{one}: rebuilt")
