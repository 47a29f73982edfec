"""Files for the tests of imports."""

from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import Engine

from app.db.context import Context
from app.models import Organization, Role, User
from tests.support.client import Client
from tests.support.factories import Factories
from tests.support.import_files import WriteFile
from tests.support.import_pages import ImportPages
from tests.support.importing import Importer
from tests.support.real_data import shared_data

__all__ = ["shared_data"]


@pytest.fixture
def write_file(tmp_path: Path) -> WriteFile:
    """Writes a file of the test's own."""

    def write(content: str | bytes, name: str = "calls.csv", encoding: str = "utf-8") -> Path:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
        return path

    return write


@pytest.fixture
def organization(make: Factories) -> Organization:
    return make.organization()


@pytest.fixture
def manager(make: Factories, organization: Organization) -> User:
    return make.user(organization, role=Role.MANAGER, name="Maria Manager")


@pytest.fixture
def importer(app: Flask, admin_engine: Engine, organization: Organization, manager: User) -> Importer:
    """Imports into the organization in the manager's name."""
    context = Context(
        organization_id=organization.id, actor_id=manager.id, actor_label=manager.name, actor_role=manager.role
    )
    return Importer(app, admin_engine, context, organization)


@pytest.fixture
def pages(client: Client, manager: User) -> ImportPages:
    """The pages of an import, as the manager sees them."""
    return ImportPages(client.sign_in(manager))
