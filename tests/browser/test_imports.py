"""An import in a real browser: every step accessible and without sideways scrolling, with JavaScript and without."""

from collections.abc import Callable
from pathlib import Path
from typing import Literal

import pytest
from flask import Flask
from playwright.sync_api import Page, Route, expect
from sqlalchemy import Engine, text

from app.data.imports.jobs import import_file, preview_file
from app.models import Role
from app.ops.jobs.run_service import perform
from tests.browser.conftest import OpenTab
from tests.browser.late_scripts import LateScripts
from tests.support.browser import WIDTHS, faults_of_looks
from tests.support.dirty_files import ringcentral

DoTheJob = Callable[[], None]

ROWS = (
    "Call Id,Date,Time,Agent,Answered,Reason",
    "A1,2026-03-17,09:30,Becky Lane,Y,Repair",
    "A2,2026-03-18,10:15,Dan Fox,perhaps,Quote",
    "A3,2026-03-19,11:00,nobody@else.example,N,A reason that is longer than most of the reasons that people write",
)


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """A call log with an error in it."""
    path = tmp_path / "calls.csv"
    path.write_text("\n".join(ROWS))
    return path


def upload(tab: Page, log: Path, *, scripts: bool = True) -> None:
    """Choose a file; without JavaScript it is submitted with the button."""
    tab.goto("/imports/new?kind=calls")
    tab.set_input_files("input[type=file]", log)
    if not scripts:
        tab.get_by_role("button", name="Upload and choose columns").click()
    expect(tab.get_by_role("heading", level=1)).to_have_text("Choose the columns")
    if not scripts:
        tab.get_by_label("“perhaps”").select_option("turn_away")
        return
    with tab.expect_response("**/mapping/look"):
        tab.get_by_label("“perhaps”").select_option("turn_away")


@pytest.fixture
def do_the_job(app: Flask, admin_engine: Engine) -> DoTheJob:
    """Function that runs the queued job.

    Playwright runs in an event loop, next to which a worker cannot run.
    """

    def do() -> None:
        with admin_engine.connect() as connection:
            [job] = connection.execute(text("SELECT organization_id, id, name FROM jobs WHERE status = 'waiting'"))
        perform(app, {kind.name: kind for kind in (import_file, preview_file)}[job.name], job.organization_id, job.id)

    return do


@pytest.mark.turn(3)
@pytest.mark.browser
def test_every_step_is_accessible_and_fits(open_tab: OpenTab, do_the_job: DoTheJob, log: Path) -> None:
    tab = open_tab(Role.MANAGER, width=390)  # after each check, the window is that narrow again
    found: dict[str, list[str]] = {}

    upload(tab, log)
    found["mapping"] = faults_of_looks(tab)
    tab.get_by_label("Reason").select_option("agent")
    tab.get_by_role("button", name="Preview rows").click()
    expect(tab.locator("[data-error-summary]")).to_be_focused()
    found["mapping with an error"] = faults_of_looks(tab)
    tab.get_by_label("Reason").focus()
    tab.get_by_label("Reason").select_option("topic")
    expect(tab.locator("#one-row")).to_contain_text("Repair")
    expect(tab.get_by_label("Reason")).to_be_focused()
    tab.get_by_role("button", name="Preview rows").click()
    expect(tab.get_by_role("heading", level=1)).to_have_text("Preview rows")
    expect(tab.locator("#whole progress")).to_be_visible()
    found["looking at the whole file"] = faults_of_looks(tab)
    do_the_job()
    expect(tab.locator("#whole-counts")).to_be_visible()
    found["preview"] = faults_of_looks(tab)
    tab.get_by_role("button", name="Create them and import 1 row").click()
    expect(tab.locator("progress")).to_be_visible()
    found["waiting"] = faults_of_looks(tab)
    do_the_job()
    expect(tab.locator("#import-counts")).to_be_visible()
    found["done"] = faults_of_looks(tab)

    assert [(step, fault) for step, faults_of_step in found.items() for fault in faults_of_step] == []


@pytest.mark.browser
def test_the_page_says_by_itself_that_the_import_is_done(open_tab: OpenTab, do_the_job: DoTheJob, log: Path) -> None:
    tab = open_tab(Role.MANAGER)
    upload(tab, log)
    tab.get_by_role("button", name="Preview rows").click()
    expect(tab.locator("progress")).to_be_visible()
    do_the_job()
    tab.get_by_role("button", name="Create them and import 1 row").click()
    expect(tab.locator("progress")).to_be_visible()

    do_the_job()

    expect(tab.locator("#import-counts")).to_be_visible()
    expect(tab.locator("#announcer")).to_have_text("Finished")
    assert tab.locator("#import[hx-get]").count() == 0


@pytest.mark.browser
def test_it_all_works_without_javascript(open_tab: OpenTab, do_the_job: DoTheJob, log: Path) -> None:
    tab = open_tab(Role.MANAGER, javascript=False)
    upload(tab, log, scripts=False)
    tab.get_by_text("Save for the next file").click()
    tab.locator("input[name=name]").fill("Phone system")
    tab.get_by_role("button", name="Save mapping").click()
    tab.get_by_role("button", name="Preview rows").click()
    do_the_job()
    tab.get_by_role("link", name="Refresh").click()
    tab.get_by_role("button", name="Create them and import 1 row").click()
    do_the_job()
    tab.get_by_role("link", name="Refresh").click()

    expect(tab.locator("#import-counts [data-metric=rows_created]")).to_have_text("1")


STRANGE = (
    "Nr;Wann;Wer;Ging dran;Gespräch",
    "1;03.04.2026 9:30;Becky Lane;ja;2,5",
    "2;05.04.2026 10:15;Dan Fox;nein;",
    "3;11.04.2026 11:00;Becky Lane;vielleicht;4",
)


class Clicks:
    """Counter of clicks; choosing from a list counts as two, and choosing a file as none."""

    def __init__(self, tab: Page) -> None:
        self.tab, self.number = tab, 0

    def press(self, role: Literal["button", "link", "radio"], name: str) -> None:
        self.tab.get_by_role(role, name=name).click()
        self.number += 1

    def begin(self, kind: str) -> None:
        """Choose from the menu of what can be imported."""
        self.tab.locator(".page-head summary", has_text="Import").click()
        self.number += 1
        self.press("link", kind)

    def choose(self, label: str, value: str) -> None:
        self.tab.get_by_label(label, exact=True).select_option(value)
        self.number += 2

    def choose_file(self, path: Path) -> None:
        self.tab.set_input_files("input[type=file]", path)


@pytest.mark.browser
@pytest.mark.parametrize("width", WIDTHS)
def test_a_file_of_a_known_system_comes_in_with_four_clicks_and_an_answer_about_faxes(
    open_tab: OpenTab, do_the_job: DoTheJob, tmp_path: Path, width: int
) -> None:
    path = tmp_path / "export.csv"
    path.write_bytes(ringcentral())
    tab = open_tab(Role.MANAGER, width=width)
    tab.goto("/imports")
    clicks = Clicks(tab)

    clicks.begin("Import calls")
    clicks.choose_file(path)
    tab.get_by_role("radio", name="Import only calls and skip these rows").check()
    clicks.press("button", "Preview rows")
    expect(tab.locator("#whole progress")).to_be_visible()
    do_the_job()
    clicks.press("button", "Import 28 rows")
    do_the_job()

    expect(tab.locator("#import-counts [data-metric=rows_created]")).to_have_text("28")
    assert clicks.number == 4


@pytest.mark.browser
def test_a_file_of_contacts_comes_in_with_four_clicks(open_tab: OpenTab, do_the_job: DoTheJob, tmp_path: Path) -> None:
    path = tmp_path / "contacts.csv"
    path.write_text("First name,Last name,Phone\nRuth,Delgado,(828) 555-0188\nBill,Hanley,(828) 555-0189\n")
    tab = open_tab(Role.MANAGER)
    tab.goto("/imports")
    clicks = Clicks(tab)

    clicks.begin("Import contacts")
    clicks.choose_file(path)
    clicks.press("button", "Preview rows")
    expect(tab.locator("#whole progress")).to_be_visible()
    do_the_job()
    clicks.press("button", "Import 2 rows")
    do_the_job()

    expect(tab.locator("#import-counts [data-metric=rows_created]")).to_have_text("2")
    assert clicks.number == 4


@pytest.mark.browser
def test_a_strange_file_comes_in_with_eleven_clicks(
    open_tab: OpenTab, do_the_job: DoTheJob, tmp_path: Path, admin_engine: Engine
) -> None:
    path = tmp_path / "anrufe.csv"
    path.write_text("\n".join(STRANGE))
    tab = open_tab(Role.MANAGER)
    tab.goto("/imports")
    clicks = Clicks(tab)

    clicks.begin("Import calls")
    clicks.choose_file(path)
    clicks.choose("Ging dran", "answered")
    expect(tab.get_by_label("“vielleicht”")).to_be_visible()
    clicks.choose("“vielleicht”", "turn_away")
    clicks.choose("Wer", "agent")
    expect(tab.get_by_text("People in “Wer”")).to_be_visible()
    clicks.press("radio", "DD.MM.YYYY: 03.04.2026 9:30 is April 3, 2026")
    expect(tab.locator("#still-open")).to_have_text("No open questions.")
    expect(tab.locator("#one-row")).to_contain_text("Apr 3")
    clicks.press("button", "Preview rows")
    expect(tab.locator("#whole progress")).to_be_visible()
    do_the_job()
    clicks.press("button", "Create them and import 2 rows")
    do_the_job()

    expect(tab.locator("#import-counts [data-metric=rows_created]")).to_have_text("2")
    assert clicks.number <= 11
    days = "SELECT started_at::date::text FROM calls WHERE external_source = 'anrufe' ORDER BY 1"
    with admin_engine.connect() as connection:
        assert connection.scalars(text(days)).all() == ["2026-04-03", "2026-04-05"]


@pytest.mark.browser
def test_choices_made_before_the_scripts_arrive_take_effect(open_tab: OpenTab, log: Path) -> None:
    tab = open_tab(Role.MANAGER)
    scripts = LateScripts(tab)

    tab.goto("/imports/new?kind=calls", wait_until="commit")
    tab.set_input_files("input[type=file]", log)
    scripts.release()
    tab.get_by_label("Reason", exact=True).select_option("")
    scripts.release()

    expect(tab.locator("#one-row")).not_to_contain_text("Repair")
    expect(tab.get_by_label("Reason", exact=True)).to_have_value("")


@pytest.mark.browser
def test_what_is_typed_while_an_answer_is_on_its_way_stays(open_tab: OpenTab, log: Path) -> None:
    tab = open_tab(Role.MANAGER)
    upload(tab, log)
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    tab.route("**/mapping/look", hold)

    with tab.expect_request("**/mapping/look"):
        tab.get_by_label("Reason", exact=True).select_option("")
    expect(tab.locator(".match", has=tab.get_by_label("Reason", exact=True)).locator(".match-basis")).to_have_count(0)
    tab.get_by_label("Source system").fill("Desk phones")
    tab.get_by_label("Skip rows with any invalid value").check()
    held[0].continue_()

    expect(tab.locator("#one-row")).not_to_contain_text("Repair")
    expect(tab.get_by_label("Source system")).to_have_value("Desk phones")
    expect(tab.get_by_label("Skip rows with any invalid value")).to_be_checked()


@pytest.mark.browser
def test_the_columns_are_chosen_by_keyboard(open_tab: OpenTab, log: Path) -> None:
    tab = open_tab(Role.MANAGER)
    upload(tab, log)

    tab.get_by_label("Reason", exact=True).focus()
    tab.keyboard.type("Skip")  # the first choice
    expect(tab.locator("#one-row")).not_to_contain_text("Repair")
    expect(tab.get_by_label("Reason", exact=True)).to_be_focused()
    tab.get_by_role("button", name="Next row").focus()
    tab.keyboard.press("Enter")
    expect(tab.locator("#one-row")).to_contain_text("line 3")
    expect(tab.get_by_role("button", name="Next row")).to_be_focused()
