"""`flask worker`: the process that works off the job queue."""

import click
from flask.cli import with_appcontext
from flask.globals import app_ctx

from app.cli.needs_database import needs_database
from app.ops.jobs.worker import QueueUnavailable, run_worker


@click.command("worker")
@click.option(
    "--jobs", "at_once", type=click.IntRange(1, 16), default=2, show_default=True, help="How many jobs at a time."
)
@click.option("--until-idle", is_flag=True, help="Do what is due now, then end.")
@click.option("--schedule/--no-schedule", default=True, show_default=True, help="Whether to start jobs by the clock.")
@with_appcontext
@needs_database
def worker(at_once: int, until_idle: bool, schedule: bool) -> None:
    """Do the jobs that the app asks for, and those of the schedule.

    SIGTERM and Ctrl-C stop it after the job at hand, with exit code 0; more of them change nothing. It waits for a
    database that goes away meanwhile; exit code 1 when there is none at the start.
    """
    try:
        run_worker(app_ctx.app, schedule=None if schedule else (), at_once=at_once, until_idle=until_idle)
    except QueueUnavailable as error:
        raise click.ClickException(f"The database can’t be reached: {error}") from None
