"""A call whose booking status changes, and an admin who can revert that."""

import pytest
from flask import Flask
from sqlalchemy import Engine

from app.models import Call, Organization, Role, User
from tests.support.factories import Factories
from tests.trust.audit_log.reverting import Story


@pytest.fixture
def organization(make: Factories) -> Organization:
    return make.organization()


@pytest.fixture
def admin(make: Factories, organization: Organization) -> User:
    return make.user(organization, Role.ADMIN, name="Ada Admin")


@pytest.fixture
def call(make: Factories, organization: Organization) -> Call:
    return make.call(organization, booking_status="not_booked", booking_status_source="analysis")


@pytest.fixture
def story(app: Flask, admin_engine: Engine, organization: Organization) -> Story:
    return Story(app, admin_engine, organization)
