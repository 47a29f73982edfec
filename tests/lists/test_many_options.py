"""Pickers with many options: text fields with suggestions from the server."""

from urllib.parse import quote

import pytest

from app.models import Organization, Role, User
from app.web.templating import MAX_OPTIONS
from tests.support.client import Client
from tests.support.factories import Factories
from tests.support.pages import text_of


@pytest.fixture
def manager(client: Client, make: Factories, organization: Organization) -> Client:
    manager = make.user(organization, Role.MANAGER)
    return client.sign_in(manager)


@pytest.fixture
def robin(make: Factories, organization: Organization) -> User:
    with make.batch():
        for number in range(MAX_OPTIONS):
            make.user(organization, name=f"Person Number{number:03}")
    robin = make.user(organization, name="Robin Vance")
    make.call(organization, csr=robin)
    make.call(organization)
    return robin


def rows(client: Client, url: str) -> int:
    return len(client.get(url).all(".//main//tbody/tr"))


def test_a_picker_of_few_is_a_select(manager: Client) -> None:
    assert manager.get("/calls").one(".//select[@name='csr']") is not None


def test_a_picker_of_many_suggests_and_shows_who_is_chosen_by_name(manager: Client, robin: User) -> None:
    page = manager.get(f"/calls?csr={robin.id}")

    field = page.one(".//input[@list='csr-offered']")
    assert field.get("value") == "Robin Vance"
    suggested = [option.get("value") for option in page.all(f".//datalist[@id='{field.get('list')}']/option")]
    assert "Robin Vance" in suggested
    assert "Any" not in suggested
    assert field.get("placeholder") == "Any"


@pytest.mark.parametrize("typed", ["Robin Vance", "robin vance", "robin", "vance", " ROBIN "])
def test_what_is_typed_finds_who_is_meant(manager: Client, robin: User, typed: str) -> None:
    assert rows(manager, f"/calls?csr={quote(typed)}") == rows(manager, f"/calls?csr={robin.id}") == 1


def test_the_address_after_a_swap_has_the_id(manager: Client, robin: User) -> None:
    page = manager.swap("/calls?csr=Robin&status=")

    assert page.headers["HX-Push-Url"] == f"/calls?csr={robin.id}"


def test_where_several_may_be_meant_it_asks_back(manager: Client, robin: User) -> None:
    page = manager.get("/calls?csr=person", status=400)

    assert "“person” matches several options: Person Number000, Person Number001" in page.text
    assert "Type more of the name." in page.text


def test_who_is_called_exactly_so_is_meant_though_others_begin_so(
    manager: Client, robin: User, make: Factories, organization: Organization
) -> None:
    make.user(organization, name="Robin Vance Junior")

    assert rows(manager, "/calls?csr=robin+vance") == 1


def test_nobody_of_that_name_is_said(manager: Client, robin: User) -> None:
    assert "can’t have this value" in manager.get("/calls?csr=Nobody+Else", status=400).text


def test_fields_of_the_trail_are_found_by_their_words(
    client: Client, make: Factories, organization: Organization
) -> None:
    client.sign_in(make.user(organization, Role.OWNER))
    page = client.get("/audit?field=Booking+status")

    assert page.one(".//input[@list='field-offered']").get("value") == "Booking status"
    assert [text_of(chip) for chip in page.all(".//span[@class='chip']/b")] == ["Booking status"]
