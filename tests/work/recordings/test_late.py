"""Recordings whose preparation takes long or is given up: people are notified, and no recording is forgotten."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import Engine, text

from app.models import Job, Notification, Organization, RecordingSession, Role, User
from app.work.recordings.jobs import make_ready, prepare_late_recordings
from tests.support.client import Client
from tests.support.direct_access import Behind
from tests.support.factories import Factories
from tests.support.sounds import wav
from tests.support.work import at_work
from tests.work.recordings.conftest import Phone

LATE = "A recording is taking over an hour to prepare."
READY = "A delayed recording is ready to play."


@pytest.fixture
def admin(make: Factories, organization: Organization) -> User:
    return make.user(organization, Role.ADMIN)


@pytest.fixture
def full(monkeypatch: pytest.MonkeyPatch) -> Callable[[bool], None]:
    """Function that fills the disk, or makes room again."""

    def fill(is_full: bool) -> None:
        monkeypatch.setattr("app.directory.copied", _no_space) if is_full else monkeypatch.undo()

    return fill


def _no_space(chunks: Iterator[bytes], target: Any, _most: int | None) -> None:
    target.write(next(iter(chunks)))
    raise OSError(28, "No space left on device")


def the_recording(behind: Behind, address: str) -> RecordingSession:
    return behind.one(RecordingSession, id=UUID(address.rsplit("/", 1)[1]))


def pass_an_hour(behind: Behind, address: str) -> None:
    row = the_recording(behind, address)
    behind.change(row, updated_at=datetime.now(UTC) - timedelta(minutes=61))


def look_after(phone: Phone) -> None:
    with at_work(phone.app, phone.visit.organization_id):
        prepare_late_recordings.run()


def make_due(admin_engine: Engine) -> None:
    with admin_engine.begin() as connection:
        connection.execute(text("UPDATE procrastinate_jobs SET scheduled_at = now()"))


def told(behind: Behind, *people: User) -> list[list[str]]:
    return [[one.text for one in behind.rows(Notification, user_id=person.id)] for person in people]


def test_one_that_waits_for_storage_is_told_of_and_made_ready_with_the_others(
    phone: Phone, behind: Behind, rep: User, admin: User, full: Callable[[bool], None], admin_engine: Engine
) -> None:
    first, second = phone.begin("not_needed"), ""
    phone.send(first, [wav(2)[:8_000], wav(2)[8_000:]])
    full(True)
    phone.work()
    waiting = behind.one(Job, name=make_ready.name)
    assert (waiting.status, waiting.storage_failures) == ("waiting", 1)
    pass_an_hour(behind, first)
    look_after(phone)
    look_after(phone)

    assert the_recording(behind, first).status == "processing"
    assert [len(texts) for texts in told(behind, rep, admin)] == [1, 1]
    assert all(LATE in texts[0] for texts in told(behind, rep, admin))
    assert "is taking longer than usual" in phone.client.get(first).text
    assert len(behind.rows(Job, name=make_ready.name)) == 1

    full(False)
    second = phone.begin("not_needed")
    phone.send(second, [wav(1)])
    phone.work()
    assert [the_recording(behind, one).status for one in (first, second)] == ["processing", "ready"]

    make_due(admin_engine)
    phone.work()
    assert the_recording(behind, first).status == "ready"
    assert phone.file(the_recording(behind, first).storage_key or "") == wav(2)
    assert told(behind, rep, admin) == [[READY], [READY]]


def test_one_without_a_job_is_picked_up_after_an_hour(phone: Phone, behind: Behind, admin_engine: Engine) -> None:
    def due() -> list[UUID]:
        with admin_engine.connect() as connection:
            return list(connection.scalars(text("SELECT organizations_with_late_recordings()")))

    address = phone.begin()
    phone.send(address, [wav(1)])
    behind.change(behind.one(Job), status="failed", finished_at=datetime.now(UTC))
    with admin_engine.begin() as connection:
        connection.execute(text("DELETE FROM procrastinate_jobs"))
    look_after(phone)
    assert (due(), len(behind.rows(Job))) == ([], 1)

    pass_an_hour(behind, address)
    assert due() == [phone.visit.organization_id]
    look_after(phone)
    phone.work()
    assert the_recording(behind, address).status == "ready"


def test_one_that_is_given_up_says_so_and_can_be_retried(
    app: Flask, phone: Phone, behind: Behind, rep: User, admin: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_recording_id: UUID) -> None:
        raise AssertionError

    address = phone.begin()
    phone.send(address, [wav(1)])
    with monkeypatch.context() as patched:
        patched.setattr("app.work.recordings.ready_service.make_ready_to_hear", broken)
        phone.work()

    row = the_recording(behind, address)
    assert (row.status, row.failure) == ("failed", "not_prepared")
    assert [["couldn’t be prepared" in one for one in texts] for texts in told(behind, rep, admin)] == [[True], [True]]
    page = phone.client.get(address)
    assert "couldn’t be prepared" in page.text
    assert "Download file" not in page.links
    assert phone.client.status_of("GET", f"{address}/file") == 404
    assert len(phone.files()) == 1

    job = behind.one(Job, name=make_ready.name)
    Client(app).sign_in(admin).post(f"/jobs/{job.id}/retry")
    phone.work()
    assert the_recording(behind, address).status == "ready"
