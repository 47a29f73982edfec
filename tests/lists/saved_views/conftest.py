"""People who customize their lists."""

import pytest

from app.models import Organization, Role, User
from tests.support.factories import Factories


@pytest.fixture
def organization(make: Factories) -> Organization:
    return make.organization(name="Blue Ridge Air")


@pytest.fixture
def csr(make: Factories, organization: Organization) -> User:
    return make.user(organization, name="Maya Torres")


@pytest.fixture
def manager(make: Factories, organization: Organization) -> User:
    return make.user(organization, Role.MANAGER, name="Marcus Bell")
