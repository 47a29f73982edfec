"""The note panel next to a contact, a lead or an appointment."""

from collections.abc import Callable
from typing import Any

import pytest

from app.models import Appointment, ContactCard, ContactNote, Lead, Organization, Role, User
from tests.support.client import HTMX, Client
from tests.support.direct_access import Behind
from tests.support.factories import Factories
from tests.support.pages import Page, text_of

PANEL = "contact_note"
#: Returns the page of a record of this kind, with this contact.
Open = Callable[[str, ContactCard], str]


@pytest.fixture
def contact(make: Factories, organization: Organization, csr: User) -> ContactCard:
    return make.contact(organization, first_name="Ruth", last_name="Delgado", created_by=csr.id)


@pytest.fixture
def page_of(make: Factories, organization: Organization, csr: User) -> Open:
    def address(kind: str, contact: ContactCard) -> str:
        if kind == "contacts":
            return f"/contacts/{contact.id}"
        if kind == "leads":
            lead: Lead = make.lead(organization, contact=contact, csr_id=csr.id)
            return f"/leads/{lead.id}"
        visit: Appointment = make.appointment(organization, contact=contact, csr_id=csr.id)
        return f"/appointments/{visit.id}"

    return address


def form_of(page: Page) -> tuple[str, dict[str, Any]]:
    action = page.one(".//form[@id='panel-note']").get("action") or ""
    return action, page.fields(action)


def panel_of(page: Page) -> str:
    return text_of(page.one(".//*[@id='side-panel']"))


@pytest.mark.parametrize("kind", ["contacts", "leads", "appointments"])
class TestBeside:
    def test_it_is_written_once_and_shown_there_and_on_the_card(
        self, client: Client, csr: User, contact: ContactCard, page_of: Open, behind: Behind, kind: str
    ) -> None:
        at = page_of(kind, contact)
        here = client.sign_in(csr).get(at)
        assert here.one(f".//a[@data-panel='{PANEL}']").get("href") == f"{at}?panel={PANEL}"
        action, form = form_of(client.get(f"{at}?panel={PANEL}"))
        sent = {**form, "body": "Has two dogs in the yard."}

        page = client.follow(client.post(action, sent, status=303))
        client.post(action, sent, status=303)

        note = behind.one(ContactNote, contact_card_id=contact.id)
        assert (note.body, note.user_id) == ("Has two dogs in the yard.", csr.id)
        assert "Has two dogs in the yard." in panel_of(page)
        assert "Note added." in page.text
        assert "Has two dogs in the yard." in text_of(client.get(f"/contacts/{contact.id}").one(".//*[@id='timeline']"))

    def test_with_scripts_the_panel_alone_comes_back(
        self, client: Client, csr: User, contact: ContactCard, page_of: Open, kind: str
    ) -> None:
        at = page_of(kind, contact)
        action, form = form_of(client.sign_in(csr).get(f"{at}?panel={PANEL}"))

        wrong = client.post(action, form, status=400, headers=HTMX)
        assert not wrong.is_whole
        assert "Enter some text." in wrong.text
        done = client.post(action, {**form, "body": "Rings twice."}, status=200, headers=HTMX)
        assert not done.is_whole
        assert done.headers["HX-Replace-Url"].startswith(f"{at}?panel={PANEL}")

    def test_without_scripts_a_note_that_is_wrong_has_a_page(
        self, client: Client, csr: User, contact: ContactCard, page_of: Open, behind: Behind, kind: str
    ) -> None:
        action, form = form_of(client.sign_in(csr).get(f"{page_of(kind, contact)}?panel={PANEL}"))

        page = client.post(action, {**form, "body": "a" * 5001}, status=400)
        assert page.is_whole
        assert "Use up to 5000 characters." in page.text
        assert form_of(page)[0] == action
        assert behind.rows(ContactNote) == []

    def test_who_only_reads_has_no_way_to_it(
        self,
        client: Client,
        make: Factories,
        organization: Organization,
        contact: ContactCard,
        page_of: Open,
        kind: str,
    ) -> None:
        at = page_of(kind, contact)
        client.sign_in(make.user(organization, Role.SUPPORT))

        assert client.get(at).all(f".//a[@data-panel='{PANEL}']") == []
        assert panel_of(client.get(f"{at}?panel={PANEL}")) == ""


def test_where_nobody_is_known_that_is_said(
    client: Client, make: Factories, organization: Organization, manager: User
) -> None:
    client.sign_in(manager)
    lead = make.lead(organization, contact_card_id=None, external_source="import", external_id="L-1")
    visit = make.appointment(organization, contact_card_id=None, external_source="import", external_id="V-1")

    for at in (f"/leads/{lead.id}", f"/appointments/{visit.id}"):
        assert "No contact yet." in panel_of(client.get(f"{at}?panel={PANEL}")), at


def test_what_was_written_shows_on_the_card_beside_it(client: Client, csr: User, contact: ContactCard) -> None:
    page = client.sign_in(csr).get(f"/contacts/{contact.id}")

    assert "data-beside" in page.one(".//*[@id='timeline']").attrib
    assert len({form.get("id") for form in page.all(".//form[@id]")}) == len(page.all(".//form[@id]"))
