"""The rep's day without a connection: what is entered is kept on the phone, told of, and stored once when it can be."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect
from sqlalchemy import Engine, text

from app.models import Appointment, Role, User
from app.security.identity import SESSION_COOKIE
from tests.support.client import session_token
from tests.support.company import Company
from tests.support.factories import Factories

pytestmark = pytest.mark.browser

KEPT = "Kept on this device. It is sent when you are online again."
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
_STORED_ON_DEVICE = """async () => {
  const people = await device.people();
  return (await Promise.all(people.map(one => device.kept("sends", one)))).flat().length;
}"""


@pytest.fixture
def rep(company: Company) -> User:
    """Whose day it is."""
    return company.people[Role.SALES_REP]


@pytest.fixture
def visits(make: Factories, company: Company, rep: User) -> list[Appointment]:
    """Two of today, both begun: Ruth's, then Glen's."""
    now = datetime.now(UTC)
    return [
        make.appointment(
            company.organization,
            contact=make.contact(company.organization, first_name=name, last_name="Delgado"),
            sales_rep_id=rep.id,
            scheduled_start_at=now - timedelta(seconds=50 - 10 * number),
            scheduled_end_at=now - timedelta(seconds=50 - 10 * (number + 1)),
        )
        for number, name in enumerate(["Ruth", "Glen"])
    ]


@pytest.fixture
def phone(app: Flask, _browser: Browser, live_address: str, rep: User) -> Iterator[BrowserContext]:
    """The rep's, signed in; under the policy of the pages as they are."""
    with _browser.new_context(base_url=live_address, viewport={"width": 390, "height": 844}) as context:
        context.add_cookies([{"name": SESSION_COOKIE, "value": session_token(app, rep), "url": live_address}])
        yield context


def open_day(phone: BrowserContext) -> Page:
    """Their day, once the phone keeps it."""
    tab = phone.new_page()
    tab.goto("/rep")
    tab.evaluate(_UNTIL_DAY_IS_KEPT)
    return tab


def enter_won(tab: Page, value: str) -> None:
    card = tab.locator("section.next-visit")
    card.locator("summary", has_text="Won").click()
    card.get_by_label("Value of the deal").fill(value)
    card.get_by_role("button", name="Save").click()


def enter_note(tab: Page, note: str) -> None:
    card = tab.locator("section.next-visit")
    card.locator("summary", has_text="Note").click()
    card.get_by_label("Add a note").fill(note)
    card.get_by_role("button", name="Save").click()


def unsent(tab: Page) -> Locator:
    """What the page says of what is kept."""
    return tab.locator("#unsent li")


def stored(engine: Engine, visit: Appointment) -> tuple[Any, ...]:
    """Status, outcome, value, and the notes about the contact, as they are in the database now."""
    query = text(
        "SELECT status, outcome, deal_value::text, ARRAY(SELECT body FROM contact_notes"
        " WHERE contact_card_id = appointments.contact_card_id ORDER BY body) FROM appointments WHERE id = :id"
    )
    with engine.connect() as connection:
        return tuple(connection.execute(query, {"id": visit.id}).one())


def test_what_was_entered_offline_outlives_the_page_and_is_stored_once(
    phone: BrowserContext, visits: list[Appointment], admin_engine: Engine
) -> None:
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
    after = datetime.now(UTC)
    tab.close()

    tab = phone.new_page()
    tab.goto("/rep")
    expect(tab.locator("#kept-day")).to_contain_text("not connected")
    expect(unsent(tab)).to_have_count(3)
    assert stored(admin_engine, visits[0]) == ("scheduled", "open", None, [])

    phone.set_offline(False)
    expect(tab.locator("section.next-visit")).to_contain_text("Glen Delgado")
    expect(unsent(tab)).to_have_count(0)
    expect(tab.locator("#kept-day")).to_be_hidden()
    assert stored(admin_engine, visits[0]) == (
        "completed",
        "closed_won",
        "11450.00",
        ["Gate code 4471.", "Two dogs."],
    )

    trail = text(
        "SELECT action, metadata->>'occurredAt', created_at FROM audit_logs WHERE metadata ? 'occurredAt' ORDER BY action"
    )
    with admin_engine.connect() as connection:
        entries = connection.execute(trail).all()
    assert [action for action, _told, _came in entries] == [
        "appointment.completed",
        "appointment.outcome.set",
        "contact_note.created",
        "contact_note.created",
    ]
    for _action, told, came in entries:
        assert before.replace(microsecond=0) <= datetime.fromisoformat(told) <= after < came
