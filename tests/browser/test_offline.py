"""The rep's day offline: input is stored on the phone, shown as unsent, and sent exactly once when possible."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Locator, Page, Route, expect
from sqlalchemy import Engine, text

from app.models import Appointment, RecordingPart, RecordingSession, Role, User
from app.periods import midnight
from app.security.identity import SESSION_COOKIE
from tests.browser.conftest import OpenTab
from tests.support.browser import faults_in_themes
from tests.support.client import session_token
from tests.support.company import Company
from tests.support.direct_access import Behind
from tests.support.factories import PASSWORD, Factories

pytestmark = pytest.mark.browser

KEPT = "Saved on this device. It will be sent when you’re back online."
#: Waits until the page and its files are there to be shown again.
_UNTIL_DAY_IS_KEPT = """async () => {
  await navigator.serviceWorker.ready;
  for (const end = Date.now() + 30_000; Date.now() < end; await new Promise(go => setTimeout(go, 50))) {
    for (const name of await caches.keys()) {
      if (await (await caches.open(name)).match("/rep", {ignoreVary: true})) return;
    }
  }
  throw new Error("the day is not kept");
}"""
_CLOCK_AHEAD = "{ const now = Date.now; Date.now = () => now() + 30 * 60_000; }"
_STORED_ON_DEVICE = """async () => {
  const people = await device.people();
  return (await Promise.all(people.map(one => device.kept("sends", one)))).flat().length;
}"""
_PIECES_ON_DEVICE = """async () => {
  const people = await device.people();
  return (await Promise.all(people.map(one => device.kept("parts", one)))).flat().length;
}"""
_PIECES = re.compile(r"Saved on this device, not uploaded yet: \d+:\d\d")
_KEPT_DAYS = """async () => {
  const pages = [];
  for (const name of await caches.keys()) {
    const kept = await (await caches.open(name)).match("/rep", {ignoreVary: true});
    if (kept) pages.push(await kept.text());
  }
  return pages.join();
}"""
#: The stored count, read without the app's scripts, which the sign-in page doesn't load.
_ALL_ON_DEVICE = """() => new Promise(resolve => {
  indexedDB.open("switchboard").onsuccess = ({target: {result}}) => {
    result.transaction("sends").objectStore("sends").count().onsuccess = ({target}) => resolve(target.result);
  };
})"""


@pytest.fixture
def rep(company: Company) -> User:
    """The rep whose day is shown."""
    return company.people[Role.SALES_REP]


@pytest.fixture
def visits(make: Factories, company: Company, rep: User) -> list[Appointment]:
    """Two appointments as early today as possible: Ruth's, then Glen's."""
    zone = ZoneInfo(company.organization.timezone)
    first = midnight(datetime.now(zone).date(), zone)
    return [
        make.appointment(
            company.organization,
            contact=make.contact(company.organization, first_name=name, last_name="Delgado"),
            sales_rep_id=rep.id,
            scheduled_start_at=first + timedelta(seconds=number),
            scheduled_end_at=first + timedelta(seconds=number + 1),
        )
        for number, name in enumerate(["Ruth", "Glen"])
    ]


@pytest.fixture
def phone(app: Flask, _browser: Browser, live_address: str, rep: User) -> Iterator[BrowserContext]:
    """The rep's phone, signed in; the content security policy is in force."""
    with _browser.new_context(base_url=live_address, viewport={"width": 390, "height": 844}) as context:
        context.add_cookies([{"name": SESSION_COOKIE, "value": session_token(app, rep), "url": live_address}])
        yield context


def open_day(phone: BrowserContext) -> Page:
    """Open the rep's day in a tab, wait until the phone has cached it, and return the tab."""
    tab = phone.new_page()
    tab.goto("/rep")
    tab.evaluate(_UNTIL_DAY_IS_KEPT)
    return tab


def enter_won(tab: Page, value: str) -> None:
    card = tab.locator("section.next-visit")
    card.locator("summary", has_text="Won").click()
    card.get_by_label("Deal value").fill(value)
    card.get_by_role("button", name="Save").click()


def enter_note(tab: Page, note: str) -> None:
    card = tab.locator("section.next-visit")
    card.locator("summary", has_text="Note").click()
    card.get_by_label("Add a note").fill(note)
    card.get_by_role("button", name="Save").click()


def unsent(tab: Page) -> Locator:
    """Return the list of unsent entries on the page."""
    return tab.locator("#unsent li")


def stored(engine: Engine, visit: Appointment) -> tuple[Any, ...]:
    """Return status, outcome, value and the notes about the contact, as currently stored in the database."""
    query = text(
        "SELECT status, outcome, deal_value::text, ARRAY(SELECT body FROM contact_notes"
        " WHERE contact_card_id = appointments.contact_card_id ORDER BY body) FROM appointments WHERE id = :id"
    )
    with engine.connect() as connection:
        return tuple(connection.execute(query, {"id": visit.id}).one())


def test_what_was_entered_offline_outlives_the_page_and_is_stored_once(
    phone: BrowserContext, visits: list[Appointment], admin_engine: Engine
) -> None:
    phone.add_init_script(_CLOCK_AHEAD)
    tab = open_day(phone)
    phone.set_offline(True)
    before = datetime.now(UTC)
    enter_note(tab, "Two dogs.")
    expect(unsent(tab)).to_have_count(1)
    enter_note(tab, "Gate code 4471.")
    enter_won(tab, "11450")
    expect(unsent(tab)).to_have_count(3)
    expect(unsent(tab).last).to_contain_text("Ruth Delgado: Won")
    expect(unsent(tab).last).to_contain_text(KEPT)
    expect(tab.locator("section.next-visit summary", has_text="Won")).to_be_hidden()
    glen = tab.locator(".later-visit", has_text="Glen Delgado")
    glen.locator("summary", has_text="Lost").click()
    glen.get_by_label("Lost reason").fill("Too dear")
    glen.get_by_role("button", name="Save").click()
    expect(unsent(tab)).to_have_count(4)
    expect(glen).to_be_hidden()
    after = datetime.now(UTC)
    tab.close()

    tab = phone.new_page()
    tab.goto("/rep")
    expect(tab.locator("#kept-day")).to_contain_text("Offline")
    expect(unsent(tab)).to_have_count(4)
    assert stored(admin_engine, visits[0]) == ("scheduled", "open", None, [])

    phone.set_offline(False)
    # A tab that was opened offline may not hear of the connection; what waits is sent again every half minute.
    expect(tab.locator(".day-visits")).to_contain_text("Won $11,450", timeout=60_000)
    expect(unsent(tab)).to_have_count(0)
    expect(tab.locator("#kept-day")).to_be_hidden()
    assert stored(admin_engine, visits[0]) == (
        "completed",
        "closed_won",
        "11450.00",
        ["Gate code 4471.", "Two dogs."],
    )
    assert stored(admin_engine, visits[1])[:2] == ("completed", "closed_lost")

    trail = text(
        "SELECT action, metadata->>'occurredAt', created_at FROM audit_logs WHERE metadata ? 'occurredAt'"
        " ORDER BY action"
    )
    with admin_engine.connect() as connection:
        entries = connection.execute(trail).all()
    assert [action for action, _told, _came in entries] == [
        "appointment.completed",
        "appointment.completed",
        "appointment.outcome.set",
        "appointment.outcome.set",
        "contact_note.created",
        "contact_note.created",
    ]
    for _action, told, came in entries:
        # By the server's clock, which responses report in whole seconds.
        assert before - timedelta(seconds=3) <= datetime.fromisoformat(told) <= after < came


@pytest.fixture
def plain_phone(app: Flask, _browser: Browser, live_address: str, rep: User) -> Iterator[BrowserContext]:
    """A phone without service workers."""
    with _browser.new_context(base_url=live_address, service_workers="block") as context:
        context.add_cookies([{"name": SESSION_COOKIE, "value": session_token(app, rep), "url": live_address}])
        yield context


def test_an_answer_that_is_lost_is_asked_for_again_and_stored_once(
    plain_phone: BrowserContext, visits: list[Appointment], admin_engine: Engine
) -> None:
    lost: list[str] = []

    def store_and_lose(route: Route) -> None:
        if lost:
            route.continue_()
        else:
            lost.append(route.request.url)
            route.fetch()
            route.abort()

    tab = plain_phone.new_page()
    tab.route("**/notes", store_and_lose)
    tab.goto("/rep")
    enter_note(tab, "Two dogs.")
    expect(tab.locator("#toasts")).to_contain_text("Note added.")

    assert len(lost) == 1
    assert stored(admin_engine, visits[0])[3] == ["Two dogs."]


def test_what_is_refused_stays_with_its_reason_until_it_is_discarded(
    phone: BrowserContext, visits: list[Appointment], admin_engine: Engine
) -> None:
    tab = open_day(phone)
    phone.set_offline(True)
    enter_won(tab, "4200")
    expect(unsent(tab)).to_have_count(1)
    with admin_engine.begin() as connection:
        moved_on = text("UPDATE appointments SET notes = 'Gate 4471', version = version + 1 WHERE id = :id")
        connection.execute(moved_on, {"id": visits[0].id})

    phone.set_offline(False)
    expect(unsent(tab)).to_contain_text("Rejected: Nothing was saved: this was changed after you opened it.")
    expect(unsent(tab)).to_contain_text("4200")
    tab.close()
    tab = phone.new_page()
    tab.goto("/rep")
    expect(unsent(tab)).to_contain_text("Rejected")
    expect(unsent(tab).get_by_role("link", name="Open page")).to_have_attribute("href", f"/appointments/{visits[0].id}")
    assert stored(admin_engine, visits[0])[0] == "scheduled"

    unsent(tab).get_by_role("button", name="Discard").click()
    expect(tab.locator("#unsent")).to_be_hidden()
    expect(tab.locator("section.next-visit summary", has_text="Won")).to_be_visible()
    assert tab.evaluate(_STORED_ON_DEVICE) == 0


class TestSigningOut:
    def sign_out(self, tab: Page) -> Locator:
        """Press the button; return the confirmation dialog."""
        tab.locator("summary[aria-label='Menu']").click()
        tab.locator(".drawer-panel").get_by_role("button", name="Sign out").click()
        return tab.get_by_role("dialog", name="Not everything was sent")

    def test_with_nothing_unsent_it_is_as_ever_and_takes_the_kept_day_away(
        self, phone: BrowserContext, visits: list[Appointment]
    ) -> None:
        tab = open_day(phone)
        self.sign_out(tab)
        tab.wait_for_url("**/login*")

        assert tab.evaluate("async () => (await caches.keys()).length") == 0
        assert tab.evaluate("async () => (await navigator.serviceWorker.getRegistrations()).length") == 0

    def test_it_offers_to_send(self, phone: BrowserContext, visits: list[Appointment], admin_engine: Engine) -> None:
        tab = open_day(phone)
        phone.set_offline(True)
        enter_note(tab, "Two dogs.")
        expect(unsent(tab)).to_have_count(1)
        asks = self.sign_out(tab)
        asks.get_by_role("button", name="Send and continue").click()
        expect(asks).to_contain_text("We couldn’t send it right now.")
        phone.set_offline(False)
        asks.get_by_role("button", name="Send and continue").click()
        tab.wait_for_url("**/login*")

        assert stored(admin_engine, visits[0])[3] == ["Two dogs."]

    def test_it_offers_to_discard_and_nothing_stays(
        self, phone: BrowserContext, visits: list[Appointment], admin_engine: Engine
    ) -> None:
        tab = open_day(phone)
        phone.set_offline(True)
        enter_note(tab, "Two dogs.")
        expect(unsent(tab)).to_have_count(1)
        asks = self.sign_out(tab)
        phone.route("**/*", lambda route: route.abort() if route.request.url.endswith("/notes") else route.continue_())
        phone.set_offline(False)
        asks.get_by_role("button", name="Discard and continue").click()
        tab.wait_for_url("**/login*")

        assert tab.evaluate(_ALL_ON_DEVICE) == 0
        assert stored(admin_engine, visits[0])[3] == []


def test_resetting_the_browser_warns_of_what_is_unsent(phone: BrowserContext, visits: list[Appointment]) -> None:
    tab = open_day(phone)
    phone.set_offline(True)
    enter_note(tab, "Two dogs.")
    expect(unsent(tab)).to_have_count(1)
    tab.close()
    # Later requests get no response, so that the entry stays unsent.
    phone.route("**/account/session", lambda route: route.abort())
    phone.set_offline(False)
    tab = phone.new_page()
    tab.goto("/account")

    asks = tab.get_by_role("dialog", name="Not everything was sent")
    tab.get_by_role("button", name="Clear browser data").click()
    asks.get_by_role("button", name="Close").click()
    assert tab.evaluate(_STORED_ON_DEVICE) == 1
    tab.get_by_role("button", name="Clear browser data").click()
    asks.get_by_role("button", name="Discard and continue").click()

    expect(tab.locator("#toasts")).to_contain_text("All Switchboard data in this browser was cleared")
    tab.wait_for_load_state()
    assert tab.evaluate(_STORED_ON_DEVICE) == 0
    assert tab.evaluate("async () => (await caches.keys()).length") == 0


class TestWhoseItIs:
    def test_nobody_else_sees_or_sends_it(
        self,
        app: Flask,
        phone: BrowserContext,
        live_address: str,
        make: Factories,
        company: Company,
        rep: User,
        visits: list[Appointment],
        admin_engine: Engine,
    ) -> None:
        def be(user: User) -> None:
            phone.add_cookies([{"name": SESSION_COOKIE, "value": session_token(app, user), "url": live_address}])

        tab = open_day(phone)
        phone.set_offline(True)
        enter_note(tab, "Two dogs.")
        expect(unsent(tab)).to_have_count(1)
        tab.close()

        be(make.user(company.organization, Role.SALES_REP, name="Nia Brooks"))
        phone.set_offline(False)
        tab = open_day(phone)
        expect(tab.locator(".me-name").first).to_contain_text("Nia Brooks")
        expect(tab.locator("#unsent")).to_be_hidden()
        tab.reload()
        tab.evaluate("sends.sendAll(true)")
        assert tab.evaluate(_STORED_ON_DEVICE) == 1
        assert rep.name not in tab.evaluate(_KEPT_DAYS)
        assert stored(admin_engine, visits[0])[3] == []
        tab.close()

        be(rep)
        tab = phone.new_page()
        tab.goto("/account")
        tab.evaluate("sends.sendAll()")
        assert stored(admin_engine, visits[0])[3] == ["Two dogs."]

    def test_a_session_that_has_ended_is_asked_for_in_place(
        self, phone: BrowserContext, rep: User, visits: list[Appointment], admin_engine: Engine
    ) -> None:
        tab = open_day(phone)
        phone.set_offline(True)
        enter_won(tab, "4200")
        expect(unsent(tab)).to_have_count(1)
        with admin_engine.begin() as connection:
            connection.execute(text("UPDATE user_sessions SET revoked_at = now(), revoked_reason = 'ended_by_admin'"))
        phone.set_offline(False)

        dialog = tab.get_by_role("dialog", name="Sign in to continue")
        dialog.get_by_label("Email").fill(rep.email)
        dialog.get_by_label("Password").fill(PASSWORD)
        dialog.get_by_role("button", name="Sign in").click()

        expect(tab.locator("section.next-visit")).to_contain_text("Glen Delgado")
        assert stored(admin_engine, visits[0])[1] == "closed_won"


def test_a_page_that_was_open_for_long_keeps_it_too(phone: BrowserContext, visits: list[Appointment]) -> None:
    tab = phone.new_page()
    tab.clock.install()
    tab.goto("/rep")
    tab.clock.fast_forward("10:00")
    phone.set_offline(True)
    enter_note(tab, "Two dogs.")

    expect(unsent(tab)).to_contain_text("Two dogs.")


def test_another_day_leads_to_the_one_that_is_kept(phone: BrowserContext, visits: list[Appointment]) -> None:
    tab = open_day(phone)
    phone.set_offline(True)
    tab.get_by_role("link", name="Next day").click()

    expect(tab.locator("#kept-day")).to_contain_text("Offline")
    assert tab.url.endswith("/rep")
    expect(tab.locator(".day-visits")).to_contain_text("Ruth Delgado")


def test_what_is_kept_has_no_faults_and_fits_a_thumb(open_tab: OpenTab, visits: list[Appointment]) -> None:
    tab = open_tab(Role.SALES_REP, width=390)
    tab.goto("/rep")
    tab.evaluate(_UNTIL_DAY_IS_KEPT)
    tab.context.set_offline(True)
    tab.reload()
    enter_note(tab, "Two dogs.")
    enter_won(tab, "4200")
    expect(unsent(tab)).to_have_count(2)
    tab.locator("#unsent summary").click()
    tab.locator(".later-visit summary", has_text="Lost").click()
    tab.set_viewport_size({"width": 390, "height": 3000})  # so that the tab bar covers nothing

    assert faults_in_themes(tab) == []
    boxes = [one.bounding_box() for one in tab.locator("#unsent :is(a, button)").all() if one.is_visible()]
    assert [box["height"] for box in boxes if box and round(box["height"]) < 44] == []
    tab.locator("summary[aria-label='Menu']").click()
    tab.locator(".drawer-panel").get_by_role("button", name="Sign out").click()
    expect(tab.get_by_role("dialog", name="Not everything was sent")).to_be_visible()
    assert faults_in_themes(tab) == []


class TestRecording:
    """An appointment recorded offline: consent, recording, and upload once there is a connection."""

    @pytest.fixture
    def tab(self, phone: BrowserContext, visits: list[Appointment]) -> Page:
        """The rep's day on a phone without a connection."""
        phone.grant_permissions(["microphone"])
        tab = open_day(phone)
        phone.set_offline(True)
        return tab

    def answer(self, tab: Page, answer: str) -> None:
        card = tab.locator("section.next-visit")
        card.locator("summary", has_text="Record appointment").click()
        card.get_by_label(answer).check()
        card.get_by_role("button", name="Continue").click()

    def record(self, tab: Page) -> Locator:
        """Record in pieces of half a second until something is stored; return the recorder."""
        recorder = tab.locator("#recording-here")
        recorder.get_by_role("button", name="Start").wait_for()
        tab.evaluate("document.querySelector('[data-recorder]').dataset.piece = '500'")
        recorder.get_by_role("button", name="Start").click()
        expect(recorder.get_by_text(_PIECES)).to_be_visible()
        return recorder

    def test_it_is_begun_and_sent_later(
        self, tab: Page, phone: BrowserContext, visits: list[Appointment], behind: Behind, admin_engine: Engine
    ) -> None:
        before = datetime.now(UTC)
        self.answer(tab, "Yes, they agree")
        expect(unsent(tab)).to_contain_text("Ruth Delgado: Recording")
        expect(unsent(tab)).to_contain_text("Yes, they agree")
        recorder = self.record(tab)
        enter_won(tab, "4200")
        expect(tab.locator(".later-visit", has_text="Glen Delgado")).to_be_visible()
        glen = tab.locator(".later-visit", has_text="Glen Delgado")
        glen.locator("summary", has_text="Record appointment").click()
        glen.get_by_label("Yes, they agree").check()
        glen.get_by_role("button", name="Continue").click()
        expect(recorder.get_by_text("Ruth Delgado")).to_be_focused()  # one at a time
        assert faults_in_themes(tab) == []
        recorder.get_by_role("button", name="Stop").click()
        expect(recorder.get_by_text("Not uploaded yet.")).to_be_visible()
        after = datetime.now(UTC)
        assert behind.rows(RecordingSession, appointment_id=visits[0].id) == []
        phone.set_offline(False)

        expect(recorder.get_by_text("Upload complete.")).to_be_visible()
        row = behind.one(RecordingSession, appointment_id=visits[0].id)
        assert (row.consent, row.status) == ("given", "uploaded")
        assert before <= row.started_at < (row.ended_at or before) <= after
        numbers = sorted(part.number for part in behind.rows(RecordingPart, session_id=row.id))
        assert numbers == list(range(1, len(numbers) + 1))
        told = text("SELECT metadata->>'occurredAt' FROM audit_logs WHERE resource_id = :id ORDER BY pos LIMIT 1")
        with admin_engine.connect() as connection:
            happened = datetime.fromisoformat(connection.execute(told, {"id": row.id}).scalar_one())
        assert happened == row.started_at.replace(microsecond=0)
        assert stored(admin_engine, visits[0])[1] == "closed_won"
        assert tab.evaluate(_STORED_ON_DEVICE) == 0
        assert tab.evaluate(_PIECES_ON_DEVICE) == 0

    def test_of_whoever_says_no_only_that_is_kept(
        self, tab: Page, phone: BrowserContext, visits: list[Appointment], behind: Behind
    ) -> None:
        self.answer(tab, "No, they decline")
        expect(unsent(tab)).to_contain_text("No, they decline")
        expect(tab.locator("#recording-here")).to_be_hidden()
        phone.set_offline(False)

        expect(unsent(tab)).to_have_count(0)
        row = behind.one(RecordingSession, appointment_id=visits[0].id)
        assert (row.consent, row.storage_key, row.duration_seconds) == ("refused", None, 0)

    def test_what_may_not_begin_yet_is_tried_again_and_loses_nothing(
        self, tab: Page, phone: BrowserContext, visits: list[Appointment], rep: User, behind: Behind, make: Factories
    ) -> None:
        other = make.recording(visits[1], rep, status="recording", ended_at=None, duration_seconds=None)
        tab.reload()
        expect(tab.locator("#kept-day")).to_contain_text("Offline")
        self.answer(tab, "Yes, they agree")
        recorder = self.record(tab)
        recorder.get_by_role("button", name="Stop").click()
        expect(recorder.get_by_text("Not uploaded yet.")).to_be_visible()
        phone.set_offline(False)
        expect(tab.locator("#unsent")).to_contain_text("Rejected:")
        expect(tab.locator("#kept-day")).to_be_hidden()
        assert tab.evaluate(_PIECES_ON_DEVICE) > 0
        link = unsent(tab).filter(has_text="Rejected:").get_by_role("link", name="Open page")
        expect(link).to_have_attribute("href", f"/recordings/{other.id}")

        behind.change(other, status="failed", ended_at=datetime.now(UTC))
        tab.get_by_role("button", name="Send now").click()
        expect(recorder.get_by_text("Upload complete.")).to_be_visible()
        assert behind.one(RecordingSession, appointment_id=visits[0].id).status == "uploaded"
        assert tab.evaluate(_PIECES_ON_DEVICE) == 0
