"""`flask maintenance on|off`: close the app for maintenance, and open it again."""

from datetime import UTC, datetime

import click
import psycopg
from flask import current_app
from flask.cli import AppGroup

from app.cli.needs_database import needs_database
from app.db.server import addresses

maintenance_commands = AppGroup("maintenance", help="Turn maintenance on and off.")


class Moment(click.ParamType[datetime]):
    """A timestamp in ISO 8601; UTC unless it has an offset."""

    name = "time"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """Parse the timestamp; fail with a sentence if it is invalid or in the past."""
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            self.fail(
                f"“{value}” isn’t a time. Use a format such as 2026-11-20T17:30 or 2026-11-20T17:30+05:00.", param, ctx
            )
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        if moment <= datetime.now(UTC):
            self.fail(f"“{value}” is in the past. Use a future time.", param, ctx)
        return moment


@maintenance_commands.command("on")
@click.option("--until", type=Moment(), help="Expected end, such as 2026-11-20T17:30 (UTC).")
@needs_database
def on(until: datetime | None) -> None:
    """Show everyone except platform admins a maintenance page (503). Health checks still work."""
    _set(is_on=True, until=until)
    click.echo(f"Maintenance is on{f' until {until:%Y-%m-%d %H:%M %Z}' if until else ''}.")


@maintenance_commands.command("off")
@needs_database
def off() -> None:
    """Make the app available again."""
    _set(is_on=False, until=None)
    click.echo("Maintenance is off.")


def _set(*, is_on: bool, until: datetime | None) -> None:
    """Update the settings as the owner role: the app's own role can only read them."""
    url = addresses(current_app.config["SETTINGS"]).owner.get_secret_value()
    with psycopg.connect(url) as connection:
        connection.execute("UPDATE system_settings SET maintenance_on = %s, maintenance_until = %s", (is_on, until))
