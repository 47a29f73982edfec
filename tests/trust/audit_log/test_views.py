"""Saved views of the audit trail, which work like those of any other list."""

from collections.abc import Callable

import pytest

from app.models import Organization, Role, User
from tests.support.client import Client
from tests.support.factories import Factories
from tests.trust.audit_log.entries import entries_on, link_on

FILTERS = "period=last_7&q=furnace&actor=none&action=call.updated%2Clead.updated&address=203.0.113.0%2F24"


@pytest.fixture
def reader(make: Factories, organization: Organization) -> User:
    return make.user(organization, Role.EXEC)


def save(client: Client, filters: str, **values: str) -> None:
    form = client.get(f"/audit?{filters}").fields("/saved-views")
    client.post("/saved-views", {**form, "name": "Furnaces by the system", **values})


def test_a_search_is_kept_and_leads_back_to_the_same_entries(
    client: Client, make: Factories, organization: Organization, reader: User
) -> None:
    wanted = make.entry(organization, after={"note": "The furnace is cold."})
    make.entry(organization, after={"note": "A fern."})
    save(client.sign_in(reader), "q=furnace&period=custom&from=2026-03-01&to=2026-03-31&sort=createdAt")

    page = client.get(link_on(client.get("/audit"), "Furnaces by the system"))

    assert entries_on(page) == [wanted.id]
    assert "Oldest first" in page.text
    assert "Furnaces by the system" in client.get("/saved-views").text


def test_every_filter_of_it_is_kept(client: Client, reader: User) -> None:
    save(client.sign_in(reader), FILTERS)

    assert set(FILTERS.split("&")) <= set(
        link_on(client.get("/audit"), "Furnaces by the system").split("?")[1].split("&")
    )


def test_a_shared_one_is_for_those_who_read_the_trail(
    client: Client, new_client: Callable[[], Client], make: Factories, organization: Organization, reader: User
) -> None:
    make.saved_view(reader, page="audit", name="Denied requests", query="action=refusals", is_shared=True)
    manager, support = (make.user(organization, role) for role in (Role.MANAGER, Role.SUPPORT))

    assert "/audit?action=refusals" in new_client().sign_in(support).get("/audit").links.values()
    assert "Denied requests" not in client.sign_in(manager).get("/saved-views").text
