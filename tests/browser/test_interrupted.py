"""A recording whose tab was closed, and one that is discarded, on a phone."""

import re
from collections.abc import Iterator
from contextlib import suppress

import pytest
from flask import Flask
from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import Locator, Page, expect

from app.models import Appointment, RecordingSession, Role, User
from app.work.recordings.ready_service import make_ready_to_hear
from tests.browser.conftest import OpenTab
from tests.browser.recording import at_visit, parts_of, start, the_recording
from tests.support.browser import faults_in_themes
from tests.support.company import Company
from tests.support.direct_access import Behind
from tests.support.factories import Factories
from tests.support.work import at_work

pytestmark = pytest.mark.browser


@pytest.fixture
def rep(make: Factories, company: Company) -> User:
    return make.user(company.organization, Role.SALES_REP)


@pytest.fixture
def visit(make: Factories, company: Company, rep: User) -> Appointment:
    ruth = make.contact(company.organization, first_name="Ruth", last_name="Delgado")
    return make.appointment(company.organization, contact=ruth, sales_rep_id=rep.id)


@pytest.fixture
def tab(app: Flask, open_tab: OpenTab, rep: User, visit: Appointment) -> Iterator[Page]:
    """The recording page on the phone of a rep who has confirmed the customer's consent."""
    yield from at_visit(app, open_tab, rep, visit)


def record(tab: Page, behind: Behind, row: RecordingSession, count: int = 2) -> None:
    """Record until this many parts have arrived."""
    start(tab)
    for _try in range(300):
        if len(parts_of(behind, row)) >= count:
            return
        tab.wait_for_timeout(100)
    raise AssertionError("nothing arrives")


def close(tab: Page) -> Page:
    """Close the tab like a phone that runs out of memory; return the rep's day in another tab."""
    day = tab.context.new_page()
    tab.close(run_before_unload=False)
    day.goto("/rep")
    return day


def expect_left(tab: Page, count: int) -> None:
    """Wait until this many recordings have pieces on the phone, even if the page is reloaded in between."""
    left = None
    for _try in range(300):
        with suppress(PlaywrightError):  # the page is being reloaded
            # `wait_for_function` takes the promise of an asynchronous function for true.
            left = tab.evaluate("async () => window.pieces && (await pieces.left()).size")
        if left == count:
            return
        tab.wait_for_timeout(100)
    raise AssertionError(f"pieces of {left} recordings, not of {count}")


def card_of(day: Page) -> Locator:
    return day.locator("[data-open-recording]")


@pytest.mark.parametrize("kind", ["audio/webm;codecs=opus", pytest.param("audio/mp4", marks=pytest.mark.turn(2))])
def test_it_goes_on_in_another_recording_and_both_can_be_heard(
    app: Flask, tab: Page, behind: Behind, visit: Appointment, kind: str
) -> None:
    row = the_recording(tab, behind)
    only = f"MediaRecorder.isTypeSupported = one => one === {kind!r};"
    tab.context.add_init_script(only)
    tab.evaluate(only)
    record(tab, behind, row, 4)
    day = close(tab)
    expect(card_of(day)).to_contain_text("Ruth Delgado")
    expect(card_of(day)).to_contain_text("1 min received so far")
    expect_left(day, 0)
    day = close(day)  # with nothing left to send, the page isn't loaded again
    assert faults_in_themes(day) == []
    card_of(day).get_by_role("button", name="Continue").click()

    expect(day.get_by_role("button", name="Start")).to_be_visible()
    following = the_recording(day, behind)
    assert (following.continues_id, following.consent) == (row.id, "given")
    record(day, behind, following, 4)
    day.get_by_role("button", name="Stop").click()
    expect(day.get_by_text("Upload complete.").first).to_be_visible()
    for id_ in (row.id, following.id):
        with at_work(app, row.organization_id):
            make_ready_to_hear(id_)
    day.goto(f"/appointments/{visit.id}")
    listed = day.get_by_role("region", name="Recordings")
    expect(listed.get_by_role("link")).to_have_count(2)
    expect(listed).to_contain_text("continues the previous one")
    assert faults_in_themes(day) == []
    for id_ in (row.id, following.id):
        heard = behind.one(RecordingSession, id=id_)
        assert heard.status == "ready"
        assert heard.content_type == kind.split(";", maxsplit=1)[0]
        assert 1 <= (heard.duration_seconds or 0) < 60


def test_it_is_ended_with_all_that_is_left_on_the_phone(tab: Page, behind: Behind) -> None:
    row = the_recording(tab, behind)
    record(tab, behind, row)
    tab.context.set_offline(True)
    expect(tab.get_by_text("Saved on this device, not uploaded yet:")).to_be_visible()
    saved = tab.evaluate("() => pieces.left().then(([[, left]]) => left.at(-1).number)")
    day = tab.context.new_page()
    tab.close(run_before_unload=False)
    day.context.set_offline(False)
    day.goto("/rep")
    card_of(day).get_by_role("button", name="End").click()

    expect(day.get_by_text("Recording saved.")).to_be_visible()
    assert behind.one(RecordingSession, id=row.id).status == "uploaded"
    assert len(parts_of(behind, row)) >= saved


def test_without_a_connection_it_goes_on_where_it_stands(tab: Page, behind: Behind) -> None:
    row = the_recording(tab, behind)
    record(tab, behind, row)
    day = close(tab)
    expect(card_of(day)).to_be_visible()
    day.context.set_offline(True)
    card_of(day).get_by_role("button", name="Continue").click()
    recorder = day.locator("#recording-here")
    expect(recorder.get_by_text("Ruth Delgado")).to_be_visible()
    expect(card_of(day).get_by_role("button", name="Continue")).to_be_hidden()
    day.evaluate("document.querySelector('#recording-here [data-recorder]').dataset.piece = '500'")
    recorder.get_by_role("button", name="Start").click()
    expect(recorder.get_by_text("Saved on this device, not uploaded yet:")).to_be_visible()
    recorder.get_by_role("button", name="Stop").click()
    expect(recorder.get_by_text("Not uploaded yet.")).to_be_visible()
    assert behind.rows(RecordingSession, continues_id=row.id) == []
    day.context.set_offline(False)

    expect(recorder.get_by_text("Upload complete.")).to_be_visible()
    following = behind.one(RecordingSession, continues_id=row.id)
    assert (following.status, behind.one(RecordingSession, id=row.id).status) == ("uploaded", "uploaded")
    expect_left(day, 0)


def test_one_that_another_tab_makes_has_no_buttons(tab: Page, behind: Behind) -> None:
    row = the_recording(tab, behind)
    record(tab, behind, row)
    other = tab.context.new_page()
    other.goto("/rep")
    expect(card_of(other)).to_contain_text("This appointment is being recorded in another tab of this browser.")
    expect(card_of(other).get_by_role("button")).to_have_count(0)
    other.evaluate("() => { window.isTheSamePage = true; }")
    count = len(parts_of(behind, row))
    while len(parts_of(behind, row)) < count + 3:
        other.wait_for_timeout(100)
    assert other.evaluate("window.isTheSamePage")  # not reloaded with each piece that arrives
    other.goto(f"/recordings/{row.id}")
    expect(other.get_by_text("This appointment is being recorded in another tab of this browser.")).to_be_visible()
    for name in ("Finish with uploaded audio", "Continue", "Start"):
        expect(other.get_by_role("button", name=name)).to_have_count(0)


class TestDiscard:
    def ask(self, tab: Page) -> Locator:
        tab.get_by_role("link", name="Discard").click()
        return tab.get_by_role("dialog")

    def test_it_is_asked_and_can_be_undone(self, tab: Page, behind: Behind, visit: Appointment) -> None:
        row = the_recording(tab, behind)
        record(tab, behind, row)
        asks = self.ask(tab)
        expect(asks.get_by_role("heading")).to_have_text("Discard the 1 min recorded at Ruth Delgado’s appointment?")
        assert faults_in_themes(tab) == []
        asks.get_by_role("button", name="Cancel").click()
        expect(asks).to_be_hidden()
        assert behind.one(RecordingSession, id=row.id).status == "recording"
        expect(tab.get_by_role("button", name="Stop")).to_be_visible()

        self.ask(tab).get_by_role("button", name="Discard").click()
        tab.wait_for_url(f"**/appointments/{visit.id}")
        assert behind.one(RecordingSession, id=row.id).discarded_at is not None
        expect_left(tab, 0)
        tab.locator("#toasts").get_by_role("button", name="Undo").click()

        expect(tab.get_by_text("Recording restored.")).to_be_visible()
        expect(tab.get_by_text("This recording was interrupted because its page was closed.")).to_be_visible()
        assert behind.one(RecordingSession, id=row.id).status == "recording"

    def test_undo_is_offered_for_ten_seconds_and_on_the_visit_after_that(self, tab: Page, behind: Behind) -> None:
        row = the_recording(tab, behind)
        record(tab, behind, row)
        self.ask(tab).get_by_role("button", name="Discard").click()
        undo = tab.locator("#toasts").get_by_role("button", name="Undo")
        expect(undo).to_be_visible()
        expect(undo).to_be_hidden(timeout=15_000)
        tab.get_by_role("region", name="Recordings").get_by_role("button", name="Undo").click()

        expect(tab.get_by_text("Recording restored.")).to_be_visible()

    def test_without_a_connection_nothing_is_discarded(self, tab: Page, behind: Behind) -> None:
        row = the_recording(tab, behind)
        record(tab, behind, row)
        tab.context.set_offline(True)
        expect(tab.get_by_text("Saved on this device, not uploaded yet:")).to_be_visible()
        asks = self.ask(tab)
        expect(asks).to_contain_text("1 min of the recording is only on this device and can’t be restored.")
        asks.get_by_role("button", name="Discard").click()

        expect(asks).to_contain_text("Nothing was discarded because you’re offline.")
        expect_left(tab, 1)
        assert faults_in_themes(tab) == []
        asks.get_by_role("button", name="Cancel").click()
        expect(tab.get_by_role("button", name="Stop")).to_be_visible()
        assert behind.one(RecordingSession, id=row.id).status == "recording"

    def test_what_is_left_on_the_phone_goes_once_the_server_has_answered(self, tab: Page, behind: Behind) -> None:
        row = the_recording(tab, behind)
        record(tab, behind, row)
        tab.context.set_offline(True)
        expect(tab.get_by_text("Saved on this device, not uploaded yet:")).to_be_visible()
        day = tab.context.new_page()
        tab.close(run_before_unload=False)
        day.context.set_offline(False)
        day.route("**/recordings/*/parts", lambda route: route.abort())
        day.goto("/rep")
        expect(day.locator("#unsent summary")).to_have_text(re.compile(r"Not sent yet\s+Recording: 1 min"))
        day.locator("#unsent summary").click()
        day.locator("#unsent").get_by_role("button", name="Discard").click()
        asks = day.get_by_role("dialog")
        expect(asks.get_by_role("heading")).to_have_text("Discard the 1 min recorded at Ruth Delgado’s appointment?")
        expect_left(day, 1)
        asks.get_by_role("button", name="Discard").click()

        expect(day.locator("#toasts")).to_contain_text("Recording discarded.")
        expect(day.locator("#unsent")).to_be_hidden()
        expect(card_of(day)).to_have_count(0)
        expect_left(day, 0)
        assert behind.one(RecordingSession, id=row.id).discarded_at is not None
