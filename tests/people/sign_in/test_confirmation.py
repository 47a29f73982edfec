"""Sensitive actions: who must confirm their identity, how, and what becomes of a form until then."""

from collections import defaultdict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask

from app.extensions import db
from app.models import ApiKey, Organization, Role, StaffRole, User, UserSession
from app.security.identity import SESSION_COOKIE
from tests.support.client import HTMX, Client
from tests.support.factories import PASSWORD, Factories
from tests.support.pages import Page
from tests.support.queries import recorded_queries
from tests.support.second_factor import PAGE as SECOND_FACTOR
from tests.support.second_factor import Phone, set_up

Change = Callable[..., None]
Rows = Callable[..., list[Any]]
Age = Callable[..., None]

PAGE, NEW_KEY = "/account/confirm", "/organization/api-keys/new"
JSON = {"Accept": "application/json"}
WRONG_PASSWORD, WRONG_CODE = "Wrong password. Try again.", "That code is wrong or was already used."


@pytest.fixture
def owner(make: Factories, organization: Organization) -> User:
    """An owner of the company, without two-factor authentication."""
    return make.user(organization, role=Role.OWNER, name="Olga Owens")


@pytest.fixture
def age(rows: Rows, change: Change) -> Age:
    """Function that sets the confirmation of a user's sessions to this long ago, by default 11 minutes."""

    def age(user: User, minutes: float = 11, **passed: float) -> None:
        then = datetime.now(UTC) - timedelta(minutes=minutes, **passed)
        for session in rows(UserSession, user_id=user.id):
            change(session, confirmed_at=then)

    return age


@pytest.fixture
def as_owner(client: Client, owner: User) -> Client:
    """The owner's browser, signed in just now."""
    return client.sign_in_by_form(owner)


def new_key(client: Client) -> dict[str, Any]:
    """Return the filled-in form of a new API key."""
    return {**client.get(NEW_KEY).fields(NEW_KEY), "name": "Website", "permissions": ["calls:read", "audit:read"]}


def proved(client: Client, page: Page, status: int = 200, password: str = PASSWORD) -> Page:
    """Return the response to a password on a page that asks for it."""
    return client.post(PAGE, {**page.fields(PAGE), "password": password}, status=status)


def send_on(client: Client, page: Page, status: int = 200) -> Page:
    """Submit the form that was kept during the confirmation, as a browser would."""
    action, sent = carried_on(page)
    return client.post(action, sent, status=status)


def carried_on(page: Page) -> tuple[str, dict[str, list[str]]]:
    """Return the address and all fields of the form that was kept during the confirmation."""
    form, sent = page.one(".//form[@data-send-at-once]"), defaultdict(list)
    for field in form.iter("input"):
        sent[field.get("name", "")].append(field.get("value", ""))
    return form.get("action", ""), dict(sent)


def confirmed_at(rows: Rows, user: User) -> datetime | None:
    [session] = rows(UserSession, user_id=user.id)
    assert isinstance(session, UserSession)
    return session.confirmed_at


class TestWhen:
    """Conditions under which a person must confirm their identity."""

    def test_who_has_just_signed_in_is_not_asked(self, as_owner: Client, owner: User, rows: Rows) -> None:
        assert as_owner.post(NEW_KEY, new_key(as_owner), status=200).text.count("Website")
        at = confirmed_at(rows, owner)
        assert at is not None
        assert datetime.now(UTC) - at < timedelta(minutes=1)

    def test_ten_minutes_are_the_limit(self, as_owner: Client, owner: User, age: Age) -> None:
        age(owner, 9, seconds=45)
        as_owner.get(NEW_KEY)
        age(owner, 10, seconds=1)
        as_owner.get(NEW_KEY, status=303)

    def test_sessions_from_before_the_column_are_asked(
        self, as_owner: Client, owner: User, rows: Rows, change: Change
    ) -> None:
        change(rows(UserSession, user_id=owner.id)[0], confirmed_at=None)
        assert as_owner.get(NEW_KEY, status=303).headers["Location"].startswith(PAGE)

    def test_other_pages_do_not_ask(self, as_owner: Client, owner: User, age: Age) -> None:
        age(owner)
        as_owner.get("/account")
        as_owner.get("/organization/api-keys")

    def test_who_lacks_the_permission_is_refused_instead(self, client: Client, user: User, age: Age) -> None:
        client.sign_in_by_form(user)
        age(user)
        client.get(NEW_KEY, status=403)

    def test_who_has_to_set_up_a_second_factor_does_so_first(
        self, as_owner: Client, owner: User, organization: Organization, change: Change, age: Age
    ) -> None:
        change(organization, require_mfa=True)
        age(owner)
        assert as_owner.get(NEW_KEY, status=303).headers["Location"] == SECOND_FACTOR
        set_up(as_owner)
        as_owner.get(NEW_KEY)  # which took both of them

    def test_a_session_views_as_somebody_without_being_asked(
        self, as_owner: Client, owner: User, make: Factories, organization: Organization, age: Age
    ) -> None:
        admin = make.user(organization, role=Role.ADMIN)
        as_owner.post(f"/users/{admin.id}/view-as", {"reason": "Looking into a ticket"})
        age(owner)
        as_owner.get(NEW_KEY)
        as_owner.post(NEW_KEY, status=403)


class TestLedThere:
    """Redirects from a page that requires a confirmation to the confirmation page, and back."""

    def test_it_leads_to_the_page_and_back(self, as_owner: Client, owner: User, age: Age, rows: Rows) -> None:
        age(owner)
        led = as_owner.get(f"{NEW_KEY}?from=mail", status=303)
        assert led.headers["Location"] == f"{PAGE}?next={NEW_KEY}?from%3Dmail"

        page = as_owner.follow(led)
        assert page.heading == "Confirm it’s you"
        back = proved(as_owner, page, status=303)

        assert back.headers["Location"] == f"{NEW_KEY}?from=mail"
        assert as_owner.follow(back).heading == "New API key"
        at = confirmed_at(rows, owner)
        assert at is not None
        assert datetime.now(UTC) - at < timedelta(minutes=1)

    def test_it_leads_to_no_other_site(self, as_owner: Client, owner: User, age: Age) -> None:
        age(owner)
        page = as_owner.get(f"{PAGE}?next=https://evil.example/")
        assert proved(as_owner, page, status=303).headers["Location"] == "/account"
        age(owner)
        fields = {"next": "//evil.example", "back": "javascript:alert(1)", "password": "wrong"}
        refused = as_owner.post(PAGE, fields, status=400)
        assert "evil.example" not in refused.html
        assert "javascript:" not in refused.html

    def test_who_is_confirmed_goes_on(self, as_owner: Client) -> None:
        # as after the back button, or in a second tab
        assert as_owner.get(f"{PAGE}?next={NEW_KEY}", status=303).headers["Location"] == NEW_KEY

    def test_of_two_tabs_the_second_goes_on(self, as_owner: Client, owner: User, age: Age) -> None:
        age(owner)
        one = as_owner.follow(as_owner.get(NEW_KEY, status=303))
        other = as_owner.follow(as_owner.get("/organization/export", status=303))
        proved(as_owner, one, status=303)
        assert proved(as_owner, other, status=303).headers["Location"] == "/organization/export"

    def test_a_swap_makes_the_browser_open_the_page(self, as_owner: Client, owner: User, age: Age) -> None:
        age(owner)
        swap = as_owner.get(NEW_KEY, status=403, headers=HTMX)
        assert swap.headers["HX-Redirect"] == f"{PAGE}?next={NEW_KEY}"
        here = {**HTMX, "HX-Current-URL": "http://localhost/organization/api-keys"}
        sent = as_owner.post(NEW_KEY, {"name": "Website"}, status=403, headers=here)
        assert sent.headers["HX-Redirect"] == f"{PAGE}?next=/organization/api-keys"

    def test_programs_are_told(self, as_owner: Client, owner: User, age: Age, rows: Rows) -> None:
        form = new_key(as_owner)
        age(owner)
        for refused in (
            as_owner.get(NEW_KEY, status=403, headers=JSON),
            as_owner.post(NEW_KEY, form, status=403, headers=JSON),
        ):
            assert refused.response.json is not None
            assert refused.response.json["error"]["code"] == "REAUTHENTICATION_REQUIRED"
        assert rows(ApiKey) == []


class TestKept:
    """A form submitted when the last confirmation was too long ago."""

    @pytest.fixture
    def waiting(self, as_owner: Client, owner: User, age: Age) -> Page:
        """The page that asks for the password, and carries the form of a new API key."""
        form = new_key(as_owner)
        age(owner)
        return as_owner.post(NEW_KEY, form, status=403, headers={"Referer": f"http://localhost{NEW_KEY}"})

    def test_it_is_carried_out_after_the_confirmation(self, as_owner: Client, waiting: Page, rows: Rows) -> None:
        assert waiting.heading == "Confirm it’s you"
        assert "What you entered is saved." in waiting.text
        assert rows(ApiKey) == []

        confirmed = proved(as_owner, waiting)
        assert rows(ApiKey) == []
        send_on(as_owner, confirmed)

        [key] = rows(ApiKey)
        assert (key.name, key.permissions) == ("Website", ["audit:read", "calls:read"])

    def test_the_page_does_not_show_it_and_is_no_use_to_others(
        self, waiting: Page, new_client: Callable[[], Client], make: Factories, organization: Organization, age: Age
    ) -> None:
        assert "Website" not in waiting.html
        other = make.user(organization, role=Role.OWNER)
        thief = new_client().sign_in(other)
        age(other)
        kept = waiting.fields(PAGE)["kept"]
        thief.get("/account")
        assert thief.post(PAGE, {"kept": kept, "password": PASSWORD}).headers["Location"] == "/account"

    def test_a_wrong_password_keeps_session_and_form(self, as_owner: Client, waiting: Page, rows: Rows) -> None:
        again = proved(as_owner, waiting, status=400, password="wrong")
        assert WRONG_PASSWORD in again.text
        assert again.fields(PAGE)["kept"] == waiting.fields(PAGE)["kept"]
        as_owner.get("/account")

        send_on(as_owner, proved(as_owner, again))
        assert len(rows(ApiKey)) == 1

    def test_it_is_carried_out_once(self, as_owner: Client, waiting: Page, rows: Rows) -> None:
        # going back to the page submits it again, as does reloading it
        confirmed = proved(as_owner, waiting)
        send_on(as_owner, confirmed)

        again = send_on(as_owner, confirmed, status=303)
        assert again.headers["Location"] == NEW_KEY
        assert "That was already submitted." in as_owner.follow(again).text
        reloaded = proved(as_owner, waiting)
        send_on(as_owner, reloaded, status=303)
        assert len(rows(ApiKey)) == 1

    def test_of_two_at_once_one_is_carried_out(self, as_owner: Client, waiting: Page, rows: Rows) -> None:
        _action, fields = carried_on(proved(as_owner, waiting))
        with ThreadPoolExecutor(2) as both:
            statuses = list(both.map(lambda _n: as_owner.answer_of(NEW_KEY, fields).status, range(2)))
        assert 200 in statuses
        assert len(rows(ApiKey)) == 1

    def test_a_form_with_an_error_comes_back_and_can_be_corrected(
        self, as_owner: Client, owner: User, age: Age, rows: Rows
    ) -> None:
        form = {**new_key(as_owner), "name": ""}
        age(owner)
        waiting = as_owner.post(NEW_KEY, form, status=403)
        shown = send_on(as_owner, proved(as_owner, waiting), status=400)

        as_owner.post(NEW_KEY, {**shown.fields(NEW_KEY), "name": "Website"}, status=200)
        assert len(rows(ApiKey)) == 1

    def test_one_that_was_confirmed_in_another_tab_goes_on(
        self, as_owner: Client, waiting: Page, owner: User, age: Age, rows: Rows
    ) -> None:
        proved(as_owner, as_owner.get(PAGE), status=303)
        send_on(as_owner, proved(as_owner, waiting, password=""))
        assert len(rows(ApiKey)) == 1

    def test_a_forged_one_is_not_kept(self, as_owner: Client, owner: User, age: Age) -> None:
        # what is kept is sent with a token of its own, so it needs one to begin with
        form = {**new_key(as_owner), "csrf_token": "made up"}
        age(owner)
        assert "kept" not in as_owner.post(NEW_KEY, form, status=403).html

    def test_one_that_is_too_long_leads_back(self, as_owner: Client, owner: User, age: Age) -> None:
        noise = "".join(chr(0x4E00 + (number * 7919) % 20000) for number in range(60_000))
        form = {**new_key(as_owner), "name": noise}
        age(owner)
        page = as_owner.post(NEW_KEY, form, status=403, headers={"Referer": f"http://localhost{NEW_KEY}"})
        assert "too long to keep here" in page.text
        assert proved(as_owner, page, status=303).headers["Location"] == NEW_KEY

    def test_one_that_waited_for_an_hour_is_said_to_be_gone(
        self, as_owner: Client, waiting: Page, monkeypatch: pytest.MonkeyPatch, owner: User, age: Age
    ) -> None:
        monkeypatch.setattr("app.people.sign_in.saved_form_service.LIFETIME", timedelta(seconds=-1))
        form = new_key_without_asking(waiting)
        expired = as_owner.post(NEW_KEY, form, status=403, headers={"Referer": f"http://localhost{NEW_KEY}"})
        led = proved(as_owner, expired, status=303)
        assert led.headers["Location"] == NEW_KEY
        assert "has expired. Enter it again." in as_owner.follow(led).text

    def test_a_session_that_ends_meanwhile_loses_nothing(
        self, as_owner: Client, waiting: Page, owner: User, rows: Rows, change: Change
    ) -> None:
        change(rows(UserSession, user_id=owner.id)[0], revoked_at=datetime.now(UTC))
        too_late = proved(as_owner, waiting, status=401)
        fields = {**too_late.fields("/login"), "email": owner.email, "password": PASSWORD}
        signed_in = as_owner.post("/login", fields, status=200)
        send_on(as_owner, send_on(as_owner, signed_in))
        assert len(rows(ApiKey)) == 1


def new_key_without_asking(page: Page) -> dict[str, Any]:
    return {"name": "Website", "csrf_token": page.fields(PAGE)["csrf_token"]}


def test_signing_in_again_is_a_confirmation_too(
    as_owner: Client, owner: User, age: Age, rows: Rows, change: Change
) -> None:
    age(owner)
    asked = f"{PAGE}?next={NEW_KEY}"
    page = as_owner.get(asked)
    change(rows(UserSession, user_id=owner.id)[0], revoked_at=datetime.now(UTC))
    here = {"Referer": f"http://localhost{asked}"}
    led = as_owner.post(PAGE, {**page.fields(PAGE), "password": PASSWORD}, headers=here)
    fields = {**as_owner.follow(led).fields("/login"), "email": owner.email, "password": PASSWORD}
    again = as_owner.post("/login", fields)
    assert again.headers["Location"] == asked
    assert as_owner.get(asked, status=303).headers["Location"] == NEW_KEY


class TestSecondFactor:
    """Confirmation by people with two-factor authentication: a code instead of the password."""

    @pytest.fixture
    def phone(self, as_owner: Client, owner: User, age: Age) -> Phone:
        """The owner's phone; their session was confirmed long ago."""
        phone, _codes = set_up(as_owner)
        age(owner)
        return phone

    def test_a_code_is_asked_for(self, as_owner: Client, phone: Phone) -> None:
        page = as_owner.follow(as_owner.get(NEW_KEY, status=303))
        assert "password" not in page.fields(PAGE)
        wrong = as_owner.post(PAGE, {**page.fields(PAGE), "code": "000000"}, status=400)
        assert WRONG_CODE in wrong.text
        as_owner.post(PAGE, {**wrong.fields(PAGE), "password": PASSWORD}, status=400)
        right = as_owner.post(PAGE, {**wrong.fields(PAGE), "code": phone.code()})
        assert right.headers["Location"] == NEW_KEY

    def test_a_recovery_code_is_used_up(self, as_owner: Client, owner: User, age: Age) -> None:
        _phone, codes = set_up(as_owner)
        age(owner)
        as_owner.post(PAGE, {**as_owner.get(PAGE).fields(PAGE), "code": codes[0]})
        age(owner)
        as_owner.post(PAGE, {**as_owner.get(PAGE).fields(PAGE), "code": codes[0]}, status=400)

    def test_two_clicks_with_one_code_both_go_on(self, as_owner: Client, owner: User, phone: Phone) -> None:
        fields = {**as_owner.get(f"{PAGE}?next={NEW_KEY}").fields(PAGE), "code": phone.code()}
        with ThreadPoolExecutor(2) as both:
            statuses = list(both.map(lambda _n: as_owner.answer_of(PAGE, fields).status, range(2)))
        assert 303 in statuses
        assert set(statuses) <= {303}

    def test_turning_it_off_keeps_neither_password_nor_code(
        self, as_owner: Client, owner: User, phone: Phone, rows: Rows
    ) -> None:
        remove = f"{SECOND_FACTOR}/remove"
        here = {"Referer": f"http://localhost{SECOND_FACTOR}"}
        sent = {"password": PASSWORD, "code": phone.first_code}
        waiting = as_owner.post(remove, sent, status=403, headers=here)
        confirmed = as_owner.post(PAGE, {**waiting.fields(PAGE), "code": phone.code()}, status=200)
        shown = send_on(as_owner, confirmed, status=400)
        assert "passwords, codes and files aren’t kept" in shown.text
        assert PASSWORD not in confirmed.html
        assert rows(User, id=owner.id)[0].mfa_secret is not None

    def test_its_page_asks_before_it_is_filled_in(self, as_owner: Client, phone: Phone) -> None:
        assert as_owner.get(SECOND_FACTOR, status=303).headers["Location"].startswith(PAGE)


class TestLimit:
    """Limit on wrong passwords on the confirmation page."""

    def test_after_five_wrong_ones_there_is_a_pause_that_keeps_the_form(
        self, as_owner: Client, owner: User, age: Age
    ) -> None:
        form = new_key(as_owner)
        age(owner)
        page = as_owner.post(NEW_KEY, form, status=403)
        for _number in range(5):
            page = proved(as_owner, page, status=400, password="wrong")
        paused = proved(as_owner, page, status=429)
        assert "Too many attempts" in paused.text
        assert paused.fields(PAGE)["kept"] == page.fields(PAGE)["kept"]
        as_owner.get("/account")

    def test_right_ones_do_not_count(self, as_owner: Client, owner: User, age: Age) -> None:
        for _number in range(7):
            age(owner)
            proved(as_owner, as_owner.get(PAGE), status=303)

    def test_a_form_that_waits_counts_once(self, as_owner: Client, owner: User, age: Age) -> None:
        # toward the form's own limit, of 30 an hour
        form = new_key(as_owner)
        age(owner)
        for _number in range(31):
            as_owner.post(NEW_KEY, form, status=403)


class TestSession:
    """Effects of a confirmation on the session."""

    def test_it_gets_a_new_token(
        self, as_owner: Client, owner: User, age: Age, new_client: Callable[[], Client]
    ) -> None:
        copy = as_owner.cookie(SESSION_COOKIE)
        age(owner)
        proved(as_owner, as_owner.get(PAGE), status=303)
        assert as_owner.cookie(SESSION_COOKIE) != copy
        new_client().get("/account", status=303, headers={"Cookie": f"{SESSION_COOKIE}={copy}"})

    def test_only_this_one_is_confirmed(
        self, as_owner: Client, owner: User, age: Age, new_client: Callable[[], Client]
    ) -> None:
        other = new_client().sign_in(owner)
        age(owner)
        proved(as_owner, as_owner.get(PAGE), status=303)
        as_owner.get(NEW_KEY)
        other.get(NEW_KEY, status=303)

    def test_it_is_recorded(self, as_owner: Client, owner: User, age: Age, trail: Callable[[], list[str]]) -> None:
        age(owner)
        proved(as_owner, as_owner.get(PAGE), status=400, password="wrong")
        assert "session.confirmed" not in trail()
        proved(as_owner, as_owner.get(PAGE), status=303)
        assert trail()[-1] == "session.confirmed"


class TestStaff:
    """Confirmation by platform staff, who use their own account even inside an organization."""

    def test_entering_asks_and_is_done_once(
        self, client: Client, make: Factories, organization: Organization, age: Age, rows: Rows
    ) -> None:
        staff = make.staff(StaffRole.ADMIN)
        client.sign_in(staff)
        enter = f"/organizations/{organization.id}/enter"
        form = {**client.get(enter).fields(enter), "reason": "A ticket of today"}
        age(staff)
        waiting = client.post(enter, form, status=403)
        send_on(client, proved(client, waiting), status=303)
        [session] = rows(UserSession, user_id=staff.id)
        assert session.entered_organization_id == organization.id

    def test_inside_an_organization_the_home_account_confirms(
        self, client: Client, make: Factories, organization: Organization, user: User, age: Age
    ) -> None:
        staff, reset = make.staff(StaffRole.ADMIN), f"/users/{user.id}/second-factor"
        client.sign_in(staff).post(f"/organizations/{organization.id}/enter", {"reason": "A ticket of today"})
        age(staff)
        back = proved(client, client.follow(client.get(reset, status=303)), status=303)
        assert back.headers["Location"] == reset
        assert "Maya Torres" in client.follow(back).text

    def test_a_form_is_carried_out_only_in_the_organization_of_its_page(
        self, client: Client, make: Factories, organization: Organization, age: Age, rows: Rows
    ) -> None:
        staff, other = make.staff(StaffRole.ADMIN), make.organization()
        client.sign_in(staff).post(f"/organizations/{organization.id}/enter", {"reason": "A ticket of today"})
        form = new_key(client)
        age(staff)
        waiting = client.post(NEW_KEY, form, status=403)
        client.post("/organizations/leave", {})
        age(staff, minutes=0)
        client.post(f"/organizations/{other.id}/enter", {"reason": "A ticket of today"})
        age(staff)

        assert proved(client, waiting, status=303).headers["Location"] == "/account"

        assert rows(ApiKey) == []


def test_who_is_confirmed_costs_no_statement(app: Flask, as_owner: Client) -> None:
    with app.app_context():
        engine = db.engine
    with recorded_queries(engine) as sent:
        as_owner.get(NEW_KEY)
    [only] = sent
    assert "find_session" in only
