"""An organization with one row of everything, and a neighbour with the same."""

from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import Engine

from app.models import Role
from tests.support.company import Company, make_company
from tests.support.database import Cleaner
from tests.support.factories import Factories
from tests.support.kept_rows import restored_by_copy
from tests.support.stage import Stage

#: Roles that ask for single records too: who sees their own calls, their own visits, and everything.
OPEN_RECORDS = (Role.CSR, Role.SALES_REP, Role.OWNER)


@pytest.fixture
@restored_by_copy
def company(make: Factories) -> Company:
    """The organization whose rows are looked at. Restored by COPY."""
    return make_company(make)


@pytest.fixture
def neighbour(make: Factories) -> Company:
    """Another organization, whose people must find none of them."""
    return make_company(make)


@pytest.fixture
def stage(app: Flask, admin_engine: Engine, cleaner: Cleaner, run_folder: Path) -> Stage:
    """One scene after another, for the tests that send every form."""
    return Stage(app, admin_engine, cleaner, run_folder)


@pytest.fixture
def full_database(company: Company, neighbour: Company) -> None:
    """Rows of every kind in two organizations."""
