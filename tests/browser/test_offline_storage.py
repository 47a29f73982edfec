"""A phone that runs out of storage: the available recording time is shown, and only what is stored is called saved."""

import re
from base64 import b64encode
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import CDPSession, Dialog, Page, expect

from app.models import Appointment, ContactNote, RecordingSession, Role, User
from tests.browser.conftest import OpenTab
from tests.browser.recording import at_visit, parts_of, start, the_recording
from tests.support.browser import faults_in_themes
from tests.support.company import Company
from tests.support.direct_access import Behind
from tests.support.factories import Factories
from tests.support.sounds import sound

pytestmark = pytest.mark.browser

SAVED = re.compile(r"Saved on this device, not uploaded yet: \d+:\d\d")
UNSAVED = re.compile(r"\d+:\d\d of audio is only in this tab")
#: Space for some pieces of half a second, in bytes.
SOME_PIECES = 20_000
#: Numbers of the stored pieces, independent of what the page shows.
STORED = """() => new Promise(resolve => {
  indexedDB.open("switchboard").onsuccess = ({ target: { result } }) => {
    result.transaction("parts").objectStore("parts").getAll().onsuccess = ({ target }) =>
      resolve(target.result.map(({ number }) => number ?? 0).sort((one, other) => one - other));
  };
})"""
#: Numbers of the pieces that the page calls saved.
SAID = """async () => {
  const [left] = (await pieces.left()).values();
  return left.filter(({ number, isSaved }) => number && isSaved).map(({ number }) => number);
}"""
#: A database of version 1, as earlier pages created it: a form, and two pieces with their bytes.
VERSION_1 = """async ({ account, note, recording, parts, sounds }) => {
  const digest = async (bytes) => {
    const found = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
    return [...found].map(one => one.toString(16).padStart(2, "0")).join("");
  };
  await new Promise(resolve => { indexedDB.deleteDatabase("switchboard").onsuccess = resolve; });
  const database = await new Promise(resolve => {
    const request = indexedDB.open("switchboard", 1);
    request.onupgradeneeded = () => {
      for (const name of ["sends", "parts"])
        request.result.createObjectStore(name, { keyPath: "id" }).createIndex("person", "person");
    };
    request.onsuccess = () => resolve(request.result);
  });
  const pieces = [];
  for (const [index, base64] of sounds.entries()) {
    const bytes = Uint8Array.from(atob(base64), one => one.charCodeAt(0)).buffer;
    pieces.push({ id: `${recording}/${index + 1}`, person: account, at: 2 + index, recording, about: "Ruth Delgado",
                  page: `/recordings/${recording}`, to: parts, number: index + 1, sha256: await digest(bytes), bytes });
  }
  const stores = database.transaction(["sends", "parts"], "readwrite");
  stores.objectStore("sends").put({ ...note, person: account, at: 1 });
  pieces.forEach(piece => stores.objectStore("parts").put(piece));
  await new Promise(resolve => { stores.oncomplete = resolve; });
  database.close();
}"""


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


class Store:
    """Storage quota of this site on the device.

    Once something has been stored, the browser applies a new quota half a minute later.
    """

    def __init__(self, tab: Page) -> None:
        self._tab = tab
        self._origin = tab.evaluate("location.origin")
        self._session: CDPSession = tab.context.new_cdp_session(tab)

    def allow(self, count: int) -> None:
        """Allow this many more bytes."""
        usage: int = self._tab.evaluate("async () => (await navigator.storage.estimate()).usage")
        self._session.send("Storage.overrideQuotaForOrigin", {"origin": self._origin, "quotaSize": usage + count})

    def free(self) -> None:
        """Remove the storage limit."""
        self._session.send("Storage.overrideQuotaForOrigin", {"origin": self._origin})


@pytest.fixture
def store(tab: Page) -> Iterator[Store]:
    store = Store(tab)
    yield store
    if not tab.is_closed():
        store.free()


def say_free(tab: Page, minutes: float) -> None:
    """Make the browser report space for this many minutes of recording, plus the reserve of one fifth.

    Reloads the page.
    """
    says = "navigator.storage.estimate = () => Promise.resolve({ quota: 5_000_000 + %d, usage: 5_000_000 })"
    tab.add_init_script(says % round(minutes * 60 * 5_000 / 0.8))
    tab.reload()


@pytest.mark.parametrize(
    ("minutes", "words"),
    [
        (47.5, "Space for about 45 min on this device."),
        (299, "Space for about 295 min on this device."),
        (10.1, "Space for about 10 min on this device."),
        (9.9, "Space for only about 5 min on this device. Free up space before a long appointment."),
        (2.1, "Space for less than 5 min on this device. Free up space before you record."),
    ],
)
def test_how_much_fits_is_said_before(tab: Page, minutes: float, words: str) -> None:
    say_free(tab, minutes)

    expect(tab.get_by_text(words)).to_be_visible()
    assert faults_in_themes(tab) == []
    start(tab)


def test_space_for_more_than_five_hours_is_no_news(tab: Page) -> None:
    say_free(tab, 301)

    expect(tab.get_by_role("button", name="Start")).to_be_visible()
    expect(tab.locator("[data-room]")).to_be_empty()


def test_with_less_than_two_minutes_it_does_not_start(tab: Page) -> None:
    say_free(tab, 1.9)
    tab.get_by_role("button", name="Start").click()
    expect(tab.get_by_text("There’s less than 2 minutes of space on this device.")).to_be_visible()
    expect(tab.get_by_role("button", name="Stop")).to_be_hidden()
    assert faults_in_themes(tab) == []

    tab.evaluate("navigator.storage.estimate = () => Promise.resolve({ quota: 1e9, usage: 0 })")
    start(tab)


def test_where_the_browser_does_not_say_it_starts_all_the_same(tab: Page) -> None:
    tab.add_init_script("navigator.storage.estimate = () => Promise.reject(new TypeError())")
    tab.reload()
    expect(tab.get_by_text("Space on this device: unknown.")).to_be_visible()
    start(tab)


def test_what_has_no_room_is_not_called_saved_and_all_that_is_saved_arrives(
    tab: Page, store: Store, behind: Behind
) -> None:
    row = the_recording(tab, behind)
    store.allow(SOME_PIECES)
    tab.context.set_offline(True)
    start(tab)
    expect(tab.get_by_text(SAVED)).to_be_visible()
    expect(tab.get_by_text(UNSAVED)).to_be_visible()
    tab.wait_for_timeout(1_500)
    assert faults_in_themes(tab) == []
    saved = [number for number in tab.evaluate(STORED) if number]
    assert tab.evaluate(SAID) == saved

    again = tab.context.new_page()
    tab.close(run_before_unload=False)
    again.context.set_offline(False)
    again.goto("/rep")
    expect(again.locator("[data-open-recording]")).to_contain_text("received so far")
    expect(again.locator("#unsent")).to_be_hidden()
    # The tab may have stored another piece before it closed: the browser updates its usage late.
    arrived = parts_of(behind, row)
    assert saved
    assert arrived == list(range(1, len(arrived) + 1))
    assert arrived[: len(saved)] == saved


def test_what_has_no_room_is_kept_as_soon_as_there_is_some(tab: Page, store: Store) -> None:
    store.allow(SOME_PIECES)
    tab.context.set_offline(True)
    start(tab)
    expect(tab.get_by_text(UNSAVED)).to_be_visible()
    store.free()

    expect(tab.get_by_text(UNSAVED)).to_be_hidden()
    expect(tab.get_by_text(SAVED)).to_be_visible()


def test_what_has_no_room_is_sent_from_the_tab(tab: Page, store: Store, behind: Behind) -> None:
    row = the_recording(tab, behind)
    store.allow(SOME_PIECES)
    tab.context.set_offline(True)
    start(tab)
    expect(tab.get_by_text(UNSAVED)).to_be_visible()
    tab.get_by_role("button", name="Stop").click()
    expect(tab.get_by_text("Not uploaded yet.")).to_be_visible()
    asked: list[str] = []

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    tab.on("dialog", stay)
    tab.close(run_before_unload=True)
    tab.wait_for_timeout(500)
    assert asked == ["beforeunload"]
    tab.context.set_offline(False)
    tab.get_by_role("button", name="Resend").click()

    expect(tab.get_by_text("Upload complete.").first).to_be_visible()
    numbers = parts_of(behind, row)
    assert numbers == list(range(1, len(numbers) + 1))
    assert behind.one(RecordingSession, id=row.id).status == "uploaded"


class TestVersions:
    """A device with data stored by an earlier version's pages, and tabs that still show such a page."""

    def test_what_an_earlier_version_kept_arrives(
        self, tab: Page, rep: User, visit: Appointment, behind: Behind
    ) -> None:
        row = the_recording(tab, behind)
        account = tab.evaluate("document.body.dataset.account")
        tab.goto("/static/favicon.svg")  # a page of this origin without scripts
        note = {
            "id": "a-note",
            "action": f"/contacts/{visit.contact_card_id}/notes",
            "fields": [
                ["row_id", "0197b0c6-0000-7000-8000-000000000001"],
                ["body", "Two dogs."],
                ["back", "/rep"],
            ],
            "label": "Note",
            "about": "Ruth Delgado",
            "entered": "Two dogs.",
            "state": "waiting",
        }
        content = sound(".webm", seconds=3)
        sounds = [b64encode(piece).decode() for piece in (content[:9_000], content[9_000:])]
        kept: dict[str, Any] = {"account": account, "note": note, "recording": str(row.id), "sounds": sounds}
        tab.evaluate(VERSION_1, kept | {"parts": f"/recordings/{row.id}/parts"})
        tab.goto("/rep")

        expect(tab.locator("[data-open-recording]")).to_contain_text("received so far")
        assert parts_of(behind, row) == [1, 2]
        assert [note.body for note in behind.rows(ContactNote, contact_card_id=visit.contact_card_id)] == ["Two dogs."]
        assert tab.evaluate(STORED) == []

    def test_a_tab_of_an_earlier_version_is_asked_to_reload_and_goes_on_keeping(
        self, tab: Page, behind: Behind
    ) -> None:
        row = the_recording(tab, behind)
        start(tab)
        newer = tab.context.new_page()
        newer.goto("/static/favicon.svg")
        newer.evaluate(
            """() => new Promise(resolve => {
              const request = indexedDB.open("switchboard", 99);
              request.onupgradeneeded = () => request.result.createObjectStore("of the new version");
              request.onsuccess = () => resolve(request.result.close());
            })"""
        )
        newer.close()
        banner = tab.get_by_text("A newer version of Switchboard is open in another tab.")
        expect(banner).to_be_visible()
        assert faults_in_themes(tab) == []

        tab.context.set_offline(True)
        expect(tab.get_by_text(SAVED)).to_be_visible()
        assert tab.evaluate(STORED) != []
        tab.get_by_role("button", name="Stop").click()
        expect(tab.get_by_text("Not uploaded yet.")).to_be_visible()
        tab.context.set_offline(False)
        expect(tab.get_by_text("Upload complete.").first).to_be_visible()
        assert behind.one(RecordingSession, id=row.id).status == "uploaded"
