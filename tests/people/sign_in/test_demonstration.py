"""The list of demo accounts on the sign-in page of development servers, and of no others."""

from collections.abc import Callable, Iterator
from typing import Literal

import psycopg
import pytest
from flask import Flask

from app.audit.actions import Action
from app.config import Settings
from app.models import Organization
from demo.companies import COMPANIES, PASSWORD
from tests.support.client import Client
from tests.support.contexts import enter
from tests.support.database import WorkerDatabase
from tests.support.direct_access import Behind
from tests.support.factories import Factories

Environment = Literal["development", "production", "test"]

COMPANY = COMPANIES[0]
OWNER = next(COMPANY.email_of(member) for member in COMPANY.staff if str(member.role) == "owner")


@pytest.fixture
def run_in(app: Flask) -> Iterator[Callable[[Environment], None]]:
    """Function that lets the app run in an environment, until the test ends."""
    settings: Settings = app.config["SETTINGS"]

    def change(environment: Environment) -> None:
        app.config["SETTINGS"] = settings.model_copy(update={"environment": environment})

    yield change
    app.config["SETTINGS"] = settings


@pytest.fixture
def company(make: Factories) -> Organization:
    """An organization with the URL name of a demo company."""
    return make.organization(slug=COMPANY.slug)


@pytest.fixture
def loaded(database: WorkerDatabase, company: Organization) -> Organization:
    """The organization, with the entry that `flask demo load` writes to its audit trail."""
    with psycopg.connect(database.url("app_jobs")) as connection:
        enter(connection, company.id)
        recorded = "SELECT record_event(%s, 'organization', %s, '{}')"
        connection.execute(recorded, [Action.DEMONSTRATION_LOADED, company.id])
    return company


def is_listed(client: Client) -> bool:
    """Return whether the sign-in page lists the owner of the demo company."""
    page = client.get("/login")
    return OWNER in page.text or PASSWORD in page.html or "Demo accounts" in page.text


def test_a_development_server_lists_one_person_per_role(
    client: Client, loaded: Organization, run_in: Callable[[Environment], None]
) -> None:
    run_in("development")
    page = client.get("/login")

    assert f"Owner {OWNER}" in page.text
    assert f"Password {PASSWORD}" in page.text
    assert page.text.count("@") == len({member.role for member in COMPANY.staff})
    assert not any(company.name in page.text for company in COMPANIES[1:])


@pytest.mark.parametrize("environment", ["production", "test"])
def test_other_servers_list_nobody(
    client: Client, loaded: Organization, run_in: Callable[[Environment], None], environment: Environment
) -> None:
    run_in(environment)

    assert not is_listed(client)


def test_a_company_that_only_has_the_name_of_a_demo_company_is_not_listed(
    client: Client, company: Organization, run_in: Callable[[Environment], None]
) -> None:
    run_in("development")

    assert not is_listed(client)


@pytest.mark.parametrize("values", [{"status": "suspended"}, {"deleted_at": "2026-01-01T00:00:00Z"}])
def test_a_demo_company_to_which_nobody_can_sign_in_is_not_listed(
    client: Client,
    loaded: Organization,
    behind: Behind,
    run_in: Callable[[Environment], None],
    values: dict[str, str],
) -> None:
    run_in("development")
    assert is_listed(client)
    behind.change(loaded, **values)

    assert not is_listed(client)
