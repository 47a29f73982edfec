"""Saved views of the team's page: saved with period, people and order, and shared only with those who see the team."""

from collections.abc import Callable

import pytest

from app.models import Organization, Role, User
from tests.support.client import Client
from tests.support.factories import Factories
from tests.support.pages import Page, text_of

HERE = "/csr?period=last_30&compare=none&csr=team&sort=-unbooked"


@pytest.fixture
def company(make: Factories) -> Organization:
    return make.organization()


@pytest.fixture
def manager(make: Factories, company: Organization) -> User:
    return make.user(company, role=Role.MANAGER, name="Marcus Bell")


def save(client: Client, url: str, *, status: int = 303, **values: str) -> Page:
    return client.post("/saved-views", {**client.get(url).fields("/saved-views"), **values}, status=status)


def views_of(page: Page) -> dict[str, str]:
    return {text_of(link): link.get("href") or "" for link in page.all(".//div[@class='menu-list menu-list--wide']/a")}


def test_a_view_is_opened_as_it_was(client: Client, manager: User) -> None:
    page = client.follow(save(client.sign_in(manager), HERE, name="My people, a month"))

    assert "The view “My people, a month” was saved." in page.text
    assert views_of(page) == {"My people, a month": HERE}
    assert page.one(".//div[@class='menu-list menu-list--wide']/a").get("aria-current") == "true"
    assert [text_of(head) for head in page.all(".//th[@aria-sort]")] == ["Unbooked"]
    assert views_of(client.get("/csr")) == {"My people, a month": HERE}
    assert client.get("/saved-views").links["My people, a month"] == HERE


def test_a_shared_view_is_for_who_sees_the_team(
    new_client: Callable[[], Client], manager: User, company: Organization, make: Factories
) -> None:
    client = new_client().sign_in(manager)
    save(client, HERE, name="Ours", is_shared="y")
    save(client, "/csr?period=today", name="Mine")

    exec_, csr = (new_client().sign_in(make.user(company, role=role)) for role in (Role.EXEC, Role.CSR))
    stranger = new_client().sign_in(make.user(make.organization(), role=Role.MANAGER))

    assert views_of(exec_.get("/csr")) == {"Ours shared by Marcus Bell": HERE}
    assert views_of(csr.get("/csr")) == {}
    assert "Ours" not in csr.get("/saved-views").text
    assert views_of(stranger.get("/csr")) == {}


def test_who_sees_their_own_numbers_keeps_no_views_of_them(
    new_client: Callable[[], Client], company: Organization, make: Factories, manager: User
) -> None:
    form = new_client().sign_in(manager).get("/csr").fields("/saved-views")
    csr = new_client().sign_in(make.user(company, role=Role.CSR))
    own = csr.get("/calls").fields("/saved-views")

    page = csr.post("/saved-views", {**own, "name": "Mine", "page": form["page"], "query": form["query"]}, status=400)

    assert "Views can’t be saved for this list." in page.text


@pytest.mark.parametrize("query", ["sort=colour", "colour=red", "period=never", "csr=somebody"])
def test_what_the_page_does_not_know_is_not_kept(client: Client, manager: User, query: str) -> None:
    save(client.sign_in(manager), "/csr", name="Odd", query=query, status=400)
