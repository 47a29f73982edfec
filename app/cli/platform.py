"""`flask platform …`: the platform's own organization and its people, who may enter all others.

Only the owning role may write who they are: nothing that the app does, or is made to do, can add one.
"""

from uuid import UUID

import click
import psycopg
from flask import current_app
from flask.cli import AppGroup

from app.cli.needs_database import needs_database
from app.cli.users import tell
from app.cli.work import work_as
from app.db.ids import uuid7
from app.db.server import addresses
from app.errors import NotFound
from app.models import StaffRole
from app.people.users.queries import get_user_by_email
from app.people.users.service import create_user
from app.platform.organizations.service import create_organization
from app.security.permissions import Role

platform_commands = AppGroup("platform", help="The platform's own people, who help inside any organization.")

_SET_CONTEXT = "SELECT set_context(%s, NULL, %s, NULL, 'system', NULL, NULL, NULL, NULL, NULL, false)"
_ADD = """
    INSERT INTO platform_staff (organization_id, id, user_id, role) VALUES (%s, %s, %s, %s)
    ON CONFLICT (organization_id, user_id) DO UPDATE SET role = excluded.role
"""

_json = click.option("--json", "as_json", is_flag=True, help="Answer in JSON.")


@platform_commands.command("create")
@click.option("--name", default="Switchboard", show_default=True, help="How people call the platform's organization.")
@click.option("--slug", default="platform", show_default=True, help="Its short name; it never changes.")
@click.option("--email", required=True, help="The address its first person signs in with.")
@click.option("--person", required=True, help="The name of that person, who will be a platform admin.")
@_json
@needs_database
def create(name: str, slug: str, email: str, person: str, as_json: bool) -> None:
    """Make the platform's own organization with its first admin, and print the link to set their password."""
    if _platform_id() is not None:
        raise click.ClickException("The platform has its organization already. Add people with “flask platform add”.")
    organization_id = uuid7()
    with work_as(organization_id):
        made = create_organization(organization_id, name=name, slug=slug, owner_email=email, owner_name=person)
        user_id, link = made.owner.user.id, made.link
    with _as_owner(organization_id) as connection:
        connection.execute("UPDATE system_settings SET platform_organization_id = %s", [organization_id])
        connection.execute(_ADD, [organization_id, uuid7(), user_id, StaffRole.ADMIN])
    facts = {"organization": slug, "email": email, "role": StaffRole.ADMIN}
    tell(f"{email} is admin of the platform.", facts, link, as_json=as_json)


@platform_commands.command("add")
@click.option("--email", required=True, help="The address they sign in with.")
@click.option("--person", help="Their name, if they have no account in the platform's organization yet.")
@click.option("--role", required=True, type=click.Choice([role.value for role in StaffRole]))
@_json
@needs_database
def add(email: str, person: str | None, role: str, as_json: bool) -> None:
    """Have somebody help inside organizations, with the rights of support or admin there."""
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
    tell(f"{email} is {role} of the platform.", {"email": email, "role": role}, link, as_json=as_json)


@platform_commands.command("remove")
@click.option("--email", required=True, help="The address they sign in with.")
@_json
@needs_database
def remove(email: str, as_json: bool) -> None:
    """Have somebody help no more; it counts from their next click. Their account stays."""
    organization_id = _the_platform()
    with work_as(organization_id):
        user_id = get_user_by_email(organization_id, email).id
    with _as_owner(organization_id) as connection:
        connection.execute("DELETE FROM platform_staff WHERE user_id = %s", [user_id])
    tell(f"{email} is no platform staff any more.", {"email": email}, as_json=as_json)


def _the_platform() -> UUID:
    found = _platform_id()
    if found is None:
        raise click.ClickException("The platform has no organization yet. Make it with “flask platform create”.")
    return found


def _platform_id() -> UUID | None:
    with psycopg.connect(_owner_url()) as connection:
        row = connection.execute("SELECT platform_organization_id FROM system_settings").fetchone()
    return row[0] if row else None


def _as_owner(organization_id: UUID) -> psycopg.Connection:
    """A connection whose block is one transaction, which the trail of the platform's organization tells of."""
    connection = psycopg.connect(_owner_url())
    connection.execute(_SET_CONTEXT, [organization_id, "flask platform"])
    return connection


def _owner_url() -> str:
    return addresses(current_app.config["SETTINGS"]).owner.get_secret_value()
