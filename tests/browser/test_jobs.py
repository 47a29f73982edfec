"""`/jobs` in a real browser: accessible, no wider than the screen, live, and usable without JavaScript."""

import pytest
from playwright.sync_api import expect
from sqlalchemy import Engine, text

from app.data.imports.jobs import import_file
from app.db.ids import uuid7
from app.models import Role
from app.people.sign_in.jobs import clean_up_accounts
from tests.browser.conftest import OpenTab
from tests.support.browser import faults_of_looks
from tests.support.company import Company
from tests.support.factories import DAY, Factories

FAILURE = "The other side did not answer. Try again in a few minutes; nothing is lost."


@pytest.fixture
def jobs(make: Factories, company: Company) -> None:
    """Jobs in every state."""
    organization, arguments = company.organization, {"import_id": str(uuid7())}
    shared = {"name": import_file.name, "asked_by_label": "Maria Manager", "arguments": arguments}
    make.job(organization, status="running", tries=1, progress_done=40, progress_total=100, started_at=DAY, **shared)
    make.job(organization, status="waiting", tries=2, next_try_at=DAY, error=FAILURE, **shared)
    make.job(organization, status="done", tries=1, **shared)
    make.job(organization, error=FAILURE, **shared)
    make.job(organization, status="dismissed", error=FAILURE, **shared)
    make.job(organization, name=clean_up_accounts.name, status="done", tries=1, scheduled_for=DAY)


@pytest.mark.turn(3)
@pytest.mark.browser
def test_the_list_and_each_job_are_accessible_and_fit(open_tab: OpenTab, jobs: None) -> None:
    tab = open_tab(Role.ADMIN)
    found: dict[str, list[str]] = {}

    tab.goto("/jobs")
    found["list"] = faults_of_looks(tab)
    addresses = [link.get_attribute("href") for link in tab.locator("#jobs-table th a").all()]
    for address in addresses:
        tab.goto(address or "")
        found[tab.locator("#job").get_attribute("data-announce") or ""] = faults_of_looks(tab)

    assert found.keys() == {"list", "Waiting", "Running", "Done", "Failed", "Dismissed"}
    assert {place: some for place, some in found.items() if some} == {}


@pytest.mark.browser
def test_a_job_that_ends_is_seen_to_end(open_tab: OpenTab, jobs: None, admin_engine: Engine) -> None:
    tab = open_tab(Role.ADMIN)
    tab.goto("/jobs?status=waiting,running")
    expect(tab.get_by_text("40 of 100")).to_be_visible()
    with admin_engine.begin() as connection:
        connection.execute(text("UPDATE jobs SET progress_done = 60 WHERE status = 'running'"))

    expect(tab.get_by_text("60 of 100")).to_be_visible()


@pytest.mark.browser
def test_a_failed_job_is_retried_without_javascript(open_tab: OpenTab, jobs: None) -> None:
    tab = open_tab(Role.ADMIN, width=390, javascript=False)
    tab.goto("/jobs?status=failed&kind=jobs.clean_up")
    tab.locator("#jobs-table th a").click()
    tab.get_by_role("button", name="Try again").click()

    expect(tab.get_by_text("The job is back in the queue.")).to_be_visible()
