"""`flask org …`: manage organizations, for operators of the installation."""

from collections.abc import Mapping
from uuid import UUID

import click
from flask.cli import AppGroup

from app.cli.needs_database import needs_database
from app.cli.users import print_result
from app.cli.work import work_as, work_for
from app.db.ids import uuid7
from app.db.transaction import retried
from app.errors import Conflict
from app.models import PlanCode
from app.organization.settings.deletion_service import delete_organization, restore_organization
from app.platform.organizations.onboarding_service import prepare
from app.platform.organizations.service import DEFAULT_COUNTRY, DEFAULT_TIMEZONE, create_organization
from app.trust.trash.rules import Choices

organization_commands = AppGroup("org", help="Create, delete and restore organizations.")


@organization_commands.command("create")
@click.option("--name", required=True, help="Name of the organization.")
@click.option("--slug", required=True, help="URL name. It can’t be changed later.")
@click.option("--owner-email", required=True, help="Owner’s email address.")
@click.option("--owner-name", required=True, help="Owner’s name.")
@click.option("--timezone", default=DEFAULT_TIMEZONE, show_default=True, help="Time zone, such as America/Chicago.")
@click.option("--country", default=DEFAULT_COUNTRY, show_default=True, help="Country code, such as US.")
@click.option(
    "--plan",
    type=click.Choice([plan.value for plan in PlanCode]),
    default=PlanCode.STARTER.value,
    show_default=True,
    help="Plan of the organization.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@needs_database
def create(name: str, slug: str, plan: str, as_json: bool, **more: str) -> None:
    """Create an organization and its owner, and print a link to set the owner’s password.

    The link works once, for 7 days.
    """
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
    print_result(f"Created {facts['name']} with the URL name {slug}.", facts, made.link, as_json=as_json)


@organization_commands.command("delete")
@click.argument("slug")
@click.option("--confirm", required=True, metavar="SLUG", help="The URL name again, to confirm.")
@click.option("--reason", required=True, help="Reason, shown in the trash and the audit trail.")
@needs_database
def delete(slug: str, confirm: str, reason: str) -> None:
    """Move an organization and its people to the trash and sign them out. Fails while anyone is on a call."""

    def work() -> str:
        with work_for(slug) as organization_id:
            batch = delete_organization(organization_id, slug=confirm, reason=reason)
            until = f"{batch.purge_after:%Y-%m-%d}"
            return f"Moved {batch.root_label} to the trash with {_people(batch.counts)}, until {until}."

    click.echo(retried(work))


@organization_commands.command("restore")
@click.argument("slug")
@click.option("--skip", "skipped", multiple=True, type=click.UUID, metavar="ID", help="Leave this record in the trash.")
@click.option(
    "--rename",
    "renamed",
    multiple=True,
    type=(click.UUID, str),
    metavar="ID VALUE",
    help="Restore this record with another value.",
)
@needs_database
def restore(slug: str, skipped: tuple[UUID, ...], renamed: tuple[tuple[UUID, str], ...]) -> None:
    """Restore an organization with everything that was deleted with it.

    If email addresses or phone numbers have been taken since then, they are listed and nothing is restored. Use --skip
    to leave a record in the trash, or --rename to restore it with another value.
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
            return f"Restored {restored.batch.root_label} with {_people({'user': people})}."

    click.echo(retried(work))


def _people(counts: Mapping[str, int]) -> str:
    number = counts.get("user", 0)
    return "1 person" if number == 1 else f"{number} people"
