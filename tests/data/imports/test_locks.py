"""An uncommitted batch of an import blocks no one else in the organization."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import fields
from datetime import UTC, datetime
from time import sleep
from typing import Any

import psycopg
import pytest
from flask import Flask
from sqlalchemy import text

from app.data.imports import load_service
from app.data.imports.staging_service import keep_wrong
from app.db.ids import uuid7
from app.extensions import db
from app.models import Call, CallStatus, CallType, ContactCard, Direction, Import, Role, User
from app.security.actor import Actor
from app.work.contacts.rules import ContactDetails
from app.work.contacts.service import create_contact
from tests.support.database import WorkerDatabase
from tests.support.import_files import WriteFile, lines
from tests.support.import_pages import ImportPages
from tests.support.importing import Importer
from tests.support.work import at_work

CALLS = "external_id,started_at,answered,agent,topic,caller_number"
DEALS = "opportunity_id,sales_agent,product,account,deal_stage,engage_date,close_date,close_value"

Work = Callable[[], object]


class Meanwhile:
    """Work of others during the first batch of an import, and whether any of it waits for the import."""

    def __init__(self, database: WorkerDatabase, importer: Importer, *works: Work) -> None:
        self._database, self._importer, self._works = database, importer, list(works)
        self._keep_wrong = keep_wrong
        self.unkept: list[Call] | None = None
        self.waited = False

    def keep_wrong(self, *portion: Any) -> tuple[int, int]:
        """Run the others' work at the end of the first batch, and then the import's own `keep_wrong`.

        Tests patch the import to call this function instead of its own.
        """
        works, self._works = self._works, []
        if works:
            self.unkept = self._importer.stored(Call)
            importing = db.session.scalar(text("SELECT pg_backend_pid()"))
            with ThreadPoolExecutor() as threads:
                for done in [threads.submit(work) for work in works]:
                    self._finish(done, importing or 0)
        return self._keep_wrong(*portion)

    def _finish(self, done: Future[object], importing: int) -> None:
        blocked = "SELECT FROM pg_stat_activity WHERE %s = ANY (pg_blocking_pids(pid))"
        with psycopg.connect(self._database.url("postgres"), autocommit=True) as looking:
            while not done.done():
                self.waited = self.waited or looking.execute(blocked, (importing,)).fetchone() is not None
                sleep(0.01)
        done.result()


def test_others_upload_type_call_and_import_while_a_portion_is_stored(
    app: Flask, importer: Importer, pages: ImportPages, manager: User, write_file: WriteFile,
    database: WorkerDatabase, monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    organization_id = importer.organization.id
    actor = Actor(
        organization_id=organization_id, user_id=manager.id, name=manager.name, email=manager.email, role=Role.MANAGER
    )
    unsaid = dict.fromkeys(field.name for field in fields(ContactDetails))
    said: dict[str, Any] = {
        "first_name": "Ann",
        "numbers": ("+14155550101",),
        "tags": (),
        "refuses_texts": False,
        "entered": {},
    }
    details = ContactDetails(**{**unsaid, **said, "entered": {}})
    first = write_file(_calls("A", "+1212555", agent="Zoe Zed"), "first.csv")
    second = write_file(_calls("B", "+1312555", agent="Maria Manager"), "second.csv")

    def type_a_contact() -> None:
        with at_work(app, organization_id):
            create_contact(actor, uuid7(), details)

    def call() -> None:
        with at_work(app, organization_id):
            db.session.add(_call_of(importer))

    others = Meanwhile(
        database,
        importer,
        lambda: pages.send(_calls("C", "+1412555", agent="Maria Manager").encode(), "third.csv"),
        type_a_contact,
        call,
        lambda: importer.calls(second),
    )
    monkeypatch.setattr(load_service, "keep_wrong", others.keep_wrong)
    assert importer.calls(first, create_users=True).counts == {"total": 60, "created": 60}

    assert others.unkept == []
    assert not others.waited
    assert len(importer.stored(Call)) == 60 + 60 + 1
    assert len(importer.stored(ContactCard)) == 30 + 30 + 1
    assert len(importer.stored(Import)) == 3


def test_a_list_of_deals_comes_in_beside_another_whose_companies_are_known(
    importer: Importer, write_file: WriteFile, database: WorkerDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    importer.deals(write_file(_deals("X", "ACME"), "known.csv"))
    second = write_file(_deals("B", "ACME"), "second.csv")
    others = Meanwhile(database, importer, lambda: importer.deals(second))
    monkeypatch.setattr(load_service, "keep_wrong", others.keep_wrong)
    importer.deals(write_file(_deals("A", "Cold Inc"), "first.csv"))

    assert not others.waited
    assert {card.company_name for card in importer.stored(ContactCard)} == {"ACME", "Cold Inc"}


def _calls(prefix: str, numbers: str, *, agent: str) -> str:
    rows = (f"{prefix}{n},2026-03-02 09:30,Y,{agent},Topic {prefix},{numbers}{n % 30:04}" for n in range(60))
    return lines(CALLS, *rows)


def _deals(prefix: str, company: str) -> str:
    return lines(DEALS, f"{prefix}1,Ann Lee,Duct,{company},Won,2026-02-01,2026-02-10,500")


def _call_of(importer: Importer) -> Call:
    return Call(
        organization_id=importer.organization.id, id=uuid7(), direction=Direction.INBOUND, call_type=CallType.CSR_CALL,
        status=CallStatus.MISSED, started_at=datetime(2026, 3, 2, tzinfo=UTC), caller_number="+14155550102",
        duration_seconds=0,
    )  # fmt: skip
