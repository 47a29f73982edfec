"""Navigation to the next and previous calls in the list from which the user came."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta

import pytest

from app.models import Call, Organization, User
from tests.support.client import Client
from tests.support.factories import DAY, Factories
from tests.support.pages import Page


def ways(page: Page) -> tuple[str | None, str | None]:
    """Return the targets of the links to the previous and the next call."""
    found = {one.get("rel"): one.get("href") for one in page.all(".//main//a[@data-key]")}
    return found.get("prev"), found.get("next")


@pytest.fixture
def calls(make: Factories, organization: Organization, csr: User, colleague: User) -> list[Call]:
    """Five calls of the CSR, newest first, of which every other one is booked.

    Each is followed by a call of a colleague, which the CSR doesn't see.
    """
    made = []
    for hour in range(5):
        at = DAY - timedelta(hours=hour)
        make.call(organization, csr=colleague, started_at=at - timedelta(minutes=30))
        made.append(make.call(organization, csr=csr, started_at=at, booking_status=None if hour % 2 else "booked"))
    return made


def test_without_a_list_it_is_that_of_all_calls_in_the_scope(client: Client, csr: User, calls: list[Call]) -> None:
    client.sign_in(csr)

    assert ways(client.get(f"/calls/{calls[0].id}")) == (None, f"/calls/{calls[1].id}")
    assert ways(client.get(f"/calls/{calls[2].id}")) == (f"/calls/{calls[1].id}", f"/calls/{calls[3].id}")
    assert ways(client.get(f"/calls/{calls[4].id}")) == (f"/calls/{calls[3].id}", None)


def test_filters_and_sort_go_along_from_the_list_through_its_calls_and_back(
    client: Client, csr: User, calls: list[Call]
) -> None:
    here = "/calls?booking_status=booked&sort=startedAt"
    rows = client.sign_in(csr).get(here).all(".//tbody//th//a")
    page = client.get(rows[0].get("href") or "")
    met = [page]
    while ways(met[-1])[1]:
        met.append(client.get(ways(met[-1])[1] or ""))

    assert [one.response.request.path for one in met] == [f"/calls/{calls[n].id}" for n in (4, 2, 0)]
    assert [one.get("href") for one in page.all(".//ol//a")] == [here]
    assert ways(met[1])[0] == rows[0].get("href")


def test_a_call_that_has_left_the_list_still_leads_on(client: Client, csr: User, calls: list[Call]) -> None:
    page = client.sign_in(csr).get(f"/calls/{calls[1].id}?in=booking_status%3Dbooked")

    kept = "?in=booking_status%3Dbooked"
    assert ways(page) == (f"/calls/{calls[0].id}{kept}", f"/calls/{calls[2].id}{kept}")


@pytest.mark.parametrize("query", ["nonsense=1", "sort=nothing", "csr=x", "period=never", "period=custom"])
def test_a_list_that_is_none_leads_nowhere_and_the_call_is_shown(
    client: Client, csr: User, calls: list[Call], query: str
) -> None:
    page = client.sign_in(csr).get(f"/calls/{calls[1].id}", query_string={"in": query})

    assert ways(page) == (None, None)


def test_the_panel_keeps_the_list(client: Client, csr: User, calls: list[Call]) -> None:
    page = client.sign_in(csr).get(f"/calls/{calls[0].id}?in=booking_status%3Dbooked")

    assert page.links["Note"] == f"/calls/{calls[0].id}?in=booking_status%3Dbooked&panel=note"


def test_it_costs_the_same_however_long_the_list_is(
    client: Client,
    make: Factories,
    organization: Organization,
    csr: User,
    calls: list[Call],
    queries: Callable[[], AbstractContextManager[list[str]]],
) -> None:
    client.sign_in(csr).get(f"/calls/{calls[2].id}")
    with queries() as few:
        client.get(f"/calls/{calls[2].id}")
    for minute in range(60):
        make.call(organization, csr=csr, started_at=DAY - timedelta(minutes=minute))
    with queries() as many:
        client.get(f"/calls/{calls[2].id}")

    assert len(many) == len(few)
