"""A CSR's call that an analysis classified, and access to the resulting rows."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from app.models import AuditLog, Call, Notification, Organization, User
from tests.support.factories import Factories

Stored = Callable[[Any], Any]
#: `trail("call.reclassified")`: the audit rows of an action.
Trail = Callable[[str], list[AuditLog]]
#: `told(csr)`: a user's notifications, oldest first.
Told = Callable[[User], list[str]]


@pytest.fixture
def organization(make: Factories) -> Organization:
    """An organization in New York."""
    return make.organization(name="Blue Ridge Air")


@pytest.fixture
def call(make: Factories, organization: Organization, csr: User) -> Call:
    """A call of the CSR that the analysis classified as not booked."""
    return make.call(organization, csr=csr, booking_status="not_booked", booking_status_source="analysis")


@pytest.fixture
def trail(admin_engine: Engine, organization: Organization) -> Trail:
    """Function that returns the audit entries of an action, oldest first."""

    def read(action: str) -> list[AuditLog]:
        recorded = select(AuditLog).where(AuditLog.organization_id == organization.id, AuditLog.action == action)
        with Session(admin_engine) as session:
            return list(session.scalars(recorded.order_by(AuditLog.created_at, AuditLog.id)))

    return read


@pytest.fixture
def stored(admin_engine: Engine) -> Stored:
    """Function that returns the row as it is in the database now."""

    def read(row: Any) -> Any:
        with Session(admin_engine) as session:
            return session.get(type(row), (row.organization_id, row.id))

    return read


@pytest.fixture
def told(admin_engine: Engine) -> Told:
    """Function that returns the kind and link of each of a user's notifications, oldest first."""

    def read(user: User) -> list[str]:
        theirs = select(Notification).where(Notification.user_id == user.id).order_by(Notification.created_at)
        with Session(admin_engine) as session:
            return [f"{one.kind} {one.link}" for one in session.scalars(theirs)]

    return read
