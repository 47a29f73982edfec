"""The command `flask org create`."""

import json
from collections.abc import Callable
from datetime import timedelta

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import Engine, select, text
from sqlalchemy.orm import Session, undefer

from app.models import Organization, OrganizationUsage, Plan, PlanCode, Role, Subscription, User
from app.organization.settings.rules import QUOTAS
from tests.support.client import Client
from tests.support.factories import Factories

PASSWORD = "a quiet lake at dusk"

Create = Callable[..., Result]


@pytest.fixture
def create(app: Flask) -> Create:
    """Function that runs the command, for Blue Ridge Air unless options say otherwise."""

    def run(**options: str) -> Result:
        given = {
            "name": "Blue Ridge Air",
            "slug": "blue-ridge",
            "owner-email": "olive@blue.example",
            "owner-name": "Olive Owner",
            **options,
        }
        arguments = [part for name, value in given.items() for part in (f"--{name}", value)]
        return app.test_cli_runner().invoke(args=["org", "create", *arguments, "--json"])

    return run


def stored(admin_engine: Engine) -> Organization | None:
    """Return Blue Ridge Air as stored in the database, or None if it doesn't exist."""
    with Session(admin_engine) as session:
        return session.scalar(select(Organization).where(Organization.slug == "blue-ridge"))


def test_an_organization_comes_with_its_owner_and_a_link(create: Create, client: Client, admin_engine: Engine) -> None:
    result = create(timezone="America/Chicago", country="CA", plan="professional")

    assert result.exit_code == 0
    made = json.loads(result.stdout)
    organization = stored(admin_engine)
    assert organization is not None
    assert (made["id"], made["slug"], organization.name) == (str(organization.id), "blue-ridge", "Blue Ridge Air")
    assert (organization.timezone, organization.country) == ("America/Chicago", "CA")
    assert organization.team_members_quota == QUOTAS[PlanCode.PROFESSIONAL].team_members
    with Session(admin_engine) as session:
        theirs = select(User).filter_by(organization_id=organization.id).options(undefer(User.password_hash))
        owner = session.scalars(theirs).one()
        usage = session.scalars(select(OrganizationUsage).filter_by(organization_id=organization.id)).one()
        subscription = session.scalars(select(Subscription).filter_by(organization_id=organization.id)).one()
    assert usage.used_minutes == 0
    assert (subscription.plan, subscription.status) == ("professional", "active")
    assert timedelta(days=28) <= subscription.current_period_end - subscription.current_period_start
    assert (owner.role, owner.status, owner.password_hash) == (Role.OWNER, "active", None)

    client.post(made["link"].partition(":8000")[2], {"password": PASSWORD, "again": PASSWORD})
    assert "Blue Ridge Air" in client.sign_in_by_form(owner, password=PASSWORD).get("/account").text


def test_the_plans_of_a_new_installation_allow_what_the_rules_say(admin_engine: Engine) -> None:
    with Session(admin_engine) as session:
        stored_plans = {plan.code: plan for plan in session.scalars(select(Plan))}

    assert stored_plans.keys() == set(PlanCode)
    for code, quotas in QUOTAS.items():
        plan = stored_plans[code]
        assert (plan.call_minutes, plan.team_members) == (quotas.call_minutes, quotas.team_members)
        assert (plan.phone_numbers, plan.storage_bytes) == (quotas.phone_numbers, quotas.storage_bytes)


def test_without_a_plan_it_is_the_smallest(create: Create, admin_engine: Engine) -> None:
    assert json.loads(create().stdout)["plan"] == "starter"

    organization = stored(admin_engine)
    assert organization is not None
    assert organization.call_minutes_quota == QUOTAS[PlanCode.STARTER].call_minutes


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"slug": "Blue_Ridge"}, "slug: Use lowercase letters, digits and single hyphens"),
        ({"slug": "support"}, "slug: This URL name is reserved."),
        ({"slug": "taken"}, "slug: This URL name is taken."),
        ({"slug": "x" * 51}, "slug: Use 2 to 50 characters."),
        ({"name": "B"}, "name: Use 2 to 100 characters."),
        ({"country": "Narnia"}, "country: Choose a country from the list."),
        ({"timezone": "Mars/Base"}, "timezone: “Mars/Base” isn’t a time zone."),
        ({"owner-email": "olive"}, "email: Enter an email address"),
    ],
    ids=str,
)
def test_what_is_wrong_is_said_and_nothing_is_left_behind(
    create: Create, make: Factories, admin_engine: Engine, options: dict[str, str], sentence: str
) -> None:
    make.organization(slug="taken")

    result = create(**options)

    assert (result.exit_code, result.stdout) == (1, "")
    assert sentence in result.stderr
    with admin_engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM organizations")) == 1
        assert connection.scalar(text("SELECT count(*) FROM users")) == 0


def test_an_unknown_plan_is_a_wrong_use(create: Create) -> None:
    assert create(plan="platinum").exit_code == 2
