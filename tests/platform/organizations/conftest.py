"""Organizations for the platform's staff to work with, and direct access to their rows."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Engine, select, text, update
from sqlalchemy.orm import Session

from app.models import AuditLog, Organization
from tests.support.factories import Factories


@pytest.fixture
def organization(make: Factories) -> Organization:
    """A company with a time zone of its own, alongside two others."""
    make.organization(name="Arctic Heating", timezone="America/Anchorage")
    make.organization(name="Zebra Plumbing")
    return make.organization(name="Blue Ridge Air", timezone="America/Chicago")


@pytest.fixture
def trail(admin_engine: Engine) -> Callable[..., list[Any]]:
    """Function that returns an organization's audit entries, oldest first, without the factories' own."""

    def read(organization_id: Any) -> list[Any]:
        wanted = select(AuditLog).where(AuditLog.organization_id == organization_id, AuditLog.actor_label != "postgres")
        with Session(admin_engine) as session:
            return list(session.scalars(wanted.order_by(AuditLog.id)))

    return read


@pytest.fixture
def change(admin_engine: Engine) -> Callable[..., None]:
    """Function that changes a row bypassing the app: `change(row, status="suspended")`."""

    def write(row: Any, **values: Any) -> None:
        with admin_engine.begin() as connection:
            connection.execute(text("SET LOCAL session_replication_role = replica"))
            connection.execute(update(type(row)).where(type(row).id == row.id).values(**values))

    return write
