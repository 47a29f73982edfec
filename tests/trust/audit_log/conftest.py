"""A call whose booking status changes, and an admin who can revert that."""

from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask
from sqlalchemy import Engine, text, update
from sqlalchemy.orm import Session

from app.models import Call, Organization, Role, User
from tests.support.factories import Factories
from tests.trust.audit_log.reverting import Story

Operate = Callable[..., UUID]


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


@pytest.fixture
def operate(admin_engine: Engine) -> Operate:
    """Function that changes rows within one operation, in order, and returns the operation's ID."""

    def run(*changes: tuple[Any, dict[str, Any]], then: str = "SELECT 1") -> UUID:
        operation_id = uuid4()
        with Session(admin_engine) as session, session.begin():
            session.execute(text("SELECT set_config('app.operation_id', :id, true)"), {"id": str(operation_id)})
            for row, values in changes:
                model: Any = type(row)
                session.execute(update(model).where(model.id == row.id).values(version=model.version + 1, **values))
            session.execute(text(then))
        return operation_id

    return run
