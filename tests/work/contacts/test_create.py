"""Creation of a contact, often during a call: lookup of the phone number, and no duplicates."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from flask import Flask

from app.models import ContactCard, Organization, Role
from tests.support.client import Client
from tests.support.factories import DAY, Factories
from tests.support.pages import Page, text_of


@pytest.fixture
def csr(client: Client, make: Factories, organization: Organization) -> Client:
    return client.sign_in(make.user(organization))


def send(client: Client, *, status: int = 303, **typed: Any) -> Page:
    """Fill in and submit the form of a new contact."""
    form = client.get("/contacts/new").fields("/contacts")
    return client.post("/contacts", {**form, **typed}, status=status)


def errors(page: Page) -> list[str]:
    return [text_of(one) for one in page.all(".//p[@class='error']")]


def test_what_was_typed_stands_on_the_page_and_the_number_finds_it(csr: Client) -> None:
    typed: dict[str, Any] = {
        "phone": "(512) 555-0142", "first_name": "Ruth", "last_name": "O’Brien-García", "email": "ruth@example.com",
        "address_line_1": "1817 Alder Creek Ln", "city": "Austin", "zip": "78745", "country": "US",
        "tags": "VIP, gate 4471", "other_phones": "512 555 0116\n+998 90 123 45 67", "refuses_texts": "y",
    }  # fmt: skip

    page = csr.follow(send(csr, **typed))

    assert page.heading == "Ruth O’Brien-García"
    for said in ("(512) 555-0142 primary", "(512) 555-0116", "+998 90 123 45 67", "Opted out on", "Contact added."):
        assert said in page.text
    assert page.links["gate 4471"] == "/contacts?tag=gate+4471"
    assert "Ruth" in csr.get("/contacts?q=5550116").text


def test_the_number_of_the_address_is_filled_in_and_looked_up(
    csr: Client, make: Factories, organization: Organization
) -> None:
    for number in ("512-555-0177", "512-555-0178"):
        send(csr, phone=number, first_name="Mine")
    theirs = make.contact(organization, first_name="Ruth", last_name="Delgado", primary_phone="+15125550142")
    make.call(organization, contact_card_id=theirs.id, started_at=DAY, topic="No heat")

    page = csr.get("/contacts/new?phone=512-555-0142")

    assert page.fields("/contacts")["phone"] == "512-555-0142"
    assert "Ruth Delgado has the number (512) 555-0142. Last call: Mar 18" in page.text
    # Name and last call, and no more: they are not within the scope.
    assert "Open contact" not in page.links
    assert "No heat" not in page.text
    mine = csr.get(csr.get("/contacts/new?phone=5125550178").links["Open contact"])
    assert "Number (512) 555-0178" in text_of(mine.one(".//section[@aria-labelledby='card']"))
    assert "No contact has the number (512) 555-0143 yet." in csr.swap("/contacts/new?phone=5125550143").text


def test_a_number_that_is_taken_leads_to_who_has_it(csr: Client, make: Factories, organization: Organization) -> None:
    send(csr, phone="512-555-0142", first_name="Ruth")
    theirs = make.contact(organization, first_name="Tom", primary_phone="+15125550177")

    refused = send(csr, status=409, phone="+1 512 555 0142", first_name="Ruth again")
    other = send(csr, status=409, phone="512-555-0199", other_phones="512-555-0177", first_name="Somebody")

    assert errors(refused) == ["Ruth already has this number."]
    assert refused.fields("/contacts")["first_name"] == "Ruth again"
    assert csr.get(refused.links["Open contact"]).heading == "Ruth"
    assert errors(other) == [f"Tom {theirs.last_name} already has this number."]
    assert csr.get("/contacts?q=Somebody").all(".//tbody/tr") == []


@pytest.mark.parametrize(
    ("typed", "error"),
    [
        ({"phone": "call me", "first_name": "Ruth"}, "“call me” isn’t a phone number."),
        ({"email": "ruth at home"}, "Enter an email address such as name@example.com."),
        ({"city": "Austin"}, "Enter a name, company, number or email."),
        ({"first_name": "R" * 101}, "Use up to 100 characters."),
        ({"first_name": "Ruth", "tags": "x" * 41}, "Use up to 40 characters for each tag."),
        ({"first_name": "Ruth", "other_phones": "512 555 0142\nnope"}, "“nope” isn’t a phone number."),
    ],
)
def test_what_is_wrong_is_said_beside_its_field(csr: Client, typed: dict[str, str], error: str) -> None:
    page = send(csr, status=400, **typed)

    assert errors(page) == [error]
    form = page.fields("/contacts")
    assert {name: form[name] for name in typed} == typed


def test_sent_twice_it_is_one_contact(app: Flask, make: Factories, organization: Organization) -> None:
    user = make.user(organization)
    clients = [Client(app).sign_in(user) for _ in range(2)]
    form = {**clients[0].get("/contacts/new").fields("/contacts"), "phone": "512-555-0142", "first_name": "Ruth"}
    together = Barrier(2)

    tokens = [client.get("/contacts/new").fields("/contacts")["csrf_token"] for client in clients]

    def post(number: int) -> str:
        together.wait()
        answer = clients[number].post("/contacts", {**form, "csrf_token": tokens[number]})
        return str(answer.headers["Location"])

    with ThreadPoolExecutor(2) as pool:
        places = set(pool.map(post, range(2)))

    assert len(places) == 1
    assert len(clients[0].get("/contacts").all(".//tbody/tr")) == 1


def test_two_who_type_the_same_number_at_once_make_one_contact(
    app: Flask, make: Factories, organization: Organization
) -> None:
    clients = [Client(app).sign_in(make.user(organization)) for _ in range(4)]
    forms = [{**one.get("/contacts/new").fields("/contacts"), "phone": "512-555-0142"} for one in clients]
    together = Barrier(4)

    def post(number: int) -> int:
        together.wait()
        return clients[number].answer_of("/contacts", {**forms[number], "first_name": f"Ruth {number}"}).status

    with ThreadPoolExecutor(4) as pool:
        statuses = sorted(pool.map(post, range(4)))

    assert statuses == [303, 409, 409, 409]


def test_only_who_writes_contacts_adds_one(client: Client, make: Factories, organization: Organization) -> None:
    client.sign_in(make.user(organization, Role.SUPPORT))

    client.get("/contacts/new", status=403)
    client.post("/contacts", {"first_name": "Ruth"}, status=403)
    assert "New contact" not in client.get("/contacts").links


def test_the_number_of_another_organization_is_free(csr: Client, make: Factories) -> None:
    make.contact(make.organization(), primary_phone="+15125550142")

    assert "No contact has the number" in csr.swap("/contacts/new?phone=512-555-0142").text
    send(csr, phone="512-555-0142", first_name="Ruth")


def test_somebody_in_the_trash_gives_their_number_free(
    csr: Client, make: Factories, organization: Organization
) -> None:
    gone: ContactCard = make.contact(organization, primary_phone="+15125550142", deleted_at=DAY)

    send(csr, phone="512-555-0142", first_name="Ruth")

    assert gone.deleted_at is not None
