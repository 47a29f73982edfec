"""Fixtures for tests of the platform's admins."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Engine, text

from app.models import Organization, Role, StaffRole, User
from tests.support.client import Client
from tests.support.factories import Factories

Rows = Callable[..., list[Any]]


@pytest.fixture
def staff(make: Factories) -> User:
    return make.staff(StaffRole.ADMIN, name="Sam Staff")


@pytest.fixture
def admin(client: Client, staff: User) -> Client:
    """A browser in which one of the platform's admins is signed in."""
    return client.sign_in(staff)


@pytest.fixture
def organization(make: Factories) -> Organization:
    """A company with an owner and a CSR."""
    organization = make.organization(name="Blue Ridge Air", slug="blue-ridge")
    make.subscription(organization)
    make.user(organization, role=Role.OWNER, email="olga@blue-ridge.example")
    make.user(organization, email="casey@blue-ridge.example")
    return organization


@pytest.fixture
def rows(admin_engine: Engine) -> Rows:
    """Function that returns the rows of a statement as tuples: `rows("SELECT … :id", id=…)`."""

    def read(statement: str, **values: Any) -> list[Any]:
        with admin_engine.connect() as connection:
            return [tuple(row) for row in connection.execute(text(statement), values)]

    return read
