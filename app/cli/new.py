"""`flask new …`: generate source files, for developers."""

import click
from flask import current_app
from flask.cli import AppGroup

from app.cli.new_resource import AREAS, Names, Refused, draft, write
from app.config import PROJECT_ROOT
from app.declarations.registry import registry
from app.models import Base

new_commands = AppGroup("new", help="Create source files in a checkout.")

_LEFT = """\
Next steps (docs/howto/add-a-resource.md):
  Edit its columns, labels, icon, and its rows in the role matrix.
  Run make catalogues, then add Russian and Uzbek to app/translations/*/LC_MESSAGES/messages.po.
  Run python -m tests.contract.before addresses labels once nothing else fails in tests/contract/test_unchanged.py."""


@new_commands.command("resource")
@click.argument("name")
@click.option("--plural", help="Plural of NAME. Default: NAME with an s.")
@click.option("--area", type=click.Choice([*AREAS]), default="work", show_default=True, help="Folder in app.")
def resource(name: str, plural: str | None, area: str) -> None:
    """Create a resource with model, migration, pages, tests and demo data. Example of NAME: service_type."""
    names = Names(name, plural or f"{name}s", area)
    try:
        _refuse_known(names)
        texts = draft(PROJECT_ROOT, names)
    except Refused as refused:
        raise click.ClickException(str(refused)) from None
    for line in write(PROJECT_ROOT, texts):
        click.echo(line)
    click.echo(_LEFT)


def _refuse_known(names: Names) -> None:
    """Raise Refused for the name of a resource, table, feature or page of the app."""
    addresses = {rule.rule.split("/")[1] for rule in current_app.url_map.iter_rules()}
    known = {
        f"The resource {names.name}": names.name in registry().resources,
        f"The table {names.plural}": names.plural in Base.metadata.tables,
        f"The feature {names.plural}": names.plural in current_app.blueprints,
        f"The page /{names.path}": names.path in addresses,
    }
    for what, is_there in known.items():
        if is_there:
            raise Refused(f"{what} already exists.")
