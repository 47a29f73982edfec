"""Person an appointment is booked for: the name of a caller without one, and contacts who have the number already."""

from datetime import UTC, datetime
from typing import Any

import pytest

from app.models import Appointment, ContactCard, EntryStatus, MissedCallEntry, Organization, User
from tests.support.client import Client
from tests.support.direct_access import Behind
from tests.support.factories import Factories
from tests.support.pages import Page

NUMBER = "+12125550147"


@pytest.fixture(autouse=True)
def somebody_goes(rep: User) -> None:
    """A sales rep, without whom there are no free times."""


@pytest.fixture
def nameless(make: Factories, organization: Organization, csr: User) -> ContactCard:
    """A contact of whom only the number is known."""
    return make.contact(organization, first_name=None, last_name=None, primary_phone=NUMBER, created_by=csr.id)


def form_of(page: Page, action: str) -> dict[str, Any]:
    slot = page.all(".//input[@name='slot']")[0].get("value")
    return {**page.fields(action, "post"), "service": "Repair", "slot": slot}


def order_of(page: Page) -> list[str]:
    """Return the names of the form's visible fields in their order."""
    form = page.one(".//form[@id='booking-form']")
    return [str(one.get("name")) for one in form.iter("input") if one.get("type") != "hidden"]


@pytest.mark.parametrize("beside", [False, True], ids=["page", "panel"])
def test_of_a_caller_without_a_name_name_and_address_come_first_and_become_the_contacts(
    client: Client, csr: User, nameless: ContactCard, behind: Behind, organization: Organization, beside: bool
) -> None:
    at = f"/contacts/{nameless.id}?panel=book" if beside else f"/appointments/new?contact={nameless.id}"
    page = client.sign_in(csr).get(at)
    action = page.one(".//form[@id='booking-form']").get("action") or ""
    form = form_of(page, action)

    assert order_of(page)[:3] == ["name", "place", "service"]
    refused = client.post(action, {**form, "place": "333 Limestone Ct"}, status=400)
    assert "Enter the contact’s name." in refused.text
    assert refused.fields(action, "post")["place"] == "333 Limestone Ct"
    client.post(action, {**form, "name": "Brandon Warner", "place": "333 Limestone Ct, Austin, TX 78704"})

    card = behind.one(ContactCard, id=nameless.id)
    assert (card.first_name, card.last_name) == ("Brandon", "Warner")
    assert (card.address_line_1, card.city, card.zip) == ("333 Limestone Ct", "Austin", "78704")
    assert behind.one(Appointment, organization_id=organization.id).address_line_1 == "333 Limestone Ct"


def test_a_contact_with_a_name_is_not_asked_for_it_and_keeps_its_address(
    client: Client, csr: User, contact: ContactCard, behind: Behind
) -> None:
    at = f"/appointments/new?contact={contact.id}"
    page = client.sign_in(csr).get(at)

    assert "name" not in order_of(page)
    client.post(at, {**form_of(page, at), "name": "Somebody Else", "place": "1 Oak St, Austin, TX 78704"})

    card = behind.one(ContactCard, id=contact.id)
    assert (card.full_name, card.address_line_1) == ("Ruth Delgado", "1817 Alder Creek Ln")


def test_a_contact_who_has_the_number_already_is_offered_and_not_made_twice(
    client: Client, make: Factories, csr: User, organization: Organization, behind: Behind
) -> None:
    there = make.contact(organization, first_name="Ada", last_name="King", primary_phone=NUMBER, created_by=csr.id)
    at = "/appointments/new"
    page = client.sign_in(csr).get(at)
    typed = {**form_of(page, at), "number": "212-555-0147", "name": "Ada King", "notes": "Ring twice"}

    offered = client.post(at, typed, status=409)

    assert behind.rows(Appointment, organization_id=organization.id) == []
    [choice] = offered.all(".//button[@name='person']")
    assert choice.get("value") == str(there.id)
    again = {**offered.fields(at, "post"), "person": str(there.id)}
    assert again["notes"] == "Ring twice"
    client.post(at, again)
    client.post(at, again)
    booked = behind.one(Appointment, organization_id=organization.id)
    assert booked.contact_card_id == there.id
    assert len(behind.rows(ContactCard, organization_id=organization.id)) == 1


def test_of_family_members_who_share_a_number_the_one_with_the_typed_name_is_offered(
    client: Client, make: Factories, csr: User, organization: Organization, nameless: ContactCard, behind: Behind
) -> None:
    ada = make.contact(organization, first_name="Ada", last_name="King", primary_phone=None, created_by=csr.id)
    behind.change(ada, primary_phone=NUMBER)
    missed = make.call(
        organization, status="missed", started_at=datetime.now(UTC), contact_card_id=nameless.id, caller_number=NUMBER
    )
    entry = make.missed_entry(organization, call=missed)
    at = f"/appointments/new?entry={entry.id}"
    form = form_of(client.sign_in(csr).get(at), at)

    offered = client.post(at, {**form, "name": "ada king"}, status=409)
    assert [one.get("value") for one in offered.all(".//button[@name='person']")] == [str(ada.id)]
    client.post(at, {**form, "name": "ada king", "person": str(ada.id)})

    assert behind.one(Appointment, organization_id=organization.id).contact_card_id == ada.id
    assert behind.one(MissedCallEntry, id=entry.id).status == EntryStatus.RESCUED
    assert behind.one(ContactCard, id=nameless.id).full_name is None


def test_a_contact_with_another_number_cannot_be_chosen(
    client: Client, csr: User, contact: ContactCard, organization: Organization, behind: Behind
) -> None:
    at = "/appointments/new"
    form = form_of(client.sign_in(csr).get(at), at)

    page = client.post(at, {**form, "number": NUMBER, "name": "Ada", "person": str(contact.id)}, status=400)

    assert "This contact no longer has the number." in page.text
    assert behind.rows(Appointment, organization_id=organization.id) == []


@pytest.mark.parametrize("beside", [False, True], ids=["page", "panel"])
def test_what_the_caller_said_is_filled_in_with_the_words_it_comes_from(
    client: Client, make: Factories, csr: User, organization: Organization, nameless: ContactCard, beside: bool,
    behind: Behind,
) -> None:  # fmt: skip
    said = "This is Brandon Warner at 333 Limestone Ct. There's water coming through the ceiling."
    missed = make.call(
        organization, status="missed", started_at=datetime.now(UTC), contact_card_id=nameless.id, caller_number=NUMBER
    )
    make.transcript(missed, speaker_labels=[{"speaker": "Caller", "text": said}], transcript_text=said)
    entry = make.missed_entry(organization, call=missed)
    at = f"/missed-calls/{entry.id}?panel=book" if beside else f"/appointments/new?entry={entry.id}"
    page = client.sign_in(csr).get(at)
    action = page.one(".//form[@id='booking-form']").get("action") or ""
    form = form_of(page, action)

    assert (form["name"], form["place"]) == ("Brandon Warner", "333 Limestone Ct")
    assert "The caller said: “This is Brandon Warner" in page.text
    assert behind.one(ContactCard, id=nameless.id).full_name is None, "nobody has accepted it yet"
    client.post(action, form)

    card = behind.one(ContactCard, id=nameless.id)
    assert (card.full_name, card.address_line_1) == ("Brandon Warner", "333 Limestone Ct")
