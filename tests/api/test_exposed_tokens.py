"""Tokens in the query string of an API request, which are revoked."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime

import pytest
from flask import Flask

from app.models import ApiKey, Organization, RefreshToken, Role, User, UserSession
from app.security.session_rules import EndReason
from app.security.tokens import Token, TokenType
from tests.support.client import access_token, bearer
from tests.support.direct_access import Behind
from tests.support.factories import Factories

Queries = Callable[[], AbstractContextManager[list[str]]]
ME = "/api/v1/auth/me"


@pytest.fixture
def csr(make: Factories, organization: Organization) -> User:
    return make.user(organization, role=Role.CSR)


def test_an_access_token_in_the_address_ends_its_session_only(app: Flask, csr: User, behind: Behind) -> None:
    exposed, other = access_token(app, csr), access_token(app, csr, client_id="other")

    answer = app.test_client().get(f"{ME}?limit=5&access_token={exposed}", headers=bearer(other))

    error = answer.get_json()["error"]
    assert (answer.status_code, error["code"]) == (400, "VALIDATION_ERROR")
    assert [detail["field"] for detail in error["details"]] == ["access_token"]
    assert exposed not in answer.text
    ended = behind.one(UserSession, client_id="tests")
    assert ended.revoked_reason == EndReason.TOKEN_EXPOSED
    assert behind.one(UserSession, client_id="other").revoked_at is None
    [entry] = behind.trail(csr.organization_id, "session")[-1:]
    assert (entry.action, entry.resource_id, entry.user_id) == ("session.ended", ended.id, None)
    assert app.test_client().get(ME, headers=bearer(exposed)).status_code == 401
    assert app.test_client().get(ME, headers=bearer(other)).status_code == 200


@pytest.mark.parametrize("path", ["/api/health", "/api/v1/nowhere", ME])
def test_a_key_is_revoked_wherever_it_was_sent(
    app: Flask, csr: User, make: Factories, behind: Behind, path: str
) -> None:
    token = Token.new(csr.organization_id, TokenType.API_KEY)
    exposed, other = make.api_key(csr, key_hash=token.digest), make.api_key(csr)

    status = app.test_client().get(f"{path}?q=see%20{token.text}%21").status_code

    assert status == (404 if "nowhere" in path else 400)
    assert behind.one(ApiKey, id=exposed.id).revoked_at is not None
    assert behind.one(ApiKey, id=other.id).revoked_at is None
    [entry] = behind.trail(csr.organization_id, "api_key")
    assert (entry.action, entry.details) == ("api_key.revoked", {"token_exposed": True})


def test_a_refresh_token_takes_its_session_with_it(app: Flask, csr: User, make: Factories, behind: Behind) -> None:
    token = Token.new(csr.organization_id, TokenType.REFRESH)
    session, stranger = (make.session_of(csr, client_id=client_id) for client_id in ("ours", "stranger"))
    make.refresh_token(session, token_hash=token.digest, used_at=datetime.now(UTC))
    make.refresh_token(session, token_hash=b"sibling")
    make.refresh_token(stranger)

    assert app.test_client().post(f"{ME}?refreshToken={token.text}").status_code == 405

    revoked = {row.token_hash for row in behind.rows(RefreshToken) if row.revoked_at is not None}
    assert revoked == {token.digest, b"sibling"}
    ended = [row for row in behind.rows(UserSession) if row.revoked_at is not None]
    assert [(row.id, row.revoked_reason) for row in ended] == [(session.id, EndReason.TOKEN_EXPOSED)]


def test_a_name_that_is_a_token_is_not_repeated(app: Flask, csr: User, behind: Behind) -> None:
    exposed = access_token(app, csr)

    answer = app.test_client().get(f"{ME}?{exposed}")

    assert [detail["field"] for detail in answer.get_json()["error"]["details"]] == ["query"]
    assert exposed not in answer.text
    assert behind.one(UserSession).revoked_at is not None


def test_what_only_resembles_a_token_or_belongs_to_nobody_changes_nothing(
    app: Flask, csr: User, behind: Behind
) -> None:
    token = access_token(app, csr)
    foreign = Token.new(csr.organization_id, TokenType.ACCESS).text

    assert app.test_client().get(f"{ME}?q={token[:-1]}", headers=bearer(token)).status_code == 200
    assert app.test_client().get(f"{ME}?q={foreign}", headers=bearer(token)).status_code == 400
    assert behind.one(UserSession).revoked_at is None


def test_many_tokens_in_one_address_cost_little(
    app: Flask, csr: User, monkeypatch: pytest.MonkeyPatch, queries: Queries
) -> None:
    monkeypatch.setattr("app.web.api_rates.FAILURES_PER_HOUR", 2)
    unknown = [Token.new(csr.organization_id, TokenType.API_KEY).text for _ in range(40)]

    with queries() as few:
        assert app.test_client().get(f"{ME}?q={unknown[0]}").status_code == 400
    with queries() as many:
        assert app.test_client().get(f"{ME}?q={'+'.join(unknown)}&r={unknown[0]}").status_code == 400
    assert len(many) <= 5 * len(few)
    assert app.test_client().get(f"{ME}?q={unknown[1]}").status_code == 429


def test_pages_leave_addresses_alone(app: Flask, csr: User, behind: Behind) -> None:
    token = access_token(app, csr)

    app.test_client().get(f"/login?q={token}")

    assert behind.one(UserSession).revoked_at is None
