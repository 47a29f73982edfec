"""Display name of a contact on all pages: the person, or else the company, or else the number."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import Engine, select

from app.models import ContactCard, Organization, Role, User
from tests.support.client import Client
from tests.support.factories import DAY, Factories

PAGES = (
    "/calls",
    "/calls?q=acme",
    "/calls?contact={contact}",
    "/calls.csv",
    "/calls/{call}",
    "/leads",
    "/appointments",
    "/tasks",
    "/missed-calls",
    "/recordings",
    "/privacy?q={contact}",
    "/privacy/{contact}",
    "/audit?from=2026-03-01&to=2026-03-31&period=custom",
    "/users/{csr}",
)
#: Panels of the dashboard, by the id of their heading.
PANELS = ("unbooked", "queue", "booked-today", "tasks")

Fill = Callable[[ContactCard], dict[str, UUID]]


@pytest.fixture
def organization(make: Factories) -> Organization:
    """An organization with a lead of an unrelated contact who has a name."""
    organization = make.organization()
    make.lead(organization)
    return organization


@pytest.fixture
def admin(make: Factories, organization: Organization) -> User:
    return make.user(organization, Role.ADMIN)


@pytest.fixture
def csr(make: Factories, organization: Organization) -> User:
    return make.user(organization)


@pytest.fixture
def fill(make: Factories, organization: Organization, csr: User) -> Fill:
    """Function that creates a record of every type about the contact, and returns IDs for page URLs."""

    def run(contact: ContactCard) -> dict[str, UUID]:
        rep = make.user(organization, Role.SALES_REP)
        now = datetime.now(UTC)
        call = make.call(organization, csr=csr, contact_card_id=contact.id, started_at=now, booking_status="not_booked")
        missed = make.call(organization, status="missed", contact_card_id=contact.id, caller_number=None)
        make.missed_entry(organization, call=missed)
        make.lead(organization, contact=contact, csr_id=csr.id)
        visit = make.appointment(
            organization, contact=contact, scheduled_start_at=now + timedelta(days=1), booked_at=now, csr_id=csr.id
        )
        make.recording(visit, rep)
        make.task(organization, contact_card_id=contact.id, assignee=csr)
        make.entry(organization, resource_type="contact_card", action="contact_card.updated", resource_id=contact.id)
        return {"contact": contact.id, "call": call.id, "csr": csr.id}

    return run


@pytest.mark.parametrize("address", PAGES)
def test_a_company_without_a_person_is_called_by_its_name(
    client: Client, make: Factories, organization: Organization, admin: User, fill: Fill, address: str
) -> None:
    contact = make.contact(organization, first_name=None, last_name=None, company_name="Acme HVAC")
    ids = fill(contact)

    page = client.sign_in(admin).get(address.format(**ids))

    assert "Acme HVAC" in page.html


@pytest.mark.parametrize("address", PAGES)
def test_who_has_no_name_at_all_is_called_by_their_number(
    client: Client, make: Factories, organization: Organization, admin: User, fill: Fill, address: str
) -> None:
    number = "+15125550131"
    contact = make.contact(organization, first_name=None, last_name=None, primary_phone=number)
    ids = fill(contact)

    page = client.sign_in(admin).get(address.format(**ids).replace("acme", "5125550131"))

    assert "(512) 555-0131" in page.html or number in page.html


@pytest.mark.parametrize("panel", PANELS)
def test_the_dashboard_calls_a_company_by_its_name(
    client: Client, make: Factories, organization: Organization, csr: User, fill: Fill, panel: str
) -> None:
    fill(make.contact(organization, first_name=None, last_name=None, company_name="Acme HVAC"))

    page = client.sign_in(csr).get("/csr")

    (found,) = page.all(f".//section[@aria-labelledby='{panel}']")
    assert "Acme HVAC" in "".join(found.itertext())


def test_the_trash_keeps_the_name(client: Client, make: Factories, organization: Organization, admin: User) -> None:
    contact = make.contact(organization, first_name=None, last_name=None, company_name="Acme HVAC")
    lead = make.lead(organization, contact=contact)
    client.sign_in(admin).post(f"/leads/{lead.id}/delete", {"version": lead.version})

    assert "Acme HVAC" in client.get("/trash").links


def test_a_number_that_is_the_name_is_written_once(
    client: Client, make: Factories, organization: Organization, admin: User
) -> None:
    contact = make.contact(organization, first_name=None, last_name=None, primary_phone="+15125550131")
    make.call(organization, contact_card_id=contact.id, caller_number="+15125550131")
    make.lead(organization, contact=contact)
    client.sign_in(admin)

    for address in ("/calls", "/leads"):
        rows = [row for row in client.get(address).all(".//tbody/tr/th") if "555-0131" in "".join(row.itertext())]
        assert ["".join(row.itertext()).count("555-0131") for row in rows] == [1]


@pytest.mark.parametrize(
    ("values", "name"),
    [
        ({"first_name": "Dana", "company_name": "Acme HVAC"}, "Dana"),
        ({"last_name": "Greer", "company_name": "Acme HVAC"}, "Greer"),
        ({"first_name": " ", "company_name": "Acme HVAC"}, "Acme HVAC"),
        ({"company_name": "", "primary_phone": "+15125550131"}, "+15125550131"),
        ({"primary_phone": None}, None),
    ],
)
def test_python_and_sql_say_the_same(
    make: Factories, organization: Organization, admin_engine: Engine, values: dict[str, str], name: str | None
) -> None:
    contact = make.contact(organization, **{"first_name": None, "last_name": None, "primary_phone": None, **values})

    with admin_engine.connect() as connection:
        in_sql = connection.scalar(select(ContactCard.display_name).where(ContactCard.id == contact.id))

    assert (contact.display_name, in_sql) == (name, name)


def test_a_company_is_found_by_a_word_of_its_name_and_so_is_a_person(
    client: Client, make: Factories, organization: Organization, admin: User
) -> None:
    company = make.contact(organization, first_name=None, last_name=None, company_name="Acme HVAC")
    person = make.contact(organization, first_name="Acmena", last_name="Reyes")
    other = make.contact(organization, company_name="The Acme")
    for number, contact in enumerate((company, person, other)):
        make.call(organization, contact_card_id=contact.id, started_at=DAY + timedelta(hours=number))

    page = client.sign_in(admin).get("/calls?q=ACME")

    found = [name for name in page.links if "Acme" in name or "Dana" in name]
    assert found == [other.display_name, "Acmena Reyes", "Acme HVAC"]
