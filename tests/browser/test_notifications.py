"""The bell and the page of notifications in a real browser: no axe findings, on a desktop and on a phone."""

from datetime import UTC, datetime

import pytest
from playwright.sync_api import expect

from app.models import Notification, Role
from tests.browser.conftest import OpenTab
from tests.support.browser import faults, faults_of_looks
from tests.support.company import Company
from tests.support.factories import Factories


@pytest.fixture
def told(make: Factories, company: Company) -> None:
    """Two notifications of the CSR, one of them read."""
    person, now = company.people[Role.CSR], datetime.now(UTC)
    for said, read_at in (("You have new coaching on one of your calls.", None), ("Your export is ready.", now)):
        make.add(
            Notification(
                organization_id=person.organization_id,
                user_id=person.id,
                kind="coaching_note",
                text=said,
                link="/calls",
                read_at=read_at,
            )
        )


@pytest.mark.browser
@pytest.mark.usefixtures("told")
def test_the_page_has_no_faults(open_tab: OpenTab) -> None:
    tab = open_tab(Role.CSR)
    tab.goto("/notifications")

    assert faults_of_looks(tab) == []


@pytest.mark.browser
@pytest.mark.usefixtures("told")
def test_the_bell_shows_what_is_new_when_it_is_opened(open_tab: OpenTab) -> None:
    tab = open_tab(Role.CSR, theme="dark")
    tab.goto("/calls")
    expect(tab.locator("details.bell .bell-count")).to_have_text("1")

    tab.locator("details.bell > summary").click()

    expect(tab.locator(".notes--small li")).to_have_count(2)
    assert faults(tab) == []
    tab.get_by_role("link", name="You have new coaching on one of your calls.").click()
    expect(tab).to_have_url("/calls")
    expect(tab.locator("details.bell .bell-count")).to_have_text("")


@pytest.mark.browser
@pytest.mark.usefixtures("told")
def test_a_bell_that_is_opened_while_the_page_still_begins_is_answered_once(open_tab: OpenTab) -> None:
    tab = open_tab(Role.CSR)
    # htmx initializes the page in a task of its own, which a click can precede.
    tab.add_init_script(
        "const later = setTimeout; setTimeout = (task, wait = 1000, ...more) => later(task, wait, ...more)"
    )
    asked: list[str] = []
    tab.on("request", lambda request: asked.append(request.url) if "/notifications/" in request.url else None)
    tab.goto("/calls")
    tab.locator("details.bell > summary").click()

    expect(tab.locator("details.bell").get_by_text("You have new coaching on one of your calls.")).to_be_visible()
    assert len(asked) == 1


@pytest.mark.browser
def test_a_tick_is_kept_as_it_is_set_and_the_focus_stays(open_tab: OpenTab) -> None:
    tab = open_tab(Role.CSR)
    tab.goto("/notifications")
    box, other = (tab.get_by_label(f"{kind}: Instant email") for kind in ("Coaching", "Tasks assigned to me"))
    expect(tab.get_by_role("button", name="Save")).to_have_count(0)
    was = box.is_checked(), other.is_checked()

    box.click()
    other.click()
    other.click()

    expect(tab.locator("#choices-said")).to_have_text("Notification settings saved.")
    expect(tab.locator("#announcer")).to_have_text("Notification settings saved.")
    expect(other).to_be_focused()
    tab.wait_for_load_state("networkidle")
    assert faults(tab) == []
    tab.reload()
    assert (box.is_checked(), other.is_checked()) == (not was[0], was[1])


@pytest.mark.browser
def test_a_tick_that_is_not_kept_says_so(open_tab: OpenTab) -> None:
    tab = open_tab(Role.CSR)
    tab.goto("/notifications")
    tab.route("**/notifications/choices", lambda route: route.abort())

    tab.get_by_label("Coaching: Instant email").click()

    expect(tab.get_by_role("button", name="Try again")).to_be_visible()
    tab.unroute("**/notifications/choices")
    tab.get_by_role("button", name="Try again").click()
    expect(tab.locator("#choices-said")).to_have_text("Notification settings saved.")
