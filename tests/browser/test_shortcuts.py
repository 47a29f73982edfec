"""Every declared shortcut of a page has a visible control there, and works from the keyboard."""

import io
import re
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from app.declarations.registry import registry_of
from app.declarations.shortcut import Does
from app.models import Call, MissedCallEntry, Role
from app.security.matrix import permissions_of
from app.storage import new_key, storage
from tests.browser.conftest import OpenTab
from tests.support.browser import wait_for_scripts
from tests.support.company import Company
from tests.support.factories import Factories

pytestmark = pytest.mark.browser

#: Shown only during a call; N appears with the next poll if there is a new entry.
_OF_A_CALL = {"1", "2", "3", "4", "r"}
_AT_TIMES = {"n", *_OF_A_CALL}
_CONTROL = """key => {
  const name = CSS.escape(key);
  const controls = document.querySelectorAll(`[data-key~="${name}"], [data-near-key~="${name}"]`);
  return [...controls].some(one => one.checkVisibility() && one.getBoundingClientRect().width > 1);
}"""
_ROW = "main .tbl tbody th[scope=row] a[href]"


@pytest.fixture
def recorded(app: Flask, make: Factories, company: Company) -> list[Call]:
    """Three calls that follow each other in the list, with the same audio file."""
    key = new_key(company.organization.id, "recordings") + ".wav"
    with app.app_context():
        storage().save(key, io.BytesIO(b"RIFF"), max_bytes=4)
    return [make.call(company.organization, audio_url=key, duration_seconds=9) for _number in range(3)]


@pytest.fixture
def waiting(make: Factories, company: Company) -> MissedCallEntry:
    """The entry of a caller who was missed just now."""
    call = make.call(company.organization, status="missed", started_at=datetime.now(UTC))
    return make.missed_entry(company.organization, call=call, first_missed_at=call.started_at)


def lacking(app: Flask, tab: Page, endpoint: str, role: Role) -> set[str]:
    """Return the shortcut keys that `role` can use at `endpoint`, but that have no control on the page.

    Keys whose controls are shown only at times (_AT_TIMES), and keys that close something, are ignored.
    """
    known = registry_of(app)
    found = set()
    for one in known.shortcuts:
        if not known.has_key(endpoint, one) or (one.permission and one.permission not in permissions_of(role)):
            continue
        for key in set(one.keys) - _AT_TIMES:
            is_there = tab.locator(_ROW).first.is_visible() if one.does in _OF_ROWS else tab.evaluate(_CONTROL, key)
            found |= set() if is_there or one.does is Does.CLOSE else {key}
    return found


_OF_ROWS = {Does.NEXT_ROW, Does.PREVIOUS_ROW}


def test_every_key_has_its_control(
    app: Flask,
    open_tab: OpenTab,
    make: Factories,
    company: Company,
    recorded: list[Call],
    waiting: MissedCallEntry,
) -> None:
    tab, manager, now = open_tab(Role.MANAGER), company.people[Role.MANAGER], datetime.now(UTC)
    entry, call = waiting, recorded[1]
    contact, owner = make.contact(company.organization), company.people[Role.OWNER]
    make.note(make.call(company.organization, csr=manager), owner, body="Ask for the address first.", kind="coaching")
    make.task(company.organization, assignee=manager, due_at=now)
    times = {"scheduled_start_at": now, "scheduled_end_at": now + timedelta(hours=1)}
    make.appointment(company.organization, contact=contact, csr_id=manager.id, **times)
    walked = {
        "missed_calls.index": f"/missed-calls?open={entry.id}",
        "missed_calls.show": f"/missed-calls/{entry.id}",
        "calls.index": "/calls",
        "calls.show": None,
        "leads.index": "/leads",
        "leads.board": "/leads/board",
        "contacts.index": "/contacts",
        "tasks.index": "/tasks",
        "dashboards.my_day": "/my-day",
    }
    found = {}
    for endpoint, address in walked.items():
        if address:
            tab.goto(address)
        else:
            tab.goto("/calls")
            tab.locator(f"main a[href*='{call.id}']").first.click()
            tab.wait_for_url(re.compile(str(call.id)))
        if missing := lacking(app, tab, endpoint, Role.MANAGER):
            found[endpoint] = missing

    assert found == {}
    pages = {page for one in registry_of(app).shortcuts for page in one.pages}
    assert pages - walked.keys() == {"styleguide.index"}


def test_who_is_on_a_call_says_on_every_page_how_it_went(
    app: Flask, open_tab: OpenTab, make: Factories, company: Company
) -> None:
    manager = company.people[Role.MANAGER]
    make.call(company.organization, status="active", direction="outbound", source="user", handled_by_user_id=manager.id)
    tab = open_tab(Role.MANAGER)
    tab.goto("/tasks")

    assert [key for key in sorted(_OF_A_CALL) if not tab.evaluate(_CONTROL, key)] == []


def test_the_sheet_opens_says_what_holds_here_and_closes(open_tab: OpenTab, company: Company) -> None:
    tab = open_tab(Role.MANAGER)
    tab.goto("/missed-calls")
    opener = tab.get_by_role("button", name="Keyboard shortcuts")
    expect(opener).to_have_attribute("aria-keyshortcuts", "?")

    tab.keyboard.press("?")
    sheet = tab.get_by_role("dialog", name="Keyboard shortcuts")
    expect(sheet.get_by_text("Book an appointment for the open caller")).to_be_visible()
    tab.keyboard.press("Escape")
    expect(sheet).to_be_hidden()
    opener.click()
    sheet.get_by_role("link", name="All shortcuts").click()
    tab.wait_for_url("**/account/shortcuts")


def test_keys_of_another_alphabet_are_those_of_their_place(open_tab: OpenTab, company: Company) -> None:
    """Shortcuts work by the position of the key: G then C, and Ctrl-K, on a Russian keyboard."""
    tab = open_tab(Role.MANAGER)
    tab.goto("/tasks")
    for key, code, ctrl in (("п", "KeyG", False), ("\u0441", "KeyC", False)):
        tab.evaluate(
            "([key, code, ctrlKey]) => document.body.dispatchEvent("
            "new KeyboardEvent('keydown', { key, code, ctrlKey, bubbles: true, cancelable: true }))",
            [key, code, ctrl],
        )
    tab.wait_for_url("**/calls*")
    tab.evaluate(
        "document.body.dispatchEvent("
        "new KeyboardEvent('keydown', { key: 'л', code: 'KeyK', ctrlKey: true, bubbles: true, cancelable: true }))"
    )
    expect(tab.get_by_role("dialog", name="Search everything")).to_be_visible()


def test_keys_of_the_browser_are_left_to_it(open_tab: OpenTab, company: Company, recorded: list[Call]) -> None:
    """Arrows, space and other plain keys are left to the browser outside the player.

    So are keys with Ctrl, Command or Alt, except Ctrl-K and Command-K.
    """
    tab = open_tab(Role.MANAGER)
    tab.goto(f"/calls/{recorded[1].id}")
    taken = tab.evaluate(
        """() => {
          const press = (key, held = {}, target = document.body) =>
            !target.dispatchEvent(new KeyboardEvent("keydown", { key, ...held, bubbles: true, cancelable: true }));
          const plain = [" ", "ArrowLeft", "ArrowRight", "ArrowUp", "Home", "End", "PageDown", "Tab", "F5", "'"];
          const held = [..."abcdefghijklmnopqrstuvwxyz0123456789/"].flatMap(key =>
            ["ctrlKey", "metaKey", "altKey"].map(name => [key, { [name]: true }]));
          const others = held.filter(([key, how]) => key !== "k" || how.altKey);
          return [...plain.filter(key => press(key)), ...others.filter(([key, how]) => press(key, how)).map(String)];
        }"""
    )

    assert taken == []


def test_who_turned_single_keys_off_is_told_of_none(open_tab: OpenTab, make: Factories, company: Company) -> None:
    tab = open_tab(make.user(company.organization, role=Role.MANAGER, shortcuts_enabled=False))
    tab.goto("/missed-calls")

    assert tab.locator("[aria-keyshortcuts]").count() == 0
    assert tab.locator(".key-hint:visible").count() == 0
    tab.keyboard.press("?")
    expect(tab.locator("#shortcuts")).to_be_hidden()
    tab.get_by_role("button", name="Keyboard shortcuts").click()
    tab.get_by_role("link", name="Turn on keyboard shortcuts").click()
    tab.get_by_role("checkbox", name="Keyboard shortcuts").check()
    tab.get_by_role("button", name="Save preferences").click()
    expect(tab.get_by_text("Settings saved.")).to_be_visible()
    wait_for_scripts(tab)
    tab.keyboard.press("?")
    expect(tab.locator("#shortcuts")).to_be_visible()
