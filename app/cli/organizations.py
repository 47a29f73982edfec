"""`flask org …`: organizations, for whoever runs the installation."""

import click
from flask.cli import AppGroup

from app.cli.needs_database import needs_database
from app.cli.users import tell
from app.cli.work import work_as
from app.db.ids import uuid7
from app.organizations.rules import Plan
from app.organizations.service import DEFAULT_TIMEZONE, create_organization

organization_commands = AppGroup("org", help="Organizations: make one with its owner.")


@organization_commands.command("create")
@click.option("--name", required=True, help="How people call it.")
@click.option("--slug", required=True, help="Short name in commands and addresses; it never changes.")
@click.option("--owner-email", required=True, help="The address its owner signs in with.")
@click.option("--owner-name", required=True)
@click.option("--timezone", default=DEFAULT_TIMEZONE, show_default=True, help="IANA name, such as America/Chicago.")
@click.option("--plan", type=click.Choice([plan.value for plan in Plan]), default=Plan.STARTER.value, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Answer in JSON.")
@needs_database
def create(name: str, slug: str, owner_email: str, owner_name: str, timezone: str, plan: str, as_json: bool) -> None:
    """Make an organization and its owner, and print the link to set the owner's password: it works once, for 7 days."""
    organization_id = uuid7()
    with work_as(organization_id):
        made = create_organization(
            organization_id,
            name=name,
            slug=slug,
            owner_email=owner_email,
            owner_name=owner_name,
            timezone=timezone,
            plan=Plan(plan),
        )
        facts = {
            "id": str(organization_id),
            "name": made.organization.name,
            "slug": slug,
            "plan": plan,
            "owner": {"id": str(made.owner.user.id), "email": made.owner.user.email},
        }
    tell(f"{facts['name']} is there, with the short name {slug}.", facts, made.link, as_json=as_json)
