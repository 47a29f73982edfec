"""Overview of the user's own organization."""

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest

from app.models import Organization, OrganizationUsage, Role, StaffRole, User
from tests.support.client import Client
from tests.support.direct_access import Behind
from tests.support.factories import Factories

MAX_QUERIES = 5  # including the transaction's context and the session
READERS = [Role.SUPPORT, Role.MANAGER, Role.EXEC]


def test_an_admin_begins_the_day_there(as_admin: Client) -> None:
    assert as_admin.get("/", status=303).headers["Location"] == "/organization"


def test_it_tells_plan_use_and_safety(
    as_admin: Client, organization: Organization, make: Factories, behind: Behind
) -> None:
    make.subscription(organization)
    usage = behind.one(OrganizationUsage, organization_id=organization.id)
    behind.change(usage, used_minutes=250, used_storage_bytes=3_000_000)
    behind.change(organization, legal_hold=True, legal_hold_reason="A lawsuit")

    text = as_admin.get("/organization").text

    assert "Starter" in text
    assert "Seats: 2 of 25" in text
    assert "Call minutes this period: 250 of 1,000" in text
    assert "Storage this period: 2.9 MB of 10 GB" in text
    assert "Without two-factor authentication 2" in text
    assert "A lawsuit" in text


def test_people_who_left_and_neighbours_do_not_count(
    as_admin: Client, organization: Organization, make: Factories
) -> None:
    make.user(organization, status="inactive")
    make.user(make.organization())

    assert "Seats: 2 of 25" in as_admin.get("/organization").text


@pytest.mark.parametrize("role", READERS)
def test_who_may_only_look_sees_the_values_and_no_way_to_change_them(
    client: Client, organization: Organization, make: Factories, role: Role
) -> None:
    page = client.sign_in(make.user(organization, role=role)).get("/organization")

    assert "America/New_York" in page.text
    assert not [href for href in page.links.values() if href.startswith("/organization/profile")]
    assert page.all(".//main//form[@method='post']") == []
    assert "Webhook key" not in page.text
    for section in ("profile", "time-zone", "hours", "security", "deadlines", "webhook-key"):
        client.get(f"/organization/{section}", status=403)


@pytest.mark.parametrize("role", [Role.CSR, Role.SALES_REP])
def test_others_do_not_see_it(client: Client, organization: Organization, make: Factories, role: Role) -> None:
    client.sign_in(make.user(organization, role=role)).get("/organization", status=403)


def test_the_webhook_key_is_masked(as_admin: Client, organization: Organization, behind: Behind) -> None:
    behind.change(organization, webhook_key="a-very-secret-key-1234")

    page = as_admin.get("/organization")

    assert "••••••••1234" in page.text
    assert "secret-key" not in page.html


def test_a_guest_of_the_platform_sees_the_organization_they_are_in(
    client: Client, organization: Organization, owner: User, make: Factories
) -> None:
    client.sign_in(make.staff(StaffRole.ADMIN))
    client.post(f"/organizations/{organization.id}/enter", {"reason": "They have asked for help"})

    assert client.get("/organization").heading == "Blue Ridge Air"


def test_it_asks_few_questions(as_admin: Client, queries: Callable[[], AbstractContextManager[list[str]]]) -> None:
    as_admin.get("/organization")
    with queries() as sent:
        as_admin.get("/organization")

    assert len(sent) <= MAX_QUERIES


def test_the_overview_leads_whoever_may_change_it_to_sign_ins_and_alerts(
    new_client: Callable[[], Client], make: Factories, organization: Organization, admin: User
) -> None:
    leads = {
        person.role: "/organization/security"
        in [link.get("href") for link in new_client().sign_in(person).get("/organization").all(".//main//a")]
        for person in (admin, make.user(organization, role=Role.MANAGER))
    }

    assert leads == {Role.ADMIN: True, Role.MANAGER: False}
