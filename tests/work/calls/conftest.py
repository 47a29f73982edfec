"""An organization with a CSR, a colleague and a manager, and a call that they must not see."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from app.models import AuditLog, Call, Notification, Organization, User
from tests.support.client import Client
from tests.support.factories import Factories

Trail = Callable[[str], list[AuditLog]]
SignedIn = Callable[..., Client]


@pytest.fixture
def organization(make: Factories) -> Organization:
    """An organization in New York, where `DAY` is noon."""
    return make.organization(name="Blue Ridge Air")


@pytest.fixture
def call(make: Factories, organization: Organization, csr: User) -> Call:
    """A call of the CSR that has no booking status or outcome yet."""
    return make.call(organization, csr=csr)


@pytest.fixture
def strangers_call(make: Factories) -> Call:
    """A call of another organization."""
    elsewhere = make.organization()
    return make.call(elsewhere, csr=make.user(elsewhere))


@pytest.fixture
def trail(admin_engine: Engine, organization: Organization) -> Trail:
    """Function that returns the audit entries of an action, oldest first: `trail("call.reclassified")`."""

    def read(action: str) -> list[AuditLog]:
        recorded = select(AuditLog).where(AuditLog.organization_id == organization.id, AuditLog.action == action)
        with Session(admin_engine) as session:
            return list(session.scalars(recorded.order_by(AuditLog.created_at, AuditLog.id)))

    return read


@pytest.fixture
def stored(admin_engine: Engine) -> Callable[[Any], Any]:
    """Function that returns the row as it is in the database now."""

    def read(row: Any) -> Any:
        with Session(admin_engine) as session:
            return session.get(type(row), (row.organization_id, row.id))

    return read


@pytest.fixture
def told(admin_engine: Engine) -> Callable[[User], list[str]]:
    """Function that returns the kind and link of each of a user's notifications, oldest first."""

    def read(user: User) -> list[str]:
        theirs = select(Notification).where(Notification.user_id == user.id).order_by(Notification.created_at)
        with Session(admin_engine) as session:
            return [f"{one.kind} {one.link}" for one in session.scalars(theirs)]

    return read
