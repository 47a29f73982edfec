"""Users of an organization, shared by the tests of daily work."""

from collections.abc import Callable

import pytest

from app.models import Organization, Role, User
from app.security.actor import Actor
from tests.support.factories import Factories

ActorOf = Callable[[User], Actor]


@pytest.fixture
def csr(make: Factories, organization: Organization) -> User:
    """The CSR whose work is tested."""
    return make.user(organization, name="Maya Torres")


@pytest.fixture
def colleague(make: Factories, organization: Organization) -> User:
    """Another CSR of the organization."""
    return make.user(organization, name="Tom Okafor")


@pytest.fixture
def manager(make: Factories, organization: Organization) -> User:
    """A manager who sees the whole organization."""
    return make.user(organization, Role.MANAGER, name="Marcus Bell")


@pytest.fixture
def rep(make: Factories, organization: Organization) -> User:
    """A rep who visits customers."""
    return make.user(organization, Role.SALES_REP, name="Carl Jensen")


@pytest.fixture
def actor_of(organization: Organization) -> ActorOf:
    """Function that returns the user as an actor, for calling services without a request."""

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
