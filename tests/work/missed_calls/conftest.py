"""Users who work on the missed-call queue, and callers who wait in it."""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from app.models import AuditLog, Call, ContactCard, Message, MissedCallAttempt, MissedCallEntry, Organization
from tests.support.database import WorkerDatabase
from tests.support.factories import Factories
from tests.support.locks import wait_for_a_lock
from tests.support.pages import Page

Waiting = Callable[..., MissedCallEntry]
Now = Callable[[Any], Any]
Trail = Callable[[str], list[AuditLog]]
Texts = Callable[[], list[Message]]
Tries = Callable[[], list[MissedCallAttempt]]
AtOnce = Callable[[Iterable[Callable[[], Page]]], list[Page]]
WAITS = "Text waiting to be sent"


def address(entry: MissedCallEntry, action: str = "") -> str:
    return f"/missed-calls/{entry.id}{action}"


def of_text(message: Message, action: str) -> str:
    return f"/missed-calls/{message.missed_entry_id}/texts/{message.id}/{action}"


def actions(page: Page) -> list[str]:
    return [form.get("action") or "" for form in page.all(".//main//form")]


@pytest.fixture
def trail(admin_engine: Engine, organization: Organization) -> Callable[[str], list[AuditLog]]:
    """Function that returns the audit entries of an action, oldest first."""

    def read(action: str) -> list[AuditLog]:
        recorded = select(AuditLog).where(AuditLog.organization_id == organization.id, AuditLog.action == action)
        with Session(admin_engine, expire_on_commit=False) as session:
            return list(session.scalars(recorded.order_by(AuditLog.created_at, AuditLog.id)))

    return read


@pytest.fixture
def contact(make: Factories, organization: Organization) -> ContactCard:
    return make.contact(organization, first_name="Ruth", last_name="Delgado")


@pytest.fixture
def waiting(make: Factories, organization: Organization) -> Waiting:
    """Function that creates an entry for a call that was missed five minutes ago."""

    def wait(contact: ContactCard | None = None, **values: Any) -> MissedCallEntry:
        known: dict[str, Any] = (
            {"contact_card_id": contact.id, "caller_number": contact.primary_phone} if contact else {}
        )
        missed = datetime.now(UTC) - timedelta(minutes=5)
        call = make.call(organization, status="missed", started_at=missed, **known)
        return make.missed_entry(organization, call=call, **values)

    return wait


@pytest.fixture
def now(admin_engine: Engine) -> Now:
    """Function that returns a row as it is stored now."""

    def read(row: Any) -> Any:
        with Session(admin_engine, expire_on_commit=False) as session:
            return session.scalars(select(type(row)).where(type(row).id == row.id)).one()

    return read


@pytest.fixture
def calls_made(admin_engine: Engine) -> Callable[[], list[Call]]:
    """Function that returns the outbound calls, oldest first."""

    def read() -> list[Call]:
        with Session(admin_engine, expire_on_commit=False) as session:
            return list(session.scalars(select(Call).where(Call.direction == "outbound").order_by(Call.started_at)))

    return read


@pytest.fixture
def entry(contact: ContactCard, waiting: Waiting) -> MissedCallEntry:
    return waiting(contact)


@pytest.fixture
def texts(admin_engine: Engine) -> Texts:
    """Function that returns all text messages, oldest first."""

    def read() -> list[Message]:
        with Session(admin_engine, expire_on_commit=False) as session:
            return list(session.scalars(select(Message).where(Message.channel == "sms").order_by(Message.created_at)))

    return read


@pytest.fixture
def tries(admin_engine: Engine) -> Tries:
    """Function that returns all callback attempts, oldest first."""

    def read() -> list[MissedCallAttempt]:
        with Session(admin_engine, expire_on_commit=False) as session:
            return list(session.scalars(select(MissedCallAttempt).order_by(MissedCallAttempt.at)))

    return read


@pytest.fixture
def text(make: Factories, organization: Organization, contact: ContactCard, entry: MissedCallEntry) -> Message:
    """A queued text message to the caller of `entry`."""
    of = {"contact_card_id": contact.id, "missed_entry_id": entry.id}
    number = contact.primary_phone
    return make.message(organization, channel="sms", to_address=number, subject=None, body="Call you at nine?", **of)


@pytest.fixture
def at_once(database: WorkerDatabase, admin_engine: Engine, entry: MissedCallEntry) -> AtOnce:
    """Function that runs several requests on `entry` at the same time.

    All of them begin and wait for the entry's lock before the first one proceeds.
    """

    def run(works: Iterable[Callable[[], Page]]) -> list[Page]:
        works = list(works)
        with ThreadPoolExecutor(len(works)) as pool, Session(admin_engine) as session:
            session.execute(select(MissedCallEntry.id).where(MissedCallEntry.id == entry.id).with_for_update())
            begun = [pool.submit(work) for work in works]
            wait_for_a_lock(database, len(works))
            session.commit()
            return [work.result() for work in begun]

    return run
