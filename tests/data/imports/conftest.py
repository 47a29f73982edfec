"""Fixtures of tests of imports: an importer and its pages."""

import pytest
from flask import Flask
from sqlalchemy import Engine

from app.db.context import Context
from app.models import Organization, Role, User
from tests.support.client import Client
from tests.support.factories import Factories
from tests.support.import_files import write_file
from tests.support.import_pages import ImportPages
from tests.support.importing import Importer
from tests.support.real_data import shared_data

__all__ = ["shared_data", "write_file"]


@pytest.fixture
def organization(make: Factories) -> Organization:
    return make.organization()


@pytest.fixture
def manager(make: Factories, organization: Organization) -> User:
    return make.user(organization, role=Role.MANAGER, name="Maria Manager")


@pytest.fixture
def importer(app: Flask, admin_engine: Engine, organization: Organization, manager: User) -> Importer:
    """Helper that imports files into the organization on the manager's behalf."""
    context = Context(
        organization_id=organization.id, actor_id=manager.id, actor_label=manager.name, actor_role=manager.role
    )
    return Importer(app, admin_engine, context, organization)


@pytest.fixture
def pages(client: Client, manager: User) -> ImportPages:
    """Pages of an import, as the manager sees them."""
    return ImportPages(client.sign_in(manager))
