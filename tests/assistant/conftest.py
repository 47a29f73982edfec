"""An organization with those who look after it; a neighbour is there too."""

import pytest
from sqlalchemy import Engine

from app.models import Organization, Role, User
from tests.support.behind import Behind
from tests.support.client import Client
from tests.support.factories import Factories


@pytest.fixture
def organization(make: Factories) -> Organization:
    make.user(make.organization(name="Zebra Plumbing"), role=Role.ADMIN)
    return make.organization(name="Blue Ridge Air", slug="blue-ridge")


@pytest.fixture
def owner(make: Factories, organization: Organization) -> User:
    return make.user(organization, role=Role.OWNER, name="Olivia Owner")


@pytest.fixture
def admin(make: Factories, organization: Organization, owner: User) -> User:
    return make.user(organization, role=Role.ADMIN, name="Ada Admin")


@pytest.fixture
def as_admin(client: Client, admin: User) -> Client:
    """The admin's browser."""
    return client.sign_in(admin)


@pytest.fixture
def behind(admin_engine: Engine) -> Behind:
    return Behind(admin_engine)
