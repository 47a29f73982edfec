"""An organization with one row of everything, and a neighbor with the same."""

from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import Engine

from app.models import Role
from tests.support.cached_rows import restored_by_copy
from tests.support.company import Company, make_company
from tests.support.database import Cleaner
from tests.support.factories import Factories
from tests.support.stage import Stage

#: Roles whose walks also open single records: one that sees its own calls, one its own appointments, one everything.
OPEN_RECORDS = (Role.CSR, Role.SALES_REP, Role.OWNER)


@pytest.fixture
@restored_by_copy
def company(make: Factories) -> Company:
    """The organization whose rows are tested. Restored by COPY."""
    return make_company(make)


@pytest.fixture
def neighbour(make: Factories) -> Company:
    """Another organization, whose people must not find any rows of the first."""
    return make_company(make)


@pytest.fixture
def stage(
    app: Flask, admin_engine: Engine, cleaner: Cleaner, run_folder: Path, request: pytest.FixtureRequest
) -> Stage:
    """Scenes for the tests that send every form, one after another."""
    return Stage(app, admin_engine, cleaner, run_folder, lambda: request.getfixturevalue("owner_pages"))


@pytest.fixture
def full_database(company: Company, neighbour: Company) -> None:
    """Rows of every kind in two organizations."""
