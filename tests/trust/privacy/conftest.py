"""A person with data in every possible place, and a bystander whose data must stay."""

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from typing import Any
from zipfile import ZipFile

import psycopg
import pytest
from flask import Flask
from psycopg import sql
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from app.db.ids import uuid7
from app.models import (
    Appointment,
    AskQuestion,
    Call,
    ContactCard,
    ContactPhone,
    Erasure,
    IdempotencyKey,
    Notification,
    Organization,
    RejectedValue,
    Role,
    User,
)
from app.ops.jobs.worker import run_worker
from app.storage import storage
from tests.support.client import Client
from tests.support.database import WorkerDatabase
from tests.support.factories import DAY, Factories
from tests.support.pages import Page
from tests.support.work import store_numbers

Work = Callable[[], None]
LookEverywhere = Callable[..., list[str]]
Erasures = Callable[[], list[Erasure]]

#: Names that are unlike anything else in any test.
FIRST, LAST = "Zuleikha", "O’Quigley-Žižek"
NAME = f"{FIRST} {LAST}"
NUMBER, SECOND_NUMBER = "+13125559871", "+13125559872"
SPELLED = "(312) 555-9871"
EMAIL = "zuleikha.oq@private.example"
SECRET_WORDS = "the key is under the blue flowerpot"


@dataclass
class Person:
    """A person's rows and audio file to which tests refer."""

    card: ContactCard
    call: Call
    visit: Appointment
    audio: str


@pytest.fixture
def organization(make: Factories) -> Organization:
    return make.organization(name="Blue Ridge Air")


@pytest.fixture
def admin(make: Factories, organization: Organization) -> User:
    return make.user(organization, Role.ADMIN, name="Ada Admin")


@pytest.fixture
def stored_numbers(app: Flask, person: "Person", organization: Organization) -> None:
    """Numbers of all days, stored as the job does."""
    store_numbers(app, organization.id)


@pytest.fixture
def work(app: Flask) -> Work:
    """Function that has a worker run all pending jobs."""
    return lambda: run_worker(app, until_idle=True, schedule=())


@pytest.fixture
def storage_of(app: Flask, organization: Organization) -> Iterator[Callable[[str, bytes], str]]:
    """Function that stores a file of the organization and returns its key."""

    def keep(kind: str, data: bytes) -> str:
        key = f"{organization.id}/{kind}/{uuid7()}"
        with app.app_context():
            storage().write(key, [data])
        return key

    yield keep
    with app.app_context():
        storage().delete_organization(organization.id)


@pytest.fixture
def person(make: Factories, organization: Organization, admin: User, storage_of: Callable[[str, bytes], str]) -> Person:
    """A person with data in every possible place, about whom no work is open."""
    card = make.contact(
        organization,
        first_name=FIRST,
        last_name=LAST,
        primary_phone=NUMBER,
        email=EMAIL,
        address_line_1="7 Flowerpot Lane",
        last_call_summary=f"{NAME} says {SECRET_WORDS}",
        tags=["flowerpot"],
        custom_metadata={"gate": SECRET_WORDS},
        external_source="crm",
        external_id=EMAIL,
    )
    make.add(ContactPhone(organization_id=organization.id, phone=SECOND_NUMBER, contact_card_id=card.id))
    audio = storage_of("recordings", b"sound of the call")
    lead = make.lead(organization, contact=card, closed_at=DAY, stage="dead", dead_reason=f"{FIRST} moved away")
    call = make.call(
        organization,
        csr=admin,
        contact_card_id=card.id,
        lead_id=lead.id,
        caller_number=NUMBER,
        audio_url=audio,
        twilio_sid="CA-flowerpot",
        booking_status="not_booked",
        booking_status_reason=SECRET_WORDS,
        marketing_source=f"Friend of {NAME}",
        tags=["flowerpot"],
    )
    visit = make.appointment(
        organization,
        contact=card,
        sales_rep_id=admin.id,
        notes=SECRET_WORDS,
        address_line_1="7 Flowerpot Lane",
        status="completed",
        completed_at=DAY,
        outcome="closed_won",
        outcome_at=DAY,
        deal_value=1200,
    )
    _of_the_call(make, organization, admin, call)
    _of_the_visit(make, organization, admin, card, visit, storage_of)
    _in_other_text(make, organization, admin, call)
    return Person(card, call, visit, audio)


def _of_the_call(make: Factories, organization: Organization, admin: User, call: Call) -> None:
    words = [{"speaker": "customer", "start": 1.0, "end": 2.0, "text": f"{NAME} here, {SECRET_WORDS}"}]
    make.transcript(call, speaker_labels=words, transcript_text=f"{NAME} here, {SECRET_WORDS}")
    make.analysis(
        call,
        summary=f"{NAME}: {SECRET_WORDS}",
        objections=[{"category": "price", "severity": "high", "text": SECRET_WORDS, "turn": 0}],
        evidence=[{"title": "Greeting", "quote": SECRET_WORDS, "turn": 0}],
        missed_opportunities=[{"text": SECRET_WORDS}],
        pending_actions=[{"text": f"Call {NAME}"}],
        sop_compliance_score=80,
    )
    make.note(call, admin, body=f"{FIRST} says {SECRET_WORDS}")
    make.note(call, admin, kind="coaching", body=f"Be kinder to {NAME}")
    make.dispute(call, admin, status="accepted", decided_at=DAY, reason=f"{NAME} booked by text")
    make.missed_entry(
        organization,
        call=make.call(
            organization, status="missed", caller_number=SECOND_NUMBER, contact_card_id=call.contact_card_id
        ),
        status="lost",
        resolved_at=DAY,
        outcome_note=f"{NAME} never answered",
        evidence={"label": NAME},
    )
    make.call(organization, caller_number=NUMBER)
    make.call(organization, direction="outbound", caller_number=make.phone(), called_number=SECOND_NUMBER)
    make.call(organization, contact_card_id=make.contact(organization).id, caller_number=SECOND_NUMBER)


def _of_the_visit(
    make: Factories,
    organization: Organization,
    admin: User,
    card: ContactCard,
    visit: Appointment,
    storage_of: Callable[[str, bytes], str],
) -> None:
    visit_call = make.call(organization, call_type="visit_call", caller_number=None)
    make.transcript(visit_call, transcript_text=SECRET_WORDS, speaker_labels=[])
    sound = storage_of("recordings", b"sound of the visit")
    make.recording(visit, admin, call_id=visit_call.id, storage_key=sound)
    make.task(
        organization, title=f"Send {NAME} the quote", contact_card_id=card.id, status="completed", completed_at=DAY
    )
    make.pending_action(organization, contact=card, raw_text=SECRET_WORDS, status="completed")
    values = {"channel": "sms", "to_address": NUMBER, "body": f"Dear {FIRST}", "subject": None}
    make.message(organization, contact_card_id=card.id, status="sent", **values)
    make.message(organization, to_address=EMAIL.upper(), body=SECRET_WORDS, status="sent")
    make.blocked_number(organization, number=SECOND_NUMBER, reason=f"{NAME} is rude")


def _in_other_text(make: Factories, organization: Organization, admin: User, call: Call) -> None:
    of = {"organization_id": organization.id}
    make.delivery(organization, external_id="CA-flowerpot", body=SECRET_WORDS.encode())
    make.delivery(organization, body=f"From=%2B{NUMBER[1:]}&Body=hello".encode())
    cited = {"call_id": str(call.id), "turn": 0, "text": SECRET_WORDS}
    make.add(
        AskQuestion(**of, user_id=admin.id, question="Who?", scope="company", answer=SECRET_WORDS, citations=[cited])
    )
    make.add(AskQuestion(**of, user_id=admin.id, question=f"What did {NAME.upper()} want?", scope="company"))
    make.add(Notification(**of, user_id=admin.id, kind="task_assigned", text=f"Call {FIRST}", link=f"/calls/{call.id}"))
    make.add(Notification(**of, user_id=admin.id, kind="task_assigned", text=f"Call {NAME}", link="/tasks"))
    make.task(organization, title=f"Ask about {NAME}", description=f"Number {SPELLED}, mail {EMAIL}")
    make.knowledge_item(organization, answer="The one at 7 flowerpot ln. takes two people.\n7 Flowerpot Ln, north side")
    make.saved_view(admin, name=f"Of {NAME}", query=f"q=%2B{NUMBER[1:]}")
    make.export_of_calls(admin, filters={"q": SPELLED}, status="failed", file_path=None)
    make.deletion(make.task(organization, title="Nothing"), root_label=f"Call {NAME}")
    done = make.import_of_calls(organization, status="completed", finished_at=DAY, file_name=f"{NAME}.csv")
    make.add(RejectedValue(**of, import_id=done.id, line=3, column_name="phone", value=SPELLED, reason="No number"))
    other = make.call(organization)
    make.transcript(other, transcript_text=f"I know {NAME}", speaker_labels=[{"text": f"I know {NAME}"}])
    make.add(
        IdempotencyKey(
            **of,
            user_id=admin.id,
            key="k",
            method="POST",
            path="/api/v1/contacts",
            request_fingerprint=sha256(b"k").digest(),
            body=f'{{"email": "{EMAIL}"}}'.encode(),
            expires_at=DAY + timedelta(days=1000),
        )
    )


@pytest.fixture
def bystander(make: Factories, organization: Organization) -> ContactCard:
    """A contact with the same first name, whose data must all stay."""
    card = make.contact(organization, first_name=FIRST, last_name="Neighbour", email="neighbour@private.example")
    call = make.call(organization, contact_card_id=card.id, caller_number=card.primary_phone)
    make.transcript(call, transcript_text="the neighbour’s own words", speaker_labels=[])
    make.task(organization, contact_card_id=card.id, title="Call the neighbour")
    return card


@pytest.fixture
def erasures(admin_engine: Engine) -> Erasures:
    """Function that returns all erasures, oldest first."""

    def read() -> list[Erasure]:
        with Session(admin_engine) as session:
            return list(session.scalars(select(Erasure).order_by(Erasure.created_at)))

    return read


@pytest.fixture
def look_everywhere(database: WorkerDatabase, app: Flask, organization: Organization) -> LookEverywhere:
    """Function that returns the tables and files that contain any of the words.

    Tables are searched as text.
    """

    def look(*words: str) -> list[str]:
        with psycopg.connect(database.url("postgres")) as connection:
            found = [table for table in _tables(connection) if _holds(connection, table, words)]
        with app.app_context():
            keys = list(storage().list_keys(organization.id))
            found += [key for key in keys if any(word.encode() in storage().path(key).read_bytes() for word in words)]
        return found

    return look


def _tables(connection: psycopg.Connection[Any]) -> list[str]:
    rows = connection.execute(
        "SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace ORDER BY 1"
    )
    return [name for (name,) in rows]


def _holds(connection: psycopg.Connection[Any], table: str, words: tuple[str, ...]) -> bool:
    """Return whether the table contains any of the words, including in its binary columns."""
    name = sql.Identifier(table)
    columns = connection.execute(
        "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND atttypid = 'bytea'::regtype", [table]
    ).fetchall()
    bytes_too = [sql.SQL(", encode(one.{}, 'escape')").format(sql.Identifier(column)) for (column,) in columns]
    query = sql.SQL("SELECT count(*) FROM {} AS one WHERE concat(one.*::text {}) ILIKE ANY (%s)").format(
        name, sql.SQL(" ").join(bytes_too)
    )
    row = connection.execute(query, [[f"%{word}%" for word in words]]).fetchone()
    return bool(row and row[0])


def ask_to_erase(client: Client, contact_id: object, *, status: int = 303, **values: str) -> Page:
    """Submit the form for erasing the person."""
    form = client.get(f"/privacy/{contact_id}").fields(f"/privacy/{contact_id}/erase")
    return client.post(
        f"/privacy/{contact_id}/erase",
        {**form, "reason": "Asked for by letter", "confirmation": "erase", **values},
        status=status,
    )


def download(client: Client, url: str) -> ZipFile:
    """Download the ZIP file at a URL."""
    page = client.get(url)
    data = page.response.get_data()
    page.response.close()
    return ZipFile(io.BytesIO(data))
