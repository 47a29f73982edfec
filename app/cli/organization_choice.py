"""The option of commands that work in one organization or in all of them."""

import click
import psycopg
from flask import current_app

from app.db.server import addresses

_ALL = "SELECT slug FROM organizations WHERE deleted_at IS NULL ORDER BY slug"

organization_option = click.option(
    "--organization", "slug", metavar="SLUG", help="Only this organization. Default: all organizations."
)


def chosen(slug: str | None) -> list[str]:
    """Return the slugs of the selected organizations: the one passed, or all that are not deleted."""
    if slug is not None:
        return [slug]
    with psycopg.connect(addresses(current_app.config["SETTINGS"]).owner.get_secret_value()) as connection:
        return [name for (name,) in connection.execute(_ALL)]
