"""An organization in which an admin changes a manager's role and permissions."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from app.models import AuditLog, Organization, Role, User
from tests.support.client import Client
from tests.support.factories import Factories
from tests.support.pages import Page

WHY = "They lead the team from Monday on"

Give = Callable[..., Page]


@pytest.fixture
def manager(make: Factories, organization: Organization) -> User:
    """The manager whose role and permissions are changed."""
    return make.user(organization, role=Role.MANAGER, name="Mona Manager")


@pytest.fixture
def give() -> Give:
    """Function that assigns a role by submitting the form: `give(client, user, Role.CSR)`."""

    def send(client: Client, user: User, role: Role, status: int = 303, **values: Any) -> Page:
        address = f"/users/{user.id}/role"
        form = client.get(f"{address}?role={role.value}").fields(address, "post")
        return client.post(address, {**form, "reason": WHY, **values}, status=status)

    return send


@pytest.fixture
def trail(admin_engine: Engine, organization: Organization) -> Callable[..., list[Any]]:
    """Function that returns users' audit entries with an action prefix, oldest first.

    For example: `trail("user.role.")`.
    """

    def read(action: str = "") -> list[Any]:
        wanted = select(AuditLog).where(
            AuditLog.organization_id == organization.id,
            AuditLog.actor_label != "postgres",
            AuditLog.action.startswith(action),
        )
        with Session(admin_engine) as session:
            return list(session.scalars(wanted.order_by(AuditLog.id)))

    return read


@pytest.fixture
def now(admin_engine: Engine) -> Callable[[User], User]:
    """Function that returns the user as currently stored."""

    def read(user: User) -> User:
        with Session(admin_engine) as session:
            return session.scalars(select(User).where(User.id == user.id)).one()

    return read
