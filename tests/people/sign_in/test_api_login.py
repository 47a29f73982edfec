"""Sign-in of API clients with a password, a code and the choice of an organization."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask

from app.models import AuditLog, LoginAttempt, Message, Organization, RefreshToken, User, UserSession, UserStatus
from app.security.identity import SESSION_COOKIE
from app.security.passwords import hash_again
from app.security.tokens import Token, TokenType
from tests.support.api_client import PREFIX, ApiClient, data_of
from tests.support.client import Client
from tests.support.factories import PASSWORD, Factories
from tests.support.program import Program
from tests.support.second_factor import Phone, set_up

WRONG = "wrong horse battery staple"
Rows = Callable[..., list[Any]]
Change = Callable[..., None]


@pytest.fixture
def program(app: Flask) -> Program:
    return Program(app)


@pytest.fixture
def phone(app: Flask, user: User) -> Phone:
    """The phone of the user, whose account needs codes."""
    return set_up(Client(app).sign_in(user))[0]


def test_a_password_opens_a_session_that_names_its_client(
    app: Flask,
    program: Program,
    user: User,
    session_of: Callable[[User], UserSession],
    trail: Callable[[], list[str]],
) -> None:
    answer = program.sign_in(user)

    assert set(answer.data) == {"user", "token", "refreshToken", "expiresIn"}
    assert (answer.data["user"]["id"], answer.data["user"]["name"]) == (str(user.id), "Maya Torres")
    assert answer.data["expiresIn"] == 3600
    assert answer.response.headers["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in answer.response.headers
    session = session_of(user)
    assert (session.client_id, str(session.ip_address)) == ("scheduler", "127.0.0.1")
    assert timedelta(minutes=59) < session.expires_at - datetime.now(UTC) <= timedelta(hours=1)
    assert trail() == ["session.started"]
    me = program.get("/auth/me").data
    assert (me["user"], me["session"]["id"]) == (answer.data["user"], str(session.id))


def test_a_key_for_repeats_means_nothing_to_a_sign_in(app: Flask, user: User) -> None:
    sent = {"email": user.email, "password": PASSWORD, "clientId": "scheduler"}
    answers = [ApiClient(app).post("/auth/login", sent, headers={"Idempotency-Key": key}) for key in ("a", "a", "a b")]

    assert len({data_of(answer)["token"] for answer in answers}) == 3


def test_an_address_is_cleaned_and_a_password_is_not(
    program: Program, make: Factories, organization: Organization, app: Flask
) -> None:
    user = make.user(organization)
    credentials = {"email": f" {user.email.upper()} ", "clientId": "scheduler"}

    program.post("/auth/login", {**credentials, "password": PASSWORD})
    program.post("/auth/login", {**credentials, "password": f" {PASSWORD}"}, status=401)


@pytest.mark.usefixtures("quick_refusals")
def test_a_wrong_password_and_an_unknown_address_get_the_same_answer(
    program: Program, user: User, rows: Rows, trail: Callable[[], list[str]]
) -> None:
    wrong = program.sign_in(user, password=WRONG, status=401)
    unknown = program.post(
        "/auth/login", {"email": "nobody@here.example", "password": WRONG, "clientId": "scheduler"}, status=401
    )

    assert (wrong.code, wrong.error["message"]) == ("INVALID_CREDENTIALS", unknown.error["message"])
    assert {**wrong.error, "traceId": ""} == {**unknown.error, "traceId": ""}
    assert [attempt.user_id for attempt in rows(LoginAttempt)] == [user.id]
    assert trail() == ["session.failed"]


def test_an_unknown_address_costs_as_much_as_a_wrong_password(
    program: Program, user: User, queries: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    compared: list[str] = []
    waited: list[float] = []

    def hash_counted(salt: str | None, password: str) -> str:
        compared.append(password)
        return hash_again(salt, password)

    for module in ("app.people.sign_in.service", "app.security.password_queries"):
        monkeypatch.setattr(f"{module}.hash_again", hash_counted)
    monkeypatch.setattr(time, "sleep", waited.append)

    lookups = []
    for email in (user.email, "nobody@here.example"):
        with queries() as statements:
            program.post("/auth/login", {"email": email, "password": WRONG, "clientId": "scheduler"}, status=401)
        lookups.append(sum("user_sessions" in statement for statement in statements))

    assert compared == [WRONG, WRONG]
    assert len(waited) == 2
    assert lookups[0] == lookups[1] == 1


@pytest.mark.parametrize(
    ("wrong", "field", "code"),
    [
        ({"clientId": ""}, "clientId", "INVALID_INPUT"),
        ({"clientId": "x" * 101}, "clientId", "INVALID_INPUT"),
        ({"clientId": "two words"}, "clientId", "INVALID_INPUT"),
        ({"clientId": "\u00fcber"}, "clientId", "INVALID_INPUT"),
        ({"clientId": None}, "clientId", "MISSING_REQUIRED_FIELD"),
        ({"email": ""}, "email", "MISSING_REQUIRED_FIELD"),
        ({"email": "a\0b"}, "email", "INVALID_INPUT"),
        ({"password": ""}, "password", "MISSING_REQUIRED_FIELD"),
        ({"password": 12}, "password", "INVALID_INPUT"),
        ({"role": "owner"}, "role", "INVALID_INPUT"),
    ],
    ids=str,
)
def test_a_wrong_field_is_named_and_nothing_is_tried(
    program: Program, user: User, rows: Rows, wrong: dict[str, Any], field: str, code: str
) -> None:
    body = {"email": user.email, "password": PASSWORD, "clientId": "scheduler", **wrong}

    answer = program.post("/auth/login", body, status=400)

    assert answer.code == "VALIDATION_ERROR"
    assert [(one["field"], one["code"]) for one in answer.error["details"]] == [(field, code)]
    assert rows(UserSession) == rows(LoginAttempt) == []


def test_bodies_that_are_no_json_object_are_refused(program: Program, user: User) -> None:
    def refusal(data: bytes, content_type: str = "application/json") -> tuple[int, str]:
        answer = program.post("/auth/login", status=None, data=data, content_type=content_type)
        return answer.status, answer.code

    assert refusal(b"{") == (400, "INVALID_JSON")
    assert refusal(b'{"email": "a", "email": "b"}') == (400, "INVALID_JSON")
    assert refusal(b"[]") == (400, "VALIDATION_ERROR")
    assert refusal(f"email={user.email}".encode(), "application/x-www-form-urlencoded") == (
        415,
        "UNSUPPORTED_MEDIA_TYPE",
    )
    assert refusal(b'{"email": "' + b"x" * 65_536 + b'"}') == (413, "PAYLOAD_TOO_LARGE")


@pytest.mark.usefixtures("quick_refusals")
def test_a_suspended_person_learns_why_with_the_right_password(program: Program, user: User, change: Change) -> None:
    change(user, status=UserStatus.SUSPENDED)

    answer = program.sign_in(user, status=401)

    assert answer.code == "INVALID_CREDENTIALS"
    assert "Your account at Blue Ridge Air is suspended" in answer.error["message"]


def test_no_password_or_token_is_stored_or_logged(
    program: Program, user: User, rows: Rows, capfd: pytest.CaptureFixture[str]
) -> None:
    program.sign_in(user)
    program.refresh()

    tokens = [Token.parse(program.token, TokenType.ACCESS), Token.parse(program.refresh_token, TokenType.REFRESH)]
    written = capfd.readouterr()
    entries = " ".join(str(vars(entry)) for entry in rows(AuditLog))
    for secret in (PASSWORD, program.token, program.refresh_token):
        assert all(secret not in text for text in (written.out, written.err, entries))
    stored = [*rows(UserSession), *rows(RefreshToken, used_at=None)]
    assert [row.token_hash for row in stored] == [token.digest for token in tokens if token is not None]


class TestSecondFactor:
    """Accounts with two-factor authentication, whose codes are sent along."""

    def test_the_right_password_alone_asks_for_a_code(
        self, program: Program, user: User, phone: Phone, rows: Rows
    ) -> None:
        answer = program.sign_in(user, status=401)

        assert answer.code == "TOTP_REQUIRED"
        assert answer.response.headers["WWW-Authenticate"].startswith("Bearer")
        assert rows(UserSession, client_id="scheduler") == []

    def test_a_code_opens_the_session_once(
        self, app: Flask, program: Program, user: User, phone: Phone, rows: Rows
    ) -> None:
        code = phone.code()
        program.sign_in(user, totp=code)

        program.get("/auth/me")
        (session,) = rows(UserSession, client_id="scheduler")
        assert session.mfa_passed_at is not None
        assert Program(app).sign_in(user, totp=code, status=401).code == "INVALID_CREDENTIALS"

    def test_a_recovery_code_opens_the_session_once(self, app: Flask, program: Program, user: User) -> None:
        _phone, codes = set_up(Client(app).sign_in(user))

        program.sign_in(user, totp=codes[0].upper().replace("-", " "))

        program.get("/auth/me")
        Program(app).sign_in(user, totp=codes[0], status=401)

    @pytest.mark.usefixtures("quick_refusals")
    def test_a_code_helps_nobody_without_the_password(self, program: Program, user: User, phone: Phone) -> None:
        code = phone.code()

        assert program.sign_in(user, password=WRONG, totp=code, status=401).code == "INVALID_CREDENTIALS"
        program.sign_in(user, totp=code)

    def test_guesses_count_from_all_addresses_and_together_with_those_on_pages(
        self, app: Flask, user: User, phone: Phone
    ) -> None:
        for number in range(3):
            Program(app, f"203.0.113.{number}").sign_in(user, totp="000000", status=401)
        browser = Client(app)
        browser.post("/login", {"email": user.email, "password": PASSWORD})
        for _ in range(2):
            browser.post("/login/code", {"code": "000000"}, status=401)

        refused = Program(app, "198.51.100.7").sign_in(user, totp=phone.code(), status=429)

        assert refused.code == "RATE_LIMIT_EXCEEDED"
        assert int(refused.response.headers["Retry-After"]) <= 900
        browser.post("/login/code", {"code": phone.code()}, status=429)

    def test_right_codes_do_not_use_up_the_guesses(self, app: Flask, user: User) -> None:
        _phone, codes = set_up(Client(app).sign_in(user))

        for code in codes[:7]:
            Program(app).sign_in(user, totp=code)


class TestSeveralOrganizations:
    """People with accounts in several organizations, who choose one."""

    @pytest.fixture
    def namesake(self, make: Factories, user: User) -> User:
        """The user's account in another organization, with the same password; a third one has another password."""
        make.user(make.organization(), email=user.email, password_hash=None)
        return make.user(make.organization(name="South Plumbing", slug="south-plumbing"), email=user.email)

    def test_without_a_choice_they_are_listed(
        self, program: Program, user: User, organization: Organization, namesake: User
    ) -> None:
        answer = program.sign_in(user, status=409)

        assert answer.code == "ORGANIZATION_REQUIRED"
        assert answer.error["organizations"] == [
            {"id": str(organization.id), "name": "Blue Ridge Air", "slug": organization.slug},
            {"id": str(namesake.organization_id), "name": "South Plumbing", "slug": "south-plumbing"},
        ]

    def test_one_is_chosen_by_its_slug_or_its_id(
        self, program: Program, user: User, organization: Organization, namesake: User
    ) -> None:
        by_slug = program.sign_in(user, organization="south-plumbing")
        by_id = program.sign_in(user, organization=str(organization.id))

        assert by_slug.data["user"]["id"] == str(namesake.id)
        assert by_id.data["user"]["id"] == str(user.id)

    @pytest.mark.usefixtures("quick_refusals")
    def test_one_without_an_account_is_refused_like_a_wrong_password(
        self, program: Program, make: Factories, user: User, namesake: User
    ) -> None:
        elsewhere = program.sign_in(user, organization=make.organization().slug, status=401)

        assert elsewhere.error["message"] == program.sign_in(user, password=WRONG, status=401).error["message"]

    @pytest.mark.usefixtures("quick_refusals")
    def test_the_only_account_is_refused_in_another_organization(
        self, program: Program, make: Factories, user: User
    ) -> None:
        program.sign_in(user, organization=make.organization().slug, status=401)
        program.sign_in(user, organization=str(user.organization_id))


@pytest.mark.usefixtures("quick_refusals")
class TestLimits:
    """Guesses, which count together with those on the sign-in page."""

    def test_guesses_on_the_page_and_in_the_api_count_together(self, app: Flask, user: User, client: Client) -> None:
        for _ in range(5):
            client.post("/login", {"email": user.email, "password": WRONG}, status=401)
        for number in range(5):
            answer = Program(app).sign_in(user, password=WRONG, status=401)
            assert answer.response.headers["X-RateLimit-Remaining"] == str(4 - number)

        assert Program(app).sign_in(user, status=429).code == "RATE_LIMIT_EXCEEDED"
        client.post("/login", {"email": user.email, "password": PASSWORD}, status=429)
        Program(app, "198.51.100.7").sign_in(user)

    def test_a_known_client_has_ten_tries_of_its_own(self, app: Flask, user: User) -> None:
        Program(app).sign_in(user)
        stranger = Program(app, client_id="stranger")
        for _ in range(10):
            stranger.sign_in(user, password=WRONG, status=401)
        stranger.sign_in(user, status=429)

        known = Program(app)
        for _ in range(10):
            known.sign_in(user, password=WRONG, status=401)

        known.sign_in(user, status=429)

    def test_strangers_who_name_a_known_client_elsewhere_do_not_keep_it_out(self, app: Flask, user: User) -> None:
        Program(app).sign_in(user)
        for _ in range(11):
            Program(app, "198.51.100.7").sign_in(user, password=WRONG, status=None)

        Program(app).sign_in(user)

    def test_naming_a_known_client_does_not_lift_the_limit_by_address(
        self, app: Flask, make: Factories, organization: Organization
    ) -> None:
        people = [make.user(organization) for _ in range(51)]
        for person in people:
            make.session_of(person, client_id="scheduler")
        for person in people[:50]:
            Program(app).sign_in(person, password=WRONG, status=401)

        Program(app).sign_in(people[50], status=429)

    def test_right_passwords_and_unreadable_bodies_do_not_count(self, app: Flask, user: User) -> None:
        for _ in range(11):
            Program(app).sign_in(user)
            Program(app).post("/auth/login", {"email": user.email, "password": ""}, status=400)

        Program(app).sign_in(user)


class TestNewClients:
    """The email about a sign-in with a client that the person hasn't used lately."""

    @pytest.fixture
    def told(self, rows: Rows) -> Callable[[User], list[Message]]:
        """Function that returns the emails about new devices and clients to a person."""
        return lambda user: rows(Message, receiver_id=user.id, template="new_device")

    def test_each_new_client_is_reported_once(
        self, app: Flask, make: Factories, user: User, told: Callable[[User], list[Message]]
    ) -> None:
        make.session_of(make.user(make.organization()), client_id="reporter")
        Program(app, client_id="scheduler").sign_in(user)
        assert told(user) == [], "the first sign-in ever"

        for client_id in ("scheduler", "reporter", "reporter", "mobile"):
            Program(app, client_id=client_id).sign_in(user)

        assert len(told(user)) == 2
        assert all("with a new program" in message.body for message in told(user))
        assert not any("reporter" in message.body for message in told(user)), "clients name themselves"

    def test_the_fourth_email_of_a_day_is_the_last(
        self, app: Flask, user: User, told: Callable[[User], list[Message]]
    ) -> None:
        for number in range(8):
            Program(app, client_id=f"client-{number}").sign_in(user)

        bodies = [message.body for message in sorted(told(user), key=lambda message: message.dedupe_key or "")]
        assert ["about more new programs today" in body for body in bodies] == [False, False, False, True]

    def test_where_a_known_client_signs_in_does_not_matter(
        self, app: Flask, user: User, told: Callable[[User], list[Message]]
    ) -> None:
        Program(app).sign_in(user)

        Program(app, "198.51.100.7").sign_in(user)

        assert told(user) == []


def test_a_session_of_the_api_is_no_cookie_and_the_other_way_round(app: Flask, program: Program, user: User) -> None:
    program.sign_in(user)
    browser = Client(app)
    browser.set_cookie(SESSION_COOKIE, program.token)

    browser.get("/account", status=303)
    assert app.test_client().post(f"{PREFIX}/auth/logout", json={}).status_code == 401
