"""Recordings of calls in the JSON API: sound for programs, with the same access and audit entries as on the page."""

import io
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from app.models import AuditLog, Call, Organization, Role, User
from app.storage import new_key, storage
from tests.api.conftest import NewApi
from tests.support.api_client import ApiClient, data_of, error_of
from tests.support.client import bearer
from tests.support.direct_access import Behind
from tests.support.factories import Factories
from tests.support.programs import make_key

SOUND = bytes(range(256)) * 4

Record = Callable[..., Call]


@pytest.fixture
def recorded(app: Flask, make: Factories, organization: Organization, csr: User) -> Record:
    """Function that creates a call of the CSR with a recording."""

    def make_call(**values: Any) -> Call:
        key = new_key(organization.id, "recordings") + ".wav"
        with app.app_context():
            storage().save(key, io.BytesIO(SOUND), max_bytes=len(SOUND))
        return make.call(organization, **{"csr": csr, "audio_url": key, **values})

    return make_call


def listen(client: ApiClient, call: Call, part: str | None = None) -> TestResponse:
    headers = {"Range": part} if part else {}
    return client.get(f"/calls/{call.id}/audio", headers=headers, buffered=True)


def plays(behind: Behind) -> list[AuditLog]:
    return behind.rows(AuditLog, action="recording.played")


def test_a_recording_is_a_file_sent_whole_or_in_part(as_csr: ApiClient, recorded: Record) -> None:
    call = recorded()
    address = data_of(as_csr.get(f"/calls/{call.id}"), "call")["audioUrl"]
    whole = as_csr.get(address.removeprefix("http://localhost/api/v1"), buffered=True)
    part = listen(as_csr, call, "bytes=100-199")

    assert (whole.status_code, whole.get_data()) == (200, SOUND)
    assert (part.status_code, part.get_data()) == (206, SOUND[100:200])
    assert part.headers["Content-Range"] == f"bytes 100-199/{len(SOUND)}"
    for response in (whole, part):
        assert response.headers["Accept-Ranges"] == "bytes"
        assert response.headers["Content-Type"] == "audio/wav"
        assert response.headers["Content-Disposition"] == f"attachment; filename=call-{call.id}.wav"
        assert response.headers["Cache-Control"] == "no-store"


def test_a_range_beyond_the_end_is_refused_with_the_length(as_csr: ApiClient, recorded: Record) -> None:
    response = listen(as_csr, recorded(), "bytes=5000-")

    assert error_of(response, status=416)["code"] == "RANGE_NOT_SATISFIABLE"
    assert response.headers["Content-Range"] == f"bytes */{len(SOUND)}"


def test_a_recording_is_refused_to_who_accepts_no_sound(as_csr: ApiClient, recorded: Record, behind: Behind) -> None:
    call = recorded()

    refused = as_csr.get(f"/calls/{call.id}/audio", headers={"Accept": "application/json"})
    assert error_of(refused, status=406)["code"] == "NOT_ACCEPTABLE"
    assert plays(behind) == []
    heard = as_csr.get(f"/calls/{call.id}/audio", headers={"Accept": "audio/*"}, buffered=True)
    assert heard.get_data() == SOUND


def test_a_play_is_recorded_once_however_many_parts_it_takes(
    as_csr: ApiClient, recorded: Record, csr: User, behind: Behind
) -> None:
    call = recorded()
    for part in ("bytes=0-", "bytes=400-499", "bytes=-10"):
        listen(as_csr, call, part)

    [play] = plays(behind)
    assert (play.resource_type, play.resource_id, play.user_id) == ("call", call.id, csr.id)


def test_a_key_plays_a_recording_once_too(
    app: Flask, make: Factories, manager: User, recorded: Record, behind: Behind
) -> None:
    call, tokens = recorded(), [make_key(make, manager, "calls:read")[1] for _ in range(2)]
    for token in (tokens[0], *tokens):
        sent = {**bearer(token), "Range": "bytes=9-"}
        response = ApiClient(app).get(f"/calls/{call.id}/audio", headers=sent, buffered=True)
        assert response.get_data() == SOUND[9:]

    assert [play.user_id for play in plays(behind)] == [None, None]
    assert len({play.details["apiKeyId"] for play in plays(behind)}) == 2


def test_who_may_not_hear_a_recording_gets_nothing(
    new_api: NewApi, as_csr: ApiClient, make: Factories, organization: Organization, recorded: Record, behind: Behind
) -> None:
    visit, call = recorded(csr=None, call_type="visit_call"), recorded()
    support, stranger = make.user(organization, role=Role.SUPPORT), make.user(make.organization(), role=Role.OWNER)

    for client, what in ((new_api(support), visit), (new_api(stranger), call), (as_csr, make.call(organization))):
        assert error_of(listen(client, what), status=404)["code"] == "RESOURCE_NOT_FOUND"
    malformed = error_of(as_csr.get("/calls/1/audio"), status=404)
    assert (malformed["resourceType"], malformed["resourceId"]) == ("call", "1")
    assert error_of(ApiClient.get(new_api(support), "/calls/x/sound"), status=404)["resourceType"] == "route"
    assert plays(behind) == []
