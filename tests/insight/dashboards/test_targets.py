"""Targets next to the numbers of the dashboards."""

from decimal import Decimal

import pytest

from app.models import Organization, Role, User
from tests.support.client import Client
from tests.support.factories import DAY, Factories
from tests.support.pages import Page, text_of

MARCH = "period=custom&from=2026-03-01&to=2026-03-31"
SOME_DAYS = "period=custom&from=2026-03-10&to=2026-03-20"


@pytest.fixture
def maya(make: Factories, organization: Organization) -> User:
    """A CSR with one booking from two qualified leads; a second CSR, Zed, has none."""
    maya = make.user(organization, name="Maya")
    make.user(organization, name="Zed")
    for booked in (True, False):
        contact = make.contact(organization)
        lead = make.lead(organization, contact=contact, qualification_status="hot")
        make.call(organization, csr=maya, lead_id=lead.id, contact_card_id=contact.id, started_at=DAY)
        if booked:
            make.appointment(organization, csr_id=maya.id, booked_at=DAY)
    return maya


@pytest.fixture
def as_manager(client: Client, make: Factories, organization: Organization) -> Client:
    return client.sign_in(make.user(organization, role=Role.MANAGER))


def told(page: Page) -> dict[str, str]:
    """Return the text about the target on each tile, by metric."""
    return {one.get("data-target", ""): text_of(one) for one in page.all(".//*[@class='stat']//span[@data-target]")}


def test_the_team_page_has_those_of_the_company(
    as_manager: Client, make: Factories, organization: Organization, maya: User
) -> None:
    make.target(organization, value=Decimal("0.5"))
    make.target(organization, metric="appointments_booked", value=Decimal(40))
    make.target(organization, metric="qualified_leads", user_id=maya.id, value=Decimal(2))

    page = as_manager.get(f"/csr?{MARCH}")

    assert told(page) == {"booking_rate": "Target 50%, met", "appointments_booked": "Target 40, missed"}
    assert told(as_manager.get(f"/csr?{SOME_DAYS}")) == {"booking_rate": "Target 50%, met"}
    assert told(as_manager.get(f"/csr?{MARCH}&csr=team")) == {}
    assert "Targets are monthly, so they’re only shown for whole months." in page.text


def test_each_person_has_their_own_in_the_table(
    as_manager: Client, make: Factories, organization: Organization, maya: User
) -> None:
    before = as_manager.get(f"/csr?{MARCH}")
    make.target(organization, user_id=maya.id, value=Decimal("0.625"))

    page = as_manager.get(f"/csr?{MARCH}")

    rows = page.all(".//div[@id='team-table']/table/tbody/tr")
    maya_row, zeds_row = (next(row for row in rows if name in text_of(row)) for name in ("Maya", "Zed"))
    assert "Target 62.5%, missed" in text_of(maya_row)
    assert [tick.get("x") for tick in maya_row.findall(".//rect[@class='tick']")] == ["62.5%"]
    assert "Target" not in text_of(zeds_row)
    assert "The mark on each bar is the person’s target." in page.text
    assert "The mark on each bar is the team’s rate, " in before.text
    assert told(page) == {}


def test_a_csr_sees_their_own_targets_beside_their_own_numbers(
    client: Client, make: Factories, organization: Organization, maya: User
) -> None:
    make.target(organization, value=Decimal("0.9"))
    make.target(organization, user_id=maya.id, value=Decimal("0.5"))
    make.target(organization, metric="sop_compliance", user_id=maya.id, value=Decimal("82.5"))
    client.sign_in(maya)

    page = client.get(f"/csr?{SOME_DAYS}")

    assert told(page)["booking_rate"] == "Target 50%, met"
    assert "/targets" not in page.links.values()


@pytest.mark.parametrize("role", [Role.MANAGER, Role.EXEC])
def test_who_may_write_them_is_led_there(
    client: Client, make: Factories, organization: Organization, maya: User, role: Role
) -> None:
    page = client.sign_in(make.user(organization, role=role)).get(f"/csr?{MARCH}")

    assert page.links["Targets"] == "/targets"
    assert maya.name in page.text
