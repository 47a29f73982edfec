"""Erasure of a person: erased and retained data, refusals, and interruptions of the worker."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine, select, text
from sqlalchemy.orm import Session

from app.audit.seals import seal_all
from app.audit.verify import check_chain
from app.db.context import Context, use_context
from app.db.session import jobs_role
from app.directory import Directory
from app.extensions import db
from app.insight.metrics.executive_queries import executive_csr, executive_missed_calls, executive_sales
from app.models import AuditLog, Call, ContactCard, Organization, Role, User
from app.periods import resolve_period
from app.security.actor import Actor
from app.storage import storage
from tests.support.client import Client
from tests.support.factories import DAY, Factories
from tests.support.pages import text_of
from tests.support.sealing import wait_for_other_databases
from tests.trust.privacy.conftest import (
    FIRST,
    NAME,
    NUMBER,
    SECRET_WORDS,
    Erasures,
    LookEverywhere,
    Person,
    Work,
    ask_to_erase,
)


@pytest.fixture
def erased(client: Client, admin: User, person: Person, bystander: ContactCard, work: Work) -> Person:
    """The person, after an admin has erased them."""
    ask_to_erase(client.sign_in(admin), person.card.id)
    work()
    return person


def numbers_of(app: Flask, organization: Organization, admin: User) -> tuple[Any, ...]:
    """Return the numbers of the three executive dashboards for March 2026, the month of the tests' data."""
    actor = Actor(
        organization_id=organization.id, user_id=admin.id, name=admin.name, email=admin.email, role=Role.ADMIN
    )
    first, last = date(2026, 3, 1), date(2026, 3, 31)
    period = resolve_period("custom", now=DAY, timezone=organization.timezone, first_day=first, last_day=last)
    with app.test_request_context(), use_context(Context(organization_id=organization.id)):
        found = tuple(ask(actor, period, now=DAY) for ask in (executive_csr, executive_sales, executive_missed_calls))
        db.session.rollback()
    return found


def row_counts(admin_engine: Engine) -> dict[str, int]:
    tables = (
        "calls", "call_notes", "call_transcripts", "call_analyses", "appointments", "leads", "tasks", "messages",
        "pending_actions", "missed_call_entries", "recording_sessions", "contact_cards", "booking_disputes",
    )  # fmt: skip
    with admin_engine.connect() as connection:
        return {table: connection.scalar(text(f"SELECT count(*) FROM {table}")) or 0 for table in tables}


def test_no_number_and_no_count_changes(
    app: Flask,
    client: Client,
    organization: Organization,
    admin: User,
    person: Person,
    work: Work,
    admin_engine: Engine,
) -> None:
    numbers, rows = numbers_of(app, organization, admin), row_counts(admin_engine)
    ask_to_erase(client.sign_in(admin), person.card.id)
    work()

    assert numbers_of(app, organization, admin) == numbers
    assert row_counts(admin_engine) == rows


def test_nobody_else_loses_a_word(erased: Person, look_everywhere: LookEverywhere) -> None:
    assert look_everywhere(FIRST) == ["audit_logs", "contact_cards"], "the neighbour has the same first name"
    assert "call_transcripts" in look_everywhere("the neighbour’s own words")
    assert "tasks" in look_everywhere("Call the neighbour")
    assert "contact_cards" in look_everywhere("neighbour@private.example")


def test_a_mention_goes_and_the_rest_of_the_sentence_stays(erased: Person, look_everywhere: LookEverywhere) -> None:
    assert "tasks" in look_everywhere("Ask about •")
    assert "call_transcripts" in look_everywhere("I know •")


def test_the_pages_of_what_is_left_still_open(client: Client, erased: Person) -> None:
    assert "Erased" in client.get(f"/calls/{erased.call.id}").text
    page = client.get(f"/privacy/{erased.card.id}")
    assert "This person’s data has been erased" in page.text
    assert "Export everything" not in page.text


class TestTrail:
    def test_the_chain_still_verifies_and_says_who_it_was(
        self,
        app: Flask,
        client: Client,
        organization: Organization,
        admin: User,
        person: Person,
        work: Work,
        admin_engine: Engine,
    ) -> None:
        self._seal(app, admin_engine)
        ask_to_erase(client.sign_in(admin), person.card.id)
        work()
        assert self._finding(app, organization) is None
        self._seal(app, admin_engine)

        assert self._finding(app, organization) is None
        with Session(admin_engine) as session:
            erasing = session.scalars(select(AuditLog).where(AuditLog.action == "audit.erased")).all()
            completed = session.scalars(select(AuditLog).where(AuditLog.action == "erasure.completed")).all()
        assert {entry.actor_label for entry in (*erasing, *completed)} == {"Ada Admin"}
        assert len(completed) == 1

    def test_what_is_long_gone_is_called_after_nobody(
        self,
        client: Client,
        make: Factories,
        organization: Organization,
        admin: User,
        work: Work,
        admin_engine: Engine,
        look_everywhere: LookEverywhere,
    ) -> None:
        # Names that the search for mentions skips.
        card, other = (
            make.contact(organization, first_name=None, last_name=None, company_name=name)
            for name in ("Quince Works", "Medlar Works")
        )
        for one in (card, other):
            call = make.call(organization, contact_card_id=one.id, caller_number=one.primary_phone)
            make.note(call, admin, body="They asked for a visit.")
            make.lead(organization, contact=one, stage="dead", closed_at=DAY)
        with admin_engine.begin() as connection:
            for change in ("UPDATE calls SET outcome = 'resolved'", "UPDATE call_notes SET body = body || $$ Soon.$$"):
                connection.execute(text(change))
            for table in ("call_notes", "calls", "leads"):  # as retention does
                connection.execute(text(f"DELETE FROM {table}"))

        ask_to_erase(client.sign_in(admin), card.id)
        work()

        assert look_everywhere("Quince") == []
        assert look_everywhere("Medlar") == ["audit_logs", "contact_cards"]
        with Session(admin_engine) as session:
            kept = session.scalars(
                select(AuditLog.resource_type).where(AuditLog.resource_label == "Medlar Works")
            ).all()
        assert set(kept) == {"call", "call_note", "contact_card", "lead"}

    def _seal(self, app: Flask, admin_engine: Engine) -> None:
        wait_for_other_databases(admin_engine)
        with app.app_context(), jobs_role():
            seal_all(Context(actor_label="Schedule"))

    def _finding(self, app: Flask, organization: Organization) -> object:
        context = Context(organization_id=organization.id, actor_label="Auditor", source="user")
        with app.app_context(), use_context(context):
            finding = check_chain(organization.id).finding
            db.session.rollback()
        return finding


def test_open_work_ends(
    client: Client, make: Factories, organization: Organization, admin: User, work: Work, admin_engine: Engine
) -> None:
    card = make.contact(organization)
    make.appointment(organization, contact=card)
    make.lead(organization, contact=card)
    make.missed_entry(organization, contact_card_id=card.id)
    action = make.pending_action(organization, contact=card)
    make.task(organization, contact_card_id=card.id, pending_action_id=action.id)
    make.message(organization, contact_card_id=card.id)
    make.task(organization)
    page = client.sign_in(admin).get(f"/privacy/{card.id}")
    assert "Appointments to cancel: 1" in page.text

    ask_to_erase(client, card.id)
    work()

    with admin_engine.connect() as connection:
        states = {
            table: sorted(connection.scalars(text(f"SELECT status FROM {table}")))
            for table in ("appointments", "missed_call_entries", "tasks", "pending_actions", "messages")
        }
        closed = connection.scalar(text("SELECT closed_at IS NOT NULL FROM leads"))
    assert states == {
        "appointments": ["cancelled"],
        "missed_call_entries": ["dismissed"],
        "tasks": ["cancelled", "pending"],
        "pending_actions": ["cancelled"],
        "messages": ["failed"],
    }
    assert closed is True


class TestTwice:
    def test_the_same_form_twice_is_one_erasure(
        self, client: Client, admin: User, person: Person, erasures: Erasures, work: Work
    ) -> None:
        client.sign_in(admin)
        form = client.get(f"/privacy/{person.card.id}").fields(f"/privacy/{person.card.id}/erase")
        typed = {**form, "reason": "Asked for", "confirmation": "ERASE"}
        places = {client.post(f"/privacy/{person.card.id}/erase", typed).headers["Location"] for _ in range(2)}
        work()

        assert len(places) == len(erasures()) == 1

    def test_another_form_is_told_so(self, client: Client, admin: User, person: Person, erasures: Erasures) -> None:
        client.sign_in(admin)
        form = client.get(f"/privacy/{person.card.id}").fields(f"/privacy/{person.card.id}/erase")
        ask_to_erase(client, person.card.id)
        typed = {**form, "row_id": str(person.call.id), "reason": "Asked for", "confirmation": "ERASE"}

        assert "or is being erased" in client.post(f"/privacy/{person.card.id}/erase", typed, status=409).text
        assert len(erasures()) == 1


class TestFiles:
    def lies_there(self, app: Flask, key: str) -> bool:
        with app.app_context():
            return key in set(storage().list_keys())

    def test_they_go_after_the_commit_and_again_when_that_fails(
        self,
        app: Flask,
        client: Client,
        admin: User,
        person: Person,
        erasures: Erasures,
        work: Work,
        look_everywhere: LookEverywhere,
        monkeypatch: pytest.MonkeyPatch,
        admin_engine: Engine,
    ) -> None:
        with monkeypatch.context() as broken:
            broken.setattr(Directory, "delete", _no_disk)
            ask_to_erase(client.sign_in(admin), person.card.id)
            work()
            (erasure,) = erasures()
            assert (erasure.status, person.audio in erasure.files) == ("running", True)
            assert self.lies_there(app, person.audio)
            assert look_everywhere(SECRET_WORDS) == []
        with admin_engine.begin() as connection:  # skips the delay before the retry
            connection.execute(text("UPDATE procrastinate_jobs SET scheduled_at = now() WHERE status = 'todo'"))
        work()

        (erasure,) = erasures()
        assert (erasure.status, erasure.files) == ("completed", [])
        assert erasure.counts["files"] == 2
        page = client.get(f"/privacy/erasures/{erasure.id}")
        terms, numbers = (page.all(f".//dl[@class='kv kv--row']//{tag}") for tag in ("dt", "dd"))
        shown = dict(zip(map(text_of, terms), map(text_of, numbers), strict=True))
        assert sorted(shown.values()) == sorted(map(str, erasure.counts.values()))
        assert shown["Files deleted"] == str(erasure.counts["files"])
        assert shown["Calls"] == str(erasure.counts["calls"])
        assert shown["Contacts"] == str(erasure.counts["contact_cards"])
        assert not self.lies_there(app, person.audio)

    def test_exports_and_uploads_that_hold_the_person_go(
        self,
        app: Flask,
        client: Client,
        make: Factories,
        organization: Organization,
        admin: User,
        person: Person,
        work: Work,
        storage_of: Callable[[str, bytes], str],
    ) -> None:
        theirs = storage_of("exports", b"Caller\r\n+1 312 555 98 71\r\n")
        others = storage_of("exports", b"Caller\r\n+1 312 555 98 79\r\n")
        upload = storage_of("imports", NAME.encode("utf-8"))
        kept = storage_of("imports", b"Somebody else")
        for key in (theirs, others):
            make.export_of_calls(admin, file_path=key)
        for key in (upload, kept):
            make.import_of_calls(organization, storage_key=key)
        ask_to_erase(client.sign_in(admin), person.card.id)
        work()

        assert [self.lies_there(app, key) for key in (theirs, others, upload, kept)] == [False, True, False, True]
        assert client.get("/exports").text.count("The file was deleted because a person in it was erased") == 1
        assert client.get("/imports").text.count("Failed") >= 1

    def test_an_import_that_held_the_person_says_so_and_its_file_is_not_missed(
        self,
        app: Flask,
        client: Client,
        make: Factories,
        organization: Organization,
        admin: User,
        person: Person,
        work: Work,
        storage_of: Callable[[str, bytes], str],
    ) -> None:
        upload = storage_of("imports", NAME.encode("utf-8"))
        broken_off = make.import_of_calls(organization, storage_key=upload, status="failed", finished_at=DAY)
        ask_to_erase(client.sign_in(admin), person.card.id)
        work()

        page = client.get(f"/imports/{broken_off.id}")
        refused = client.post(
            f"/imports/{broken_off.id}/start-again", page.fields(f"/imports/{broken_off.id}/start-again"), status=409
        )
        assert "Import a file without that person." in refused.text
        checked = app.test_cli_runner().invoke(args=["integrity", "check", "--json"])
        assert str(broken_off.id) not in checked.stdout

    def test_what_a_killed_process_left_of_a_file_goes_at_once(
        self, app: Flask, client: Client, admin: User, person: Person, work: Work
    ) -> None:
        with app.app_context():
            left = storage().path(person.audio).with_name(".7shchrw1")
        left.write_bytes(b"a voice")
        ask_to_erase(client.sign_in(admin), person.card.id)
        work()

        assert not left.exists()


def _no_disk(*_arguments: object) -> None:
    raise OSError("the disk is away")


def test_the_number_that_calls_again_makes_a_new_card(
    client: Client, make: Factories, organization: Organization, erased: Person, admin_engine: Engine
) -> None:
    make.call(organization, caller_number=NUMBER)
    form = client.get(f"/privacy?q={NUMBER}").fields("/privacy/cards")
    page = client.post("/privacy/cards", form)

    assert str(erased.card.id) not in page.headers["Location"]
    with Session(admin_engine) as session:
        (card,) = session.scalars(select(ContactCard).where(ContactCard.primary_phone == NUMBER))
        assert card.full_name is None
        assert session.get_one(Call, (organization.id, erased.call.id)).contact_card_id == erased.card.id
    ask_to_erase(client, card.id)


def test_a_form_that_was_open_before_brings_nobody_back(
    person: Person, admin: User, client: Client, work: Work, admin_engine: Engine
) -> None:
    ask_to_erase(client.sign_in(admin), person.card.id)
    work()

    with Session(admin_engine) as session:
        card = session.get_one(ContactCard, (person.card.organization_id, person.card.id))
    assert card.version == person.card.version + 1
