"""The commands `flask user create`, `flask user set-role` and `flask user reset-password`."""

import json
from collections.abc import Callable

import pytest
from click.testing import Result
from sqlalchemy import Engine, select

from app.models import AuditLog, Organization, Role, User
from tests.support.client import Client
from tests.support.factories import Factories

PASSWORD = "a quiet lake at dusk"

Run = Callable[..., Result]
People = Callable[..., list[User]]


def created(
    flask: Run, *extra: str, email: str = "maya@blue.example", role: str = "csr", stdin: str | None = None
) -> Result:
    """Run `flask user create` for the company."""
    name = ("--name", "Maya Torres")
    return flask(
        "user", "create", "--organization", "blue-ridge", "--email", email, *name, "--role", role, *extra, stdin=stdin
    )


@pytest.mark.usefixtures("organization")
def test_a_person_made_with_a_password_signs_in(flask: Run, client: Client, people: People) -> None:
    result = created(flask, "--password-stdin", "--json", stdin=f"{PASSWORD}\n")

    assert result.exit_code == 0
    made = json.loads(result.stdout)
    (user,) = people()
    assert made == {
        "id": str(user.id),
        "email": "maya@blue.example",
        "name": "Maya Torres",
        "role": "csr",
        "organization": "blue-ridge",
        "link": None,
    }
    client.sign_in_by_form(user, password=PASSWORD)


@pytest.mark.usefixtures("organization")
def test_without_a_password_a_link_is_printed_that_sets_one(flask: Run, client: Client, people: People) -> None:
    link = json.loads(created(flask, "--json").stdout)["link"]
    path = link.partition(":8000")[2]

    client.post(path, {"password": PASSWORD, "again": PASSWORD})

    client.sign_in_by_form(people()[0], password=PASSWORD)


@pytest.mark.usefixtures("organization")
def test_people_are_told_in_a_sentence(flask: Run) -> None:
    result = created(flask)

    assert "Created Maya Torres (maya@blue.example) with the role csr in blue-ridge." in result.stdout
    assert "Link to set a password (works once): http://127.0.0.1:8000/password/" in result.stdout


@pytest.mark.usefixtures("organization")
def test_all_that_is_wrong_is_said_at_once_and_nothing_is_made(flask: Run, people: People) -> None:
    result = flask(
        "user", "create", "--organization", "blue-ridge", "--email", "maya", "--name", "M", "--role", "csr",
        "--password-stdin", stdin="short\n",
    )  # fmt: skip

    assert result.exit_code == 1
    assert result.stdout == ""
    for wrong in ("email: Enter an email address", "name: Use 2 to 100 characters.", "password: Use at least 12"):
        assert wrong in result.stderr
    assert people() == []


@pytest.mark.usefixtures("organization")
def test_an_address_is_taken_once_in_an_organization(flask: Run, make: Factories, people: People) -> None:
    created(flask)
    elsewhere = make.organization()
    make.user(elsewhere, email="dana@blue.example")

    again = created(flask, email="MAYA@blue.example")
    fresh = created(flask, email="dana@blue.example")

    assert (again.exit_code, again.stderr) == (1, "Error: email: Someone here already has this email address.\n")
    assert fresh.exit_code == 0
    assert len(people()) == 2


def test_an_unknown_organization_is_named(flask: Run) -> None:
    result = created(flask)

    assert result.exit_code == 1
    assert "No organization has the URL name “blue-ridge”" in result.stderr


@pytest.mark.usefixtures("organization")
def test_an_unknown_role_is_a_wrong_use(flask: Run) -> None:
    assert created(flask, role="boss").exit_code == 2


@pytest.mark.usefixtures("organization")
def test_the_command_stands_in_the_audit_trail(flask: Run, admin_engine: Engine, people: People) -> None:
    created(flask)

    recorded = select(AuditLog.actor_label, AuditLog.source).where(
        AuditLog.action == "user.created", AuditLog.resource_id == people()[0].id
    )
    with admin_engine.connect() as connection:
        assert connection.execute(recorded).all() == [("flask user create", "system")]


def test_a_role_is_changed_and_a_lower_one_ends_sessions(
    flask: Run, make: Factories, organization: Organization, owner: User, client: Client, people: People
) -> None:
    admin = make.user(organization, role=Role.ADMIN)
    client.sign_in(admin)

    result = flask("user", "set-role", "--organization", "blue-ridge", "--email", admin.email, "--role", "csr")

    assert result.exit_code == 0
    assert people(id=admin.id)[0].role == Role.CSR
    client.get("/account", status=303)


def test_the_last_owner_stays_one(flask: Run, owner: User, people: People) -> None:
    result = flask("user", "set-role", "--organization", "blue-ridge", "--email", owner.email, "--role", "admin")

    assert result.exit_code == 1
    assert "the organization’s only active owner" in result.stderr
    assert people(id=owner.id)[0].role == Role.OWNER


def test_a_reset_link_leaves_the_old_password_until_it_is_used(flask: Run, owner: User, client: Client) -> None:
    result = flask("user", "reset-password", "--organization", "blue-ridge", "--email", owner.email.upper(), "--json")

    client.sign_in(owner)
    path = json.loads(result.stdout)["link"].partition(":8000")[2]
    client.post(path, {"password": PASSWORD, "again": PASSWORD})
    client.get("/account", status=303)


def test_nobody_of_another_organization_is_found(flask: Run, organization: Organization, make: Factories) -> None:
    stranger = make.user(make.organization())

    result = flask("user", "reset-password", "--organization", "blue-ridge", "--email", stranger.email)

    assert result.exit_code == 1
    assert "No one here has the email address" in result.stderr
