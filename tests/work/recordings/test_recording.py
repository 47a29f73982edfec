"""Recording of an appointment: consent, upload in parts over a bad connection, and no duplicates."""

import io
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from threading import Thread
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask

from app.db.context import Context
from app.db.session import organization_scope
from app.directory import Directory
from app.extensions import db
from app.models import (
    AuditLog,
    Call,
    Job,
    Notification,
    Organization,
    OrganizationUsage,
    RecordingPart,
    RecordingSession,
    Role,
    User,
)
from app.sound import HEAD_BYTES
from app.sound_reading import read_sound
from app.storage import storage
from app.work.recordings.abandoned_service import end_abandoned
from app.work.recordings.ready_service import make_ready_to_hear
from tests.support.client import Client
from tests.support.direct_access import Behind
from tests.support.factories import Factories
from tests.support.pages import Page, text_of
from tests.support.sounds import sound, wav
from tests.work.recordings.conftest import JSON, Phone

PIECE = 100_000
#: The header of a webm file, with nothing behind it.
BROKEN = b"\x1a\x45\xdf\xa3" + b"x" * 500


def pieces(content: bytes, size: int = PIECE) -> list[bytes]:
    return [content[start : start + size] for start in range(0, len(content), size)]


def the_recording(behind: Behind, address: str) -> RecordingSession:
    return behind.one(RecordingSession, id=UUID(address.rsplit("/", 1)[1]))


def phase(page: Page) -> str:
    """Return the status among the facts of a recording that hasn't ended."""
    [words] = [words for words in page.all(".//dl//*[@data-phase]") if "hidden" not in words.attrib]
    return text_of(words)


def test_an_hour_over_a_connection_that_drops_arrives_whole_and_once(phone: Phone, behind: Behind) -> None:
    content = wav(3600)
    sent = pieces(content, 400_000)
    address = phone.begin()

    for number, piece in enumerate(sent, 1):
        if number % 15 == 1:  # the piece is truncated on its way, or the response is lost
            phone.part(address, number, piece[:-1], digest=sha256(piece).hexdigest(), status=400)
        phone.part(address, number, piece)
        if number % 2:
            phone.part(address, number, piece)
    assert phone.client.get(f"{address}/parts").json["parts"] == list(range(1, len(sent) + 1))
    phone.finish(address, len(sent))
    phone.finish(address, len(sent))
    phone.work()

    row = the_recording(behind, address)
    assert (row.status, row.duration_seconds, row.content_type) == ("ready", 3600, "audio/wav")
    assert phone.files() == [row.storage_key]
    assert sha256(phone.file(row.storage_key or "")).digest() == sha256(content).digest()
    call = behind.one(Call)
    assert (call.id, call.call_type, call.duration_seconds) == (row.call_id, "visit_call", 3600)
    assert (call.assigned_rep_id, call.contact_card_id) == (row.sales_rep_id, phone.visit.contact_card_id)
    heard = phone.client.get(
        f"/calls/{call.id}/audio", headers={"Range": "bytes=9000000-9000099"}, status=206, buffered=True
    )
    assert heard.response.get_data() == content[9_000_000:9_000_100]
    page = phone.client.get(address)
    assert "Recording: Ruth Delgado" in page.html
    facts = dict(zip(map(text_of, page.all(".//dt")), map(text_of, page.all(".//dd")), strict=True))
    assert facts["Length"] == "1:00:00"


def test_its_page_says_whether_sound_is_arriving(
    app: Flask, phone: Phone, make: Factories, organization: Organization, behind: Behind
) -> None:
    executive = Client(app).sign_in(make.user(organization, Role.EXEC))
    address = phone.begin()

    assert phase(executive.get(address)) == "No audio received yet"

    phone.part(address, 1, wav(10))
    assert phase(executive.get(address)) == "Recording"

    part = behind.one(RecordingPart)
    behind.change(part, received_at=part.received_at - timedelta(minutes=2))
    assert phase(executive.get(address)).startswith("No audio since ")


def test_what_a_browser_records_has_a_length_once_it_is_here(phone: Phone, behind: Behind) -> None:
    address = phone.begin()
    phone.send(address, pieces(sound(".webm", seconds=3), 7_000))
    assert "The recording is being prepared" in phone.client.get(address).text
    phone.work()

    row = the_recording(behind, address)
    assert (row.status, row.duration_seconds, row.content_type) == ("ready", 3, "audio/webm")
    assert len(row.loudness or b"") == 30
    page = phone.client.get(address)
    assert len(page.all(".//svg[@class='loudness']/rect")) == 30
    assert page.links["Transcript and analysis"] == f"/calls/{row.call_id}"


def test_nothing_is_recorded_of_whoever_says_no(phone: Phone, behind: Behind) -> None:
    address = phone.begin("refused")

    row = the_recording(behind, address)
    assert (row.consent, row.storage_key, row.duration_seconds) == ("refused", None, 0)
    phone.part(address, 1, wav(1), status=409)
    phone.finish(address, 1)
    assert phone.files() == []
    assert "declined to be recorded" in phone.client.get(address).text
    assert phone.begin("given").startswith("/recordings/")


def test_the_question_has_to_be_answered(phone: Phone, behind: Behind) -> None:
    page = phone.client.post(
        f"/appointments/{phone.visit.id}/recordings/new", {"row_id": str(uuid4()), "consent": ""}, status=400
    )

    assert "Ask the customer" in page.text
    assert behind.rows(RecordingSession) == []


def test_one_that_began_without_a_connection_began_when_the_phone_says(phone: Phone, behind: Behind) -> None:
    happened = (phone.visit.scheduled_start_at + timedelta(minutes=5)).astimezone(UTC)
    form = {"row_id": str(uuid4()), "consent": "given", "occurred_at": happened.isoformat()}
    address = phone.client.post(f"/appointments/{phone.visit.id}/recordings/new", form).headers["Location"]
    phone.part(address, 1, sound(".webm", seconds=3))
    phone.finish(address, 1, ended_at=(happened + timedelta(seconds=3)).isoformat())

    row = the_recording(behind, address)
    assert (row.started_at, row.ended_at) == (happened, happened + timedelta(seconds=3))
    entry = behind.one(AuditLog, resource_id=row.id, action="recording_session.created")
    assert entry.details["occurredAt"] == happened.isoformat(timespec="seconds")
    assert entry.created_at > happened


@pytest.mark.parametrize(
    ("off", "words"),
    [
        (timedelta(days=-2), "the time it reported is too early"),
        (timedelta(days=36_500), "the time it reported is in the future"),
    ],
)
def test_it_did_not_begin_before_its_day_and_not_later_than_now(
    phone: Phone, behind: Behind, off: timedelta, words: str
) -> None:
    happened = phone.visit.scheduled_start_at + off
    form = {"row_id": str(uuid4()), "consent": "given", "occurred_at": happened.isoformat()}
    page = phone.client.post(f"/appointments/{phone.visit.id}/recordings/new", form, status=400)

    assert words in page.text
    assert behind.rows(RecordingSession) == []


def test_an_answer_that_is_sent_twice_begins_once(phone: Phone, behind: Behind) -> None:
    form = {"row_id": str(uuid4()), "consent": "given"}
    first = phone.client.post(f"/appointments/{phone.visit.id}/recordings/new", form)
    second = phone.client.post(f"/appointments/{phone.visit.id}/recordings/new", form)

    assert first.headers["Location"] == second.headers["Location"]
    assert len(behind.rows(RecordingSession)) == 1


def test_who_records_already_ends_that_first(phone: Phone) -> None:
    address = phone.begin()

    page = phone.client.post(
        f"/appointments/{phone.visit.id}/recordings/new", {"row_id": str(uuid4()), "consent": "given"}, status=409
    )
    assert "already recording" in page.text
    assert page.links["Continue recording"] == address
    phone.client.post(f"{address}/discard")
    assert phone.begin() != address


def test_the_refusal_names_the_recording_that_has_not_ended(phone: Phone) -> None:
    address = phone.begin()

    refused = phone.client.post(
        f"/appointments/{phone.visit.id}/recordings/new",
        {"row_id": str(uuid4()), "consent": "given"},
        status=409,
        headers={"Accept": "application/json"},
    )
    assert f"/recordings/{refused.json['error']['recordingId']}" == address


def test_parts_may_come_in_any_order_and_all_of_them_must(phone: Phone, behind: Behind) -> None:
    content = wav(2)
    sent = pieces(content, 6_000)
    address = phone.begin()
    for number in (3, 1):
        phone.part(address, number, sent[number - 1])

    refused = phone.finish(address, 3, status=409)
    assert refused.json["error"]["message"].startswith("1 part hasn’t been uploaded yet.")
    phone.part(address, 2, sent[1])
    phone.finish(address, 3)
    phone.work()

    assert phone.file(the_recording(behind, address).storage_key or "") == content


def test_a_number_stands_for_one_part(phone: Phone, behind: Behind) -> None:
    address = phone.begin()
    phone.part(address, 1, wav(1))

    assert "A different version of this part" in phone.part(address, 1, wav(2), status=409).json["error"]["message"]
    assert behind.one(RecordingPart).sha256 == sha256(wav(1)).digest()


@pytest.mark.parametrize(
    "values",
    [
        {"number": "0"},
        {"number": "10001"},
        {"number": "x"},
        {"sha256": "A" * 64},
        {"sha256": "a" * 63},
        {"sha256": ""},
        {"part": (io.BytesIO(b""), "part")},
    ],
)
def test_a_part_that_is_none_is_refused(phone: Phone, behind: Behind, values: dict[str, Any]) -> None:
    address = phone.begin()
    form = {"number": "1", "sha256": sha256(b"x").hexdigest(), "part": (io.BytesIO(b"x"), "part"), **values}

    phone.client.post(f"{address}/parts", form, headers=JSON, status=400)

    assert behind.rows(RecordingPart) == []
    assert phone.files() == []


def test_more_than_a_recording_may_have_is_refused(phone: Phone, make: Factories, behind: Behind) -> None:
    address = phone.begin()
    make.recording_part(the_recording(behind, address), number=1, bytes=200 * 1024 * 1024 - 3)

    phone.part(address, 2, b"four", status=413)
    phone.part(address, 2, b"3!!")


def test_the_end_is_when_the_phone_says_within_what_can_be(phone: Phone, behind: Behind) -> None:
    ahead, before = datetime.now(UTC) + timedelta(days=1), datetime.now(UTC) - timedelta(days=1)
    for moment in (ahead, before):
        address = phone.begin()
        phone.part(address, 1, wav(1))
        phone.finish(address, 1, ended_at=moment.isoformat())
        row = the_recording(behind, address)
        assert row.ended_at is not None
        assert row.started_at < row.ended_at <= datetime.now(UTC)
    address = phone.begin()
    phone.part(address, 1, wav(1))
    for text in ("yesterday", "2026-03-02T10:00:00"):
        phone.finish(address, 1, ended_at=text, status=400)


@pytest.mark.parametrize("content", [b"<svg onload='alert(1)'/>", b"#EXTM3U\nhttp://example.com", b"RIFF\0\0\0\0AVI "])
def test_a_first_part_that_is_no_sound_is_refused(phone: Phone, behind: Behind, content: bytes) -> None:
    address = phone.begin()

    error = phone.part(address, 1, content, status=422).json["error"]

    assert (error["code"], error["message"]) == (
        "UNSUPPORTED_AUDIO",
        "This device records in a format we can’t play. Upload a file instead.",
    )
    assert behind.rows(RecordingPart) == []
    assert phone.files() == []
    phone.client.post(f"{address}/file", {"file": (io.BytesIO(wav(1)), "a.wav")})


@pytest.mark.parametrize("suffix", [".webm", ".m4a", ".ogg"])
def test_what_phones_record_is_known_by_its_first_part(phone: Phone, suffix: str) -> None:
    phone.part(phone.begin(), 1, sound(suffix)[:HEAD_BYTES])


def test_a_part_without_a_byte_is_sent_again_and_leaves_nothing(phone: Phone, behind: Behind) -> None:
    address = phone.begin()
    phone.part(address, 1, wav(2))

    refused = phone.part(address, 2, b"", status=400)

    assert "damaged in transit" in refused.json["error"]["message"]
    assert [part.number for part in behind.rows(RecordingPart)] == [1]
    phone.part(address, 2, b"more")
    assert [part.number for part in behind.rows(RecordingPart)] == [1, 2]


def test_a_first_part_that_was_damaged_on_its_way_is_sent_again(phone: Phone) -> None:
    address, content = phone.begin(), wav(1)

    phone.part(address, 1, b"\0" + content[1:], digest=sha256(content).hexdigest(), status=400)
    phone.part(address, 1, content)


def test_what_cannot_be_played_is_kept_and_said(phone: Phone, behind: Behind, rep: User) -> None:
    address, content = phone.begin(), BROKEN
    phone.send(address, [content])
    phone.work()

    row = the_recording(behind, address)
    assert (row.status, row.failure, row.call_id) == ("failed", "damaged", None)
    assert behind.one(Job, name="recordings.make_ready").tries == 1
    page = phone.client.get(address)
    assert "The file is damaged, and no audio could be recovered." in page.text
    assert "The file is damaged" in behind.one(Notification, user_id=rep.id).text
    kept = phone.client.get(page.links["Download file"], buffered=True)
    assert kept.response.get_data() == content
    assert kept.headers["Content-Disposition"].startswith("attachment")
    assert behind.one(AuditLog, resource_id=row.id, action="recording.downloaded").actor_label == rep.name


def test_one_that_can_be_played_is_not_downloaded_that_way(phone: Phone) -> None:
    address = phone.begin()
    phone.send(address, [wav(1)])
    phone.work()

    assert phone.client.status_of("GET", f"{address}/file") == 404


def test_a_job_that_was_stopped_begins_again_and_makes_one_call(
    app: Flask, phone: Phone, behind: Behind, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = phone.begin()
    phone.send(address, [wav(1)])
    row = the_recording(behind, address)

    def killed(*_arguments: object, **_options: object) -> None:
        raise KeyboardInterrupt

    with app.app_context(), organization_scope(Context(organization_id=row.organization_id), db.session):
        monkeypatch.setattr("app.work.recordings.ready_service.read_sound", killed)
        with pytest.raises(KeyboardInterrupt):
            make_ready_to_hear(row.id)
        db.session.rollback()
    monkeypatch.undo()
    assert the_recording(behind, address).status == "processing"
    phone.work()

    assert the_recording(behind, address).status == "ready"
    assert len(behind.rows(Call)) == 1


def test_no_transaction_is_open_while_it_is_heard(
    app: Flask, phone: Phone, behind: Behind, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = phone.begin()
    phone.send(address, [wav(1)])
    row = the_recording(behind, address)

    def looked_at(*arguments: Any, **options: Any) -> Any:
        assert not db.session().in_transaction()
        return read_sound(*arguments, **options)

    monkeypatch.setattr("app.work.recordings.ready_service.read_sound", looked_at)
    phone.work()

    assert the_recording(behind, address).status == "ready"
    assert row.status == "uploaded"


def test_recordings_of_one_organization_are_prepared_one_by_one(phone: Phone, behind: Behind) -> None:
    for _ in range(2):
        phone.send(phone.begin(), [wav(1)])

    assert {job.one_by_one for job in behind.rows(Job, name="recordings.make_ready")} == {
        f"recordings.make_ready {phone.visit.organization_id}"
    }


def test_a_file_from_elsewhere_needs_no_script(phone: Phone, behind: Behind) -> None:
    address, content = phone.begin(), sound(".m4a", seconds=4)
    page = phone.client.get(address)
    form = page.one(".//form[@enctype]")
    assert form.get("action") == f"{address}/file"

    phone.client.post(f"{address}/file", {"file": (io.BytesIO(content), "visit.svg")})
    phone.client.post(f"{address}/file", {"file": (io.BytesIO(content), "visit.svg")})
    phone.work()

    row = the_recording(behind, address)
    assert (row.status, row.duration_seconds, row.content_type) == ("ready", 4, "audio/mp4")
    assert row.ended_at is not None
    assert row.ended_at - row.started_at >= timedelta(seconds=4)
    assert len(behind.rows(Call)) == 1


@pytest.mark.parametrize("content", [b"", b"#EXTM3U\nhttp://example.com", b"<html><script>alert(1)</script>"])
def test_a_file_that_is_no_sound_is_refused_beside_its_field(phone: Phone, behind: Behind, content: bytes) -> None:
    address = phone.begin()

    page = phone.client.post(f"{address}/file", {"file": (io.BytesIO(content), "a.mp3")}, status=400)

    assert "This audio format isn’t supported" in page.text
    assert the_recording(behind, address).status == "recording"
    assert phone.files() == []


def test_a_full_disk_is_said_before_and_loses_nothing(
    phone: Phone, behind: Behind, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr("app.directory._RESERVE_BYTES", 2**60)
        page = phone.client.post(
            f"/appointments/{phone.visit.id}/recordings/new", {"row_id": str(uuid4()), "consent": "given"}, status=503
        )
    assert "storage is full" in page.text.lower()
    assert behind.rows(RecordingSession) == []

    address = phone.begin()
    phone.part(address, 1, wav(1)[:4000])
    with monkeypatch.context() as patched:
        patched.setattr("app.directory.copied", _no_space)
        phone.part(address, 2, wav(1)[4000:], status=503)
    phone.part(address, 2, wav(1)[4000:])
    phone.finish(address, 2)
    phone.work()
    assert the_recording(behind, address).status == "ready"


def _no_space(chunks: Iterator[bytes], target: Any, _most: int | None) -> None:
    target.write(next(iter(chunks)))
    raise OSError(28, "No space left on device")


def test_a_quota_is_said_before(app: Flask, client: Client, make: Factories, behind: Behind) -> None:
    organization = make.organization(storage_quota_bytes=1024 * 1024)
    rep = make.user(organization, Role.SALES_REP)
    phone = Phone(app, client.sign_in(rep), make.appointment(organization, sales_rep_id=rep.id))

    page = phone.client.post(
        f"/appointments/{phone.visit.id}/recordings/new", {"row_id": str(uuid4()), "consent": "given"}, status=422
    )

    assert "exceeds the storage left" in page.text
    assert behind.rows(RecordingSession) == []
    assert phone.begin("refused").startswith("/recordings/")


def test_what_was_recorded_counts_as_used(phone: Phone, behind: Behind, organization: Organization) -> None:
    address, content = phone.begin(), wav(2)
    phone.send(address, pieces(content, 5_000))
    phone.finish(address, 4)

    assert behind.one(OrganizationUsage, organization_id=organization.id).used_storage_bytes == len(content)


def test_of_two_who_send_the_same_part_at_once_both_are_answered_and_one_is_kept(
    app: Flask, phone: Phone, rep: User, behind: Behind
) -> None:
    address, content = phone.begin(), wav(1)
    others = [Phone(app, Client(app).sign_in(rep), phone.visit) for _number in range(4)]
    threads = [Thread(target=other.part, args=(address, 1, content)) for other in others]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)

    assert behind.one(RecordingPart).bytes == len(content)
    phone.finish(address, 1)
    phone.work()
    assert phone.file(the_recording(behind, address).storage_key or "") == content


def test_a_job_that_comes_twice_makes_one_call(app: Flask, phone: Phone, behind: Behind) -> None:
    address = phone.begin()
    phone.send(address, [wav(1)])
    phone.work()
    row = the_recording(behind, address)
    with app.app_context(), organization_scope(Context(organization_id=row.organization_id), db.session):
        make_ready_to_hear(row.id)
        db.session.commit()

    assert len(behind.rows(Call)) == 1


def test_what_nobody_ends_is_ended_with_what_there_is(
    app: Flask, phone: Phone, behind: Behind, make: Factories
) -> None:
    content = wav(2)
    sent = pieces(content, 4_000)
    address = phone.begin()
    for number in (1, 2):
        phone.part(address, number, sent[number - 1])
    row = the_recording(behind, address)

    def clean_up(now: datetime) -> None:
        with app.app_context(), organization_scope(Context(organization_id=row.organization_id), db.session):
            end_abandoned(now)
            db.session.commit()

    clean_up(datetime.now(UTC) + timedelta(days=6))
    assert the_recording(behind, address).status == "recording"
    clean_up(datetime.now(UTC) + timedelta(days=8))
    phone.work()

    row = the_recording(behind, address)
    assert row.status == "ready"
    assert phone.file(row.storage_key or "") == content[:8_000]
    assert phone.files() == [row.storage_key]


@pytest.mark.parametrize("role", [Role.CSR, Role.SUPPORT, Role.SALES_REP])
def test_nobody_else_adds_to_it_or_sees_it(
    app: Flask, phone: Phone, make: Factories, organization: Organization, role: Role
) -> None:
    address = phone.begin()
    stranger = Phone(app, Client(app).sign_in(make.user(organization, role)), phone.visit)
    hidden = 404 if role is Role.SALES_REP else 403

    assert stranger.client.status_of("GET", address) == hidden
    assert stranger.client.status_of("GET", f"{address}/parts") == hidden
    stranger.part(address, 1, b"x", status=hidden)
    stranger.finish(address, 1, status=hidden)
    for action in ("discard", "file"):
        assert stranger.client.status_of("POST", f"{address}/{action}") == hidden or role is Role.SALES_REP
    assert stranger.begin(status=hidden) == ""


def test_another_organization_finds_nothing(app: Flask, phone: Phone, make: Factories) -> None:
    address = phone.begin()
    elsewhere = make.organization()
    stranger = Phone(app, Client(app).sign_in(make.user(elsewhere, Role.OWNER)), phone.visit)

    stranger.part(address, 1, b"x", status=404)
    stranger.finish(address, 1, status=404)
    assert stranger.client.status_of("GET", address) == 404


def test_a_visit_that_is_called_off_is_not_recorded(phone: Phone, behind: Behind) -> None:
    behind.change(phone.visit, status="cancelled", cancelled_reason="Moved away")

    page = phone.client.post(
        f"/appointments/{phone.visit.id}/recordings/new", {"row_id": str(uuid4()), "consent": "given"}, status=409
    )

    assert "isn’t taking place" in page.text
    assert "Record" not in phone.client.get(f"/appointments/{phone.visit.id}").links


def test_a_manager_records_for_whoever_goes(
    app: Flask, phone: Phone, make: Factories, organization: Organization, rep: User, behind: Behind
) -> None:
    manager = Phone(app, Client(app).sign_in(make.user(organization, Role.MANAGER)), phone.visit)
    address = manager.begin()

    assert the_recording(behind, address).sales_rep_id == rep.id
    assert phone.client.get(address).status == 200


def test_an_admin_deletes_and_restores_it_and_purging_takes_the_file(
    app: Flask, phone: Phone, make: Factories, organization: Organization, behind: Behind
) -> None:
    address = phone.begin()
    phone.send(address, [wav(1)])
    phone.work()
    row = the_recording(behind, address)
    admin = Client(app).sign_in(make.user(organization, Role.ADMIN))
    admin.post(f"{address}/delete", {"version": str(row.version)})

    assert admin.status_of("GET", address) == 404
    assert phone.client.status_of("GET", f"/calls/{row.call_id}/audio") == 404
    assert phone.files() == [row.storage_key]


def test_an_hour_needs_no_more_memory_than_a_minute(
    app: Flask, phone: Phone, make: Factories, behind: Behind, monkeypatch: pytest.MonkeyPatch
) -> None:
    address, content = phone.begin(), wav(600)
    row = the_recording(behind, address)
    with app.app_context():
        storage().save(f"{row.storage_key}.1", io.BytesIO(content), max_bytes=len(content))
    make.recording_part(row, number=1, bytes=len(content))
    largest, write = 0, Directory.write

    def measured(self: Directory, key: str, chunks: Any, **options: Any) -> Any:
        def each() -> Iterator[bytes]:
            nonlocal largest
            for chunk in chunks:
                largest = max(largest, len(chunk))
                yield chunk

        return write(self, key, each(), **options)

    monkeypatch.setattr(Directory, "write", measured)
    phone.finish(address, 1)
    phone.work()

    assert the_recording(behind, address).duration_seconds == 600
    assert 0 < largest <= 1024 * 1024
