"""A manager's ten minutes on the team's page: who needs help and why, the calls that show it, coaching, follow-ups."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import Engine, text

from app.models import Call, Role, User
from tests.browser.clicks import Clicks
from tests.browser.conftest import OpenTab
from tests.support.browser import WIDTHS, faults_of_looks
from tests.support.cached_rows import restored_by_copy
from tests.support.company import Company, make_company
from tests.support.factories import Factories

pytestmark = pytest.mark.browser

MOST_CLICKS = 12
#: Two windows of 900 px.
TWO_SCREENS = 1800
#: Number of each CSR's ten calls that are booked.
TEAM = {"Priya Nair": 9, "Marcus Webb": 8, "Elena Ruiz": 8, "Tom Okafor": 7, "Maya Torres": 7, "Hannah Cole": 6}
WEAKEST = "Sofia Grant"


@pytest.fixture
@restored_by_copy
def company(make: Factories) -> Company:
    """A company whose team is `rows["team"]`. Restored by COPY."""
    company = make_company(make)
    company.rows["team"] = make_team(make, company)
    return company


@pytest.fixture
def team(company: Company) -> dict[str, User]:
    """The CSRs of the team by name."""
    people: dict[str, User] = company.rows["team"]
    return people


def make_team(make: Factories, company: Company) -> dict[str, User]:
    """Create seven CSRs with calls in the working hours of the last five days; Sofia Grant books least.

    Returns the CSRs by name.
    """
    organization = company.organization
    zone = ZoneInfo(organization.timezone)
    opening = datetime.now(UTC).astimezone(zone).replace(hour=7, minute=0, second=0, microsecond=0)
    people = {}
    with make.batch():
        for name, booked in {**TEAM, WEAKEST: 4}.items():
            people[name] = csr = make.user(organization, name=name)
            for number in range(10):
                at = (opening - timedelta(days=1 + number % 5) + timedelta(hours=number + number % 3)).astimezone(UTC)
                call = _call(make, company, csr, at, is_booked=number < booked)
                if number == booked:
                    make.call(organization, csr=csr, status="missed", started_at=at)
                make.analysis(
                    call,
                    sop_compliance_score=60 + 3 * booked,
                    objections=[{"category": ("price", "trust")[number % 2], "severity": "low"}],
                )
    return people


def _call(make: Factories, company: Company, csr: User, at: datetime, *, is_booked: bool) -> Call:
    organization = company.organization
    contact = make.contact(organization)
    lead = make.lead(organization, contact=contact, qualification_status="hot")
    call = make.call(
        organization,
        csr=csr,
        started_at=at,
        duration_seconds=240,
        contact_card_id=contact.id,
        lead_id=lead.id,
        topic="Furnace repair",
        booking_status="booked" if is_booked else "not_booked",
    )
    if is_booked:
        make.appointment(organization, contact=contact, csr_id=csr.id, booked_at=at)
    else:
        make.transcript(call)
    return call


@pytest.mark.parametrize("javascript", [True, False])
def test_a_managers_ten_minutes(
    open_tab: OpenTab, company: Company, team: dict[str, User], admin_engine: Engine, javascript: bool
) -> None:
    tab, clicks = open_tab(Role.MANAGER, javascript=javascript), Clicks()
    tab.goto("/")

    # Who needs help today, and why: the lowest rate comes first, next to everyone else's.
    weakest = tab.locator("#team-table tbody tr").first
    expect(weakest).to_contain_text(WEAKEST)
    expect(weakest.locator("[data-metric='booking_rate_of_person']")).to_have_text("40.0%")
    expect(tab.locator("#team-table tfoot [data-metric='booking_rate']")).to_have_text("70.0%")

    # The three calls that show it.
    clicks.on(weakest.locator("[data-metric='unbooked_appointments_of_person']"))
    expect(tab.locator("[data-count='6']")).to_be_visible()
    listed = tab.url
    clicks.on(tab.locator("tbody tr th a").first)
    seen = [_call_of(tab)]
    for place in (1, 2):
        if javascript:
            clicks.on(tab.get_by_role("link", name="Next call in this list"))
        else:
            clicks.back(tab, listed)
            clicks.on(tab.locator("tbody tr th a").nth(place))
        tab.wait_for_url(lambda url: seen[-1] not in url)
        expect(tab.get_by_role("heading", level=1)).to_be_visible()
        seen.append(_call_of(tab))

    # A coaching note at a turn of the last one.
    clicks.on(tab.get_by_role("link", name="Coach at turn").first)
    tab.locator("#coaching-new textarea").fill("Offer two times before you tell the price.")
    clicks.on(tab.get_by_role("button", name="Add coaching note"))
    expect(tab.get_by_text("Offer two times before you tell the price.").first).to_be_visible()

    # Two follow-ups.
    clicks.on(tab.get_by_role("link", name="CSR dashboard").first)
    for number in (1, 2):
        clicks.on(tab.locator("#unbooked-table").get_by_role("button", name="Follow up").first)
        expect(tab.get_by_text("Follow-up task added, due tomorrow morning.").first).to_be_visible()
        expect(tab.locator("[data-metric='unbooked_without_follow_up']").first).to_have_text(str(21 - number))

    assert clicks.count <= MOST_CLICKS
    assert clicks.count == (9 if javascript else 11)
    sofia = team[WEAKEST].id
    with admin_engine.connect() as connection:
        calls = text("SELECT csr_id, booking_status FROM calls WHERE id::text = ANY(:seen)")
        shown = connection.execute(calls, {"seen": seen}).all()
        assert {tuple(row) for row in shown} == {(sofia, "not_booked")}
        assert len(set(seen)) == 3
        notes = connection.scalars(text("SELECT call_id::text FROM call_notes WHERE body LIKE 'Offer two times%'"))
        assert list(notes) == [seen[-1]]
        tasks = connection.execute(
            text("SELECT t.assigned_to_user_id = c.csr_id FROM tasks t JOIN calls c ON c.id = t.call_id")
        )
        assert [row[0] for row in tasks] == [True, True]


def _call_of(tab: Page) -> str:
    return tab.url.split("/calls/")[1][:36]


def test_the_page_has_no_faults_and_is_two_screens_high(open_tab: OpenTab) -> None:
    tab = open_tab(Role.MANAGER)
    tab.goto("/csr")

    assert faults_of_looks(tab) == []
    tab.set_viewport_size({"width": 1440, "height": 900})
    assert tab.evaluate("document.documentElement.scrollHeight") <= TWO_SCREENS


def test_what_is_folded_opens_without_faults(open_tab: OpenTab) -> None:
    tab = open_tab(Role.MANAGER)
    tab.goto("/csr")
    for width in (768, WIDTHS[1]):
        tab.set_viewport_size({"width": width, "height": 900})
        tab.evaluate("document.querySelectorAll('main .chart-data').forEach(chart => { chart.open = false; })")
        for summary in tab.locator("main details.chart-data > summary").all():
            summary.click()
    tab.evaluate("scrollTo(0, 0)")

    assert faults_of_looks(tab) == []
    expect(tab.get_by_role("heading", name="All other numbers")).to_be_attached()


def test_a_phone_has_three_numbers_before_the_people(open_tab: OpenTab) -> None:
    tab = open_tab(Role.MANAGER, width=390)
    tab.goto("/csr")

    shown = [one for one in tab.locator(".headlines .stat").all() if one.is_visible()]
    names = [one.locator(".stat-label").inner_text() for one in shown]
    assert names == ["Booking rate", "Booked", "Unbooked calls"]
    tops = {one.bounding_box()["y"] for one in shown}  # type: ignore[index]  # visible, so it has a box
    assert len(tops) == 1
