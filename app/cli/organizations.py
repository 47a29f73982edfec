"""`flask org …`: organizations, for whoever runs the installation."""

from collections.abc import Mapping
from uuid import UUID

import click
from flask.cli import AppGroup

from app.cli.needs_database import needs_database
from app.cli.users import tell
from app.cli.work import work_as, work_for
from app.db.ids import uuid7
from app.db.transaction import retried
from app.errors import Conflict
from app.models import PlanCode
from app.organization.settings.deletion_service import delete_organization, restore_organization
from app.platform.organizations.onboarding_service import prepare
from app.platform.organizations.service import DEFAULT_COUNTRY, DEFAULT_TIMEZONE, create_organization
from app.trust.trash.rules import Choices

organization_commands = AppGroup("org", help="Organizations: make one with its owner, delete it, bring it back.")


@organization_commands.command("create")
@click.option("--name", required=True, help="How people call it.")
@click.option("--slug", required=True, help="Short name in commands and addresses; it never changes.")
@click.option("--owner-email", required=True, help="The address its owner signs in with.")
@click.option("--owner-name", required=True)
@click.option("--timezone", default=DEFAULT_TIMEZONE, show_default=True, help="IANA name, such as America/Chicago.")
@click.option("--country", default=DEFAULT_COUNTRY, show_default=True, help="Its two letters: where numbers are from.")
@click.option(
    "--plan", type=click.Choice([plan.value for plan in PlanCode]), default=PlanCode.STARTER.value, show_default=True
)
@click.option("--json", "as_json", is_flag=True, help="Answer in JSON.")
@needs_database
def create(name: str, slug: str, plan: str, as_json: bool, **more: str) -> None:
    """Make an organization and its owner, and print the link to set the owner's password: it works once, for 7 days."""
    organization_id = uuid7()
    with work_as(organization_id):
        made = create_organization(
            organization_id,
            name=name,
            slug=slug,
            plan=PlanCode(plan),
            **more,
        )
        prepare(made.organization)
        facts = {
            "id": str(organization_id),
            "name": made.organization.name,
            "slug": slug,
            "plan": plan,
            "owner": {"id": str(made.owner.user.id), "email": made.owner.user.email},
        }
    tell(f"{facts['name']} is there, with the short name {slug}.", facts, made.link, as_json=as_json)


@organization_commands.command("delete")
@click.argument("slug")
@click.option("--confirm", required=True, metavar="SLUG", help="The short name once more.")
@click.option("--reason", required=True, help="Why; it stands in the trash and in the trail.")
@needs_database
def delete(slug: str, confirm: str, reason: str) -> None:
    """Put an organization into the trash with its people. Everybody of it is signed out; nobody may be on a call."""

    def work() -> str:
        with work_for(slug) as organization_id:
            batch = delete_organization(organization_id, slug=confirm, reason=reason)
            until = f"{batch.purge_after:%Y-%m-%d}"
            return f"{batch.root_label} is in the trash with {_people(batch.counts)}, until {until}."

    click.echo(retried(work))


@organization_commands.command("restore")
@click.argument("slug")
@click.option("--skip", "skipped", multiple=True, type=click.UUID, metavar="ID", help="Leave this record in the trash.")
@click.option("--rename", "renamed", multiple=True, type=(click.UUID, str), metavar="ID VALUE", help="Give it another.")
@needs_database
def restore(slug: str, skipped: tuple[UUID, ...], renamed: tuple[tuple[UUID, str], ...]) -> None:
    """Bring an organization back with what was deleted along with it.

    An address or number that was taken meanwhile is told, and nothing comes back until each is left (--skip) or given
    another value (--rename).
    """
    choices = Choices(skipped=frozenset(skipped), renamed=dict(renamed))

    def work() -> str:
        with work_for(slug) as organization_id:
            try:
                restored = restore_organization(organization_id, choices=choices)
            except Conflict as refusal:
                for told in refusal.extra.get("conflicts", ()):
                    click.echo(f"{told['resource_id']}  {told['label']}: {told['message']}", err=True)
                raise
            people = sum(row.resource == "user" for row in restored.rows)
            return f"{restored.batch.root_label} is back, with {_people({'user': people})}."

    click.echo(retried(work))


def _people(counts: Mapping[str, int]) -> str:
    number = counts.get("user", 0)
    return "1 person" if number == 1 else f"{number} people"
