"""`flask platform …`: manage the platform's organization and staff, who can enter every organization.

Only the owner role can write the list of staff: nothing the app does, or is tricked into doing, can add anyone.
"""

from uuid import UUID

import click
import psycopg
from flask import current_app
from flask.cli import AppGroup

from app.cli.needs_database import needs_database
from app.cli.users import print_result
from app.cli.work import work_as
from app.db.ids import uuid7
from app.db.server import addresses
from app.errors import NotFound
from app.models import StaffRole
from app.people.users.queries import get_user_by_email
from app.people.users.service import create_user
from app.platform.organizations.service import create_organization
from app.security.permissions import Role

platform_commands = AppGroup("platform", help="Manage platform staff, who can work in any organization.")

_SET_CONTEXT = "SELECT set_context(%s, NULL, %s, NULL, 'system', NULL, NULL, NULL, NULL, NULL, false)"
_ADD = """
    INSERT INTO platform_staff (organization_id, id, user_id, role) VALUES (%s, %s, %s, %s)
    ON CONFLICT (organization_id, user_id) DO UPDATE SET role = excluded.role
"""

_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@platform_commands.command("create")
@click.option("--name", default="Switchboard", show_default=True, help="Name of the platform’s organization.")
@click.option("--slug", default="platform", show_default=True, help="URL name. It can’t be changed later.")
@click.option("--email", required=True, help="Email address of the first platform admin.")
@click.option("--person", required=True, help="Name of the first platform admin.")
@_json
@needs_database
def create(name: str, slug: str, email: str, person: str, as_json: bool) -> None:
    """Create the platform’s organization with its first admin, and print a link to set their password."""
    if _platform_id() is not None:
        raise click.ClickException("The platform’s organization already exists. Add people with “flask platform add”.")
    organization_id = uuid7()
    with work_as(organization_id):
        made = create_organization(organization_id, name=name, slug=slug, owner_email=email, owner_name=person)
        user_id, link = made.owner.user.id, made.link
    with _as_owner(organization_id) as connection:
        connection.execute("UPDATE system_settings SET platform_organization_id = %s", [organization_id])
        connection.execute(_ADD, [organization_id, uuid7(), user_id, StaffRole.ADMIN])
    facts = {"organization": slug, "email": email, "role": StaffRole.ADMIN}
    print_result(f"{email} is now a platform admin.", facts, link, as_json=as_json)


@platform_commands.command("add")
@click.option("--email", required=True, help="Email address of the person.")
@click.option("--person", help="Name, required if they aren’t in the platform’s organization yet.")
@click.option("--role", required=True, type=click.Choice([role.value for role in StaffRole]), help="Role.")
@_json
@needs_database
def add(email: str, person: str | None, role: str, as_json: bool) -> None:
    """Add a person to the platform staff, or change their role, which applies in all organizations.

    Someone who isn’t in the platform’s organization yet is created there, and a link to set their password is printed.
    """
    organization_id = _the_platform()
    with work_as(organization_id):
        try:
            user_id, link = get_user_by_email(organization_id, email).id, None
        except NotFound:
            if person is None:
                raise
            made = create_user(organization_id, email=email, name=person, role=Role.CSR)
            user_id, link = made.user.id, made.link
    with _as_owner(organization_id) as connection:
        connection.execute(_ADD, [organization_id, uuid7(), user_id, role])
    print_result(f"{email} now has the platform role {role}.", {"email": email, "role": role}, link, as_json=as_json)


@platform_commands.command("remove")
@click.option("--email", required=True, help="Email address of the person.")
@_json
@needs_database
def remove(email: str, as_json: bool) -> None:
    """Remove a person from the platform staff, effective immediately. Their account is kept."""
    organization_id = _the_platform()
    with work_as(organization_id):
        user_id = get_user_by_email(organization_id, email).id
    with _as_owner(organization_id) as connection:
        connection.execute("DELETE FROM platform_staff WHERE user_id = %s", [user_id])
    print_result(f"Removed {email} from the platform staff.", {"email": email}, as_json=as_json)


def _the_platform() -> UUID:
    found = _platform_id()
    if found is None:
        raise click.ClickException("The platform has no organization yet. Create it with “flask platform create”.")
    return found


def _platform_id() -> UUID | None:
    with psycopg.connect(_owner_url()) as connection:
        row = connection.execute("SELECT platform_organization_id FROM system_settings").fetchone()
    return row[0] if row else None


def _as_owner(organization_id: UUID) -> psycopg.Connection:
    """Open a connection as the owner role, for use in a `with` block that is one transaction.

    Changes are audited in the platform's organization.
    """
    connection = psycopg.connect(_owner_url())
    connection.execute(_SET_CONTEXT, [organization_id, "flask platform"])
    return connection


def _owner_url() -> str:
    return addresses(current_app.config["SETTINGS"]).owner.get_secret_value()
