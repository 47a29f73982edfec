"""A session that ends while a page is open: no input is lost, with JavaScript and without."""

import re
from collections.abc import Callable, Iterator
from io import BytesIO

import pytest
from flask import Flask
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect
from sqlalchemy import Engine, text

from app.models import Call, Organization, Role, StaffRole, User
from app.security.identity import SESSION_COOKIE
from tests.support.client import Client, session_token
from tests.support.factories import PASSWORD, Factories
from tests.support.second_factor import Phone, set_up

pytestmark = pytest.mark.browser

NewTab = Callable[..., Page]


@pytest.fixture
def csr(make: Factories, organization: Organization) -> User:
    """The CSR whose session ends."""
    return make.user(organization, name="Maya Torres", email="maya@here.example")


@pytest.fixture
def admin(make: Factories, organization: Organization, owner: User) -> User:
    """An admin who edits the knowledge base."""
    return make.user(organization, role=Role.ADMIN, email="ann@here.example")


@pytest.fixture
def call(make: Factories, organization: Organization, csr: User) -> Call:
    """The call that a note is written about."""
    return make.call(organization, csr=csr)


@pytest.fixture
def new_tab(app: Flask, _browser: Browser, live_address: str) -> Iterator[NewTab]:
    """Function that opens a signed-in tab: `new_tab(user, javascript=False)`; `token` reuses a session."""
    contexts: list[BrowserContext] = []

    def make_tab(user: User, *, javascript: bool = True, token: str | None = None) -> Page:
        context = _browser.new_context(base_url=live_address, java_script_enabled=javascript)
        contexts.append(context)
        context.add_cookies([{"name": SESSION_COOKIE, "value": token or session_token(app, user), "url": live_address}])
        return context.new_page()

    yield make_tab
    for context in contexts:
        context.close()


@pytest.fixture
def end_sessions(admin_engine: Engine) -> Callable[[], None]:
    """Function that ends every session, as an admin does."""

    def end() -> None:
        with admin_engine.begin() as connection:
            connection.execute(text("UPDATE user_sessions SET revoked_at = now(), revoked_reason = 'ended_by_admin'"))

    return end


def begin_to_sign_in(tab: Page, user: User) -> Locator:
    """Enter a wrong password, then the right one, in the dialog over the page; return the dialog."""
    dialog = tab.get_by_role("dialog", name="Sign in to continue")
    expect(dialog).to_contain_text("ended by an admin")
    expect(dialog.get_by_label("Email")).to_be_focused()
    dialog.get_by_label("Email").fill(user.email)
    dialog.get_by_label("Password").fill("wrong")
    dialog.get_by_role("button", name="Sign in").click()
    expect(dialog.locator("[data-error-summary]")).to_be_focused()
    dialog.get_by_label("Password").fill(PASSWORD)
    dialog.get_by_role("button", name="Sign in").click()
    return dialog


def sign_in_within(tab: Page, user: User) -> None:
    expect(begin_to_sign_in(tab, user)).to_be_hidden()


def send_a_note_too_late(tab: Page, call: Call, end_sessions: Callable[[], None]) -> None:
    """Submit a note with a swap after the session has ended."""
    tab.goto(f"/calls/{call.id}")
    tab.get_by_label("Add a note").fill("Has a gas line.")
    end_sessions()
    tab.get_by_role("button", name="Add note").click()


def test_a_swap_goes_on_after_signing_in_in_place(
    new_tab: NewTab, csr: User, call: Call, end_sessions: Callable[[], None]
) -> None:
    tab = new_tab(csr)
    send_a_note_too_late(tab, call, end_sessions)
    sign_in_within(tab, csr)

    expect(tab.locator("#call-timeline")).to_contain_text("Has a gas line.")
    expect(tab).to_have_url(f"/calls/{call.id}")


def test_a_browser_that_has_no_session_any_more_asks_once_and_goes_on(new_tab: NewTab, csr: User, call: Call) -> None:
    tab = new_tab(csr)
    sent: list[str] = []
    tab.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)
    tab.goto(f"/calls/{call.id}")
    tab.get_by_label("Add a note").fill("Has a gas line.")
    tab.context.clear_cookies()  # as signing out in another tab does
    tab.get_by_role("button", name="Add note").click()

    dialog = tab.get_by_role("dialog", name="Sign in to continue")
    dialog.get_by_label("Email").fill(csr.email)
    dialog.get_by_label("Password").fill(PASSWORD)
    assert len(sent) == 1
    dialog.get_by_role("button", name="Sign in").click()

    expect(tab.locator("#call-timeline")).to_contain_text("Has a gas line.")


def test_the_dialog_asks_for_a_code_too(
    app: Flask, new_tab: NewTab, csr: User, call: Call, end_sessions: Callable[[], None]
) -> None:
    client = Client(app).sign_in(csr)
    phone: Phone = set_up(client)[0]
    tab = new_tab(csr, token=client.cookie(SESSION_COOKIE))
    send_a_note_too_late(tab, call, end_sessions)

    dialog = begin_to_sign_in(tab, csr)
    expect(dialog.get_by_label("Code")).to_be_focused()
    dialog.get_by_label("Code").fill("000000")
    dialog.get_by_role("button", name="Sign in").click()
    expect(dialog.locator("[data-error-summary]")).to_be_focused()
    dialog.get_by_label("Code").fill(phone.code())
    dialog.get_by_role("button", name="Sign in").click()

    expect(tab.locator("#call-timeline")).to_contain_text("Has a gas line.")


@pytest.mark.parametrize("chosen", ["Blue Ridge Air", "Harbor Heating"])
def test_the_dialog_asks_for_the_organization_too(
    new_tab: NewTab, make: Factories, csr: User, call: Call, end_sessions: Callable[[], None], chosen: str
) -> None:
    make.user(make.organization(name="Harbor Heating"), email=csr.email)
    tab = new_tab(csr)
    send_a_note_too_late(tab, call, end_sessions)

    dialog = begin_to_sign_in(tab, csr)
    dialog.get_by_label(chosen).check()
    dialog.get_by_role("button", name="Continue").click()

    if chosen == "Blue Ridge Air":
        expect(tab.locator("#call-timeline")).to_contain_text("Has a gas line.")
    else:
        tab.wait_for_url(lambda url: "/calls/" not in url)
        expect(tab.locator("body")).to_contain_text("Harbor Heating")


def test_a_guest_of_the_organization_enters_it_again_and_then_sends(
    app: Flask, new_tab: NewTab, make: Factories, call: Call, end_sessions: Callable[[], None]
) -> None:
    guest = make.staff(StaffRole.ADMIN)
    enter = f"/organizations/{call.organization_id}/enter"
    client = Client(app).sign_in(guest)
    client.post(enter, {"reason": "They have asked for help"})
    tab = new_tab(guest, token=client.cookie(SESSION_COOKIE))
    send_a_note_too_late(tab, call, end_sessions)

    dialog = begin_to_sign_in(tab, guest)
    expect(dialog).to_contain_text("Enter it again in another tab")
    with tab.context.expect_page() as opened:
        dialog.get_by_role("link", name="Organizations").click()
    opened.value.goto(enter)
    opened.value.get_by_label("Reason").fill("They have asked for help")
    opened.value.get_by_role("button", name="Enter").click()
    opened.value.wait_for_url(lambda url: "/organizations" not in url)
    dialog.get_by_role("button", name="Close").click()
    tab.get_by_role("button", name="Add note").click()

    expect(tab.locator("#call-timeline")).to_contain_text("Has a gas line.")


def test_the_dialog_can_be_closed_and_what_was_typed_stays(
    new_tab: NewTab, csr: User, call: Call, end_sessions: Callable[[], None]
) -> None:
    tab = new_tab(csr)
    send_a_note_too_late(tab, call, end_sessions)
    tab.get_by_role("dialog", name="Sign in to continue").get_by_role("button", name="Close").click()

    expect(tab.get_by_label("Add a note")).to_have_value("Has a gas line.")
    tab.get_by_role("button", name="Add note").click()
    sign_in_within(tab, csr)

    expect(tab.locator("#call-timeline")).to_contain_text("Has a gas line.")


def test_a_file_stays_chosen(new_tab: NewTab, csr: User, end_sessions: Callable[[], None]) -> None:
    picture = BytesIO()
    Image.new("RGB", (64, 64), "red").save(picture, "PNG")
    tab = new_tab(csr)
    tab.clock.install()
    tab.goto("/account/picture")
    tab.locator("input[name=picture]").set_input_files(
        {"name": "me.png", "mimeType": "image/png", "buffer": picture.getvalue()}
    )
    end_sessions()
    tab.clock.fast_forward("00:10")

    tab.get_by_role("button", name="Save").click()
    sign_in_within(tab, csr)

    expect(tab.locator("#toasts")).to_contain_text("Photo saved.")


def test_a_filter_is_applied_after_signing_in_in_place(
    new_tab: NewTab, csr: User, call: Call, end_sessions: Callable[[], None]
) -> None:
    tab = new_tab(csr)
    tab.goto("/calls")
    end_sessions()

    tab.get_by_role("combobox", name="Status").select_option("missed")
    sign_in_within(tab, csr)

    expect(tab.get_by_role("heading", name="0 calls", exact=True)).to_be_visible()
    expect(tab).to_have_url(re.compile(r"/calls\?status=missed$"))


@pytest.mark.parametrize("javascript", [False, True])
def test_rows_that_were_ticked_are_those_that_are_changed(
    new_tab: NewTab,
    make: Factories,
    organization: Organization,
    csr: User,
    call: Call,
    end_sessions: Callable[[], None],
    javascript: bool,
) -> None:
    make.call(organization, csr=csr)
    tab = new_tab(csr, javascript=javascript)
    tab.goto("/calls")
    tab.locator(f"input[name=row][value='{call.id}']").check()
    end_sessions()

    tab.get_by_role("button", name=re.compile("Set outcome")).click()
    tab.get_by_label("Email").fill(csr.email)
    tab.get_by_label("Password").fill(PASSWORD)
    tab.get_by_role("button", name="Sign in").click()
    if not javascript:
        tab.get_by_role("button", name="Back to the form").click()

    expect(tab).to_have_url(re.compile(rf"/bulk/new\?.*row={call.id}"))
    expect(tab.get_by_role("main")).to_contain_text("1 call")


def test_a_form_that_was_open_for_long_goes_on_after_signing_in_in_place(
    new_tab: NewTab, csr: User, end_sessions: Callable[[], None]
) -> None:
    tab = new_tab(csr)
    tab.clock.install()
    tab.goto("/account")
    tab.get_by_label("Comfortable").check()
    end_sessions()
    tab.clock.fast_forward("10:00")

    tab.locator("form[action='/account/preferences'] button[type=submit]").click()
    sign_in_within(tab, csr)

    expect(tab.locator("#toasts")).to_contain_text("Settings saved.")
    expect(tab.get_by_label("Comfortable")).to_be_checked()


def test_who_else_signs_in_gets_another_page(
    new_tab: NewTab, csr: User, admin: User, call: Call, end_sessions: Callable[[], None]
) -> None:
    tab = new_tab(csr)
    send_a_note_too_late(tab, call, end_sessions)
    sign_in_within(tab, admin)

    tab.wait_for_url(lambda url: "/calls/" not in url)
    tab.goto(f"/calls/{call.id}")
    expect(tab.locator("main")).not_to_contain_text("Has a gas line.")


@pytest.mark.parametrize("javascript", [False, True])
def test_the_sign_in_page_carries_what_was_typed(
    new_tab: NewTab, csr: User, call: Call, end_sessions: Callable[[], None], javascript: bool
) -> None:
    tab = new_tab(csr, javascript=javascript)
    tab.goto("/account")
    tab.get_by_label("Comfortable").check()
    end_sessions()

    tab.locator("form[action='/account/preferences'] button[type=submit]").click()
    expect(tab.get_by_role("main")).to_contain_text("What you entered is saved")
    tab.get_by_label("Email").fill(csr.email)
    tab.get_by_label("Password").fill(PASSWORD)
    tab.get_by_role("button", name="Sign in").click()
    if not javascript:
        tab.get_by_role("button", name="Back to the form").click()

    expect(tab.get_by_role("main")).to_contain_text("Check what you entered and submit it")
    expect(tab.get_by_label("Comfortable")).to_be_checked()
    expect(tab.locator("html")).not_to_have_attribute("data-density", "comfortable")


def test_a_link_leads_to_its_page_after_signing_in(
    new_tab: NewTab, csr: User, end_sessions: Callable[[], None]
) -> None:
    tab = new_tab(csr, javascript=False)
    tab.goto("/account")
    end_sessions()
    tab.goto("/calls?status=missed")

    expect(tab.get_by_role("main")).to_contain_text("ended by an admin")
    tab.get_by_label("Email").fill(csr.email)
    tab.get_by_label("Password").fill(PASSWORD)
    tab.get_by_role("button", name="Sign in").click()

    expect(tab).to_have_url(re.compile(r"/calls\?status=missed$"))


def test_a_form_without_scripts_leaves_out_what_was_not_chosen(new_tab: NewTab, csr: User, call: Call) -> None:
    tab = new_tab(csr, javascript=False)
    tab.goto("/calls")
    tab.get_by_role("combobox", name="Status").select_option("missed")
    tab.get_by_role("button", name="Apply", exact=True).click()

    expect(tab).to_have_url(re.compile(r"/calls\?status=missed$"))
