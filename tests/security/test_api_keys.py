"""API keys as callers: who they are, what they may do, and what ends them."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from app.errors import Forbidden
from app.models import ApiKey, Organization, OrganizationStatus, Role, User, UserStatus
from app.security.actor import Actor
from app.security.guard import Access, people_only, requires
from app.security.key_rules import NEVER_FOR_KEYS, Creator, effective_permissions
from app.security.matrix import MATRIX
from app.security.permissions import Permission
from app.security.requesters import Requester
from app.security.tokens import Token, TokenType
from tests.support.client import bearer
from tests.support.direct_access import Behind
from tests.support.factories import Factories
from tests.support.programs import ME, calling, make_key

#: An operation with a permission, system:read.
HEALTH = "/api/health/comprehensive"


@pytest.fixture
def ann(make: Factories, organization: Organization, owner: User) -> User:
    """An admin who creates keys."""
    return make.user(organization, role=Role.ADMIN, name="Ann Lee")


def ask(app: Flask, token: str, path: str = ME, **headers: str) -> TestResponse:
    return app.test_client().get(path, headers={**bearer(token), **headers})


def code_of(response: TestResponse) -> tuple[int, str]:
    return response.status_code, response.get_json()["error"]["code"]


def test_a_key_learns_what_it_may_do_and_where(
    app: Flask, ann: User, organization: Organization, make: Factories
) -> None:
    end = datetime.now(UTC) + timedelta(days=9)
    key, token = make_key(make, ann, "calls:read", "billing:update", name="Zapier", expires_at=end)
    make_key(make, ann, "audit:read", name="Another")

    data = ask(app, token).get_json()["data"]

    assert {name for name in data if data[name] is not None} == {"apiKey", "organization", "limits"}
    assert datetime.fromisoformat(data["apiKey"].pop("expiresAt")) == end
    assert data["apiKey"] == {"id": str(key.id), "name": "Zapier", "permissions": ["calls:read"]}
    assert (data["organization"]["id"], data["organization"]["currency"]) == (str(organization.id), "USD")


def test_the_actor_of_a_key_is_no_person(app: Flask, ann: User, make: Factories) -> None:
    key, token = make_key(make, ann, "calls:read", name="Zapier")

    with calling(app, token) as actor:
        assert (actor.user_id, actor.reference_id, actor.session_id, actor.api_key_id) == (key.id, None, None, key.id)
        assert (actor.name, actor.role) == ("Zapier (key of Ann Lee)", Role.ADMIN)
        assert actor.permissions == {Permission.CALLS_READ}
        assert (actor.may(Permission.CALLS_READ), actor.sees_all(Permission.CALLS_READ)) == (True, True)
        assert (actor.may(Permission.AUDIT_READ), actor.sees_all(Permission.AUDIT_READ)) == (False, False)


def test_the_creators_rights_are_the_limit_at_each_request(
    app: Flask, ann: User, make: Factories, behind: Behind
) -> None:
    _key, token = make_key(make, ann, "system:read", "calls:read")
    assert ask(app, token, HEALTH).status_code == 200

    behind.change(ann, role=Role.MANAGER)

    assert code_of(ask(app, token, HEALTH)) == (403, "INSUFFICIENT_PERMISSIONS")
    assert ask(app, token).get_json()["data"]["apiKey"]["permissions"] == ["calls:read"]


def test_what_the_creator_has_for_their_own_rows_only_is_no_part_of_a_key(
    app: Flask, organization: Organization, make: Factories
) -> None:
    csr = make.user(organization, role=Role.CSR)
    make.grant(csr, Permission.AUDIT_READ)
    _key, token = make_key(make, csr, "calls:read", "knowledge:read", "audit:read")

    assert ask(app, token).get_json()["data"]["apiKey"]["permissions"] == ["audit:read", "knowledge:read"]


def test_a_refusal_names_the_permission_and_no_role(app: Flask, ann: User, make: Factories, behind: Behind) -> None:
    key, token = make_key(make, ann, "calls:read", name="Zapier")

    error = ask(app, token, HEALTH).get_json()["error"]

    assert (error["requiredPermission"], error["requiredRole"], error["currentRole"]) == ("system:read", None, None)
    assert error["message"] == "This API key lacks the permission “system:read”."
    [entry] = behind.trail(ann.organization_id, "permission")
    assert (entry.user_id, entry.actor_label, entry.actor_role) == (None, "Zapier (key of Ann Lee)", None)
    assert (entry.source, entry.details["apiKeyId"]) == ("external", str(key.id))


def test_routes_for_people_are_closed_to_keys(app: Flask, ann: User, make: Factories) -> None:
    _key, token = make_key(make, ann, "calls:read")

    with calling(app, token) as actor:
        Access(open_to_keys=True).check(actor)
        Access(all_of=(Permission.CALLS_READ,)).check(actor)
        Access(any_of=(Permission.AUDIT_READ, Permission.CALLS_READ)).check(actor)
        for access in (
            Access(),
            Access(all_of=(Permission.CALLS_READ,), open_to_keys=False),
            Access(any_of=(Permission.AUDIT_READ,)),
            Access(all_of=(Permission.AUDIT_READ,)),
        ):
            with pytest.raises(Forbidden) as refused:
                access.check(actor)
            assert refused.value.extra["current_role"] is None
    Access().check(Actor(organization_id=ann.organization_id, user_id=ann.id, name="", email="", role=Role.CSR))


def test_a_view_can_be_kept_for_people(app: Flask, ann: User, make: Factories) -> None:
    view = people_only(requires(Permission.CALLS_READ)(lambda: "in"))
    closed: Access = vars(view)["switchboard_access"]
    _key, token = make_key(make, ann, "calls:read")

    with calling(app, token) as actor, pytest.raises(Forbidden, match="Only a person"):
        closed.check(actor)
    closed.check(Actor(organization_id=ann.organization_id, user_id=ann.id, name="", email="", role=Role.CSR))


@pytest.mark.parametrize(
    ("end", "code"),
    [
        (lambda behind, key, _user, _home: behind.change(key, revoked_at=datetime.now(UTC)), "TOKEN_INVALID"),
        (lambda behind, key, _user, _home: behind.change(key, expires_at=datetime.now(UTC)), "TOKEN_EXPIRED"),
        (lambda behind, key, _user, _home: behind.change(key, key_hash=b"another"), "TOKEN_INVALID"),
        (lambda behind, key, _user, _home: behind.change(key, created_by=None), "TOKEN_INVALID"),
        (lambda behind, _key, user, _home: behind.change(user, deleted_at=datetime.now(UTC)), "TOKEN_INVALID"),
        (lambda behind, _key, user, _home: behind.change(user, status=UserStatus.INACTIVE), "TOKEN_INVALID"),
        (lambda behind, _key, user, _home: behind.change(user, status=UserStatus.SUSPENDED), "TOKEN_INVALID"),
        (lambda behind, _key, _user, home: behind.change(home, status=OrganizationStatus.SUSPENDED), "TOKEN_INVALID"),
        (lambda behind, _key, _user, home: behind.change(home, deleted_at=datetime.now(UTC)), "TOKEN_INVALID"),
    ],
    ids=["revoked", "expired", "rotated", "orphan", "deleted", "inactive", "suspended", "organization", "removed"],
)
def test_a_key_ends_with_what_it_depends_on(
    app: Flask, ann: User, organization: Organization, make: Factories, behind: Behind, end: Any, code: str
) -> None:
    key, token = make_key(make, ann, "calls:read")
    _other, still = make_key(make, make.user(make.organization(), role=Role.OWNER), "calls:read")
    assert ask(app, token).status_code == 200

    end(behind, key, ann, organization)

    assert code_of(ask(app, token)) == (401, code)
    assert ask(app, still).status_code == 200


def test_a_key_of_another_organization_or_type_is_unknown(
    app: Flask, ann: User, organization: Organization, make: Factories
) -> None:
    _key, token = make_key(make, ann, "calls:read")
    elsewhere = Token.new(make.organization().id, TokenType.API_KEY).text
    secret = token.partition(".")[2]

    for wrong in (f"{elsewhere.partition('.')[0]}.{secret}", token.replace("sb_key_", "sb_at_"), token[:-1] + "~"):
        assert code_of(ask(app, wrong)) == (401, "TOKEN_INVALID")


def test_a_key_is_refused_while_its_creator_lacks_a_required_second_factor(
    app: Flask, ann: User, organization: Organization, make: Factories, behind: Behind
) -> None:
    _key, token = make_key(make, ann, "calls:read")
    _of_csr, of_csr = make_key(make, make.user(organization, role=Role.CSR), "knowledge:read")
    behind.change(organization, require_mfa=True)

    assert code_of(ask(app, token)) == (403, "SECOND_FACTOR_REQUIRED")
    assert ask(app, of_csr).status_code == 200, "nobody requires one of a CSR"
    behind.change(ann, mfa_secret=b"sealed")
    assert ask(app, token).status_code == 200


def test_the_last_use_is_noted_once_a_minute_and_not_in_the_trail(
    app: Flask, ann: User, make: Factories, behind: Behind
) -> None:
    key, token = make_key(make, ann, "system:read")

    ask(app, token)
    ask(app, token, HEALTH)

    used = behind.one(ApiKey)
    assert used.last_used_at is not None
    assert used.last_used_at > datetime.now(UTC) - timedelta(minutes=1)
    assert (str(used.last_used_ip), used.last_used_operation, used.version) == ("127.0.0.1", f"GET {ME}", key.version)
    assert behind.trail(ann.organization_id, "api_key") == []
    behind.change(key, last_used_at=datetime.now(UTC) - timedelta(minutes=2))
    ask(app, token, HEALTH)
    assert behind.one(ApiKey).last_used_operation == f"GET {HEALTH}"


def test_one_statement_identifies_a_key(
    app: Flask, ann: User, make: Factories, queries: Callable[[], AbstractContextManager[list[str]]]
) -> None:
    _key, token = make_key(make, ann, "calls:read")
    ask(app, token)

    with queries() as sent:
        ask(app, token)

    assert len([one for one in sent if "find_api_key" in one]) == 1
    assert len(sent) == 3, "the others read the organization, and the rows read today"


def test_a_key_counts_for_its_creators_share_of_the_server(app: Flask, ann: User, make: Factories) -> None:
    _key, token = make_key(make, ann, "calls:read")

    ask(app, token)

    parsed = Token.parse(token, TokenType.API_KEY)
    assert parsed is not None
    known = app.extensions["switchboard_requesters"].find(parsed.digest)
    assert known == Requester(ann.id, ann.organization_id)


def test_errors_are_in_the_organizations_language(
    app: Flask, ann: User, organization: Organization, make: Factories, behind: Behind
) -> None:
    _key, token = make_key(make, ann, "calls:read")
    behind.change(organization, language="uz")

    assert "ruxsat" in ask(app, token, HEALTH).get_json()["error"]["message"]
    assert "permission" in ask(app, token, HEALTH, **{"Accept-Language": "en"}).get_json()["error"]["message"]


def test_what_no_key_may_do_is_dropped_from_every_key(app: Flask, owner: User, make: Factories) -> None:
    everything = [permission.value for permission in Permission]
    _key, token = make_key(make, owner, *everything)

    held = set(ask(app, token).get_json()["data"]["apiKey"]["permissions"])

    assert held.isdisjoint(NEVER_FOR_KEYS)
    assert held == effective_permissions(everything, Creator(Role.OWNER, UserStatus.ACTIVE))
    assert {
        "organization:export", "calls:read", "users:update", "outbox:read", "billing:update", "users:delete",
    } <= held  # fmt: skip
    assert {one for one in NEVER_FOR_KEYS if MATRIX[one][Role.OWNER].value == "✓"} == {
        "users:invite", "users:change_role", "users:grant_owner", "users:deactivate", "users:revoke_sessions",
        "users:view_as", "api_keys:manage", "organization:delete", "trash:purge", "outbox:read_links",
    }  # fmt: skip
