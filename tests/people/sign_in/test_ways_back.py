"""Restoration of a form after its session ended, through each way of signing in again."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from app.db.ids import uuid7
from app.models import Call, Organization, StaffRole, User, UserSession
from app.people.sign_in import pending_sign_in_service
from app.people.sign_in.saved_form_service import LIFETIME
from tests.support.client import Client
from tests.support.factories import DAY, PASSWORD, Factories
from tests.support.pages import Page
from tests.support.second_factor import PAGE, Phone, secret_on, set_up

Change = Callable[..., None]
SessionOf = Callable[[User], UserSession]
Rows = Callable[..., list[Any]]
ComeTooLate = Callable[[str], Page]

PREFERENCES = "/account/preferences"

pytestmark = pytest.mark.usefixtures("quick_refusals")


@pytest.fixture
def come_too_late(client: Client, user: User, rows: Rows, change: Change) -> ComeTooLate:
    """Function that opens a form, ends the user's sessions, and submits the form with a given language."""

    def send(language: str) -> Page:
        form = client.get("/account").fields(PREFERENCES)
        for session in rows(UserSession, user_id=user.id, revoked_at=None):
            change(session, revoked_at=DAY)
        return client.post(PREFERENCES, {**form, "language": language}, status=401)

    return send


def sign_in(client: Client, page: Page, email: str, password: str = PASSWORD, status: int = 200) -> Page:
    return client.post("/login", {**page.fields("/login"), "email": email, "password": password}, status=status)


def chosen_language(client: Client, page: Page) -> str:
    """Return the language in the form that is restored after signing in again."""
    assert page.heading == "You’re signed in again"
    return client.post(PREFERENCES, page.fields(PREFERENCES), status=400).fields(PREFERENCES)["language"]


class TestByCode:
    """Restoration after a sign-in with two-factor authentication."""

    @pytest.fixture
    def phone(self, client: Client, user: User) -> Phone:
        return set_up(client.sign_in(user))[0]

    @pytest.fixture
    def asked(self, client: Client, user: User, phone: Phone, come_too_late: ComeTooLate) -> Page:
        """The page that asks for the code after the right password."""
        return sign_in(client, come_too_late("ru"), user.email)

    def test_the_code_is_asked_for_and_then_the_form_comes_back(
        self, client: Client, asked: Page, phone: Phone
    ) -> None:
        assert asked.heading == "Enter a code"
        wrong = client.post("/login/code", {**asked.fields("/login/code"), "code": "000000"}, status=401)

        page = client.post("/login/code", {**wrong.fields("/login/code"), "code": phone.code()}, status=200)

        assert chosen_language(client, page) == "ru"

    def test_who_looks_for_the_phone_for_long_begins_again_with_it(
        self,
        client: Client,
        user: User,
        phone: Phone,
        come_too_late: ComeTooLate,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setattr(pending_sign_in_service, "CHOICE_LIFETIME", timedelta(seconds=-1))
        asked = sign_in(client, come_too_late("ru"), user.email)
        page = client.post("/login/code", {**asked.fields("/login/code"), "code": phone.code()}, status=200)
        monkeypatch.undo()

        assert "That took too long. Enter your password again." in page.text
        code = sign_in(client, page, user.email)
        back = client.post("/login/code", {**code.fields("/login/code"), "code": phone.code()}, status=200)
        assert chosen_language(client, back) == "ru"


class TestByChoice:
    """Restoration for an email address that also has an account in another organization."""

    @pytest.fixture
    def elsewhere(self, make: Factories, user: User) -> User:
        return make.user(make.organization(name="Zebra Plumbing"), email=user.email)

    def choose(self, client: Client, page: Page, organization_id: object, status: int) -> Page:
        form = {**page.fields("/login/organization"), "organization": str(organization_id)}
        return client.post("/login/organization", form, status=status)

    def test_the_form_comes_back_in_its_organization(
        self, client: Client, user: User, elsewhere: User, come_too_late: ComeTooLate
    ) -> None:
        client.sign_in(user)
        asked = sign_in(client, come_too_late("ru"), user.email)

        assert asked.heading == "Choose an organization"
        assert chosen_language(client, self.choose(client, asked, user.organization_id, 200)) == "ru"

    def test_nothing_of_it_is_shown_in_another(
        self, client: Client, user: User, elsewhere: User, come_too_late: ComeTooLate
    ) -> None:
        client.sign_in(user)
        asked = sign_in(client, come_too_late("ru"), user.email)

        page = client.follow(self.choose(client, asked, elsewhere.organization_id, 303))

        assert "signed in again" not in page.text


def test_a_pause_after_wrong_passwords_loses_nothing(client: Client, user: User, come_too_late: ComeTooLate) -> None:
    client.sign_in(user)
    page = come_too_late("ru")
    for status in (*[401] * 10, 429):
        answer = sign_in(client, page, user.email, "wrong", status)
        assert answer.fields("/login")["kept"] == page.fields("/login")["kept"]

    assert "Too many attempts." in answer.text
    assert int(answer.headers["Retry-After"]) > 0


def test_who_is_suspended_meanwhile_is_told_so_and_gets_it_back_later(
    client: Client, user: User, come_too_late: ComeTooLate, change: Change
) -> None:
    client.sign_in(user)
    page = come_too_late("ru")
    change(user, status="suspended")

    refused = sign_in(client, page, user.email, status=401)
    assert "is suspended" in refused.text

    change(user, status="active")
    assert chosen_language(client, sign_in(client, refused, user.email)) == "ru"


def test_nothing_on_the_page_leads_away_from_what_it_carries(
    client: Client, user: User, come_too_late: ComeTooLate
) -> None:
    client.sign_in(user)
    page = come_too_late("ru")

    assert [form.get("action") for form in page.all(".//form")] == ["/login"]
    assert page.one(".//a[@href='/login/forgot']").get("target") == "_blank"


def test_a_guest_of_an_organization_is_told_that_nothing_is_kept(
    client: Client, make: Factories, organization: Organization, user: User, rows: Rows, change: Change
) -> None:
    guest = make.staff(StaffRole.ADMIN)
    page = f"/calls/{make.call(organization, csr=user).id}"
    client.sign_in(guest).post(f"/organizations/{organization.id}/enter", {"reason": "They have asked for help"})
    form = client.get(page).fields(f"{page}/notes")
    for session in rows(UserSession, user_id=guest.id):
        change(session, revoked_at=DAY)

    told = client.post(f"{page}/notes", {**form, "body": "Has a gas line."}, status=401)

    assert "Anything you typed in another organization isn’t saved." in told.text
    assert "kept" not in told.fields("/login")


def test_what_somebody_else_has_changed_meanwhile_is_not_written_over(
    client: Client, make: Factories, organization: Organization, user: User, session_of: SessionOf, change: Change
) -> None:
    call = make.call(organization, csr=user)
    page, action = f"/calls/{call.id}", f"/calls/{call.id}/outcome"
    form = client.sign_in(user).get(page).fields(action)
    change(session_of(user), revoked_at=DAY)
    too_late = client.post(action, {**form, "outcome": "spam"}, status=401)
    change(call, version=Call.version + 1, outcome="follow_up")

    signed_in = sign_in(client, too_late, user.email)
    shown = client.post(action, signed_in.fields(action), status=400)
    refused = client.post(action, shown.fields(action), status=409)

    assert refused.fields(action)["outcome"] == "spam"


def test_who_signs_out_is_out_already(client: Client, user: User, session_of: SessionOf, change: Change) -> None:
    client.sign_in(user).get("/account")
    change(session_of(user), revoked_at=DAY)

    assert client.post("/logout").headers["Location"].startswith("/login")


def test_ticked_rows_are_still_ticked(client: Client, user: User, session_of: SessionOf, change: Change) -> None:
    client.sign_in(user)
    change(session_of(user), revoked_at=DAY)
    ticked = "&".join(f"row={uuid7()}" for _ in range(100))

    page = client.follow(client.get(f"/bulk/new?action=set_outcome&{ticked}", status=303))
    back = sign_in(client, page, user.email, status=303).headers["Location"]

    assert len(parse_qs(urlsplit(back).query)["row"]) == 100


def test_the_drawing_for_the_phone_stays(client: Client, user: User, session_of: SessionOf, change: Change) -> None:
    page = client.sign_in(user).get(PAGE)
    change(session_of(user), revoked_at=DAY)
    too_late = client.post(PAGE, {**page.fields(PAGE), "code": "123456", "password": PASSWORD}, status=401)

    signed_in = sign_in(client, too_late, user.email)
    shown = client.post(PAGE, signed_in.fields(PAGE), status=400)

    assert secret_on(shown) == secret_on(page)


def test_what_was_kept_for_too_long_is_said_to_be_gone(
    client: Client, user: User, come_too_late: ComeTooLate, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.sign_in(user)
    monkeypatch.setattr("app.people.sign_in.saved_form_service.LIFETIME", -LIFETIME)
    page = come_too_late("ru")

    answer = sign_in(client, page, user.email, status=303)

    assert "What you entered was kept for an hour and has expired. Enter it again." in client.follow(answer).text
