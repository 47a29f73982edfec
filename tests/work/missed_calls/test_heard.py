"""Audio and transcripts of calls in the queue: open to everyone who reads it, unlike everything else of the calls."""

import io
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine, delete, update

from app.models import Call, CallAnalysis, CallTranscript, MissedCallEntry, Organization, Role, User
from app.security.matrix import MATRIX, Extent
from app.security.permissions import Permission
from app.storage import new_key, storage
from tests.support.api_client import ApiClient
from tests.support.client import Client, bearer
from tests.support.factories import DAY, Factories
from tests.support.programs import make_key
from tests.work.missed_calls.conftest import Trail

SOUND = bytes(range(256))
PARTS = {"call": "", "notes": "/notes", "transcript": "/transcript", "analysis": "/analysis"}
WORDS, EVERYTHING = {"audio", "transcript"}, {"audio", *PARTS}
#: The calls of an entry that no one answered, and others.
OF_QUEUE = ("opening", "voicemail")
OTHERS = ("answered", "callback", "stray", "later", "visit", "foreign")

Reaches = Callable[[User, Call], set[str]]


@dataclass
class Calls:
    """Calls with a recording and a transcript: those of an entry, and others like them."""

    entry: MissedCallEntry
    #: Missed call that opened the entry.
    opening: Call
    #: Voicemail of the same entry.
    voicemail: Call
    #: Answered call that belongs to the entry.
    answered: Call
    #: Callback to the caller.
    callback: Call
    #: Missed call that is in no entry.
    stray: Call
    #: The contact's answered call that is in no entry.
    later: Call
    #: Appointment's recording that belongs to the entry.
    visit: Call
    #: Missed call in the queue of another organization.
    foreign: Call


@pytest.fixture
def calls(app: Flask, make: Factories, organization: Organization) -> Calls:
    other = make.organization()

    def recorded(of: Organization = organization, **values: Any) -> Call:
        key = new_key(of.id, "recordings") + ".wav"
        with app.app_context():
            storage().save(key, io.BytesIO(SOUND), max_bytes=len(SOUND))
        call = make.call(of, audio_url=key, **values)
        make.transcript(call)
        make.analysis(call)
        return call

    contact = make.contact(organization)
    known: dict[str, Any] = {"contact_card_id": contact.id}
    opening = recorded(status="missed", **known)
    entry = make.missed_entry(organization, call=opening)
    joined: dict[str, Any] = {**known, "missed_entry_id": entry.id, "started_at": DAY + timedelta(hours=1)}
    foreign = recorded(other, status="voicemail")
    make.missed_entry(other, call=foreign)
    return Calls(
        entry=entry,
        opening=opening,
        voicemail=recorded(status="voicemail", **joined),
        answered=recorded(**joined),
        callback=recorded(status="failed", direction="outbound", **joined),
        stray=recorded(status="voicemail", **known),
        later=recorded(**known),
        visit=recorded(status="missed", call_type="visit_call", **joined),
        foreign=foreign,
    )


@pytest.fixture
def reaches(app: Flask) -> Reaches:
    """Function that returns what a person reaches of a call, which is the same on pages and in the API."""

    def reach(person: User, call: Call) -> set[str]:
        browser, program = Client(app).sign_in(person), ApiClient(app, person)
        heard = program.get(f"/calls/{call.id}/audio", buffered=True)
        shown = {part: program.get(f"/calls/{call.id}{part}").status_code for part in PARTS.values()}
        browser.get(f"/calls/{call.id}/audio", status=heard.status_code, buffered=True)
        assert (heard.status_code == 200) == (heard.get_data() == SOUND)
        browser.get(f"/calls/{call.id}", status=shown[""])
        return {name for name, part in PARTS.items() if shown[part] == 200} | (
            {"audio"} if heard.status_code == 200 else set()
        )

    return reach


READERS = [role for role in Role if MATRIX[Permission.MISSED_CALLS_READ][role] is not Extent.NONE]
OF_ALL_CALLS = [role for role in Role if MATRIX[Permission.CALLS_READ][role] is Extent.ALL]


def test_a_csr_hears_the_queue_and_nothing_else(
    calls: Calls, reaches: Reaches, make: Factories, organization: Organization
) -> None:
    person = make.user(organization, Role.CSR)

    assert {name: reaches(person, getattr(calls, name)) for name in OF_QUEUE} == dict.fromkeys(OF_QUEUE, WORDS)
    assert {name: reaches(person, getattr(calls, name)) for name in OTHERS} == {name: set() for name in OTHERS}


@pytest.mark.parametrize("role", OF_ALL_CALLS)
def test_who_sees_all_calls_hears_them_as_before(
    calls: Calls, reaches: Reaches, make: Factories, organization: Organization, role: Role
) -> None:
    person = make.user(organization, role)
    visits = EVERYTHING if MATRIX[Permission.RECORDINGS_READ][role] is Extent.ALL else {"call", "notes"}

    assert reaches(person, calls.opening) == reaches(person, calls.voicemail) == EVERYTHING
    assert reaches(person, calls.answered) == reaches(person, calls.stray) == EVERYTHING
    assert reaches(person, calls.visit) == visits
    assert reaches(person, calls.foreign) == set()


def test_every_role_is_told_of_here() -> None:
    assert set(READERS) == {Role.CSR, *OF_ALL_CALLS}


def test_a_rep_hears_nothing_of_the_queue(
    calls: Calls, reaches: Reaches, make: Factories, organization: Organization
) -> None:
    person = make.user(organization, Role.SALES_REP)

    assert all(reaches(person, getattr(calls, name)) == set() for name in (*OF_QUEUE, *OTHERS))


def test_a_rep_who_was_granted_the_queue_hears_it(
    calls: Calls, reaches: Reaches, make: Factories, organization: Organization
) -> None:
    person = make.user(organization, Role.SALES_REP)
    make.grant(person, Permission.MISSED_CALLS_READ)

    assert reaches(person, calls.voicemail) == WORDS
    assert reaches(person, calls.answered) == set()


@pytest.mark.parametrize(
    "values",
    [
        {"status": "open"},
        {"status": "claimed", "claim_expires_at": DAY + timedelta(days=9000)},
        {"status": "dismissed", "resolved_at": DAY, "outcome_note": "A supplier"},
        {"status": "rescued", "resolved_at": DAY, "rescued_by": "human"},
    ],
    ids=["open", "claimed by a colleague", "dismissed", "rescued"],
)
def test_claims_and_results_change_nothing(
    calls: Calls,
    reaches: Reaches,
    make: Factories,
    organization: Organization,
    admin_engine: Engine,
    colleague: User,
    values: dict[str, Any],
) -> None:
    claimed = {"claimed_by": colleague.id} if values.get("status") == "claimed" else {}
    with admin_engine.begin() as connection:
        connection.execute(
            update(MissedCallEntry).where(MissedCallEntry.id == calls.entry.id).values(**values, **claimed)
        )

    assert reaches(make.user(organization, Role.CSR), calls.voicemail) == WORDS


def test_a_csrs_own_calls_are_open_as_before(
    reaches: Reaches, make: Factories, organization: Organization, csr: User
) -> None:
    call = make.call(organization, csr=csr)
    make.transcript(call)

    assert reaches(csr, call) == {"call", "notes", "transcript"}


def test_nothing_is_left_of_a_call_that_was_deleted(
    calls: Calls, reaches: Reaches, make: Factories, organization: Organization, admin_engine: Engine
) -> None:
    with admin_engine.begin() as connection:
        connection.execute(delete(CallTranscript).where(CallTranscript.call_id == calls.voicemail.id))
        connection.execute(delete(CallAnalysis).where(CallAnalysis.call_id == calls.voicemail.id))
        connection.execute(delete(Call).where(Call.id == calls.voicemail.id))
    person = make.user(organization, Role.CSR)

    assert reaches(person, calls.voicemail) == set()
    assert reaches(person, calls.opening) == WORDS


def test_a_call_that_was_answered_after_all_is_closed(
    calls: Calls, reaches: Reaches, make: Factories, organization: Organization, admin_engine: Engine
) -> None:
    with admin_engine.begin() as connection:
        connection.execute(update(Call).where(Call.id == calls.opening.id).values(status="completed"))

    assert reaches(make.user(organization, Role.CSR), calls.opening) == set()


def test_a_play_is_recorded_like_any_other(
    app: Flask, calls: Calls, make: Factories, organization: Organization, trail: Trail
) -> None:
    person = make.user(organization, Role.CSR)
    browser = Client(app).sign_in(person)
    for part in ("bytes=0-", "bytes=100-"):
        browser.get(f"/calls/{calls.voicemail.id}/audio", headers={"Range": part}, status=206, buffered=True)
    browser.get(f"/calls/{calls.answered.id}/audio", status=404)

    (play,) = trail("recording.played")
    assert (play.resource_type, play.resource_id, play.user_id) == ("call", calls.voicemail.id, person.id)


@pytest.mark.parametrize(
    ("permissions", "call", "status"),
    [
        (["missed_calls:read"], "voicemail", 200),
        (["missed_calls:read"], "answered", 404),
        (["missed_calls:read"], "foreign", 404),
        (["calls:read"], "voicemail", 200),
        (["calls:read"], "answered", 200),
        (["contacts:read"], "voicemail", 403),
    ],
)
def test_a_key_reads_as_its_permissions_say(
    app: Flask, calls: Calls, make: Factories, manager: User, permissions: list[str], call: str, status: int
) -> None:
    _key, token = make_key(make, manager, *permissions)
    program = ApiClient(app)
    for part in ("audio", "transcript"):
        address = f"/calls/{getattr(calls, call).id}/{part}"
        assert program.get(address, headers=bearer(token), buffered=True).status_code == status
