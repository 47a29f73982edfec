"""An organization with CSRs, a manager, sales reps and a contact, and helpers that book appointments."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from app.models import Appointment, AuditLog, Call, ContactCard, Organization, Role, User
from app.work.appointments import booking_service
from app.work.appointments.booking_service import Wanted
from app.work.appointments.context_queries import About
from tests.support.factories import Factories
from tests.support.work import at_work
from tests.work.conftest import ActorOf

Trail = Callable[[], list[str]]
Stored = Callable[[Any], Any]
#: `book(csr, contact_id=…, start=…)` books as this user, in a separate transaction; returns the id.
Book = Callable[..., UUID]
#: `with working(): …` is one transaction.
Working = Callable[[], Any]


@pytest.fixture
def organization(make: Factories) -> Organization:
    """An organization in New York that is always open, so that tests don't depend on the time of day."""
    days = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
    return make.organization(name="Blue Ridge Air", business_hours={day: [["00:00", "24:00"]] for day in days})


@pytest.fixture
def other_rep(make: Factories, organization: Organization) -> User:
    """Another rep, to whom an appointment can be reassigned."""
    return make.user(organization, Role.SALES_REP, name="Nia Brooks")


@pytest.fixture
def contact(make: Factories, organization: Organization, csr: User) -> ContactCard:
    """A contact created by the CSR."""
    return make.contact(
        organization,
        first_name="Ruth",
        last_name="Delgado",
        address_line_1="1817 Alder Creek Ln",
        city="Austin",
        state="TX",
        zip="78745",
        created_by=csr.id,
    )


@pytest.fixture
def call(make: Factories, organization: Organization, csr: User, contact: ContactCard) -> Call:
    """A call of the CSR with the contact, which has no booking status or outcome yet."""
    return make.call(organization, csr=csr, contact_card_id=contact.id, caller_number=contact.primary_phone)


@pytest.fixture
def tomorrow() -> datetime:
    """Tomorrow at 14:00 UTC, which is nine or ten in the morning in New York."""
    return (datetime.now(UTC) + timedelta(days=1)).replace(hour=14, minute=0, second=0, microsecond=0)


@pytest.fixture
def working(app: Flask, organization: Organization) -> Working:
    """Context manager for a transaction of the organization, committed at the end of the block."""

    @contextmanager
    def work() -> Iterator[None]:
        with at_work(app, organization.id):
            yield

    return work


@pytest.fixture
def book(working: Working, actor_of: ActorOf, rep: User, tomorrow: datetime) -> Book:
    """Function that books an appointment, by default with the rep tomorrow morning."""

    def do(who: User, *, id_: UUID | None = None, about: About | None = None, **values: Any) -> UUID:
        defaults = {"service_type": "Furnace repair", "rep_id": rep.id, "start": tomorrow}
        wanted = Wanted(**{**defaults, **values})
        with working():
            return booking_service.book(actor_of(who), id_ or uuid4(), about or About(), wanted).id

    return do


@pytest.fixture
def trail(admin_engine: Engine, organization: Organization) -> Trail:
    """Function that returns the audit actions on appointments, oldest first."""

    def read() -> list[str]:
        of_appointments = (AuditLog.organization_id == organization.id, AuditLog.resource_type == "appointment")
        with Session(admin_engine) as session:
            actions = select(AuditLog.action).where(*of_appointments).order_by(AuditLog.created_at, AuditLog.id)
            return [str(action) for action in session.scalars(actions)]

    return read


@pytest.fixture
def stored(admin_engine: Engine) -> Stored:
    """Function that returns the row as it is in the database now."""

    def read(row: Any) -> Any:
        with Session(admin_engine) as session:
            return session.get(type(row), (row.organization_id, row.id))

    return read


@pytest.fixture
def appointment_of(admin_engine: Engine, organization: Organization) -> Callable[[UUID], Appointment]:
    """Function that returns the appointment as it is in the database now."""

    def read(id_: UUID) -> Appointment:
        with Session(admin_engine) as session:
            return session.get_one(Appointment, (organization.id, id_))

    return read
