"""Service types in a booking: those offered, and their effect on the appointment's length."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from app.models import Appointment, ContactCard, Organization, User
from app.work.appointments.context_queries import About
from tests.support.client import Client
from tests.support.direct_access import Behind
from tests.support.factories import Factories
from tests.support.pages import Page
from tests.work.appointments.conftest import Book

#: Returns the length in minutes of an appointment booked with these values.
Took = Callable[..., int]


def address(contact: ContactCard) -> str:
    return f"/appointments/new?contact={contact.id}"


def offered(page: Page) -> list[tuple[str | None, str | None]]:
    """Return the names and minutes of the offered service types."""
    return [(one.get("value"), one.get("data-minutes")) for one in page.all(".//datalist[@id='services']/option")]


def first_length(page: Page) -> str:
    """Return the start and end of the first free time."""
    return (page.all(".//input[@name='slot']")[0].get("data-words") or "").rpartition(", ")[2]


@pytest.fixture
def took(book: Book, csr: User, contact: ContactCard, behind: Behind) -> Took:
    def book_it(**values: Any) -> int:
        visit = behind.one(Appointment, id=book(csr, about=About(contact.id), **values))
        return int((visit.scheduled_end_at - visit.scheduled_start_at).total_seconds() // 60)

    return book_it


def test_types_in_use_are_offered_before_what_was_booked_lately(
    client: Client, make: Factories, organization: Organization, csr: User, contact: ContactCard
) -> None:
    make.service_type(organization, name="Leak", minutes=45)
    make.service_type(organization, name="Drain", minutes=60)
    make.service_type(organization, name="Oil tank", is_active=False)
    make.service_type(make.organization(), name="Somebody else’s")
    for service in ("Attic fan", "Boiler", "Boiler", "drain", "oil tank"):
        make.appointment(organization, csr_id=csr.id, service_type=service)
    visit = make.appointment(organization, csr_id=csr.id, service_type="Boiler", contact=contact)
    call = make.call(organization, csr=csr, contact_card_id=contact.id)
    client.sign_in(csr)

    expected = [("Drain", "60"), ("Leak", "45"), ("Boiler", None), ("Attic fan", None)]
    assert offered(client.get(address(contact))) == expected
    assert offered(client.get(f"/appointments/{visit.id}/edit")) == expected
    assert offered(client.get(f"/calls/{call.id}?panel=book")) == expected


def test_free_times_are_as_long_as_the_type_that_is_typed(
    client: Client, make: Factories, organization: Organization, csr: User, rep: User, contact: ContactCard
) -> None:
    make.service_type(organization, name="Furnace check", minutes=240)
    make.service_type(organization, name="Oil tank", minutes=30, is_active=False)
    client.sign_in(csr)
    form = client.get(address(contact)).fields(address(contact))
    asked = {**form, "show_day": (datetime.now(UTC) + timedelta(days=2)).date().isoformat()}

    def length(**typed: str) -> str:
        return first_length(client.post(address(contact), {**asked, **typed}, status=200))

    assert length() == "12:00 AM–1:30 AM"
    assert length(service=" furnace CHECK ") == "12:00 AM–4:00 AM"
    assert length(service="Furnace check", minutes="60") == "12:00 AM–1:00 AM"
    assert length(service="Oil tank") == "12:00 AM–1:30 AM"
    assert length(service="Furnace check\0") == "12:00 AM–1:30 AM"


def test_what_a_call_was_about_decides_from_the_start(
    client: Client, make: Factories, organization: Organization, csr: User, rep: User, contact: ContactCard
) -> None:
    make.service_type(organization, name="No heat", minutes=480)
    call = make.call(organization, csr=csr, contact_card_id=contact.id, topic="No heat")
    day = (datetime.now(UTC) + timedelta(days=2)).date()

    page = client.sign_in(csr).get(f"/appointments/new?call={call.id}&day={day}")

    assert first_length(page) == "12:00 AM–8:00 AM"


def test_a_visit_takes_as_long_as_its_type(
    took: Took, make: Factories, organization: Organization, tomorrow: datetime
) -> None:
    make.service_type(organization, name="Furnace check", minutes=45)
    make.service_type(organization, name="Oil tank", minutes=30, is_active=False)
    make.service_type(make.organization(), name="Boiler", minutes=30)
    later = (tomorrow + timedelta(days=day) for day in range(9))

    assert took(service_type="Furnace check", start=next(later)) == 45
    assert took(service_type="FURNACE check", start=next(later)) == 45
    assert took(service_type="Furnace check", minutes=120, start=next(later)) == 120
    assert took(service_type="Oil tank", start=next(later)) == organization.appointment_minutes
    assert took(service_type="Boiler", start=next(later)) == organization.appointment_minutes


def test_what_is_booked_stays_as_long_as_it_is(
    client: Client, make: Factories, organization: Organization, csr: User, rep: User, book: Book, behind: Behind
) -> None:
    id_: UUID = book(csr, number="+12125550147", service_type="Boiler")
    make.service_type(organization, name="Furnace check", minutes=45)
    page = f"/appointments/{id_}/edit"
    form = client.sign_in(csr).get(page).fields(page)

    client.post(page, {**form, "service": "Furnace check"})

    visit = behind.one(Appointment, id=id_)
    assert visit.service_type == "Furnace check"
    assert visit.scheduled_end_at - visit.scheduled_start_at == timedelta(minutes=organization.appointment_minutes)
