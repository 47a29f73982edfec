"""Who invites, and what comes of it."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Engine, select, update
from sqlalchemy.orm import Session

from app.models import Base, Organization, Role, User
from tests.support.client import Client
from tests.support.factories import Factories


@pytest.fixture
def organization(make: Factories) -> Organization:
    """The company that grows; a neighbour is there too."""
    make.user(make.organization(), role=Role.ADMIN)
    return make.organization(name="Blue Ridge Air")


@pytest.fixture
def owner(make: Factories, organization: Organization) -> User:
    return make.user(organization, role=Role.OWNER, name="Olivia Owner")


@pytest.fixture
def admin(make: Factories, organization: Organization, owner: User) -> User:
    return make.user(organization, role=Role.ADMIN, name="Ada Admin")


@pytest.fixture
def as_admin(client: Client, admin: User) -> Client:
    """The admin's browser."""
    return client.sign_in(admin)


@pytest.fixture
def rows(admin_engine: Engine) -> Callable[..., list[Any]]:
    """`rows(Invitation, email=…)`, from behind the app."""

    def read(model: type[Base], **values: Any) -> list[Any]:
        with Session(admin_engine) as session:
            return list(session.scalars(select(model).filter_by(**values)))

    return read


@pytest.fixture
def change(admin_engine: Engine) -> Callable[..., None]:
    """`change(row, status="inactive")`, from behind the app."""

    def write(row: Any, **values: Any) -> None:
        model = type(row)
        with admin_engine.begin() as connection:
            connection.execute(update(model).where(model.id == row.id).values(**values))

    return write
