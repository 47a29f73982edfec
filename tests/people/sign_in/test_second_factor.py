"""Two-factor authentication: setup, one-time codes, recovery codes, and enforcement by organizations."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.models import AuditLog, Organization, RecoveryCode, Role, User, UserSession
from tests.support.client import Client
from tests.support.factories import PASSWORD, Factories
from tests.support.pages import Page
from tests.support.second_factor import PAGE, Phone, codes_on, secret_on, set_up

Rows = Callable[..., list[Any]]

pytestmark = pytest.mark.usefixtures("quick_refusals")


def first_step(client: Client, user: User) -> Page:
    """Submit the right password and return the page that asks for the code."""
    return client.follow(client.post("/login", {"email": user.email, "password": PASSWORD}))


@pytest.fixture
def enrolled(new_client: Callable[[], Client], user: User) -> tuple[Phone, list[str]]:
    """The phone and recovery codes of the user, who set up two-factor authentication in another browser."""
    return set_up(new_client().sign_in_by_form(user))


def test_the_page_shows_key_and_drawing_and_stores_nothing_until_a_code_is_right(
    client: Client, user: User, rows: Rows
) -> None:
    page = client.sign_in_by_form(user).get(PAGE)

    assert page.one(".//*[@class='qr']") is not None
    client.post(PAGE, {**page.fields(PAGE), "code": "000000", "password": PASSWORD}, status=400)
    client.post(PAGE, {**page.fields(PAGE), "code": Phone(secret_on(page)).code(), "password": "wrong"}, status=400)
    assert rows(User, id=user.id)[0].mfa_secret is None


def test_what_is_kept_cannot_be_read(client: Client, user: User, rows: Rows) -> None:
    page = client.sign_in_by_form(user).get(PAGE)
    secret = secret_on(page)
    codes = codes_on(
        client.post(PAGE, {**page.fields(PAGE), "code": Phone(secret).code(), "password": PASSWORD}, status=200)
    )

    (kept,) = rows(User, id=user.id)
    assert secret.encode() not in kept.mfa_secret
    assert len(set(codes)) == 10
    hashes = b"".join(one.code_hash for one in rows(RecoveryCode, user_id=user.id))
    assert not any(code.replace("-", "").encode() in hashes for code in codes)


def test_the_drawing_of_one_person_sets_up_nothing_for_another(
    client: Client, new_client: Callable[[], Client], user: User, make: Factories, organization: Organization
) -> None:
    page = client.sign_in_by_form(user).get(PAGE)
    other = new_client().sign_in_by_form(make.user(organization))

    form = {**page.fields(PAGE), "code": Phone(secret_on(page)).code(), "password": PASSWORD}
    del form["csrf_token"]
    other.get(PAGE)
    other.post(PAGE, form, status=404)


def test_signing_in_takes_a_code(client: Client, user: User, enrolled: tuple[Phone, list[str]]) -> None:
    phone, _codes = enrolled
    page = first_step(client, user)
    assert page.heading == "Enter a code"
    client.get("/account", status=303)

    assert "That code is wrong or was already used" in client.post("/login/code", {"code": "000000"}, status=401).text
    client.post("/login/code", {"code": phone.code()})

    assert client.get("/account").heading == "Account"


def test_a_code_is_not_accepted_twice(
    client: Client, new_client: Callable[[], Client], user: User, enrolled: tuple[Phone, list[str]]
) -> None:
    code = enrolled[0].code()
    first_step(client, user)
    client.post("/login/code", {"code": code})

    real_actor = new_client()
    first_step(real_actor, user)
    real_actor.post("/login/code", {"code": code}, status=401)
    real_actor.post("/login/code", {"code": enrolled[0].first_code}, status=401)


def test_a_recovery_code_works_once_however_it_is_typed(
    client: Client, new_client: Callable[[], Client], user: User, enrolled: tuple[Phone, list[str]]
) -> None:
    _phone, codes = enrolled
    first_step(client, user)
    client.post("/login/code", {"code": f" {codes[3].upper().replace('-', ' ')} "})
    assert "9 recovery codes left" in client.get(PAGE).text

    again = new_client()
    first_step(again, user)
    again.post("/login/code", {"code": codes[3]}, status=401)


@pytest.mark.parametrize("kind", ["app", "recovery"])
def test_of_two_at_once_with_the_same_code_one_gets_in(
    new_client: Callable[[], Client], user: User, enrolled: tuple[Phone, list[str]], kind: str
) -> None:
    phone, codes = enrolled
    code = phone.code() if kind == "app" else codes[0]
    browsers = [new_client() for _number in range(4)]
    for browser in browsers:
        first_step(browser, user)

    with ThreadPoolExecutor(len(browsers)) as at_once:
        statuses = list(at_once.map(lambda browser: submit(browser, code), browsers))

    assert sorted(statuses) == [303, 401, 401, 401]


def submit(browser: Client, code: str) -> int:
    """Submit the code and return the status of the response."""
    return browser.answer_of("/login/code", {"code": code}).status


def test_a_wrong_code_is_recorded_under_nobodys_name_of_another_organization(
    client: Client, user: User, enrolled: tuple[Phone, list[str]], make: Factories, rows: Rows
) -> None:
    client.sign_in_by_form(make.user(make.organization(), name="Eve Elsewhere"))
    client.get("/account")
    client.get("/login", status=303)
    first_step(client, user)

    client.post("/login/code", {"code": "123456"}, status=401)

    (told,) = rows(AuditLog, action="user.second_factor.failed")
    assert (told.user_id, told.actor_label) == (None, user.email)


def test_guessing_codes_has_to_wait_in_whatever_browser(
    client: Client, new_client: Callable[[], Client], user: User, enrolled: tuple[Phone, list[str]]
) -> None:
    first_step(client, user)
    for _number in range(5):
        client.post("/login/code", {"code": "123456"}, status=401)

    elsewhere = new_client()
    first_step(elsewhere, user)
    elsewhere.post("/login/code", {"code": enrolled[0].code()}, status=429)


def test_a_colleague_is_not_held_up_by_it(
    client: Client,
    new_client: Callable[[], Client],
    user: User,
    enrolled: tuple[Phone, list[str]],
    make: Factories,
    organization: Organization,
) -> None:
    colleague = make.user(organization)
    phone, _codes = set_up(new_client().sign_in_by_form(colleague))
    first_step(client, user)
    for _number in range(6):
        client.answer_of("/login/code", {"code": "123456"})

    elsewhere = new_client()
    first_step(elsewhere, colleague)
    elsewhere.post("/login/code", {"code": phone.code()})


def test_the_password_alone_opens_the_second_step_for_some_minutes_only(client: Client, user: User) -> None:
    assert "That took too long" in client.follow(client.get("/login/code", status=303)).text


def test_a_password_changed_meanwhile_closes_the_second_step(
    client: Client, user: User, enrolled: tuple[Phone, list[str]], change: Callable[..., None]
) -> None:
    first_step(client, user)
    change(user, password_hash="another", password_changed_at=datetime.now(UTC))

    client.post("/login/code", {"code": enrolled[0].code()})

    client.get("/account", status=303)


def test_sessions_opened_with_the_password_alone_end(
    client: Client, new_client: Callable[[], Client], user: User
) -> None:
    elsewhere = new_client().sign_in_by_form(user)

    set_up(client.sign_in_by_form(user))

    assert (
        "your account now requires two-factor authentication"
        in elsewhere.follow(elsewhere.get("/account", status=303)).text
    )
    client.get("/account")


def test_it_is_turned_off_with_password_and_code(
    client: Client, new_client: Callable[[], Client], user: User, rows: Rows
) -> None:
    phone, _codes = set_up(client.sign_in_by_form(user))

    client.post(f"{PAGE}/remove", {"code": phone.code(), "password": "wrong"}, status=400)
    client.post(f"{PAGE}/remove", {"code": "000000", "password": PASSWORD}, status=400)
    client.post(f"{PAGE}/remove", {"code": phone.code(), "password": PASSWORD})

    assert rows(User, id=user.id)[0].mfa_secret is None
    assert rows(RecoveryCode, user_id=user.id) == []
    new_client().sign_in_by_form(user).get("/account")


def test_new_recovery_codes_void_the_old(client: Client, user: User) -> None:
    phone, old = set_up(client.sign_in_by_form(user))

    page = client.post(f"{PAGE}/codes", {"code": phone.code(), "password": PASSWORD}, status=200)

    assert len(codes_on(page)) == 10
    assert not set(codes_on(page)) & set(old)


class TestRequired:
    """Two-factor authentication that the organization requires of admins and owners."""

    @pytest.fixture
    def admin(self, make: Factories, organization: Organization, change: Callable[..., None]) -> User:
        change(organization, require_mfa=True)
        return make.user(organization, role=Role.ADMIN)

    def test_it_is_set_up_before_anything_else(self, client: Client, admin: User) -> None:
        client.sign_in_by_form(admin)

        for path in ("/", "/calls", "/account", "/csr"):
            assert client.get(path, status=303).headers["Location"] == PAGE
        assert "requires two-factor authentication for admins and owners" in client.get(PAGE).text

        set_up(client)
        client.get("/calls")

    def test_others_are_not_asked(self, client: Client, admin: User, user: User) -> None:
        client.sign_in_by_form(user).get("/calls")

    def test_it_cannot_be_turned_off(self, client: Client, admin: User) -> None:
        phone, _codes = set_up(client.sign_in_by_form(admin))

        page = client.post(f"{PAGE}/remove", {"code": phone.code(), "password": PASSWORD}, status=400)

        assert "requires two-factor authentication for admins and owners" in page.text

    def test_who_is_signed_in_already_is_led_there_too(
        self, client: Client, make: Factories, change: Callable[..., None]
    ) -> None:
        organization = make.organization()
        client.sign_in_by_form(make.user(organization, role=Role.OWNER)).get("/calls")

        change(organization, require_mfa=True)

        assert client.get("/calls", status=303).headers["Location"] == PAGE


def test_it_is_recorded_without_its_secrets(
    client: Client, user: User, trail: Callable[[], list[str]], rows: Rows
) -> None:
    set_up(client.sign_in_by_form(user))

    assert "user.second_factor.set" in trail()
    (session,) = rows(UserSession, user_id=user.id)
    assert datetime.now(UTC) - session.mfa_passed_at < timedelta(minutes=1)
