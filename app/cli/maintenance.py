"""`flask maintenance on|off`: tell everybody to come back later, and let them in again."""

from datetime import UTC, datetime

import click
import psycopg
from flask import current_app
from flask.cli import AppGroup

from app.cli.needs_database import needs_database
from app.db.server import addresses

maintenance_commands = AppGroup("maintenance", help="Close the doors for a while, with a page that says until when.")


class Moment(click.ParamType[datetime]):
    """A point in time in ISO 8601; without an offset it is in UTC."""

    name = "time"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """Read it; fails with a sentence when it is no time or has passed."""
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            self.fail(f"“{value}” is not a time. Write it as 2026-11-20T17:30 or 2026-11-20T17:30+05:00.", param, ctx)
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        if moment <= datetime.now(UTC):
            self.fail(f"“{value}” has passed. Give a time to come.", param, ctx)
        return moment


@maintenance_commands.command("on")
@click.option("--until", type=Moment(), help="When it should be over, such as 2026-11-20T17:30 (UTC).")
@needs_database
def on(until: datetime | None) -> None:
    """Answer everybody but health checks and platform admins with 503, within a few seconds."""
    _set(is_on=True, until=until)
    click.echo(f"Maintenance is on{f' until {until:%Y-%m-%d %H:%M %Z}' if until else ''}.")


@maintenance_commands.command("off")
@needs_database
def off() -> None:
    """Let everybody in again."""
    _set(is_on=False, until=None)
    click.echo("Maintenance is off.")


def _set(*, is_on: bool, until: datetime | None) -> None:
    """As the owning role: the app's own role may only read the settings of the installation."""
    url = addresses(current_app.config["SETTINGS"]).owner.get_secret_value()
    with psycopg.connect(url) as connection:
        connection.execute("UPDATE system_settings SET maintenance_on = %s, maintenance_until = %s", (is_on, until))
