"""Changes to a contact: saved values, permissions, and concurrent changes."""

import pytest
from flask import Flask

from app.models import ContactCard, Organization, Role
from app.security.permissions import Permission
from tests.support.client import Client
from tests.support.factories import DAY, Factories
from tests.support.pages import Page, text_of


@pytest.fixture
def manager(client: Client, make: Factories, organization: Organization) -> Client:
    return client.sign_in(make.user(organization, Role.MANAGER))


@pytest.fixture
def ruth(make: Factories, organization: Organization) -> ContactCard:
    return make.contact(
        organization, first_name="Ruth", last_name="Delgado", primary_phone="+15125550142", email="ruth@example.com"
    )


def form_of(client: Client, contact: ContactCard) -> dict[str, str]:
    return client.get(f"/contacts/{contact.id}/edit").fields(f"/contacts/{contact.id}/edit")


def send(client: Client, contact: ContactCard, form: dict[str, str], status: int = 303, **typed: str) -> Page:
    return client.post(f"/contacts/{contact.id}/edit", {**form, **typed}, status=status)


def test_what_is_changed_is_saved_and_told_in_the_timeline(manager: Client, ruth: ContactCard) -> None:
    form = form_of(manager, ruth)
    assert form["phone"] == "(512) 555-0142"

    page = manager.follow(send(manager, ruth, form, email="r.delgado@example.com", tags="VIP", refuses_texts="y"))

    assert "Contact saved." in page.text
    assert page.links["r.delgado@example.com"] == "mailto:r.delgado@example.com"
    assert "Email: ruth@example.com → r.delgado@example.com" in page.text
    assert "Opted out on" in page.text


def test_numbers_are_added_taken_away_and_made_the_main_one(manager: Client, ruth: ContactCard) -> None:
    send(manager, ruth, form_of(manager, ruth), phone="512-555-0116", other_phones="512-555-0142\n512-555-0188")
    page = manager.get(f"/contacts/{ruth.id}")
    assert "(512) 555-0116 primary" in page.text
    assert "(512) 555-0188" in page.text

    send(manager, ruth, form_of(manager, ruth), phone="512-555-0116", other_phones="")

    page = manager.get(f"/contacts/{ruth.id}?story=calls")
    assert "(512) 555-0188" not in page.text
    assert manager.get("/contacts?q=5550188").all(".//tbody/tr") == []
    assert len(manager.get("/contacts?q=5550116").all(".//tbody/tr")) == 1


def test_a_number_of_somebody_else_is_refused_and_nothing_changes(
    manager: Client, make: Factories, organization: Organization, ruth: ContactCard
) -> None:
    make.contact(organization, first_name="Tom", last_name="Okafor", primary_phone="+15125550177")

    page = send(manager, ruth, form_of(manager, ruth), 409, phone="512-555-0177", first_name="Rita")

    assert [text_of(one) for one in page.all(".//p[@class='error']")] == ["Tom Okafor already has this number."]
    assert "Open contact" in page.links
    assert manager.get(f"/contacts/{ruth.id}").heading == "Ruth Delgado"


def test_who_was_slower_sees_both_and_saves_on_second_thought(
    app: Flask, make: Factories, organization: Organization, manager: Client, ruth: ContactCard
) -> None:
    other = Client(app).sign_in(make.user(organization, Role.MANAGER))
    mine, theirs = form_of(manager, ruth), form_of(other, ruth)
    send(other, ruth, theirs, email="theirs@example.com", other_phones="512-555-0199")

    page = send(manager, ruth, mine, 409, email="mine@example.com")

    table = [[text_of(cell) for cell in row] for row in page.all(".//div[@class='conflict']//tbody/tr")]
    assert table == [["Email", "theirs@example.com", "mine@example.com"], ["Other numbers", "+15125550199", "–"]]
    again = page.fields(f"/contacts/{ruth.id}/edit")
    send(manager, ruth, again)
    assert "mine@example.com" in manager.get(f"/contacts/{ruth.id}").links


def test_saving_what_is_there_changes_nothing(manager: Client, make: Factories, ruth: ContactCard) -> None:
    form = form_of(manager, ruth)

    send(manager, ruth, form)
    send(manager, ruth, form)

    assert form_of(manager, ruth)["version"] == form["version"]


def test_a_number_that_finds_another_card_of_the_family_stays(
    manager: Client, make: Factories, organization: Organization, ruth: ContactCard
) -> None:
    with make.batch():
        son = make.contact(organization, first_name="Leo", primary_phone=None)
    form = form_of(manager, son)
    send(manager, son, form, city="Austin")

    send(manager, ruth, form_of(manager, ruth), city="Austin")

    assert manager.get("/contacts?q=Austin").text.count("Austin") >= 2


@pytest.mark.parametrize("path", ["edit"])
def test_whom_one_does_not_see_one_does_not_change(
    app: Flask, client: Client, make: Factories, organization: Organization, ruth: ContactCard, path: str
) -> None:
    client.sign_in(make.user(organization))
    client.get(f"/contacts/{ruth.id}/{path}", status=404)
    client.post(f"/contacts/{ruth.id}/{path}", {"first_name": "Mine"}, status=404)
    stranger = Client(app).sign_in(make.user(make.organization(), Role.OWNER))
    stranger.get(f"/contacts/{ruth.id}/{path}", status=404)
    stranger.post(f"/contacts/{ruth.id}/{path}", {"first_name": "Mine"}, status=404)


def test_seeing_all_is_not_changing_all(
    client: Client, make: Factories, organization: Organization, ruth: ContactCard
) -> None:
    me = make.user(organization)
    make.grant(me, Permission.CONTACTS_READ)
    mine = make.contact(organization, created_by=me.id)
    client.sign_in(me)

    client.get(f"/contacts/{ruth.id}")
    client.get(f"/contacts/{ruth.id}/edit", status=403)
    client.post(f"/contacts/{ruth.id}/edit", {"first_name": "Mine"}, status=403)
    client.get(f"/contacts/{mine.id}/edit")


def test_refusing_texts_keeps_its_day(manager: Client, make: Factories, organization: Organization) -> None:
    contact = make.contact(organization, sms_opt_out_at=DAY)

    send(manager, contact, form_of(manager, contact), city="Austin")
    assert "Opted out on Mar 18" in manager.get(f"/contacts/{contact.id}").text

    form = form_of(manager, contact)
    del form["refuses_texts"]
    send(manager, contact, form)
    assert "Allowed" in manager.get(f"/contacts/{contact.id}").text


def test_a_number_that_was_taken_away_comes_back_from_the_trash(
    app: Flask, make: Factories, organization: Organization, manager: Client, ruth: ContactCard
) -> None:
    send(manager, ruth, form_of(manager, ruth), other_phones="512-555-0188")
    send(manager, ruth, form_of(manager, ruth), other_phones="")
    admin = Client(app).sign_in(make.user(organization, Role.ADMIN))
    [batch] = [href for text, href in admin.get("/trash").links.items() if "555-0188" in text]

    admin.post(f"{batch}/restore", admin.get(f"{batch}/restore").fields(f"{batch}/restore") | {"step": "restore"})

    assert "(512) 555-0188" in manager.get(f"/contacts/{ruth.id}").text
