"""Authentication of API requests by the Authorization header alone."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from app.models import Organization, OrganizationStatus, Role, StaffRole, User, UserSession
from app.security.identity import SESSION_COOKIE
from app.security.permissions import Permission
from app.security.session_rules import IDLE_LIFETIME, EndReason
from app.security.tokens import Token, TokenType
from tests.support.client import Client, access_token, bearer, session_token
from tests.support.direct_access import Behind
from tests.support.factories import Factories

ME = "/api/v1/auth/me"


@pytest.fixture
def csr(make: Factories, organization: Organization) -> User:
    return make.user(organization, role=Role.CSR, name="Cora Counter")


def ask(app: Flask, authorization: str | None = None, **options: Any) -> TestResponse:
    """Request the caller with this Authorization header."""
    headers = {} if authorization is None else {"Authorization": authorization}
    return app.test_client().get(ME, headers={**headers, **options.pop("headers", {})}, **options)


def code_of(response: TestResponse) -> tuple[int, str]:
    return response.status_code, response.get_json()["error"]["code"]


def test_a_person_learns_who_they_are_and_what_they_may_do(
    app: Flask, csr: User, organization: Organization, make: Factories, behind: Behind
) -> None:
    make.grant(csr, Permission.AUDIT_READ)
    make.session_of(csr)

    answer = ask(app, **bearer_of(access_token(app, csr)))

    assert answer.status_code == 200
    assert answer.get_json()["success"] is True
    assert set(answer.get_json()["meta"]) == {"timestamp", "version", "requestId"}
    data, session = answer.get_json()["data"], behind.one(UserSession, client_id="tests")
    assert (data["user"]["id"], data["user"]["name"], data["user"]["roles"]) == (str(csr.id), "Cora Counter", ["csr"])
    assert data["user"]["permissions"] == ["audit:read"]
    assert {"audit:read", "calls:read"} < set(data["effectivePermissions"])
    assert "users:invite" not in data["effectivePermissions"]
    assert data["organization"] == {
        "id": str(organization.id),
        "name": "Blue Ridge Air",
        "slug": "blue-ridge",
        "timezone": "America/New_York",
        "currency": "USD",
        "country": "US",
    }
    assert (data["session"]["id"], data["session"]["clientId"]) == (str(session.id), "tests")
    assert data["session"]["expiresAt"].endswith("Z")
    assert datetime.fromisoformat(data["session"]["expiresAt"]) == session.expires_at


def bearer_of(token: str) -> dict[str, str]:
    """Return the header as an argument of `ask`."""
    return {"authorization": bearer(token)["Authorization"]}


@pytest.mark.parametrize("header", [None, "", "   "])
def test_without_a_token_the_answer_says_what_is_missing(app: Flask, header: str | None) -> None:
    answer = ask(app, header)

    assert code_of(answer) == (401, "TOKEN_MISSING")
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="switchboard"'
    assert "bearer token in the Authorization header" in answer.get_json()["error"]["message"]


def test_nothing_but_an_accepted_token_identifies_anyone(app: Flask, csr: User, organization: Organization) -> None:
    valid = access_token(app, csr)
    refresh, cookie = Token.new(organization.id, TokenType.REFRESH).text, session_token(app, csr)
    unknown = Token.new(organization.id, TokenType.ACCESS).text
    headers = [
        f"Basic {valid}",
        valid,
        "Bearer",
        f"Bearer {valid}x",
        f"Bearer {valid} {valid}",
        f"Bearer {valid.removeprefix('sb_at_')}",
        f"Bearer {valid.replace('sb_at_', 'sb_key_')}",
        f"Bearer {refresh}",
        f"Bearer {cookie}",
        f"Bearer sb_at_{cookie}",
        f"Bearer {unknown}",
    ]

    assert [code_of(ask(app, header)) for header in headers] == [(401, "TOKEN_INVALID")] * len(headers)
    assert ask(app, f"bEARER   {valid}").status_code == 200


def test_a_cookie_is_not_read(app: Flask, csr: User) -> None:
    browser = app.test_client()
    browser.set_cookie(SESSION_COOKIE, session_token(app, csr))
    browser.set_cookie("language", "ru")

    answer = browser.get(ME)

    assert code_of(answer) == (401, "TOKEN_MISSING")
    assert "bearer token" in answer.get_json()["error"]["message"], "in English"
    assert "Set-Cookie" not in answer.headers


def test_an_access_token_is_no_cookie(app: Flask, csr: User) -> None:
    token = access_token(app, csr)
    browser = Client(app)
    browser.set_cookie(SESSION_COOKIE, token)
    browser.get("/calls", status=303)
    browser.set_cookie(SESSION_COOKIE, token.removeprefix("sb_at_"))
    browser.get("/calls", status=303)


def test_answers_vary_by_the_header_and_not_by_cookie(app: Flask, csr: User) -> None:
    for answer in (ask(app), ask(app, **bearer_of(access_token(app, csr)))):
        assert answer.vary.as_set() - {"accept-encoding"} == {"authorization", "accept", "accept-language"}
        assert answer.headers["Cache-Control"] == "no-store"


def test_a_token_lives_until_its_end_however_long_it_was_idle(app: Flask, csr: User, behind: Behind) -> None:
    long_ago = datetime.now(UTC) - IDLE_LIFETIME - timedelta(hours=1)
    idle = access_token(app, csr, last_seen_at=long_ago)
    over = access_token(app, csr, client_id="over", expires_at=datetime.now(UTC))

    assert ask(app, **bearer_of(idle)).status_code == 200
    answer = ask(app, **bearer_of(over))

    assert code_of(answer) == (401, "TOKEN_EXPIRED")
    assert "refresh token" in answer.get_json()["error"]["message"]
    assert behind.one(UserSession, client_id="tests").last_seen_at > long_ago
    assert behind.one(UserSession, client_id="over").last_seen_at < datetime.now(UTC)


@pytest.mark.parametrize(
    "end",
    [
        lambda behind, user, _organization: behind.change(user, status="inactive"),
        lambda behind, user, _organization: behind.change(user, status="suspended"),
        lambda behind, user, _organization: behind.change(user, deleted_at=datetime.now(UTC)),
        lambda behind, user, _organization: behind.change(user, mfa_secret=b"sealed"),
        lambda behind, _user, organization: behind.change(organization, status=OrganizationStatus.SUSPENDED),
        lambda behind, user, _organization: behind.change(
            behind.one(UserSession, user_id=user.id),
            revoked_at=datetime.now(UTC),
            revoked_reason=EndReason.ROLE_CHANGED,
        ),
    ],
    ids=["deactivated", "suspended", "deleted", "second-factor", "organization", "session"],
)
def test_a_token_ends_with_what_it_stands_for(
    app: Flask, csr: User, organization: Organization, behind: Behind, end: Callable[..., None]
) -> None:
    token = access_token(app, csr)
    assert ask(app, **bearer_of(token)).status_code == 200

    end(behind, csr, organization)

    assert code_of(ask(app, **bearer_of(token))) == (401, "TOKEN_INVALID")


def test_who_lacks_a_required_second_factor_is_refused_and_not_redirected(
    app: Flask, organization: Organization, make: Factories, behind: Behind
) -> None:
    admin, csr = make.user(organization, role=Role.ADMIN), make.user(organization, role=Role.CSR)
    behind.change(organization, require_mfa=True)

    token = bearer_of(access_token(app, admin))
    assert code_of(ask(app, **token)) == (403, "SECOND_FACTOR_REQUIRED")
    assert (
        app.test_client().post("/api/v1/auth/logout", headers={"Authorization": token["authorization"]}).status_code
        == 204
    )
    assert code_of(ask(app, **token)) == (401, "TOKEN_INVALID")
    assert ask(app, **bearer_of(access_token(app, csr))).status_code == 200, "nobody requires one of a CSR"


def test_platform_staff_act_at_home_only(
    app: Flask, client: Client, organization: Organization, make: Factories, behind: Behind
) -> None:
    staff = make.staff(StaffRole.ADMIN)
    client.sign_in(staff).post(f"/organizations/{organization.id}/enter", {"reason": "They have asked for help"})
    entered = behind.one(UserSession)
    token = access_token(
        app,
        staff,
        entered_organization_id=organization.id,
        entered_at=entered.entered_at,
        entered_reason=entered.entered_reason,
    )

    data = ask(app, **bearer_of(token)).get_json()["data"]

    assert data["organization"]["id"] == str(staff.organization_id)


@pytest.mark.parametrize(
    ("accepted", "words"),
    [("ru", "Заголовок"), ("uz", "sarlavhasi"), ("de, en;q=0.5", "contains no valid"), ("de", "contains no valid")],
)
def test_errors_are_in_the_language_that_was_asked_for(app: Flask, accepted: str, words: str) -> None:
    answer = ask(app, "Bearer nonsense", headers={"Accept-Language": accepted})

    assert words in answer.get_json()["error"]["message"]


def test_without_a_language_the_answer_is_in_the_persons(
    app: Flask, make: Factories, organization: Organization, behind: Behind
) -> None:
    token = bearer_of(access_token(app, make.user(organization, role=Role.ADMIN, language="ru")))
    behind.change(organization, require_mfa=True)

    assert "двухфактор" in ask(app, **token).get_json()["error"]["message"].lower()
    in_english = ask(app, **token, headers={"Accept-Language": "en"})
    assert "two-factor" in in_english.get_json()["error"]["message"]
