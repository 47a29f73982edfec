"""Enhancements of the call pages by HTMX, and the audio player, in a real browser."""

import io
import wave
from collections.abc import Callable

import pytest
from flask import Flask
from playwright.sync_api import Page, Request, expect

from app.models import Call, Organization, User
from app.storage import new_key, storage
from tests.support.browser import set_session
from tests.support.factories import Factories
from tests.work.calls.conftest import Trail

pytestmark = pytest.mark.browser

SECONDS = 8
TURNS = [
    {"speaker": "agent", "start": 0.2, "end": 2.0, "text": "Blue Ridge Air, this is Maya."},
    {"speaker": "customer", "start": 2.5, "end": 4.0, "text": "My furnace has stopped."},
    {"speaker": "agent", "start": 5.0, "end": 7.5, "text": "I’m sorry. Is everyone warm enough?"},
]
EVIDENCE = [{"kind": "strength", "title": "Empathy", "turn": 2, "quote": "Is everyone warm enough?"}]


@pytest.fixture
def tab(browser_page: Page, app: Flask, live_address: str, csr: User) -> Page:
    """A browser tab in which the CSR is signed in."""
    set_session(browser_page, app, live_address, csr)
    return browser_page


@pytest.fixture
def documents(tab: Page) -> list[str]:
    """URLs of the full pages that the tab requests from now on, as opposed to fragments."""
    asked: list[str] = []

    def note(request: Request) -> None:
        if request.is_navigation_request():
            asked.append(request.url)

    tab.on("request", note)
    return asked


@pytest.fixture
def recorded(app: Flask, make: Factories, organization: Organization, csr: User) -> Call:
    """A call with a recording of silence, a transcript and a finding."""
    sound = io.BytesIO()
    with wave.open(sound, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(1)
        file.setframerate(8000)
        file.writeframes(b"\x80" * 8000 * SECONDS)
    key = new_key(organization.id, "recordings") + ".wav"
    with app.app_context():
        storage().save(key, io.BytesIO(sound.getvalue()), max_bytes=sound.tell())
    call = make.call(organization, csr=csr, audio_url=key, duration_seconds=SECONDS)
    make.transcript(call, speaker_labels=TURNS)
    make.analysis(call, evidence=EVIDENCE)
    return call


def test_the_zone_in_the_head_follows_the_period_of_the_list(tab: Page, documents: list[str], call: Call) -> None:
    tab.goto("/calls")
    note = tab.locator("#zone-note")
    expect(note).to_contain_text("EST (UTC−5)")
    expect(note).to_contain_text("EDT (UTC−4)")
    documents.clear()

    tab.locator(".period-custom summary").click()
    tab.locator("input[name=from]").fill("2026-07-01")
    tab.locator("input[name=to]").fill("2026-07-31")
    tab.locator(".period-custom").get_by_role("button", name="Show").click()

    expect(note).to_have_text("Times in EDT (UTC−4)")
    assert documents == []


def test_a_filter_swaps_the_list_and_back_undoes_it(
    tab: Page, documents: list[str], make: Factories, organization: Organization, csr: User, call: Call
) -> None:
    make.call(organization, csr=csr, status="missed")
    tab.goto("/calls")
    documents.clear()

    status = tab.get_by_role("combobox", name="Status")
    status.focus()
    status.select_option("missed")

    heading = tab.get_by_role("heading", name="1 call", exact=True)
    expect(heading).to_be_visible()
    expect(status).to_be_focused()
    expect(tab).to_have_url("/calls?status=missed")
    expect(tab.locator("#announcer")).to_have_text("1 call")
    tab.get_by_role("link", name="Remove filter Status: Missed").click()
    expect(tab.get_by_role("heading", name="2 calls")).to_be_visible()
    assert documents == []
    tab.go_back()
    expect(heading).to_be_visible()


def test_a_call_opens_as_a_page(tab: Page, documents: list[str], call: Call) -> None:
    tab.goto("/calls")
    tab.locator("tbody th a").click()

    expect(tab.get_by_role("heading", name="Transcript", exact=True)).to_be_visible()
    assert documents[-1].endswith(f"/calls/{call.id}")


def test_saving_swaps_what_shows_it_and_keeps_what_was_typed_elsewhere(
    tab: Page, documents: list[str], call: Call
) -> None:
    tab.goto(f"/calls/{call.id}")
    documents.clear()
    note = tab.get_by_label("Add a note")
    note.fill("Has a gas line.")

    tab.get_by_label("Booking status").select_option("booked")
    tab.get_by_role("button", name="Save booking status").click()

    expect(tab.locator("#toasts")).to_contain_text("Booking status saved.")
    expect(tab.locator("#call-badges")).to_have_text("Booked")
    expect(tab.locator("#call-timeline")).to_contain_text("Booking status set by Maya Torres")
    expect(note).to_have_value("Has a gas line.")
    tab.get_by_role("button", name="Add note").click()
    expect(tab.locator("#call-timeline")).to_contain_text("Has a gas line.")
    expect(note).to_have_value("")
    tab.get_by_role("combobox", name="Outcome").select_option("resolved")
    tab.get_by_role("button", name="Save outcome").click()
    expect(tab.locator("#toasts")).to_contain_text("Outcome saved.")
    assert documents == []


def test_errors_come_into_the_panel_and_take_the_focus(tab: Page, call: Call) -> None:
    tab.goto(f"/calls/{call.id}")
    tab.get_by_label("Add a note").fill("   ")
    tab.get_by_role("button", name="Add note").click()

    expect(tab.locator("#call-activity [data-error-summary]")).to_be_focused()
    expect(tab.locator("#note-body-error")).to_have_text("Enter some text.")


def test_the_player_plays_follows_and_jumps(tab: Page, recorded: Call, trail: Trail) -> None:
    tab.goto(f"/calls/{recorded.id}")
    assert trail("recording.played") == []

    tab.get_by_role("button", name="Play", exact=True).click()
    expect(tab.get_by_role("button", name="Pause")).to_be_visible()
    expect(tab.locator("#turn-0")).to_have_attribute("aria-current", "true")
    tab.locator("#turn-2").get_by_role("link", name="Play from 0:05").click()
    expect(tab.locator("#turn-2")).to_have_attribute("aria-current", "true")

    assert len(trail("recording.played")) == 1


def test_a_finding_leads_to_its_words_and_back(tab: Page, recorded: Call, place: Callable[[], str]) -> None:
    tab.goto(f"/calls/{recorded.id}")
    tab.locator("#finding-1").get_by_role("link", name="Evidence for finding 1").click()
    assert place() == "#turn-2"
    tab.locator("#turn-2").get_by_role("link", name="Finding 1").click()
    assert place() == "#finding-1"


@pytest.fixture
def place(tab: Page) -> Callable[[], str]:
    """Function that returns the fragment of the tab's current URL."""
    return lambda: str(tab.evaluate("location.hash"))
