"""Erasures that coincide with other work: files that are being created, and a new legal hold."""

import threading
from collections.abc import Callable
from typing import Any
from uuid import UUID

import psycopg
import pytest
from flask import Flask
from sqlalchemy import Engine, text

from app.data.exports.run_service import make_file
from app.db.session import jobs_role
from app.directory import Directory
from app.models import Organization, User
from app.storage import storage
from app.trust.privacy import erase_service, jobs
from app.trust.privacy.file_service import find_files
from app.trust.privacy.person_file_service import write_person
from tests.support.client import Client
from tests.support.database import WorkerDatabase
from tests.support.factories import Factories
from tests.support.locks import wait_for_a_lock
from tests.support.work import at_work
from tests.trust.privacy.conftest import EMAIL, Erasures, LookEverywhere, Person, Work, ask_to_erase

Hold = Callable[[], None]


@pytest.fixture
def hold(admin_engine: Engine) -> Hold:
    def run() -> None:
        with admin_engine.begin() as connection:
            connection.execute(text("UPDATE organizations SET legal_hold = true, legal_hold_reason = 'Lawsuit 7'"))

    return run


@pytest.fixture
def statuses(admin_engine: Engine) -> Callable[[], list[str]]:
    """Function that returns the statuses of all exports."""

    def read() -> list[str]:
        with admin_engine.connect() as connection:
            return list(connection.scalars(text("SELECT status FROM exports ORDER BY id")))

    return read


def beside(work: Callable[[], object], app: Flask, organization: Organization) -> threading.Thread:
    """Start `work` in a thread, as another worker would."""

    def run() -> None:
        with jobs_role(), at_work(app, organization.id):
            work()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


def ask_for_a_file(client: Client, card_id: UUID) -> None:
    address = f"/privacy/{card_id}/export"
    client.post(address, client.get(f"/privacy/{card_id}").fields(address))


def test_a_file_that_was_begun_before_is_not_kept(
    app: Flask,
    client: Client,
    organization: Organization,
    admin: User,
    person: Person,
    erasures: Erasures,
    work: Work,
    statuses: Callable[[], list[str]],
    look_everywhere: LookEverywhere,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ask_for_a_file(client.sign_in(admin), person.card.id)
    ask_to_erase(client, person.card.id)
    (erasure,) = erasures()

    def write(*what: Any) -> object:
        made = write_person(*what)
        beside(lambda: jobs.erase_person.run(erasure_id=str(erasure.id)), app, organization).join(timeout=20)
        return made

    monkeypatch.setattr(jobs, "write_person", write)
    work()

    assert [one.status for one in erasures()] == ["completed"]
    assert statuses() == ["failed", "removed"], "one failed long ago"
    assert [place for place in look_everywhere(EMAIL) if "/exports/" in place] == []
    with app.app_context():
        assert not [key for key in storage().list_keys(organization.id) if "/exports/" in key]


def test_a_file_that_is_done_meanwhile_goes_too(
    client: Client,
    make: Factories,
    admin: User,
    person: Person,
    work: Work,
    statuses: Callable[[], list[str]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    find = find_files

    def then_one_is_done(*where: Any) -> object:
        found = find(*where)
        make.export_of_calls(admin)
        return found

    monkeypatch.setattr(erase_service, "find_files", then_one_is_done)
    ask_to_erase(client.sign_in(admin), person.card.id)
    work()

    assert statuses() == ["failed", "removed"]


def test_no_file_is_begun_until_an_erasure_is_committed(
    app: Flask,
    database: WorkerDatabase,
    make: Factories,
    organization: Organization,
    admin: User,
    statuses: Callable[[], list[str]],
) -> None:
    erasure = make.erasure(admin, status="running", erased_at=None, finished_at=None)
    export = make.export_of_calls(admin, status="queued", file_path=None, finished_at=None, expires_at=None)

    def never(*_what: Any) -> Any:
        raise AssertionError("it was ended before it began")

    with psycopg.connect(database.url("app_owner")) as connection:
        connection.execute("SELECT set_config('app.organization_id', %s, true)", [str(organization.id)])
        held = connection.execute("SELECT FROM erasures WHERE id = %s FOR UPDATE", [erasure.id])
        assert held.rowcount == 1
        waiting = beside(lambda: make_file(export.id, never), app, organization)
        wait_for_a_lock(database)
        assert statuses() == ["queued"]
        connection.execute("UPDATE exports SET status = 'removed', finished_at = now() WHERE id = %s", [export.id])
    waiting.join(timeout=10)

    assert statuses() == ["removed"]


def test_a_hold_that_comes_at_the_last_moment_keeps_everything(
    client: Client,
    admin: User,
    person: Person,
    erasures: Erasures,
    work: Work,
    hold: Hold,
    look_everywhere: LookEverywhere,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(erase_service, "_erase_trail", lambda *_what: hold())
    ask_to_erase(client.sign_in(admin), person.card.id)
    work()

    assert [one.status for one in erasures()] == ["failed"]
    assert "contact_cards" in look_everywhere(EMAIL)


def test_a_hold_keeps_the_files_that_are_left(
    app: Flask,
    client: Client,
    admin: User,
    person: Person,
    erasures: Erasures,
    work: Work,
    hold: Hold,
    admin_engine: Engine,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def no_disk(*_what: object) -> None:
        raise OSError("the disk is away")

    with monkeypatch.context() as broken:
        broken.setattr(Directory, "delete", no_disk)
        ask_to_erase(client.sign_in(admin), person.card.id)
        work()
    hold()
    with admin_engine.begin() as connection:  # skips the delay before the retry
        connection.execute(text("UPDATE procrastinate_jobs SET scheduled_at = now() WHERE status = 'todo'"))
    work()

    (erasure,) = erasures()
    assert (erasure.status, person.audio in erasure.files) == ("failed", True)
    assert "Lawsuit 7" in (erasure.failure or "")
    with app.app_context():
        assert person.audio in set(storage().list_keys())
