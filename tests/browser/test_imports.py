"""An import in a real browser: every step accessible and without sideways scrolling, with JavaScript and without."""

from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Page, expect
from sqlalchemy import Engine, text

from app.data.imports.jobs import import_file, preview_file
from app.models import Role
from app.ops.jobs.run_service import perform
from tests.browser.conftest import OpenTab
from tests.support.browser import WIDTHS, faults_in_themes

DoTheJob = Callable[[], None]

ROWS = (
    "Call Id,Date,Time,Agent,Answered,Reason",
    "A1,2026-03-17,09:30,Becky Lane,Y,Repair",
    "A2,2026-03-18,10:15,Dan Fox,perhaps,Quote",
    "A3,2026-03-19,11:00,nobody@else.example,N,A reason that is longer than most of the reasons that people write",
)


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """A call log with something wrong in it."""
    path = tmp_path / "calls.csv"
    path.write_text("\n".join(ROWS))
    return path


def upload(tab: Page, log: Path) -> None:
    tab.goto("/imports/new?kind=calls")
    tab.set_input_files("input[type=file]", log)
    tab.get_by_role("button", name="Upload and choose columns").click()
    expect(tab.get_by_role("heading", level=1)).to_have_text("Choose the columns")


@pytest.fixture
def do_the_job(app: Flask, admin_engine: Engine) -> DoTheJob:
    """Does the job that was asked for. The browser is driven from a loop, beside which a worker cannot run."""

    def do() -> None:
        with admin_engine.connect() as connection:
            [job] = connection.execute(text("SELECT organization_id, id, name FROM jobs WHERE status = 'waiting'"))
        perform(app, {kind.name: kind for kind in (import_file, preview_file)}[job.name], job.organization_id, job.id)

    return do


@pytest.mark.browser
@pytest.mark.parametrize("width", WIDTHS)
def test_every_step_is_accessible_and_fits(open_tab: OpenTab, do_the_job: DoTheJob, log: Path, width: int) -> None:
    tab = open_tab(Role.MANAGER, width=width)
    found: dict[str, list[str]] = {}

    upload(tab, log)
    found["mapping"] = faults_in_themes(tab)
    tab.get_by_label("Reason").select_option("agent")
    tab.get_by_role("button", name="Look at the rows").click()
    expect(tab.locator("[data-error-summary]")).to_be_focused()
    found["mapping with an error"] = faults_in_themes(tab)
    tab.get_by_label("Reason").select_option("topic")
    tab.get_by_role("button", name="Look at the rows").click()
    expect(tab.get_by_role("heading", level=1)).to_have_text("Look at the rows")
    expect(tab.locator("#whole progress")).to_be_visible()
    found["looking at the whole file"] = faults_in_themes(tab)
    do_the_job()
    expect(tab.locator("#whole-counts")).to_be_visible()
    found["preview"] = faults_in_themes(tab)
    tab.get_by_label("Create CSRs for unknown agents").check()
    tab.get_by_role("button", name="Import the rows").click()
    expect(tab.locator("progress")).to_be_visible()
    found["waiting"] = faults_in_themes(tab)
    do_the_job()
    expect(tab.locator("#import-counts")).to_be_visible()
    found["done"] = faults_in_themes(tab)

    assert [(step, fault) for step, faults_of_step in found.items() for fault in faults_of_step] == []


@pytest.mark.browser
def test_the_page_says_by_itself_that_the_import_is_done(open_tab: OpenTab, do_the_job: DoTheJob, log: Path) -> None:
    tab = open_tab(Role.MANAGER)
    upload(tab, log)
    tab.get_by_role("button", name="Look at the rows").click()
    expect(tab.locator("progress")).to_be_visible()
    do_the_job()
    tab.get_by_role("button", name="Import the rows").click()
    expect(tab.locator("progress")).to_be_visible()

    do_the_job()

    expect(tab.locator("#import-counts")).to_be_visible()
    expect(tab.locator("#announcer")).to_have_text("Finished")
    assert tab.locator("#import[hx-get]").count() == 0


@pytest.mark.browser
def test_it_all_works_without_javascript(open_tab: OpenTab, do_the_job: DoTheJob, log: Path) -> None:
    tab = open_tab(Role.MANAGER, javascript=False)
    upload(tab, log)
    tab.locator("input[name=name]").fill("Phone system")
    tab.get_by_role("button", name="Save the mapping").click()
    tab.get_by_role("button", name="Look at the rows").click()
    do_the_job()
    tab.get_by_role("link", name="Refresh").click()
    tab.get_by_role("button", name="Import the rows").click()
    do_the_job()
    tab.get_by_role("link", name="Refresh").click()

    expect(tab.locator("#import-counts [data-metric=rows_rejected]")).to_have_text("3")
