"""Playback of a call's recording: in parts, for authorized users, with one audit entry per play."""

import io
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from flask import Flask

from app.models import Call, Organization, Role, User
from app.storage import new_key, storage
from tests.support.client import Client
from tests.support.factories import Factories
from tests.support.pages import Page
from tests.work.calls.conftest import Trail

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


def listen(client: Client, call: Call, part: str | None = None, *, status: int = 200) -> bytes:
    return answer(client, call, part, status=status).response.get_data()


def answer(client: Client, call: Call, part: str | None = None, *, status: int = 200) -> Page:
    headers: Mapping[str, str] = {"Range": part} if part else {}
    # Buffered: read to the end and closed, as a server does.
    return client.get(f"/calls/{call.id}/audio", headers=headers, status=status, buffered=True)


def test_the_recording_is_sent_whole_or_in_parts(client: Client, csr: User, recorded: Record) -> None:
    call = recorded()
    client.sign_in(csr)

    assert listen(client, call) == SOUND
    assert listen(client, call, "bytes=100-199", status=206) == SOUND[100:200]
    assert listen(client, call, "bytes=-10", status=206) == SOUND[-10:]


def test_a_part_behind_the_end_is_refused_like_everything_else(client: Client, csr: User, recorded: Record) -> None:
    call = recorded()
    client.sign_in(csr)

    page = answer(client, call, "bytes=5000-", status=416)
    told = client.get(
        f"/calls/{call.id}/audio", headers={"Range": "bytes=5000-", "Accept": "application/json"}, status=416
    )

    assert page.heading == "That range doesn’t exist"
    assert page.headers["Content-Range"] == f"bytes */{len(SOUND)}"
    assert told.json["error"]["code"] == "RANGE_NOT_SATISFIABLE"


@pytest.mark.parametrize("part", ["lines=1-2", "bytes=100-199,300-399", "bytes=-0", "nonsense"])
def test_what_may_be_taken_for_the_whole_recording_is(
    client: Client, csr: User, recorded: Record, trail: Trail, part: str
) -> None:
    call = recorded()
    client.sign_in(csr)
    listen(client, call)

    assert listen(client, call, part) == SOUND
    assert len(trail("recording.played")) == 2


def test_it_is_sound_for_a_player_and_nothing_for_a_cache(client: Client, csr: User, recorded: Record) -> None:
    page = answer(client.sign_in(csr), recorded())

    assert page.headers["Content-Type"] == "audio/wav"
    assert page.headers["Accept-Ranges"] == "bytes"
    assert page.headers["Cache-Control"] == "no-store"


def test_a_play_is_written_down_once_however_many_parts_it_takes(
    client: Client, csr: User, recorded: Record, trail: Trail
) -> None:
    call = recorded()
    client.sign_in(csr)
    for part in ("bytes=0-", "bytes=400-499", "bytes=500-", "bytes=-10"):
        listen(client, call, part, status=206)

    (play,) = trail("recording.played")
    assert (play.resource_type, play.resource_id) == ("call", call.id)
    assert (play.user_id, str(play.ip_address)) == (csr.id, "127.0.0.1")


def test_each_beginning_is_a_play(client: Client, csr: User, recorded: Record, trail: Trail) -> None:
    call = recorded()
    client.sign_in(csr)
    listen(client, call)
    listen(client, call, "bytes=0-1", status=206)

    assert len(trail("recording.played")) == 2


def test_leaving_out_the_first_byte_is_no_way_around_the_trail(
    client: Client, csr: User, recorded: Record, trail: Trail
) -> None:
    listen(client.sign_in(csr), recorded(), "bytes=1-", status=206)

    assert len(trail("recording.played")) == 1


def test_opening_the_page_plays_nothing(client: Client, csr: User, recorded: Record, trail: Trail) -> None:
    page = client.sign_in(csr).get(f"/calls/{recorded().id}")

    assert page.one(".//audio").get("preload") == "none"
    assert trail("recording.played") == []


@pytest.mark.parametrize("role", [Role.SUPPORT, Role.MANAGER, Role.EXEC, Role.ADMIN, Role.OWNER])
def test_who_sees_all_calls_hears_them(
    client: Client, make: Factories, organization: Organization, recorded: Record, role: Role
) -> None:
    assert listen(client.sign_in(make.user(organization, role)), recorded()) == SOUND


def test_a_colleague_and_a_stranger_hear_nothing(
    client: Client, new_client: Callable[[], Client], make: Factories, colleague: User, recorded: Record, trail: Trail
) -> None:
    call = recorded()
    listen(client.sign_in(colleague), call, status=404)
    listen(new_client().sign_in(make.user(make.organization(), Role.OWNER)), call, status=404)

    assert trail("recording.played") == []


@pytest.mark.parametrize(
    ("role", "status"), [(Role.CSR, 404), (Role.SUPPORT, 404), (Role.SALES_REP, 200), (Role.MANAGER, 200)]
)
def test_a_visit_is_heard_by_those_who_may_hear_recordings(
    client: Client, make: Factories, organization: Organization, recorded: Record, role: Role, status: int
) -> None:
    person = make.user(organization, role)
    visit = recorded(csr=None, call_type="visit_call", assigned_rep_id=person.id)

    listen(client.sign_in(person), visit, status=status)


@pytest.mark.parametrize(
    "address",
    [
        None,
        "https://recordings.example/call.wav",
        "{organization}/imports/01890000-0000-7000-8000-000000000000.wav",
        "{organization}/recordings/../../../etc/passwd",
        "{elsewhere}/recordings/01890000-0000-7000-8000-000000000000.wav",
        "{organization}/recordings/01890000-0000-7000-8000-000000000000.wav",
    ],
    ids=["none", "of a provider", "another kind", "out of the folder", "another organization's", "gone"],
)
def test_what_is_no_recording_of_ours_is_not_found(
    client: Client, make: Factories, organization: Organization, csr: User, address: str | None, trail: Trail
) -> None:
    if address is not None:
        address = address.format(organization=organization.id, elsewhere=make.organization().id)
    call = make.call(organization, csr=csr, audio_url=address)

    listen(client.sign_in(csr), call, status=404)

    assert trail("recording.played") == []
