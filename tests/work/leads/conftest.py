"""An organization whose users work on a lead, and a lead of another one that they must not see."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from app.models import AuditLog, Lead, Organization, User
from tests.support.factories import Factories

Stored = Callable[[Any], Any]
#: The audit actions on a row, oldest first.
Told = Callable[[Any], list[str]]


@pytest.fixture
def organization(make: Factories) -> Organization:
    """An organization in New York, where `DAY` is noon."""
    return make.organization(name="Blue Ridge Air")


@pytest.fixture
def lead(make: Factories, organization: Organization, csr: User) -> Lead:
    """A new lead of the CSR."""
    contact = make.contact(organization, first_name="Ruth", last_name="Delgado")
    return make.lead(organization, contact=contact, csr_id=csr.id)


@pytest.fixture
def strangers_lead(make: Factories) -> Lead:
    """A lead of another organization."""
    return make.lead(make.organization())


@pytest.fixture
def stored(admin_engine: Engine) -> Stored:
    """Function that returns the row as it is in the database now."""

    def read(row: Any) -> Any:
        with Session(admin_engine) as session:
            return session.get(type(row), (row.organization_id, row.id))

    return read


@pytest.fixture
def told(admin_engine: Engine) -> Told:
    """Function that returns the audited actions on a row, oldest first, except its creation."""

    def read(row: Any) -> list[str]:
        recorded = select(AuditLog.action).where(AuditLog.resource_id == row.id).order_by(AuditLog.id)
        with Session(admin_engine) as session:
            return [action for action in session.scalars(recorded) if not action.endswith(".created")]

    return read
