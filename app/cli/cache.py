"""`flask cache reset`: make every process forget what it has cached."""

import click
import psycopg
from flask import current_app
from flask.cli import AppGroup

from app.audit.actions import Action
from app.audit.record import record_event
from app.cli.needs_database import needs_database
from app.cli.organization_choice import chosen
from app.cli.work import work_for
from app.db.server import addresses
from app.db.session import jobs_role
from app.models import RevisionKind

cache_commands = AppGroup("cache", help="Reset caches.")

_RAISE = "SELECT raise_revision(id, kind) FROM organizations, unnest(%s::text[]) AS kind"


@cache_commands.command("reset")
@needs_database
def reset() -> None:
    """Make all processes read cached data again and forget the counts of all rate limits.

    Processes that serve pages notice within five seconds. The audit trail of each organization records it.
    """
    slugs = chosen(None)
    # Recorded first: no cache is reset without an entry, even if the command ends early.
    with jobs_role():
        for slug in slugs:
            with work_for(slug) as organization_id:
                record_event(Action.CACHES_RESET, "organization", organization_id)
    with psycopg.connect(addresses(current_app.config["SETTINGS"]).owner.get_secret_value()) as connection:
        connection.execute(_RAISE, (list(RevisionKind),))
        connection.execute("DELETE FROM rate_limits")
        connection.execute("UPDATE system_settings SET caches_reset_at = clock_timestamp()")
    organizations = "1 organization" if len(slugs) == 1 else f"{len(slugs)} organizations"
    click.echo(f"The caches of {organizations} and the counts of rate limits were reset.")
