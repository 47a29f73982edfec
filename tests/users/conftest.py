"""A company with people, and the command line."""

from collections.abc import Callable
from typing import Any

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from app.models import Organization, Role, User
from tests.support.factories import Factories


@pytest.fixture
def organization(make: Factories) -> Organization:
    """A company, and beside it another with people of the same roles."""
    other = make.organization()
    for role in (Role.CSR, Role.OWNER):
        make.user(other, role=role)
    return make.organization(slug="blue-ridge")


@pytest.fixture
def owner(make: Factories, organization: Organization) -> User:
    """Its only owner."""
    return make.user(organization, role=Role.OWNER)


@pytest.fixture
def people(admin_engine: Engine, organization: Organization) -> Callable[..., list[User]]:
    """`people(role="csr")`: who is in the company, from behind the app."""

    def read(**values: Any) -> list[User]:
        with Session(admin_engine) as session:
            rows = select(User).filter_by(organization_id=organization.id, **values).order_by(User.id)
            return list(session.scalars(rows))

    return read


@pytest.fixture
def flask(app: Flask) -> Callable[..., Result]:
    """`flask("user", "create", …)`, what is typed after `flask` on the command line."""

    def run(*arguments: str, stdin: str | None = None) -> Result:
        return app.test_cli_runner().invoke(args=list(arguments), input=stdin)

    return run
