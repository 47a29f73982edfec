"""Integrations in the JSON API: secrets are written, never returned, and end on request."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask

from app.models import AuditLog, IdempotencyKey, Integration, Organization, Role, User
from app.organization.providers.schemas import NewIntegration
from app.organization.providers.secret_rules import Secret, open_secrets
from tests.api.conftest import NewApi
from tests.support.api_client import ApiClient, data_of, error_of, wrong_fields
from tests.support.api_lists import statements_of
from tests.support.direct_access import Behind
from tests.support.factories import DAY, Factories

SECRETS = {"apiKey": "a-key-of-vapi-1234", "webhookSecret": "a-secret-of-vapi-5678"}
SENT = {"provider": "vapi", "accountId": "org-1", **SECRETS}


@pytest.fixture
def as_program(new_api: NewApi, admin: User) -> ApiClient:
    return new_api(admin)


@pytest.fixture
def vapi(as_program: ApiClient) -> dict[str, Any]:
    """A VAPI account set up by a program."""
    record: dict[str, Any] = data_of(as_program.post("/integrations", SENT), "integration", status=201)
    return record


@pytest.fixture
def secrets_now(app: Flask, behind: Behind) -> Callable[[], dict[str, Secret]]:
    """Function that returns the secrets of the only account."""

    def read() -> dict[str, Secret]:
        with app.app_context():
            return open_secrets(behind.one(Integration))

    return read


def test_one_is_set_up_read_listed_and_removed(
    as_program: ApiClient, vapi: dict[str, Any], make: Factories, organization: Organization, behind: Behind
) -> None:
    make.integration(make.organization(), provider="vapi", webhook_authentication="bearer")
    make.integration(organization, provider="callrail", company_id="COM1")
    path = f"/integrations/{vapi['id']}"

    assert vapi == {
        "id": str(behind.one(Integration, organization_id=organization.id, provider="vapi").id),
        "provider": "vapi",
        "accountId": "org-1",
        "enabled": True,
        "companyId": None,
        "webhookAuthentication": "signature",
        "previousSecretsValidUntil": [],
        "createdAt": vapi["createdAt"],
        "updatedAt": vapi["updatedAt"],
        "version": 1,
    }
    assert data_of(as_program.get(path), "integration") == vapi
    listed = data_of(as_program.get("/integrations"))
    assert [(record["provider"], record["companyId"]) for record in listed] == [("callrail", "COM1"), ("vapi", None)]
    assert [record["provider"] for record in data_of(as_program.get("/integrations?sort=-provider"))] == [
        "vapi",
        "callrail",
    ]
    assert as_program.delete(path).status_code == 204
    assert as_program.get(path).status_code == 404
    assert [row.provider for row in behind.rows(Integration, organization_id=organization.id)] == ["callrail"]


def test_no_secret_is_returned_recorded_or_kept_for_repeats(
    as_program: ApiClient, behind: Behind, capsys: pytest.CaptureFixture[str]
) -> None:
    created = as_program.post("/integrations", SENT, headers={"Idempotency-Key": "one"})
    read = as_program.get(f"/integrations/{data_of(created, 'integration', status=201)['id']}")
    repeated = as_program.post("/integrations", SENT, headers={"Idempotency-Key": "one"})

    assert repeated.headers["Idempotency-Replayed"] == "true"
    trail = str([(entry.before, entry.after, entry.details) for entry in behind.rows(AuditLog)])
    kept = str([vars(key) for key in behind.rows(IdempotencyKey)])
    sealed = behind.one(Integration).secrets.hex()
    parsed, log = repr(NewIntegration.read(SENT)), "".join(capsys.readouterr())
    for secret in SECRETS.values():
        for place in (created.text, read.text, repeated.text, parsed, trail, kept, log):
            assert secret not in place
            assert sealed not in place


def test_a_change_keeps_what_it_leaves_out(
    as_program: ApiClient, vapi: dict[str, Any], secrets_now: Callable[[], dict[str, Secret]]
) -> None:
    changes = {"webhookSecret": "another-secret-of-vapi", "webhookAuthentication": "bearer"}
    changed = data_of(as_program.patch(f"/integrations/{vapi['id']}", changes), "integration")

    assert (changed["webhookAuthentication"], changed["accountId"], changed["version"]) == ("bearer", "org-1", 2)
    secrets = secrets_now()
    assert secrets["api_key"].value == SECRETS["apiKey"]
    assert secrets["webhook_secret"].value == "another-secret-of-vapi"
    [end] = changed["previousSecretsValidUntil"]
    in_72_hours = datetime.now(UTC) + timedelta(hours=72)
    assert in_72_hours - timedelta(minutes=1) < datetime.fromisoformat(end) <= in_72_hours


def test_previous_secrets_are_ended(
    as_program: ApiClient, vapi: dict[str, Any], organization: Organization, behind: Behind,
    secrets_now: Callable[[], dict[str, Secret]],
) -> None:  # fmt: skip
    path = f"/integrations/{vapi['id']}"
    as_program.patch(path, {"webhookSecret": "another-secret-of-vapi"})

    stale = error_of(as_program.post(f"{path}/end-previous-secrets", {"version": 1}), status=409)
    assert stale["code"] == "VERSION_CONFLICT"
    assert len(secrets_now()["webhook_secret"].former) == 1
    ended = data_of(as_program.post(f"{path}/end-previous-secrets", {"version": 2}), "integration")
    again = data_of(as_program.post(f"{path}/end-previous-secrets"), "integration")

    assert (ended["previousSecretsValidUntil"], ended["version"]) == ([], 3)
    assert again == ended
    assert secrets_now()["webhook_secret"].former == ()
    assert [entry.action for entry in behind.trail(organization.id, "integration")] == [
        "integration.created",
        "integration.updated",
        "integration.previous_secrets.ended",
    ]


def test_there_is_one_for_each_provider(as_program: ApiClient, vapi: dict[str, Any], behind: Behind) -> None:
    error = error_of(as_program.post("/integrations", {**SENT, "accountId": "another"}), status=409)

    assert error["code"] == "RESOURCE_ALREADY_EXISTS"
    assert behind.one(Integration).account_id == "org-1"


@pytest.mark.parametrize(
    ("values", "wrong"),
    [
        ({"provider": "acme"}, {"provider"}),
        ({"accountId": ""}, {"accountId"}),
        ({"accountId": "x" * 201, "enabled": "yes"}, {"accountId", "enabled"}),
        ({"companyId": "COM1"}, {"companyId"}),
        ({"webhookAuthentication": "password"}, {"webhookAuthentication"}),
        ({"provider": "shunya", "webhookAuthentication": "bearer"}, {"webhookAuthentication"}),
        ({"apiKey": None, "webhookSecret": ""}, {"apiKey", "webhookSecret"}),
        ({"webhookSecret": "two\nlines"}, {"webhookSecret"}),
        ({"webhookSecret": "x" * 501}, {"webhookSecret"}),
        ({"signingKey": "a-key", "authToken": "a-token"}, {"signingKey", "authToken"}),
        ({"secrets": {}}, {"secrets"}),
    ],
)
def test_every_wrong_value_is_named(
    as_program: ApiClient, behind: Behind, values: dict[str, Any], wrong: set[str]
) -> None:
    response = as_program.post("/integrations", {**SENT, **values})

    assert wrong_fields(response) == wrong
    assert SECRETS["apiKey"] not in response.text
    assert behind.rows(Integration) == []


@pytest.mark.parametrize(
    "changes", [{"webhookAuthentication": None}, {"signingKey": "a-key"}, {"companyId": "COM1"}, {"provider": "shunya"}]
)
def test_an_account_cannot_become_one_of_another_provider(
    as_program: ApiClient, vapi: dict[str, Any], behind: Behind, changes: dict[str, Any]
) -> None:
    assert wrong_fields(as_program.patch(f"/integrations/{vapi['id']}", changes)) == set(changes)
    assert behind.one(Integration).version == 1


def test_without_a_public_url_no_twilio_account_is_enabled(as_program: ApiClient, behind: Behind) -> None:
    sent = {"provider": "twilio", "accountId": "AC1", "authToken": "a-token-of-twilio"}
    [error] = error_of(as_program.post("/integrations", sent), status=400)["details"]
    assert error["field"] == "enabled"
    assert "PUBLIC_URL isn’t set" in error["message"]

    made = data_of(as_program.post("/integrations", {**sent, "enabled": False}), "integration", status=201)

    assert made["enabled"] is False
    assert wrong_fields(as_program.patch(f"/integrations/{made['id']}", {"enabled": True})) == {"enabled"}
    assert behind.one(Integration).enabled is False


def test_unreadable_secrets_are_replaced_by_sending_them_all(
    as_program: ApiClient, make: Factories, organization: Organization, secrets_now: Callable[[], dict[str, Secret]]
) -> None:
    row = make.integration(organization, provider="billing", secrets=b"sealed under another key")
    path = f"/integrations/{row.id}"
    assert data_of(as_program.get(path), "integration")["previousSecretsValidUntil"] == []

    assert wrong_fields(as_program.patch(path, {"apiKey": SECRETS["apiKey"]})) == {"webhookSecret"}
    data_of(as_program.patch(path, SECRETS), "integration")

    assert secrets_now()["webhook_secret"].value == SECRETS["webhookSecret"]


def test_others_neither_read_nor_change_them(new_api: NewApi, make: Factories, vapi: dict[str, Any]) -> None:
    path = f"/integrations/{vapi['id']}"
    stranger = new_api(make.user(make.organization(), role=Role.OWNER))
    for response in (stranger.get(path), stranger.patch(path, {}), stranger.post(f"{path}/end-previous-secrets")):
        assert response.status_code == 404
    assert data_of(stranger.get("/integrations")) == []


def test_a_session_must_have_been_confirmed(app: Flask, admin: User, vapi: dict[str, Any], behind: Behind) -> None:
    long_ago, path = ApiClient(app, admin, confirmed_at=DAY), f"/integrations/{vapi['id']}"

    for response in (
        long_ago.post("/integrations", {**SENT, "provider": "shunya"}),
        long_ago.patch(path, {"accountId": "another"}),
        long_ago.post(f"{path}/end-previous-secrets"),
        long_ago.delete(path),
    ):
        assert error_of(response, status=403)["code"] == "REAUTHENTICATION_REQUIRED"
    assert behind.one(Integration).version == 1


def test_a_list_takes_as_many_statements_for_several(
    as_program: ApiClient,
    make: Factories,
    organization: Organization,
    queries: Callable[[], AbstractContextManager[list[str]]],
) -> None:
    make.integration(organization)
    few = statements_of(as_program, "/integrations", queries)
    for provider in ("callrail", "shunya", "billing"):
        make.integration(organization, provider=provider)

    assert statements_of(as_program, "/integrations", queries) == few <= 5
