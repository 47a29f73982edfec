"""Fixtures for tests of signing in."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Engine, select, update
from sqlalchemy.orm import Session, undefer

from app.models import AuditLog, Base, Organization, User, UserSession
from app.people.sign_in import service
from tests.support.factories import Factories


@pytest.fixture
def organization(make: Factories) -> Organization:
    """The company whose users sign in."""
    return make.organization(name="Blue Ridge Air")


@pytest.fixture
def user(make: Factories, organization: Organization) -> User:
    """A user of the company, alongside a colleague and a user of another company with the same role."""
    make.user(organization)
    make.user(make.organization())
    return make.user(organization, name="Maya Torres")


@pytest.fixture
def trail(admin_engine: Engine, organization: Organization) -> Callable[[], list[str]]:
    """Function that returns the organization's audit actions, oldest first, without the factories' own."""

    def read() -> list[str]:
        recorded = select(AuditLog.action).where(
            AuditLog.organization_id == organization.id, AuditLog.actor_label != "postgres"
        )
        with admin_engine.connect() as connection:
            return list(connection.scalars(recorded.order_by(AuditLog.id)))

    return read


@pytest.fixture
def rows(admin_engine: Engine) -> Callable[..., list[Any]]:
    """Function that returns rows bypassing the app: `rows(UserSession, user_id=user.id)`."""

    def read(model: type[Base], **values: Any) -> list[Any]:
        with Session(admin_engine) as session:
            return list(session.scalars(select(model).filter_by(**values).options(undefer("*"))))

    return read


@pytest.fixture
def change(admin_engine: Engine) -> Callable[..., None]:
    """Function that changes a row bypassing the app: `change(user, status="inactive")`."""

    def write(row: Any, **values: Any) -> None:
        model = type(row)
        with admin_engine.begin() as connection:
            connection.execute(update(model).where(model.id == row.id).values(**values))

    return write


@pytest.fixture
def session_of(rows: Callable[..., list[Any]]) -> Callable[[User], UserSession]:
    """Function that returns the only session of a user."""

    def read(user: User) -> UserSession:
        (session,) = rows(UserSession, user_id=user.id)
        assert isinstance(session, UserSession)
        return session

    return read


@pytest.fixture
def quick_refusals(monkeypatch: pytest.MonkeyPatch) -> None:
    """Refused sign-ins without their minimum duration, for tests that guess passwords often."""
    monkeypatch.setattr(service, "REFUSAL_SECONDS", 0.0)
