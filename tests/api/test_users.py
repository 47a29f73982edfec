"""People, their extra permissions and their sessions in the JSON API."""

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask

from app.models import Organization, Role, Task, User, UserPermission, UserSession
from app.security.permissions import Permission
from app.storage import new_key, storage
from tests.api.conftest import NewApi
from tests.support.api_client import ApiClient, data_of, error_of, wrong_fields
from tests.support.api_lists import Queries, statements_of
from tests.support.client import Client, bearer
from tests.support.direct_access import Behind
from tests.support.factories import DAY, Factories
from tests.support.programs import make_key

PASSWORD = "violet-teapot-harbor-quilt"
SENT = {"email": "ann@example.com", "name": "Ann Lee", "password": PASSWORD}
LONG_AGO = datetime.now(UTC) - timedelta(days=1)


@pytest.fixture
def as_program(new_api: NewApi, admin: User) -> ApiClient:
    return new_api(admin)


@pytest.fixture
def as_owner(new_api: NewApi, owner: User) -> ApiClient:
    return new_api(owner)


def path_of(user: User, action: str = "") -> str:
    return f"/users/{user.id}{action}"


def test_a_person_is_created_active_and_signs_in(
    as_program: ApiClient, client: Client, organization: Organization, admin: User, behind: Behind
) -> None:
    created = as_program.post("/users", {**SENT, "roles": ["manager"]})
    user = data_of(created, "user", status=201)

    assert set(user) == {
        *("id", "email", "name", "avatar", "roles", "permissions", "status", "createdAt", "updatedAt", "version"),
        *("phone", "language", "managerId", "managerName", "hasSecondFactor", "lastSeenAt"),
        *("suspendedUntil", "suspensionReason", "deactivatedAt", "deactivationReason"),
    }
    assert (user["email"], user["roles"], user["permissions"]) == ("ann@example.com", ["manager"], [])
    assert (user["status"], user["avatar"]) == ("active", None)
    assert PASSWORD not in created.get_data(as_text=True)
    assert data_of(as_program.get(f"/users/{user['id']}"), "user") == user
    client.post("/login", {**client.get("/login").fields("/login"), "email": SENT["email"], "password": PASSWORD})
    assert client.get("/account").status == 200
    entries = [entry for entry in behind.trail(organization.id, "user") if str(entry.resource_id) == user["id"]]
    assert ("user.created", admin.id) in {(entry.action, entry.user_id) for entry in entries}


def test_a_person_is_a_csr_unless_another_role_is_given(as_program: ApiClient) -> None:
    assert data_of(as_program.post("/users", SENT), "user", status=201)["roles"] == ["csr"]
    taken = error_of(as_program.post("/users", {**SENT, "email": "ANN@example.com"}), status=409)
    assert (taken["code"], taken["conflictField"]) == ("RESOURCE_CONFLICT", "email")


def test_nobody_creates_a_person_above_themselves(as_program: ApiClient, as_manager: ApiClient) -> None:
    above = error_of(as_program.post("/users", {**SENT, "roles": ["owner"]}), status=403)
    assert above["requiredRole"] == "owner"
    assert error_of(as_manager.post("/users", SENT), status=403)["requiredPermission"] == "users:invite"


def test_every_wrong_value_of_a_person_is_named(as_program: ApiClient, behind: Behind) -> None:
    before = len(behind.rows(User))
    wrong = {"email": 1, "name": "A", "password": None, "roles": ["boss"], "organizationId": "x", "status": "active"}

    assert wrong_fields(as_program.post("/users", wrong)) == set(wrong)
    assert wrong_fields(as_program.post("/users", {**SENT, "roles": ["csr", "admin"]})) == {"roles"}
    weak = {**SENT, "email": "nobody", "password": "short"}
    assert wrong_fields(as_program.post("/users", weak)) == {"email", "password"}
    assert len(behind.rows(User)) == before


def test_no_seat_is_created_beyond_the_plan(as_program: ApiClient, organization: Organization, behind: Behind) -> None:
    behind.change(organization, team_members_quota=2)
    full = error_of(as_program.post("/users", SENT), status=422)

    assert (full["code"], full["quota"]) == ("QUOTA_EXCEEDED", {"limit": 2, "used": 2, "remaining": 0})


def test_details_are_changed(as_program: ApiClient, make: Factories, organization: Organization) -> None:
    csr, boss = make.user(organization), make.user(organization, Role.MANAGER, name="Bea Boss")
    changed = data_of(
        as_program.patch(path_of(csr), {"phone": "212 555 0142", "managerId": str(boss.id), "language": "uz"}), "user"
    )

    assert (changed["phone"], changed["language"]) == ("+12125550142", "uz")
    assert (changed["managerId"], changed["managerName"], changed["email"]) == (str(boss.id), "Bea Boss", csr.email)
    wrong = {"phone": "home", "name": "Ann"}
    assert wrong_fields(as_program.patch(path_of(csr), wrong)) == {"phone"}
    assert wrong_fields(as_program.patch(path_of(csr), {"managerId": str(csr.id)})) == {"managerId"}
    stranger = make.user(make.organization(), Role.MANAGER)
    assert wrong_fields(as_program.patch(path_of(csr), {"managerId": str(stranger.id)})) == {"managerId"}
    assert wrong_fields(as_program.patch(path_of(csr), {"role": "owner"})) == {"role"}


def test_ones_own_address_is_changed_by_a_confirmed_session(app: Flask, as_program: ApiClient, admin: User) -> None:
    sent = {"email": "new@example.com"}
    long_ago = ApiClient(app, admin, confirmed_at=LONG_AGO)

    assert error_of(long_ago.patch(path_of(admin), sent), status=403)["code"] == "REAUTHENTICATION_REQUIRED"
    assert data_of(long_ago.patch(path_of(admin), {"name": "Ada Adams"}), "user")["name"] == "Ada Adams"
    assert data_of(as_program.patch(path_of(admin), sent), "user")["email"] == "new@example.com"


def test_a_new_role_comes_with_a_reason_and_who_takes_over(
    as_program: ApiClient, make: Factories, organization: Organization, behind: Behind
) -> None:
    csr, taker = make.user(organization), make.user(organization)
    make.task(organization, assignee=csr)
    sent = {"role": "support", "reason": "Moves to the back office"}

    assert wrong_fields(as_program.post(path_of(csr, "/role"), {"role": "boss"})) == {"role", "reason"}
    assert wrong_fields(as_program.post(path_of(csr, "/role"), sent)) == {"takeoverTasks"}
    stale = error_of(as_program.post(path_of(csr, "/role"), {**sent, "version": 7}), status=409)
    assert stale["code"] == "VERSION_CONFLICT"
    changed = data_of(as_program.post(path_of(csr, "/role"), {**sent, "takeoverTasks": str(taker.id)}), "user")
    assert changed["roles"] == ["support"]
    assert behind.one(Task).assigned_to_user_id == taker.id


def test_an_owner_is_made_by_an_owner_in_a_confirmed_session(
    app: Flask, as_program: ApiClient, as_owner: ApiClient, make: Factories, organization: Organization, owner: User
) -> None:
    csr = make.user(organization)
    sent = {"role": "owner", "reason": "Takes over the company"}
    new = {**SENT, "roles": ["owner"]}
    long_ago = ApiClient(app, owner, confirmed_at=LONG_AGO)

    assert error_of(as_program.post(path_of(csr, "/role"), sent), status=403)["requiredRole"] == "owner"
    for refused in (long_ago.post(path_of(csr, "/role"), sent), long_ago.post("/users", new)):
        assert error_of(refused, status=403)["code"] == "REAUTHENTICATION_REQUIRED"
    assert data_of(as_owner.post(path_of(csr, "/role"), sent), "user")["roles"] == ["owner"]
    assert data_of(as_owner.post("/users", new), "user", status=201)["roles"] == ["owner"]


def test_a_person_is_suspended_and_comes_back(
    as_program: ApiClient, make: Factories, organization: Organization, admin: User
) -> None:
    csr = make.user(organization)
    wrong = {"reason": "x", "until": "2020-01-01T00:00:00Z"}

    assert wrong_fields(as_program.post(path_of(csr, "/suspend"), {"until": "tomorrow"})) == {"reason", "until"}
    assert wrong_fields(as_program.post(path_of(csr, "/suspend"), {**wrong, "reason": "Lost phone"})) == {"until"}
    suspended = data_of(
        as_program.post(path_of(csr, "/suspend"), {"reason": "Lost phone", "until": "2030-01-01T09:00:00Z"}), "user"
    )
    assert (suspended["status"], suspended["suspendedUntil"]) == ("suspended", "2030-01-01T09:00:00Z")
    assert suspended["suspensionReason"] == "Lost phone"
    back = data_of(as_program.post(path_of(csr, "/reactivate")), "user")
    assert (back["status"], back["suspendedUntil"]) == ("active", None)
    own = error_of(as_program.post(path_of(admin, "/suspend"), {"reason": "Holidays"}), status=409)
    assert own["code"] == "RESOURCE_CONFLICT"


def test_a_person_leaves_comes_back_and_is_deleted(
    as_program: ApiClient, make: Factories, organization: Organization, behind: Behind
) -> None:
    csr, taker = make.user(organization), make.user(organization)
    make.task(organization, assignee=csr)
    sent = {"reason": "Left the company"}

    assert wrong_fields(as_program.post(path_of(csr, "/deactivate"), {})) == {"reason"}
    assert wrong_fields(as_program.post(path_of(csr, "/deactivate"), sent)) == {"takeoverTasks"}
    left = data_of(as_program.post(path_of(csr, "/deactivate"), {**sent, "takeoverTasks": str(taker.id)}), "user")
    assert (left["status"], left["deactivationReason"]) == ("inactive", "Left the company")
    assert behind.one(Task).assigned_to_user_id == taker.id
    assert data_of(as_program.post(path_of(csr, "/activate")), "user")["status"] == "active"
    assert wrong_fields(as_program.delete(path_of(csr))) == {"reason"}
    assert data_of(as_program.delete(path_of(csr), json=sent), "deletion")
    assert error_of(as_program.get(path_of(csr)), status=404)["resourceType"] == "user"


def test_a_key_leaves_owners_alone(
    app: Flask, make: Factories, organization: Organization, owner: User, admin: User, behind: Behind
) -> None:
    second, csr = make.user(organization, Role.OWNER), make.user(organization)
    permissions = ("users:read", "users:update", "users:delete", "users:deactivate", "trash:read", "trash:restore")
    headers = bearer(make_key(make, owner, *permissions)[1])
    as_key = ApiClient(app)
    why = {"reason": "No longer works here"}

    assert as_key.delete(path_of(csr), body=why, headers=headers).status_code == 200
    for refused in (
        as_key.delete(path_of(second), body=why, headers=headers),
        as_key.patch(path_of(second), {"name": "Other"}, headers=headers),
        as_key.post(path_of(second, "/deactivate"), why, headers=headers),
    ):
        assert error_of(refused, status=403)["code"] == "INSUFFICIENT_PERMISSIONS"
    deletion = data_of(ApiClient(app, owner).delete(path_of(second), body=why), "deletion")
    kept = as_key.post(f"/trash/{deletion['id']}/restore", {}, headers=headers)
    assert error_of(kept, status=403)["code"] == "INSUFFICIENT_PERMISSIONS"
    assert {user.id for user in behind.rows(User) if user.deleted_at} == {second.id, csr.id}


def test_the_last_owner_stays(app: Flask, as_owner: ApiClient, owner: User) -> None:
    sent = {"role": "admin", "reason": "Steps down"}
    long_ago = ApiClient(app, owner, confirmed_at=LONG_AGO).post(path_of(owner, "/role"), sent)

    assert error_of(long_ago, status=403)["code"] == "REAUTHENTICATION_REQUIRED"
    refused = error_of(as_owner.post(path_of(owner, "/role"), sent), status=409)
    assert (refused["code"], refused["count"]) == ("LAST_OWNER", 1)


def test_permissions_are_granted_shown_and_taken_back(
    as_program: ApiClient, make: Factories, organization: Organization, admin: User, behind: Behind
) -> None:
    csr, other = make.user(organization), make.user(organization)
    make.grant(other, Permission.TARGETS_WRITE)
    path = path_of(csr, "/permissions")
    sent = {"permission": "reports:read", "reason": "Prepares the meeting", "expiresAt": "2030-01-01T00:00:00Z"}
    granted = data_of(as_program.post(path, sent), "permission", status=201)

    assert set(granted) == {*sent, "id", "userId", "grantedBy", "grantedByName", "createdAt", "updatedAt"}
    assert {**sent, "userId": str(csr.id), "grantedBy": str(admin.id)}.items() <= granted.items()
    assert data_of(as_program.get(path)) == [granted]
    assert data_of(as_program.get(path_of(csr)), "user")["permissions"] == ["reports:read"]
    elsewhere = as_program.get(path_of(other, f"/permissions/{granted['id']}"))
    assert error_of(elsewhere, status=404)["resourceType"] == "user_permission"
    assert error_of(as_program.delete(path_of(other, f"/permissions/{granted['id']}")), status=404)
    assert as_program.delete(f"{path}/{granted['id']}").status_code == 204
    assert data_of(as_program.get(path)) == []
    assert [row.user_id for row in behind.rows(UserPermission)] == [other.id]


def test_an_invalid_grant_is_refused(
    as_program: ApiClient, as_manager: ApiClient, make: Factories, organization: Organization
) -> None:
    manager = make.user(organization, Role.MANAGER)
    path = path_of(manager, "/permissions")
    reason = {"reason": "Because"}

    assert wrong_fields(as_program.post(path, {"permission": "x:y", "expiresAt": 1})) == {
        "permission",
        "reason",
        "expiresAt",
    }
    past = {**reason, "permission": "users:invite", "expiresAt": "2020-01-01T00:00:00Z"}
    assert wrong_fields(as_program.post(path, past)) == {"expiresAt"}
    make.grant(manager, Permission.REPORTS_READ, created_at=DAY, expires_at=DAY + timedelta(days=1))
    included = error_of(as_program.post(path, {**reason, "permission": "reports:read"}), status=409)
    assert (included["code"], included["conflictField"]) == ("RESOURCE_CONFLICT", "permission")
    reserved = error_of(as_program.post(path, {**reason, "permission": "billing:update"}), status=403)
    assert reserved["requiredRole"] == "owner"
    assert error_of(as_manager.get(path), status=403)["requiredPermission"] == "users:change_role"


def test_usable_sessions_are_shown_and_ended(
    as_program: ApiClient, make: Factories, organization: Organization, behind: Behind
) -> None:
    csr = make.user(organization)
    open_one = make.session_of(csr, client_id="Phone", ip_address="203.0.113.9")
    make.session_of(csr, revoked_at=datetime.now(UTC))
    make.session_of(make.user(organization))
    path = path_of(csr, "/sessions")
    [shown] = data_of(as_program.get(path))

    assert set(shown) == {
        *("id", "userId", "clientId", "ipAddress", "userAgent", "lastSeenAt", "expiresAt", "createdAt")
    }
    assert (shown["id"], shown["clientId"], shown["ipAddress"]) == (str(open_one.id), "Phone", "203.0.113.9")
    assert as_program.delete(f"{path}/{open_one.id}").status_code == 204
    assert data_of(as_program.get(path)) == []
    assert error_of(as_program.delete(f"{path}/{open_one.id}"), status=404)["resourceType"] == "session"
    assert behind.one(UserSession, id=open_one.id).revoked_reason == "ended_by_admin"


def test_a_photo_is_sent_to_everyone_of_the_organization(
    as_csr: ApiClient, as_manager: ApiClient, new_api: NewApi, csr: User, make: Factories, app: Flask, behind: Behind
) -> None:
    assert error_of(as_csr.get(path_of(csr, "/avatar")), status=404)["resourceType"] == "picture"
    with app.app_context():
        key = new_key(csr.organization_id, "pictures")
        storage().write(key, [b"RIFF....WEBP"])
    behind.change(csr, avatar_key=key)
    shown = data_of(as_manager.get(path_of(csr)), "user")

    assert shown["avatar"] == f"http://localhost/api/v1/users/{csr.id}/avatar"
    photo = as_csr.get(path_of(csr, "/avatar"))
    assert (photo.status_code, photo.mimetype, photo.data) == (200, "image/webp", b"RIFF....WEBP")
    stranger = new_api(make.user(make.organization(), Role.OWNER))
    assert error_of(stranger.get(path_of(csr, "/avatar")), status=404)["resourceType"] == "picture"
    assert error_of(as_csr.get("/users/x/avatar"), status=404)["resourceType"] == "user"


def test_the_list_of_people_takes_constant_statements(
    as_manager: ApiClient, make: Factories, organization: Organization, queries: Queries
) -> None:
    few = statements_of(as_manager, "/users", queries)
    for _ in range(5):
        make.grant(make.user(organization), Permission.REPORTS_READ)

    assert statements_of(as_manager, "/users", queries) == few <= 5
