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
from tests.support.owner_pages import OwnerPages, open_as_owner
from tests.support.shared import made_once
from tests.support.stage import Stage

#: Roles whose walks also open single records: one that sees its own calls, one its own appointments, one everything.
OPEN_RECORDS = (Role.CSR, Role.SALES_REP, Role.OWNER)


@pytest.fixture
@restored_by_copy
def company(make: Factories) -> Company:
    """The organization whose rows are tested. Restored by COPY."""
    return make_company(make)


@pytest.fixture(scope="session")
def owner_pages(_app: Flask, admin_engine: Engine, cleaner: Cleaner, run_folder: Path) -> OwnerPages:
    """The pages of an owner, opened once per run and shared by its workers."""

    def open_pages() -> OwnerPages:
        cleaner.clean()
        opened = open_as_owner(_app, make_company(Factories(admin_engine)))
        cleaner.clean()
        return opened

    return made_once(run_folder / "owner-pages", open_pages)


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
