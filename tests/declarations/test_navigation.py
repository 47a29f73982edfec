"""Navigation of each role: short enough to be read at a glance, with everything else one click away."""

from collections.abc import Callable

import pytest
from flask import Flask
from flask_babel import force_locale

from app.declarations.navigation import nav_count, navigation_for
from app.declarations.place import Counted
from app.models import Organization, Role, StaffRole
from app.security.actor import Counts
from tests.support.client import Client
from tests.support.factories import Factories
from tests.support.owner_races import acting
from tests.support.pages import Page, text_of

#: Lines that are visible without opening a group, titles of groups included.
LINES = {
    Role.CSR: 8,
    Role.SALES_REP: 6,
    Role.SUPPORT: 9,
    Role.MANAGER: 12,
    Role.EXEC: 12,
    Role.ADMIN: 15,
    Role.OWNER: 15,
}
TITLES = ["Customers", "Team", "Data", "Company settings", "Records"]


def signed_in(client: Client, make: Factories, role: Role) -> Page:
    return client.sign_in(make.user(make.organization(), role=role)).get("/account")


def texts(page: Page, path: str) -> list[str]:
    return [text_of(one) for one in page.all(f".//aside[@class='side']//nav{path}")]


@pytest.mark.parametrize("role", list(Role))
def test_the_sidebar_is_as_long_as_it_may_be(client: Client, make: Factories, role: Role) -> None:
    page = signed_in(client, make, role)

    assert len(texts(page, "/a") + texts(page, "/details/summary")) == LINES[role]
    assert [title for title in TITLES if title in texts(page, "/details/summary")] == texts(page, "/details/summary")


@pytest.mark.parametrize("role", list(Role))
def test_no_group_has_fewer_than_two_pages(client: Client, make: Factories, role: Role) -> None:
    groups = signed_in(client, make, role).all(".//aside[@class='side']//details")
    assert groups
    assert min(len(group.findall("a")) for group in groups) > 1


def test_the_navigation_of_a_reader_is_the_same_object_each_time(
    app: Flask, make: Factories, organization: Organization
) -> None:
    # It is part of the key of cached HTML, which would not be found again otherwise.
    csr, manager = (acting(make.user(organization, role=role)) for role in (Role.CSR, Role.MANAGER))
    with app.test_request_context("/calls"):
        first, other = (hash(navigation_for(actor)) for actor in (csr, manager))
        assert (hash(navigation_for(csr)), hash(navigation_for(manager))) == (first, other)
        assert first != other


def test_a_group_with_one_page_is_that_page(new_client: Callable[[], Client], make: Factories) -> None:
    manager, support = (signed_in(new_client(), make, role) for role in (Role.MANAGER, Role.SUPPORT))
    assert texts(manager, "/a")[-1] == "Trash"
    assert texts(support, "/details[last()]/a") == ["Audit trail", "Trash"]


def test_only_the_group_of_the_page_is_open(client: Client, make: Factories) -> None:
    client.sign_in(make.user(make.organization(), role=Role.OWNER))
    opened = ".//aside[@class='side']//details[@open]/summary"
    assert [text_of(one) for one in client.get("/users").all(opened)] == ["Company settings"]
    assert client.get("/calls").all(opened) == []


def test_the_tabs_of_a_phone_are_the_first_places(client: Client, make: Factories) -> None:
    page = signed_in(client, make, Role.SALES_REP)
    tabs = [text_of(one) for one in page.all(".//nav[@class='tabbar']/a")]
    assert tabs == ["My day", "My calls", "Tasks", "Calendar"]


@pytest.mark.parametrize(("role", "label"), [(Role.CSR, "My calls"), (Role.MANAGER, "Calls")])
def test_own_rows_are_called_ones_own(client: Client, make: Factories, role: Role, label: str) -> None:
    assert label in texts(signed_in(client, make, role), "/a")


def test_a_name_leads_to_the_account(client: Client, make: Factories) -> None:
    page = signed_in(client, make, Role.CSR)
    [account] = page.all(".//aside[@class='side']//*[@class='me']/a")
    assert (account.get("href"), account.get("aria-current"), account.get("data-go")) == ("/account", "page", "a")


def test_staff_begin_with_the_organizations(client: Client, make: Factories) -> None:
    page = client.sign_in(make.staff(StaffRole.ADMIN)).get("/account")
    assert texts(page, "/a")[0] == "Organizations"


def test_the_markup_of_a_count_is_made_once_for_each_count_and_language(app: Flask) -> None:
    with app.test_request_context():
        none, three = (nav_count(Counted.QUEUE, Counts(queue=number)) for number in (0, 3))

        assert nav_count(Counted.QUEUE, Counts(queue=3, tasks=5)) is three
        assert "(3 waiting)" in three
        assert "waiting)" not in none
        with force_locale("ru"):
            assert "waiting)" not in nav_count(Counted.QUEUE, Counts(queue=3))
        assert 'data-waiting="tasks"' in nav_count(Counted.TASKS, Counts(tasks=3))
