"""API keys in the JSON API."""

import pytest
from flask import Flask

from app.models import ApiKey, IdempotencyKey, Organization, User
from tests.api.conftest import NewApi
from tests.support.api_client import ApiClient, data_of, error_of, wrong_fields
from tests.support.api_lists import Queries, ids_in, ids_on_page, statements_of
from tests.support.client import Client, bearer
from tests.support.direct_access import Behind
from tests.support.factories import DAY, Factories
from tests.support.programs import make_key

SENT = {"name": "Website forms", "permissions": ["leads:read", "leads:write"]}


@pytest.fixture
def as_program(new_api: NewApi, admin: User) -> ApiClient:
    return new_api(admin)


def test_a_key_is_created_with_a_secret_that_is_shown_once(
    app: Flask, as_program: ApiClient, organization: Organization, admin: User, behind: Behind
) -> None:
    created = as_program.post("/api-keys", SENT, headers={"Idempotency-Key": "one"})
    data = data_of(created, status=201)
    key = data["apiKey"]

    assert set(key) == {
        *SENT,
        *("id", "prefix", "status", "effectivePermissions", "createdBy", "createdByName", "expiresAt", "lastUsedAt"),
        *("lastUsedIp", "lastUsedOperation", "revokedAt", "createdAt", "updatedAt", "version"),
    }
    assert {**SENT, "status": "active", "createdBy": str(admin.id)}.items() <= key.items()
    assert key["effectivePermissions"] == SENT["permissions"]
    assert data["secret"].startswith("sb_key_")
    assert created.headers["Cache-Control"] == "no-store"
    assert [stored.body for stored in behind.rows(IdempotencyKey)] == [None]
    shown = as_program.get(f"/api-keys/{key['id']}")
    assert data_of(shown, "apiKey") == key
    assert data["secret"] not in shown.get_data(as_text=True)
    assert ApiClient(app).get("/leads", headers=bearer(data["secret"])).status_code == 200
    assert [entry.user_id for entry in behind.trail(organization.id, "api_key")][:1] == [admin.id]


def test_a_key_expires_after_the_days_that_are_sent(as_program: ApiClient) -> None:
    for days, expires in ((30, True), (None, False)):
        made = data_of(as_program.post("/api-keys", {**SENT, "expiresInDays": days}), status=201)["apiKey"]
        assert (made["expiresAt"] is not None) is expires


def test_what_no_key_can_have_is_refused(as_program: ApiClient, as_manager: ApiClient, behind: Behind) -> None:
    wrong = {"name": "x", "permissions": ["all"], "expiresInDays": 0, "keyHash": "00"}

    assert wrong_fields(as_program.post("/api-keys", wrong)) == set(wrong)
    for permissions in ([], ["billing:update"], ["users:invite"]):
        assert wrong_fields(as_program.post("/api-keys", {**SENT, "permissions": permissions})) == {"permissions"}
    assert error_of(as_manager.post("/api-keys", SENT), status=403)["requiredPermission"] == "api_keys:manage"
    assert behind.rows(ApiKey) == []


def test_a_key_is_rotated_and_revoked(app: Flask, as_program: ApiClient, make: Factories, admin: User) -> None:
    key, token = make_key(make, admin, "calls:read")
    path = f"/api-keys/{key.id}"
    assert error_of(as_program.post(f"{path}/rotate", {"version": 7}), status=409)["code"] == "VERSION_CONFLICT"
    rotated = data_of(as_program.post(f"{path}/rotate"))

    assert (rotated["apiKey"]["id"], rotated["apiKey"]["version"]) == (str(key.id), 2)
    assert ApiClient(app).get("/calls", headers=bearer(rotated["secret"])).status_code == 200
    assert error_of(ApiClient(app).get("/calls", headers=bearer(token)), status=401)["code"] == "TOKEN_INVALID"
    assert data_of(as_program.post(f"{path}/revoke"), "apiKey")["status"] == "revoked"
    assert error_of(as_program.post(f"{path}/rotate"), status=409)["code"] == "RESOURCE_CONFLICT"


def test_a_request_for_a_secret_that_is_repeated_gets_the_id_of_its_key(as_program: ApiClient, behind: Behind) -> None:
    sent, repeat = {"name": "Forms", "permissions": ["leads:read"]}, {"Idempotency-Key": "one"}
    created = data_of(as_program.post("/api-keys", sent, headers=repeat), status=201)
    path, key_id = f"/api-keys/{created['apiKey']['id']}/rotate", created["apiKey"]["id"]
    rotated = data_of(as_program.post(path, {}, headers={"Idempotency-Key": "two"}))

    for refused in (
        as_program.post("/api-keys", sent, headers=repeat),
        as_program.post(path, {}, headers={"Idempotency-Key": "two"}),
    ):
        error = error_of(refused, status=409)
        assert (error["code"], error["resourceId"]) == ("RESOURCE_ALREADY_EXISTS", key_id)
    assert [str(row.id) for row in behind.rows(ApiKey)] == [key_id]
    stored = [f"{row.body!r} {row.headers}" for row in behind.rows(IdempotencyKey)]
    assert len(stored) == 2
    assert not any(secret in text for text in stored for secret in (created["secret"], rotated["secret"]))


def test_secrets_are_made_in_a_confirmed_session(app: Flask, make: Factories, admin: User) -> None:
    key, _token = make_key(make, admin, "calls:read")
    long_ago = ApiClient(app, admin, confirmed_at=DAY)

    for refused in (long_ago.post("/api-keys", SENT), long_ago.post(f"/api-keys/{key.id}/rotate")):
        assert error_of(refused, status=403)["code"] == "REAUTHENTICATION_REQUIRED"


def test_a_key_has_no_more_than_its_creator(
    as_program: ApiClient, make: Factories, organization: Organization, behind: Behind
) -> None:
    creator = make.user(organization)
    make.api_key(creator, permissions=["calls:read", "knowledge:read"])
    [shown] = data_of(as_program.get("/api-keys"))

    assert (shown["permissions"], shown["effectivePermissions"]) == (
        ["calls:read", "knowledge:read"],
        ["knowledge:read"],
    )


@pytest.mark.parametrize("query", ["", "?sort=createdAt", "?status=active"])
def test_the_list_has_the_keys_of_the_page_in_its_order(
    as_program: ApiClient, as_admin: Client, make: Factories, admin: User, query: str
) -> None:
    with make.batch():
        for _ in range(2):
            make.api_key(admin)
        make.api_key(admin, revoked_at=DAY)
        make.api_key(make.user(make.organization()))
    found = ids_in(as_program, f"/api-keys{query}")

    assert found == ids_on_page(as_admin, f"/organization/api-keys{query}")
    assert len(found) > 1


def test_the_list_of_keys_takes_constant_statements(
    as_program: ApiClient, make: Factories, admin: User, queries: Queries
) -> None:
    make.api_key(admin)
    few = statements_of(as_program, "/api-keys", queries)
    for _ in range(3):
        make.api_key(admin)

    assert statements_of(as_program, "/api-keys", queries) == few <= 5


def test_programs_share_the_limit_of_the_page_and_errors_dont_count(as_program: ApiClient) -> None:
    for _number in range(31):
        as_program.post("/api-keys", {**SENT, "name": ""})
    made = [as_program.post("/api-keys", {**SENT, "name": f"Forms {number}"}) for number in range(29)]
    created = made[0].get_json()["data"]["apiKey"]
    rotated = as_program.post(f"/api-keys/{created['id']}/rotate", {"version": created["version"]})

    assert [one.status_code for one in made] == [201] * 29
    assert rotated.status_code == 200
    assert error_of(as_program.post("/api-keys", SENT), status=429)["code"] == "RATE_LIMIT_EXCEEDED"
