"""Every page says where one is: in the sidebar, and below the organization's page in its breadcrumbs."""

from collections.abc import Iterator
from xml.etree.ElementTree import Element

import pytest
from flask import Flask

from app.models import Role, StaffRole
from tests.support.client import Client
from tests.support.company import Company, page_addresses
from tests.support.factories import Factories
from tests.support.pages import Page, text_of

#: Pages that no place leads to: one comes to them by the menu of a list, or from the top of every page.
WITHOUT_A_PLACE = ("/notifications", "/saved-views", "/search", "/styleguide")
#: Where the pages of a feature stand below another one's address.
BELOW = {"/audit/streams": "/organization"}


def marked(page: Page) -> list[str]:
    """The addresses of those links of the sidebar that say that they are the current one."""
    links = page.all(".//aside[@class='side']//nav[@class='nav']//a")
    return [link.get("href", "") for link in links if link.get("aria-current") == "page"]


def place_of(url: str, places: list[str]) -> str | None:
    """The longest of `places` that the address begins with."""
    url = next((place for address, place in BELOW.items() if url.startswith(address)), url)
    above = [place for place in places if url == place or url.startswith((f"{place}/", f"{place}?"))]
    return max(above, key=len, default=None)


@pytest.mark.parametrize("role", list(Role))
def test_every_page_marks_its_place(app: Flask, client: Client, company: Company, role: Role) -> None:
    client.sign_in(company.people[role])
    wrong, walked = {}, set()
    for url in page_addresses(app, company, role):
        page = client.look_at(url)
        if page.status != 200 or not page.all(".//aside[@class='side']"):
            continue  # leads on, or is for strangers
        links = page.all(".//aside[@class='side']//nav[@class='nav']//a")
        wanted = place_of(url, [link.get("href", "") for link in links])
        if marked(page) != ([wanted] if wanted else []):
            wrong[url] = marked(page)
        if wanted:
            walked.add(wanted)
        elif not url.startswith(WITHOUT_A_PLACE):
            wrong[url] = ["belongs to no place"]

    assert wrong == {}
    assert {"/calls", "/account"} <= walked


def test_the_pages_of_the_platform_mark_theirs(client: Client, company: Company, make: Factories) -> None:
    client.sign_in(make.staff(StaffRole.ADMIN))
    for url in ("", "/new", f"/{company.organization.id}", f"/{company.organization.id}/enter"):
        assert marked(client.get(f"/organizations{url}")) == ["/organizations"], url


def pages_of_the_owner(
    app: Flask, client: Client, company: Company, below: tuple[str, ...] = ("/",)
) -> Iterator[tuple[str, Page]]:
    """Every page that an owner can look at, but for the style guide, whose parts are examples."""
    client.sign_in(company.people[Role.OWNER])
    for url in page_addresses(app, company, Role.OWNER):
        if url.startswith(below) and "/styleguide" not in url:
            page = client.look_at(url)
            if page.status == 200:
                yield url, page


def test_pages_of_the_organization_have_one_kind_of_head(app: Flask, client: Client, company: Company) -> None:
    wrong = {}
    for url, page in pages_of_the_owner(app, client, company, ("/organization/", "/audit/streams")):
        crumbs = [text_of(one).removeprefix("/").strip() for one in page.all(".//main//ol[@class='crumbs']/li")]
        tabs = [text_of(one) for one in page.all(".//main//nav[@class='tabs']/a") if one.get("aria-current")]
        if crumbs[:1] != ["Organization"] or crumbs[-1] != page.heading or len(tabs) != 1:
            wrong[url] = (crumbs, page.heading, tabs)
    assert wrong == {}


def test_the_button_that_does_it_stands_last_and_to_the_right(app: Flask, client: Client, company: Company) -> None:
    wrong = {}
    for url, page in pages_of_the_owner(app, client, company):
        heads = [*page.all(".//header/div"), *page.all(".//div[@class='panel-head']/div")]
        for row in page.all(".//main//div"):
            classes = row.get("class", "").split()
            shown = [one for one in row if "vh" not in one.get("class", "").split()]
            if "row" not in classes or not any(_does_it(one) for one in shown[:1] + shown[-1:]):
                continue
            if not _does_it(shown[-1]) or ("row--end" not in classes and row not in heads):
                wrong[url] = [text_of(one) for one in shown]
    assert wrong == {}


def test_red_is_what_a_page_that_asks_ends_with(app: Flask, client: Client, company: Company) -> None:
    wrong = {}
    for url, page in pages_of_the_owner(app, client, company):
        red = [one for one in page.all(".//main//*") if "danger" in one.get("class", "")]
        if len(red) > 1 or any(one.tag != "button" or "btn--danger-solid" not in one.get("class", "") for one in red):
            wrong[url] = [text_of(one) for one in red]
    assert wrong == {}


def _does_it(element: Element) -> bool:
    """Whether it is the button of the row that does what the page is about, or a form of that button alone."""
    if element.get("class") == "inline-form":
        return any(_does_it(one) for one in element)
    return bool({"btn--primary", "btn--danger-solid"} & set(element.get("class", "").split()))
