"""Invitations in the JSON API."""

import pytest
from flask import Flask

from app.models import IdempotencyKey, Invitation, Message, Organization, Role, User
from app.security.tokens import Token
from tests.api.conftest import NewApi
from tests.support.api_client import ApiClient, data_of, error_of, wrong_fields
from tests.support.api_lists import Queries, statements_of
from tests.support.client import Client
from tests.support.direct_access import Behind
from tests.support.factories import DAY, Factories

SENT = {"email": "ben@example.com", "name": "Ben Cole", "role": "csr"}


@pytest.fixture
def as_program(new_api: NewApi, admin: User) -> ApiClient:
    return new_api(admin)


def test_a_person_is_invited_and_gets_the_link_once(
    as_program: ApiClient, client: Client, organization: Organization, admin: User, behind: Behind
) -> None:
    created = as_program.post("/invitations", SENT, headers={"Idempotency-Key": "one"})
    data = data_of(created, status=201)
    invitation = data["invitation"]

    assert set(invitation) == {
        *SENT,
        *("id", "status", "invitedBy", "invitedByName", "userId", "expiresAt", "acceptedAt", "revokedAt"),
        *("createdAt", "updatedAt"),
    }
    assert {**SENT, "status": "open", "invitedBy": str(admin.id), "userId": None}.items() <= invitation.items()
    token = Token.parse(data["link"].rpartition("/")[2])
    assert token is not None
    assert behind.one(Invitation, organization_id=organization.id).token_hash == token.digest
    assert created.headers["Cache-Control"] == "no-store"
    assert [stored.body for stored in behind.rows(IdempotencyKey)] == [None]
    assert data_of(as_program.get(f"/invitations/{invitation['id']}")) == {"invitation": invitation}
    assert "Ben Cole" in client.get("/invitations/accept/" + token.text).html
    assert [entry.user_id for entry in behind.trail(organization.id, "invitation")] == [admin.id]


def test_a_mail_server_sends_the_link_instead(
    app: Flask, as_program: ApiClient, monkeypatch: pytest.MonkeyPatch, behind: Behind
) -> None:
    monkeypatch.setattr("app.people.invitations.record_service.mail_server_is_set", lambda: True)

    assert data_of(as_program.post("/invitations", SENT), status=201)["link"] is None
    assert [message.to_address for message in behind.rows(Message)] == ["ben@example.com"]


def test_an_invitation_is_sent_again_and_revoked(as_program: ApiClient) -> None:
    first = data_of(as_program.post("/invitations", SENT), status=201)
    path = f"/invitations/{first['invitation']['id']}"
    second = data_of(as_program.post(f"{path}/send-again"))

    assert second["invitation"]["id"] == first["invitation"]["id"]
    assert second["link"] != first["link"]
    assert data_of(as_program.post(f"{path}/revoke"), "invitation")["status"] == "revoked"
    for verb in ("revoke", "send-again"):
        assert error_of(as_program.post(f"{path}/{verb}"), status=409)["code"] == "RESOURCE_CONFLICT"


def test_sending_again_counts_toward_the_limit_of_invitations(as_program: ApiClient) -> None:
    path = f"/invitations/{data_of(as_program.post('/invitations', SENT), status=201)['invitation']['id']}/send-again"
    statuses = [as_program.post(path).status_code for _number in range(100)]

    assert statuses == [200] * 99 + [429]


def test_what_no_invitation_can_have_is_refused(
    app: Flask, as_program: ApiClient, as_manager: ApiClient, owner: User, admin: User, behind: Behind
) -> None:
    assert wrong_fields(as_program.post("/invitations", {"email": 1, "name": "A", "role": "x"})) == {*SENT}
    assert wrong_fields(as_program.post("/invitations", {**SENT, "email": "nobody"})) == {"email"}
    taken = error_of(as_program.post("/invitations", {**SENT, "email": admin.email}), status=409)
    assert (taken["code"], taken["conflictField"]) == ("RESOURCE_CONFLICT", "email")
    assert error_of(as_program.post("/invitations", {**SENT, "role": "owner"}), status=403)["requiredRole"] == "owner"
    long_ago = ApiClient(app, owner, confirmed_at=DAY).post("/invitations", {**SENT, "role": "owner"})
    assert error_of(long_ago, status=403)["code"] == "REAUTHENTICATION_REQUIRED"
    assert error_of(as_manager.post("/invitations", SENT), status=403)["requiredPermission"] == "users:invite"
    assert behind.rows(Invitation) == []


def test_an_invitation_of_an_owner_is_sent_again_in_a_confirmed_session(
    app: Flask, make: Factories, organization: Organization, owner: User, new_api: NewApi
) -> None:
    path = f"/invitations/{make.invitation(organization, role=Role.OWNER).id}/send-again"

    long_ago = ApiClient(app, owner, confirmed_at=DAY).post(path)
    assert error_of(long_ago, status=403)["code"] == "REAUTHENTICATION_REQUIRED"
    assert data_of(new_api(owner).post(path))["invitation"]["role"] == "owner"


def test_the_list_of_invitations_takes_constant_statements(
    as_program: ApiClient, make: Factories, organization: Organization, queries: Queries
) -> None:
    make.invitation(organization)
    few = statements_of(as_program, "/invitations", queries)
    for _ in range(3):
        make.invitation(organization)

    assert statements_of(as_program, "/invitations", queries) == few <= 5
