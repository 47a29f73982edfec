"""Deletion of a contact: refused with reasons, or immediate with Undo."""

import pytest

from app.models import ContactCard, Organization, Role
from tests.support.client import Client
from tests.support.factories import Factories
from tests.support.pages import Page, text_of


@pytest.fixture
def manager(client: Client, make: Factories, organization: Organization) -> Client:
    return client.sign_in(make.user(organization, Role.MANAGER))


def delete(client: Client, contact: ContactCard, status: int = 303) -> Page:
    page = client.get(f"/contacts/{contact.id}")
    return client.post(f"/contacts/{contact.id}/delete", page.fields(f"/contacts/{contact.id}/delete"), status=status)


def test_what_stands_in_the_way_is_counted_and_linked(
    manager: Client, make: Factories, organization: Organization
) -> None:
    contact = make.contact(organization, first_name="Ruth")
    for _ in range(2):
        make.call(organization, contact_card_id=contact.id)
    make.lead(organization, contact=contact)
    make.appointment(organization, contact=contact)
    make.call(organization, contact_card_id=make.contact(organization).id)

    page = delete(manager, contact, 409)

    assert [text_of(one) for one in page.all(".//main//ul[@class='waits']/li")] == [
        "2 calls",
        "1 appointment",
        "1 open lead",
    ]
    assert page.links["2 calls"] == f"/calls?contact={contact.id}"
    assert len(manager.get(page.links["2 calls"]).all(".//tbody/tr")) == 2
    assert len(manager.get(page.links["1 appointment"]).all(".//tbody/tr")) == 1
    assert "Merge a duplicate into the other contact" in page.text
    assert manager.get(f"/contacts/{contact.id}").heading.startswith("Ruth")


def test_from_its_own_page_it_leads_to_the_list_and_comes_back_whole(
    manager: Client, make: Factories, organization: Organization
) -> None:
    contact = make.contact(organization, first_name="Ruth", primary_phone="+15125550142")
    make.task(organization, contact_card_id=contact.id, title="Send the plan")

    deleted = manager.follow(delete(manager, contact))

    assert "Contact deleted." in deleted.text
    manager.get(f"/contacts/{contact.id}", status=404)
    undo = next(one.get("action", "") for one in deleted.all(".//form") if "undo" in one.get("action", ""))
    manager.post(undo)
    page = manager.get(f"/contacts/{contact.id}")
    assert "Number (512) 555-0142" in text_of(page.one(".//section[@aria-labelledby='card']"))
    assert "Send the plan" in page.text


def test_a_contact_that_changed_meanwhile_is_not_deleted(
    manager: Client, make: Factories, organization: Organization
) -> None:
    contact = make.contact(organization, version=3)

    page = manager.post(f"/contacts/{contact.id}/delete", {"version": 2}, status=409)

    assert "Nothing was deleted" in page.text
    manager.get(f"/contacts/{contact.id}")


def test_who_may_not_delete_is_offered_no_button(client: Client, make: Factories, organization: Organization) -> None:
    csr = make.user(organization)
    mine = make.contact(organization, created_by=csr.id)
    client.sign_in(csr)

    assert f"/contacts/{mine.id}/delete" not in client.get(f"/contacts/{mine.id}").html
    client.post(f"/contacts/{mine.id}/delete", status=403)


def test_of_another_organization_there_is_nothing_to_delete(manager: Client, make: Factories) -> None:
    manager.post(f"/contacts/{make.contact(make.organization()).id}/delete", status=404)
