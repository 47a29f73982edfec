"""Recordings of appointments in the JSON API, and the parts in which they arrive."""

import base64
from hashlib import sha256

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from app.models import Appointment, AuditLog, Organization, RecordingPart, RecordingSession, Role, User
from tests.api.conftest import NewApi
from tests.support.api_client import ApiClient, data_of, error_of, wrong_fields
from tests.support.client import bearer
from tests.support.direct_access import Behind
from tests.support.factories import Factories
from tests.support.programs import make_key
from tests.support.sounds import sound


@pytest.fixture
def rep(make: Factories, organization: Organization) -> User:
    return make.user(organization, role=Role.SALES_REP, name="Rita Rep")


@pytest.fixture
def as_rep(new_api: NewApi, rep: User) -> ApiClient:
    return new_api(rep)


@pytest.fixture
def visit(make: Factories, organization: Organization, rep: User) -> Appointment:
    return make.appointment(organization, sales_rep_id=rep.id)


def digest_of(part: bytes) -> str:
    return f"sha-256=:{base64.b64encode(sha256(part).digest()).decode()}:"


def put(client: ApiClient, path: str, part: bytes, digest: str | None = None) -> TestResponse:
    headers = {"Content-Digest": digest_of(part) if digest is None else digest}
    return client.send("PUT", path, data=part, content_type="audio/webm", headers=headers)


def test_a_rep_records_an_appointment_in_parts(
    as_rep: ApiClient, rep: User, visit: Appointment, behind: Behind
) -> None:
    started = data_of(
        as_rep.post("/recording-sessions", {"appointmentId": str(visit.id), "consent": "given"}),
        "recordingSession",
        status=201,
    )
    path, part = f"/recording-sessions/{started['id']}", sound(".webm")

    assert (started["salesRepId"], started["status"], started["audioUrl"]) == (str(rep.id), "recording", None)
    early = error_of(as_rep.post(f"{path}/stop", {"parts": 1}), status=409)
    assert (early["missing"], "page" in early["message"]) == ([1], False)
    stored = data_of(put(as_rep, f"{path}/parts/1", part), "recordingPart")
    assert (stored["number"], stored["bytes"], stored["sha256"]) == (1, len(part), sha256(part).hexdigest())
    assert data_of(as_rep.get(f"{path}/parts")) == [stored]
    stopped = data_of(as_rep.post(f"{path}/stop", {"parts": 1}), "recordingSession")
    assert stopped["status"] == "uploaded"
    assert [one["id"] for one in data_of(as_rep.get(f"/recording-sessions?appointmentId={visit.id}"))] == [
        started["id"]
    ]
    assert {row.user_id for row in behind.rows(AuditLog) if row.resource_type == "recording_session"} == {rep.id}


def test_a_part_is_stored_once_with_its_digest(as_rep: ApiClient, visit: Appointment, behind: Behind) -> None:
    sent = {"appointmentId": str(visit.id), "consent": "given"}
    started = data_of(as_rep.post("/recording-sessions/start", sent), "recordingSession", status=201)
    path, part = f"/recording-sessions/{started['id']}/parts/1", sound(".webm")

    for wrong in ("", "md5=:AAAA:", "sha-256=:AAAA:", digest_of(part).lower()[:-2]):
        assert wrong_fields(put(as_rep, path, part, wrong)) == {"Content-Digest"}
    assert wrong_fields(put(as_rep, path, part, digest_of(b"other"))) == {"Content-Digest"}
    for kind in ("application/json", "text/plain", "image/png"):
        refused = as_rep.send("PUT", path, data=part, content_type=kind, headers={"Content-Digest": digest_of(part)})
        assert error_of(refused, status=415)["code"] == "UNSUPPORTED_MEDIA_TYPE"
    assert behind.rows(RecordingPart) == []
    first, second = (data_of(put(as_rep, path, part)) for _ in range(2))
    assert first == second
    assert error_of(put(as_rep, path, part + b"x"), status=409)["code"] == "RESOURCE_CONFLICT"
    for number in ("0", "x", "10001", "-1", "01", "0100001234", "99912345678", "1" * 5000):
        refused = put(as_rep, path.removesuffix("1") + number, part)
        assert error_of(refused, status=404)["resourceType"] == "recording_part"
    assert len(behind.rows(RecordingPart)) == 1


def test_recordings_belong_to_people(
    app: Flask, visit: Appointment, rep: User, make: Factories, owner: User, new_api: NewApi, behind: Behind
) -> None:
    sent = {"appointmentId": str(visit.id), "consent": "given"}
    _key, token = make_key(make, owner, "recordings:read", "recordings:write", "recordings:delete")
    finished = make.recording(visit, rep)

    for method, path in (
        ("POST", "/recording-sessions"),
        ("POST", "/recording-sessions/start"),
        ("POST", f"/recording-sessions/{finished.id}/stop"),
        ("DELETE", f"/recording-sessions/{finished.id}"),
    ):
        refused = ApiClient(app).send(method, path, sent if method == "POST" else None, headers=bearer(token))
        assert error_of(refused, status=403)["code"] == "INSUFFICIENT_PERMISSIONS", path
    stranger = new_api(make.user(make.organization(name="Elsewhere"), role=Role.OWNER))
    assert error_of(stranger.post("/recording-sessions", sent), status=404)["resourceType"] == "appointment"
    assert error_of(stranger.get(f"/recording-sessions?appointmentId={visit.id}"), status=404)
    assert [(row.id, row.deleted_at) for row in behind.rows(RecordingSession)] == [(finished.id, None)]
