"""The booking panel next to a call, a contact, a lead and a missed call."""

from collections.abc import Callable
from typing import Any

import pytest

from app.models import Appointment, Call, ContactCard, Organization, Role, User
from tests.support.client import HTMX, Client
from tests.support.direct_access import Behind
from tests.support.factories import Factories
from tests.support.pages import Page, text_of

Address = Callable[[], str]


@pytest.fixture(autouse=True)
def somebody_goes(rep: User) -> None:
    """A sales rep, without whom there are no free times."""


def panel_of(page: Page) -> str:
    return text_of(page.one(".//*[@id='side-panel']"))


def form_of(page: Page) -> tuple[str, dict[str, Any]]:
    """Return the action and fields of the panel's form."""
    action = page.one(".//form[@id='booking-form']").get("action") or ""
    first = page.all(".//input[@name='slot']")[0].get("value")
    return action, {**page.fields(action), "service": "Furnace repair", "slot": first}


def test_a_call_has_the_way_to_it_and_no_panel_until_it_is_opened(client: Client, csr: User, call: Call) -> None:
    page = client.sign_in(csr).get(f"/calls/{call.id}")

    assert page.links["Book"] == f"/calls/{call.id}?panel=book"
    assert panel_of(page) == ""


def test_its_address_is_the_page_with_the_form_filled_in(client: Client, csr: User, call: Call) -> None:
    page = client.sign_in(csr).get(f"/calls/{call.id}?panel=book")

    assert len(page.all(".//h1")) == 1
    assert page.one(".//h1").text == "Ruth Delgado"
    _action, fields = form_of(page)
    assert fields["place"] == "1817 Alder Creek Ln, Austin, TX 78745"
    assert page.one(".//*[@data-panel-close]").get("href") == f"/calls/{call.id}"


def test_after_booking_the_page_says_so_and_the_panel_shows_it(
    client: Client, csr: User, call: Call, behind: Behind, organization: Organization
) -> None:
    action, form = form_of(client.sign_in(csr).get(f"/calls/{call.id}?panel=book"))

    page = client.follow(client.post(action, form))
    client.post(action, form)

    booked = behind.one(Appointment, organization_id=organization.id)
    assert booked.source_call_id == call.id
    assert page.one(".//h1").text == "Ruth Delgado", "the page stays"
    assert "Appointment booked." in page.text
    assert "Furnace repair" in panel_of(page)
    assert page.links["Open appointment"] == f"/appointments/{booked.id}"


def test_htmx_gets_what_was_booked_into_the_panel(client: Client, csr: User, call: Call) -> None:
    action, form = form_of(client.sign_in(csr).get(f"/calls/{call.id}?panel=book"))

    answer = client.post(action, form, status=200, headers=HTMX)

    assert not answer.is_whole
    assert answer.headers["HX-Replace-Url"].startswith(f"/calls/{call.id}?panel=book&done=")
    assert "Open appointment" in answer.links
    assert "Appointment booked." in answer.text


def test_what_was_refused_comes_back_with_all_that_was_typed(client: Client, csr: User, call: Call) -> None:
    action, form = form_of(client.sign_in(csr).get(f"/calls/{call.id}?panel=book"))
    wrong = {**form, "service": "", "notes": "Ring twice"}

    answer = client.post(action, wrong, status=400, headers=HTMX)
    whole = client.post(action, wrong, status=400)

    for page in (answer, whole):
        again, kept = form_of(page)
        assert "Enter what the appointment is for." in page.text
        assert (again, kept["notes"]) == (action, "Ring twice"), "it goes to the same place, and leads back to the call"
    assert not answer.is_whole
    assert whole.links["Cancel"] == f"/calls/{call.id}?panel=book"


def test_other_parts_of_the_address_stay(client: Client, csr: User, call: Call, contact: ContactCard) -> None:
    page = client.sign_in(csr).get(f"/contacts/{contact.id}?story=calls&panel=book")

    assert page.one(".//*[@data-panel-close]").get("href") == f"/contacts/{contact.id}?story=calls"


@pytest.mark.parametrize("what", ["contacts", "leads", "missed-calls"])
def test_it_opens_beside_a_contact_a_lead_and_a_missed_caller(
    client: Client, make: Factories, organization: Organization, csr: User, contact: ContactCard, call: Call, what: str
) -> None:
    lead = make.lead(organization, contact_card_id=contact.id, csr_id=csr.id)
    missed = make.call(organization, status="missed", contact_card_id=contact.id)
    entry = make.missed_entry(organization, call=missed)
    found = {"contacts": contact.id, "leads": lead.id, "missed-calls": entry.id}[what]

    page = client.sign_in(csr).get(f"/{what}/{found}?panel=book")

    action, fields = form_of(page)
    assert fields["place"] == "1817 Alder Creek Ln, Austin, TX 78745"
    assert f"%2F{what}%2F{found}" in action


@pytest.mark.parametrize("address", ["https://elsewhere.example/x", "//elsewhere.example", "/\\elsewhere.example"])
def test_no_form_leads_to_another_site(client: Client, csr: User, call: Call, address: str) -> None:
    _action, form = form_of(client.sign_in(csr).get(f"/calls/{call.id}?panel=book"))

    answer = client.post(f"/appointments/new?call={call.id}&beside={address}", form)

    assert answer.headers["Location"].startswith("/appointments/")


class TestOthers:
    @pytest.mark.parametrize("role", [Role.SUPPORT, Role.EXEC])
    def test_who_may_not_book_has_neither_button_nor_panel(
        self, client: Client, make: Factories, organization: Organization, call: Call, role: Role
    ) -> None:
        page = client.sign_in(make.user(organization, role)).get(f"/calls/{call.id}?panel=book")

        assert "Book" not in page.links
        assert panel_of(page) == ""

    def test_a_panel_that_is_not_there_leaves_the_page(self, client: Client, csr: User, call: Call) -> None:
        page = client.sign_in(csr).get(f"/calls/{call.id}?panel=nothing&done=x")

        assert panel_of(page) == ""

    def test_what_somebody_else_booked_is_not_shown(
        self, client: Client, make: Factories, csr: User, call: Call
    ) -> None:
        elsewhere = make.appointment(make.organization())

        page = client.sign_in(csr).get(f"/calls/{call.id}?panel=book&done={elsewhere.id}")

        assert panel_of(page) == ""
