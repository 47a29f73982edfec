"""`flask user …`: manage users, for operators of the installation."""

import json
import sys
from typing import Any

import click
from flask.cli import AppGroup

from app.cli.needs_database import needs_database
from app.cli.work import work_for
from app.messaging.outbox.link_service import public_address
from app.people.users.access_service import issue_reset_link
from app.people.users.queries import get_user_by_email
from app.people.users.service import activate, change_role, create_user, deactivate
from app.security.permissions import Role
from app.security.tokens import Token

user_commands = AppGroup("user", help="Create people, and manage their access.")

_organization = click.option(
    "--organization", "slug", required=True, metavar="SLUG", help="URL name of the organization."
)
_email = click.option("--email", required=True, help="Email address of the person.")
_role = click.option("--role", required=True, type=click.Choice([role.value for role in Role]), help="Role.")
_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@user_commands.command("create")
@_organization
@_email
@click.option("--name", required=True, help="Name of the person.")
@_role
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input. Default: print a link.")
@_json
@needs_database
def create(slug: str, email: str, name: str, role: str, password_stdin: bool, as_json: bool) -> None:
    """Create a person. Without a password, print a link to set one. It works once, for 7 days."""
    password = sys.stdin.readline().rstrip("\r\n") if password_stdin else None
    with work_for(slug) as organization_id:
        made = create_user(organization_id, email=email, name=name, role=Role(role), password=password)
        facts = {"id": str(made.user.id), "email": made.user.email, "name": made.user.name, "role": role}
    print_result(
        f"Created {made.user.name} ({made.user.email}) with the role {role} in {slug}.",
        {**facts, "organization": slug},
        made.link,
        as_json=as_json,
    )


@user_commands.command("set-role")
@_organization
@_email
@_role
@_json
@needs_database
def set_role(slug: str, email: str, role: str, as_json: bool) -> None:
    """Change a person’s role.

    Losing permissions ends their sessions. The last owner’s role can’t be changed.
    """
    with work_for(slug) as organization_id:
        user = get_user_by_email(organization_id, email)
        change_role(user, Role(role))
        facts = {"id": str(user.id), "email": user.email, "role": user.role, "organization": slug}
    print_result(f"{facts['email']} now has the role {role} in {slug}.", facts, as_json=as_json)


@user_commands.command("deactivate")
@_organization
@_email
@click.option("--reason", required=True, help="Reason, shown with the person and in the audit trail.")
@_json
@needs_database
def take_out(slug: str, email: str, reason: str, as_json: bool) -> None:
    """Deactivate a person, end their sessions and free their seat. Lists their open work."""
    with work_for(slug) as organization_id:
        user = get_user_by_email(organization_id, email)
        waiting = {work.kind.value: work.count for work in deactivate(user, reason)}
        facts = {"id": str(user.id), "email": user.email, "organization": slug, "waiting": waiting}
    print_result(f"Deactivated {facts['email']} in {slug}.", facts, as_json=as_json)
    if waiting and not as_json:
        click.echo(f"To reassign: {', '.join(f'{count} {kind}' for kind, count in waiting.items())}.")


@user_commands.command("activate")
@_organization
@_email
@_json
@needs_database
def let_in(slug: str, email: str, as_json: bool) -> None:
    """Reactivate a person. Their password is unchanged. This uses a seat of the plan."""
    with work_for(slug) as organization_id:
        user = get_user_by_email(organization_id, email)
        activate(user)
        facts = {"id": str(user.id), "email": user.email, "organization": slug}
    print_result(f"Activated {facts['email']} in {slug}.", facts, as_json=as_json)


@user_commands.command("reset-password")
@_organization
@_email
@_json
@needs_database
def reset_password(slug: str, email: str, as_json: bool) -> None:
    """Print a link to set a new password. It works once, for 24 hours. Until then the old password works."""
    with work_for(slug) as organization_id:
        user = get_user_by_email(organization_id, email)
        link = issue_reset_link(user)
        facts = {"id": str(user.id), "email": user.email, "organization": slug}
    print_result(f"Password reset for {facts['email']} in {slug}.", facts, link, as_json=as_json)


def print_result(sentence: str, facts: dict[str, Any], link: Token | None = None, *, as_json: bool) -> None:
    """Print what was done and the link, which is never shown again.

    With `as_json`, `facts` and the link are printed as JSON instead.
    """
    address = public_address("sign_in.edit_password", token=link.text) if link else None
    if as_json:
        click.echo(json.dumps({**facts, "link": address}))
        return
    click.echo(sentence)
    if address:
        click.echo(f"Link to set a password (works once): {address}")
