"""`flask worker`: the process that works off the job queue."""

import click
from flask.globals import app_ctx

from app.cli.needs_database import needs_database
from app.jobs.worker import QueueUnavailable, run_worker


@click.command("worker")
@needs_database
def worker() -> None:
    """Do the jobs that the app asks for. SIGTERM and Ctrl-C stop it after the job at hand, with exit code 0."""
    try:
        run_worker(app_ctx.app)
    except QueueUnavailable as error:
        raise click.ClickException(f"The database can’t be reached: {error}") from None
