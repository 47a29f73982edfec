"""`flask openapi`: print the description of the JSON API."""

import json

import click
from flask import current_app
from flask.cli import with_appcontext

from app.api.document.openapi import description_of


@click.command("openapi")
@with_appcontext
def openapi() -> None:
    """Print the description of the JSON API in OpenAPI 3.1."""
    click.echo(json.dumps(description_of(current_app), ensure_ascii=False, indent=2))
