"""`flask worker`: the process that runs the job queue."""

import click
from flask.cli import with_appcontext
from flask.globals import app_ctx

from app.cli.needs_database import needs_database
from app.ops.jobs.worker import QueueUnavailable, run_worker


@click.command("worker")
@click.option(
    "--jobs",
    "at_once",
    type=click.IntRange(1, 16),
    default=2,
    show_default=True,
    help="Number of jobs to run at the same time.",
)
@click.option("--until-idle", is_flag=True, help="Run the waiting jobs, then exit.")
@click.option("--schedule/--no-schedule", default=True, show_default=True, help="Start scheduled jobs.")
@with_appcontext
@needs_database
def worker(at_once: int, until_idle: bool, schedule: bool) -> None:
    """Run queued and scheduled jobs.

    SIGTERM and Ctrl-C stop the worker after its current jobs, with exit code 0. If the connection to the database is
    lost, the worker waits. If the database can’t be reached at the start, it exits with code 1.
    """
    try:
        run_worker(app_ctx.app, schedule=None if schedule else (), at_once=at_once, until_idle=until_idle)
    except QueueUnavailable as error:
        raise click.ClickException(f"The database can’t be reached: {error}") from None
