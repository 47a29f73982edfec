"""The board of leads in a real browser: leads moved by drag and drop, keyboard and touch, and undone."""

import re

import pytest
from playwright.sync_api import Page, expect

from app.models import Lead, Role
from tests.browser.conftest import OpenTab
from tests.support.browser import faults
from tests.support.company import Company
from tests.support.factories import Factories


@pytest.fixture
def lead(make: Factories, company: Company) -> Lead:
    """A new lead of Ruth Delgado."""
    contact = make.contact(company.organization, first_name="Ruth", last_name="Delgado")
    return make.lead(company.organization, contact=contact)


def stage_of(tab: Page, lead: Lead) -> str | None:
    return tab.locator(f"[data-stage]:has(#lead-{lead.id})").get_attribute("data-stage")


@pytest.mark.browser
def test_a_card_is_dragged_and_taken_back(open_tab: OpenTab, lead: Lead) -> None:
    tab = open_tab(Role.MANAGER)
    tab.goto("/leads/board")

    tab.drag_and_drop(f"#lead-{lead.id}", "[data-stage=qualified]")
    expect(tab.get_by_text("Moved to Qualified.")).to_be_visible()
    assert stage_of(tab, lead) == "qualified"
    tab.get_by_role("button", name="Undo").click()
    expect(tab.get_by_text("Undone.")).to_be_visible()
    assert stage_of(tab, lead) == "new"


@pytest.mark.browser
def test_a_card_is_booked_by_an_appointment_and_dead_asks_why(open_tab: OpenTab, lead: Lead) -> None:
    tab = open_tab(Role.MANAGER)
    tab.goto("/leads/board")

    tab.drag_and_drop(f"#lead-{lead.id}", "[data-stage=booked]")
    expect(tab).to_have_url(re.compile(f"/appointments/new.lead={lead.id}"))
    tab.goto("/leads/board")
    assert stage_of(tab, lead) == "new"
    tab.drag_and_drop(f"#lead-{lead.id}", "[data-stage=dead]")
    tab.get_by_label("Reason").fill("Went with a neighbour")
    tab.get_by_role("button", name="Move", exact=True).click()

    expect(tab).to_have_url(re.compile("/leads/board"))
    assert stage_of(tab, lead) == "dead"


@pytest.mark.browser
def test_by_keyboard_alone(open_tab: OpenTab, lead: Lead) -> None:
    tab = open_tab(Role.MANAGER)
    tab.goto("/leads/board")

    tab.locator(f"#lead-{lead.id} a").first.focus()
    tab.keyboard.press("m")
    expect(tab.get_by_role("button", name="Move to Qualified")).to_be_focused()
    tab.keyboard.press("Enter")

    expect(tab.get_by_text("Moved to Qualified.")).to_be_visible()
    assert stage_of(tab, lead) == "qualified"


@pytest.mark.browser
@pytest.mark.parametrize("javascript", [True, False], ids=["script", "no script"])
def test_on_a_phone_one_stage_at_a_time(open_tab: OpenTab, lead: Lead, javascript: bool) -> None:
    tab = open_tab(Role.MANAGER, width=390, javascript=javascript)
    tab.goto("/leads/board")
    card = tab.locator(f"#lead-{lead.id}")

    expect(card).to_be_visible()
    tab.locator(".board-pick").get_by_text("Qualified").click()
    expect(card).to_be_hidden()
    tab.locator(".board-pick").get_by_text("New").click()
    card.locator("summary").click()
    card.get_by_role("button", name="Move to Qualified").click()

    expect(tab.get_by_text("Moved to Qualified.")).to_be_visible()
    assert stage_of(tab, lead) == "qualified"


@pytest.mark.browser
def test_an_open_menu_is_accessible_on_any_width(open_tab: OpenTab, lead: Lead) -> None:
    for width, theme in ((1440, "dark"), (900, "light"), (390, "light")):
        tab = open_tab(Role.MANAGER, width=width, theme=theme)
        tab.goto("/leads/board?q=Delgado")
        tab.locator(f"#lead-{lead.id} summary").click()

        assert faults(tab) == []
