"""An organization with one row of everything, and a neighbour with the same."""

import pytest

from tests.support.company import Company, make_company
from tests.support.factories import Factories


@pytest.fixture
def company(make: Factories) -> Company:
    """Whose rows are looked at."""
    return make_company(make)


@pytest.fixture
def neighbour(make: Factories) -> Company:
    """Another organization, whose people must find none of them."""
    return make_company(make)


@pytest.fixture
def full_database(company: Company, neighbour: Company) -> None:
    """Rows of every kind in two organizations."""
