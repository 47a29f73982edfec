"""A sales rep's day on a phone: an appointment's outcome in two taps, by touch, keyboard and without JavaScript."""

from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import Engine, text

from app.models import Appointment, Role
from tests.browser.conftest import OpenTab
from tests.support.browser import faults, faults_of_looks, scrolls_sideways, without_transitions
from tests.support.company import Company
from tests.support.factories import Factories

pytestmark = pytest.mark.browser

#: CSS pixels: the size that a thumb in a glove can hit.
LEAST = 44
NARROWEST = 320
#: HTML and height of each visible control.
_VISIBLE_HEIGHTS = """controls => controls
  .map(control => [control, control.getBoundingClientRect()])
  .filter(([control, box]) => control.checkVisibility({visibilityProperty: true}) && box.width && box.height)
  .map(([control, box]) => [control.outerHTML, box.height])"""


@pytest.fixture
def day(make: Factories, company: Company) -> list[Appointment]:
    """Three appointments today; the first has begun, and much is known about its contact."""
    organization, rep = company.organization, company.people[Role.SALES_REP]
    address = {"address_line_1": "4108 Ridgeline Dr", "city": "Austin", "state": "TX", "zip": "78745"}
    now = datetime.now(UTC)
    wants = {"primary_intent": "A new furnace", "risks": ["Has two other offers"]}
    ruth = make.contact(organization, first_name="Ruth", last_name="Delgado", **wants)
    call = make.call(organization, contact_card_id=ruth.id, assigned_rep_id=rep.id)
    make.transcript(call)
    objection = {"category": "price", "turn": 1, "text": "My furnace has stopped.", "severity": "high"}
    make.analysis(call, summary="The furnace is 18 years old. She wants a price first.", objections=[objection])
    others = [make.contact(organization, first_name=name, last_name="Avery") for name in ("Glen", "Tara")]
    return [
        make.appointment(
            organization,
            contact=contact,
            sales_rep_id=rep.id,
            source_call_id=call.id if contact is ruth else None,
            notes="Gate code 4471" if contact is ruth else None,
            scheduled_start_at=now - timedelta(seconds=50 - 10 * number),
            scheduled_end_at=now - timedelta(seconds=50 - 10 * (number + 1)),
            **address,
        )
        for number, contact in enumerate([ruth, *others])
    ]


def outcome_of(engine: Engine, visit: Appointment) -> tuple[str, str, str]:
    """Return status, outcome and value as currently stored in the database."""
    with engine.connect() as connection:
        now = text("SELECT status, outcome, coalesce(deal_value::text, '') FROM appointments WHERE id = :id")
        status, outcome, value = connection.execute(now, {"id": visit.id}).one()
    return str(status), str(outcome), str(value)


def too_small(tab: Page) -> list[str]:
    """Return the controls of the next appointment that are too small for a thumb."""
    controls = tab.locator(".next-visit").locator("a, button, summary, input:not([type=hidden]), textarea")
    heights = controls.evaluate_all(_VISIBLE_HEIGHTS)
    assert len(heights) > 8
    return [f"{height}: {html[:80]}" for html, height in heights if round(height) < LEAST]


@pytest.mark.parametrize("javascript", [True, False])
def test_won_and_nobody_there_in_two_taps_each(
    open_tab: OpenTab, day: list[Appointment], admin_engine: Engine, javascript: bool
) -> None:
    tab = open_tab(Role.SALES_REP, width=390, javascript=javascript)
    tab.goto("/")
    card = tab.locator("section.next-visit")
    expect(card).to_contain_text("Ruth Delgado")

    card.locator("summary", has_text="Won").click()
    card.get_by_label("Deal value").fill("11450")
    card.get_by_role("button", name="Save").click()
    expect(card).to_contain_text("Glen Avery")
    assert tab.url.endswith("/rep")
    card.locator("summary", has_text="No-show").click()
    card.get_by_role("button", name="No-show").click()
    expect(card).to_contain_text("Tara Avery")

    assert outcome_of(admin_engine, day[0]) == ("completed", "closed_won", "11450.00")
    assert outcome_of(admin_engine, day[1]) == ("no_show", "open", "")
    expect(tab.locator(".day-visits")).to_contain_text("Won $11,450")


def test_lost_by_keyboard(open_tab: OpenTab, day: list[Appointment], admin_engine: Engine) -> None:
    tab = open_tab(Role.SALES_REP, width=390)
    tab.goto("/rep")
    tab.locator("summary", has_text="Lost").focus()
    tab.keyboard.press("Enter")
    tab.keyboard.press("Tab")
    tab.keyboard.type("Too expensive")
    tab.keyboard.press("Tab")
    tab.keyboard.press("Enter")

    expect(tab.locator("section.next-visit")).to_contain_text("Glen Avery")
    assert outcome_of(admin_engine, day[0]) == ("completed", "closed_lost", "")


@pytest.mark.usefixtures("day")
def test_whatever_is_chosen_fits_a_thumb(open_tab: OpenTab) -> None:
    tab = open_tab(Role.SALES_REP, width=390)
    tab.goto("/rep")
    without_transitions(tab)  # within a choice that closes, they would never end
    for choice in ("Won", "Lost", "Pending", "No-show"):  # each closes the one before
        tab.locator("summary", has_text=choice).click()
        expect(tab.locator("details[name=outcome][open]")).to_have_count(1)

        assert too_small(tab) == [], choice
        assert faults(tab) == [], choice


@pytest.mark.usefixtures("day")
def test_the_page_has_no_faults_at_any_width(open_tab: OpenTab, company: Company) -> None:
    for who, address in ((Role.SALES_REP, "/rep"), (Role.MANAGER, f"/rep/{company.people[Role.SALES_REP].id}")):
        tab = open_tab(who)
        tab.goto(address)
        assert faults_of_looks(tab) == []
        tab.set_viewport_size({"width": NARROWEST, "height": 900})
        assert not scrolls_sideways(tab)
    tab.goto("/rep")
    assert faults_of_looks(tab) == []
