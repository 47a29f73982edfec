"""People who work in a call centre, as most tests of daily work want them."""

from collections.abc import Callable

import pytest

from app.models import Organization, Role, User
from app.security.actor import Actor
from tests.support.factories import Factories

ActorOf = Callable[[User], Actor]


@pytest.fixture
def csr(make: Factories, organization: Organization) -> User:
    """Whose work is looked at."""
    return make.user(organization, name="Maya Torres")


@pytest.fixture
def colleague(make: Factories, organization: Organization) -> User:
    """A CSR whose rows are nobody else's."""
    return make.user(organization, name="Tom Okafor")


@pytest.fixture
def manager(make: Factories, organization: Organization) -> User:
    """Sees the whole call centre."""
    return make.user(organization, Role.MANAGER, name="Marcus Bell")


@pytest.fixture
def rep(make: Factories, organization: Organization) -> User:
    """Who goes to a customer."""
    return make.user(organization, Role.SALES_REP, name="Carl Jensen")


@pytest.fixture
def actor_of(organization: Organization) -> ActorOf:
    """The actor that a person of the organization is, for asking services without a request."""

    def build(user: User) -> Actor:
        return Actor(
            organization_id=user.organization_id,
            user_id=user.id,
            name=user.name,
            email=user.email,
            role=Role(user.role),
            timezone=organization.timezone,
        )

    return build
