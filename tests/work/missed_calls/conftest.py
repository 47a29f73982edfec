"""People who work the queue, and callers who wait in it."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from app.models import AuditLog, Call, ContactCard, MissedCallEntry, Organization
from tests.support.factories import Factories

Waiting = Callable[..., MissedCallEntry]
Now = Callable[[Any], Any]


@pytest.fixture
def trail(admin_engine: Engine, organization: Organization) -> Callable[[str], list[AuditLog]]:
    """The audit rows of an action, the oldest first."""

    def read(action: str) -> list[AuditLog]:
        recorded = select(AuditLog).where(AuditLog.organization_id == organization.id, AuditLog.action == action)
        with Session(admin_engine, expire_on_commit=False) as session:
            return list(session.scalars(recorded.order_by(AuditLog.created_at, AuditLog.id)))

    return read


@pytest.fixture
def contact(make: Factories, organization: Organization) -> ContactCard:
    return make.contact(organization, first_name="Ruth", last_name="Delgado")


@pytest.fixture
def waiting(make: Factories, organization: Organization) -> Waiting:
    """An entry of a caller who was missed five minutes ago."""

    def wait(contact: ContactCard | None = None, **values: Any) -> MissedCallEntry:
        known: dict[str, Any] = (
            {"contact_card_id": contact.id, "caller_number": contact.primary_phone} if contact else {}
        )
        missed = datetime.now(UTC) - timedelta(minutes=5)
        call = make.call(organization, status="missed", started_at=missed, **known)
        return make.missed_entry(organization, call=call, **values)

    return wait


@pytest.fixture
def now(admin_engine: Engine) -> Now:
    """A row as it is stored now."""

    def read(row: Any) -> Any:
        with Session(admin_engine, expire_on_commit=False) as session:
            return session.scalars(select(type(row)).where(type(row).id == row.id)).one()

    return read


@pytest.fixture
def calls_made(admin_engine: Engine) -> Callable[[], list[Call]]:
    """The calls from here, the first first."""

    def read() -> list[Call]:
        with Session(admin_engine, expire_on_commit=False) as session:
            return list(session.scalars(select(Call).where(Call.direction == "outbound").order_by(Call.started_at)))

    return read
