"""The page `/organizations`, which lists all organizations for the platform's staff."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from app.models import Organization, Role
from tests.platform.organizations.visiting import enter
from tests.support.client import Client
from tests.support.factories import Factories
from tests.support.pages import text_of


def test_all_are_listed_with_their_people(
    client: Client, make: Factories, organization: Organization, change: Callable[..., None]
) -> None:
    make.user(organization)
    make.user(organization, status="inactive")
    gone = make.organization(name="Gone Gas")
    change(gone, deleted_at=datetime.now(UTC))

    page = client.sign_in(make.staff()).get("/organizations")

    names = [text_of(row).partition(" comfort")[0] for row in page.all(".//tbody/tr/th")]
    assert names == [
        "Arctic Heating", "Blue Ridge Air", "Gone Gas", "The platform", "Zebra Plumbing",
    ]  # fmt: skip
    ways_in = {link.get("href") for link in page.all(".//td//a")}
    assert f"/organizations/{organization.id}/enter" in ways_in
    assert f"/organizations/{gone.id}/enter" not in ways_in


def test_a_part_of_the_name_finds_it(client: Client, make: Factories, organization: Organization) -> None:
    page = client.sign_in(make.staff()).get("/organizations?q=RIDGE")

    assert "Blue Ridge Air" in page.text
    assert "Zebra Plumbing" not in page.text


def test_that_somebody_looked_is_recorded_at_home(
    client: Client,
    make: Factories,
    organization: Organization,
    trail: Callable[..., list[Any]],
) -> None:
    staff = make.staff()
    client.sign_in(staff)
    enter(client, organization)

    client.get("/organizations?q=ridge")

    assert "organization.listed" not in [one.action for one in trail(organization.id)]
    listed = next(one for one in trail(staff.organization_id) if one.action == "organization.listed")
    assert (listed.user_id, listed.details) == (staff.id, {"q": "ridge"})


@pytest.mark.parametrize("role", list(Role))
def test_nobody_else_sees_it(client: Client, make: Factories, organization: Organization, role: Role) -> None:
    client.sign_in(make.user(organization, role=role))

    client.get("/organizations", status=403)
    enter(client, organization, status=403)


def test_it_asks_as_many_questions_for_few_as_for_many(
    client: Client, make: Factories, organization: Organization, queries: Callable[..., Any]
) -> None:
    client.sign_in(make.staff()).get("/organizations")
    with queries() as few:
        client.get("/organizations")
    for _number in range(30):
        make.user(make.organization())
    with queries() as many:
        client.get("/organizations")

    # The maintenance state is queried only once in a while, regardless of the page.
    assert [len([one for one in sent if "system_settings" not in one]) for sent in (few, many)] == [2, 2]
