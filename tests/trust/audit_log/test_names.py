"""Record names in audit trail entries: as they were at that time, and found by a text search."""

from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import ARRAY, Engine, Text, cast, func, literal, select
from sqlalchemy.orm import Session

from app.declarations.registry import registry_of
from app.models import AuditLog, Call, ContactCard, EventAttendee, Organization, Role, User
from app.security.matrix import permissions_of
from app.security.permissions import Permission
from app.trust.audit_log.name_queries import kinds_unnamed
from tests.support.client import Client
from tests.support.company import make_company
from tests.support.factories import Factories
from tests.trust.audit_log.entries import entries_on
from tests.trust.audit_log.reverting import Story

#: Kinds whose entries from before names were recorded show the current name, but are not found by it: the name has not
#: changed since then, or they have a list with its own search. Notes of contacts and templates have no such entries, as
#: their names were recorded from the start.
FOUND_BY_THE_NAME_OF_THEN = {
    "ai_config",
    "api_key",
    "blocked_number",
    "calendar",
    "contact_note",
    "contact_phone",
    "deletion_batch",
    "import",
    "import_mapping",
    "integration",
    "invitation",
    "invoice",
    "job",
    "message",
    "note_template",
    "organization",
    "outbound_stream",
    "pending_action",
    "saved_view",
    "service_type",
    "subscription",
    "webhook_delivery",
}


@pytest.fixture
def reader(make: Factories, organization: Organization) -> User:
    return make.user(organization, role=Role.EXEC, name="Iris Vogel")


@pytest.fixture
def silvia(make: Factories, organization: Organization) -> ContactCard:
    return make.contact(organization, first_name="Silvia", last_name="Greer")


def rename(engine: Engine, contact: ContactCard, name: str) -> None:
    with Session(engine) as session, session.begin():
        session.get_one(ContactCard, (contact.organization_id, contact.id)).last_name = name


def found(client: Client, words: str, *, field: str = "") -> list[UUID]:
    return entries_on(client.get(f"/audit?q={words}" + (f"&field={field}" if field else "")))


class TestThen:
    def test_a_row_names_its_record_as_it_was_called_then_and_today(
        self, client: Client, reader: User, silvia: ContactCard, story: Story, make: Factories, admin_engine: Engine
    ) -> None:
        call = make.call(story.organization, contact_card_id=silvia.id)
        entry_id = story.change(call, outcome="resolved")
        rename(admin_engine, silvia, "Stone")

        page = client.sign_in(reader).get("/audit?field=outcome&resource_type=call")
        opened = client.get(f"/audit/{entry_id}")

        assert entry_id in entries_on(page)
        for shown in (page, opened):
            assert "Silvia Greer" in shown.text
        assert "(now Silvia Stone)" in page.text

    def test_it_is_found_by_the_name_of_then_and_by_that_of_today(
        self, client: Client, reader: User, silvia: ContactCard, story: Story, make: Factories, admin_engine: Engine
    ) -> None:
        call = make.call(story.organization, contact_card_id=silvia.id)
        entry_id = story.change(call, outcome="resolved")
        rename(admin_engine, silvia, "Stone")
        client.sign_in(reader)

        for words in ("Silvia Greer", "stone", "silvia", "GREE* STO*"):
            assert entry_id in found(client, words, field="outcome"), words
        assert found(client, "rock", field="outcome") == []

    def test_what_is_gone_keeps_the_name_it_had(
        self, client: Client, reader: User, story: Story, make: Factories, admin_engine: Engine
    ) -> None:
        task = make.task(story.organization, title="Fix the flue")
        entry_id = story.change(task, priority="high")
        story.change(task, title="Fix the chimney")
        with admin_engine.begin() as connection:
            connection.exec_driver_sql(f"DELETE FROM tasks WHERE id = '{task.id}'")

        page = client.sign_in(reader).get("/audit?field=priority&resource_type=task&q=flue")

        assert entries_on(page)[0] == entry_id
        assert "Fix the flue No longer exists" in page.text

    def test_files_carry_it(
        self, client: Client, reader: User, silvia: ContactCard, story: Story, make: Factories
    ) -> None:
        call = make.call(story.organization, contact_card_id=silvia.id)
        story.change(call, outcome="resolved")

        [head, *lines] = client.sign_in(reader).get("/audit.csv?q=silvia&action=call.updated").html.splitlines()

        assert "Record name" in head
        assert all("Silvia Greer" in line for line in lines)
        assert lines


class TestBefore:
    """Entries from before names were recorded."""

    @pytest.mark.parametrize("words", ["silvia", "Silvia Greer", "SILV*", "greer silvia"])
    def test_what_the_row_shows_is_found(
        self, client: Client, reader: User, silvia: ContactCard, make: Factories, organization: Organization, words: str
    ) -> None:
        call = make.call(organization, contact_card_id=silvia.id)
        of_the_call = make.entry(organization, resource_id=call.id)
        of_the_card = make.entry(organization, resource_type="contact_card", resource_id=silvia.id)
        make.entry(organization)

        page = client.sign_in(reader).get(f"/audit?period=custom&from=2026-03-01&to=2026-03-31&q={words}")

        assert set(entries_on(page)) == {of_the_call.id, of_the_card.id}
        assert page.text.count("Silvia Greer") >= 2

    def test_so_are_people_tasks_events_answers_and_numbers(
        self, client: Client, reader: User, make: Factories, organization: Organization
    ) -> None:
        named = {
            "user": make.user(organization, name="Walter Quince").id,
            "task": make.task(organization, title="Ask the quince grower").id,
            "event": make.event(organization, reader, title="Quince day").id,
            "knowledge_item": make.knowledge_item(organization, question="Do you repair quince presses?").id,
            "phone_number": make.phone_number(organization, display_name="Quince line").id,
        }
        made = {make.entry(organization, resource_type=kind, resource_id=row).id for kind, row in named.items()}

        page = client.sign_in(reader).get("/audit?period=custom&from=2026-03-01&to=2026-03-31&q=quince")

        assert set(entries_on(page)) == made

    def test_so_is_every_kind_that_is_called_like_somebody(
        self, app: Flask, client: Client, make: Factories, organization: Organization
    ) -> None:
        reader = make.user(organization, role=Role.ADMIN)
        card = make.contact(organization, first_name="Quince", last_name="Grower")
        person = make.user(organization, name="Walter Quince")
        call = make.call(organization, contact_card_id=card.id)
        event = make.event(organization, reader, title="Quince day")
        rows: dict[str, Any] = {
            "contact_card": card,
            "user": person,
            "call": call,
            "event": event,
            "lead": make.lead(organization, contact=card),
            "appointment": make.appointment(organization, contact=card),
            "missed_call_entry": make.missed_entry(organization, contact_card_id=card.id),
            "call_note": make.note(call, reader),
            "call_transcript": make.transcript(call),
            "call_analysis": make.analysis(call),
            "booking_dispute": make.dispute(call, reader),
            "session": make.session_of(person),
            "event_attendee": make.add(
                EventAttendee(organization_id=organization.id, event_id=event.id, user_id=person.id)
            ),
            "task": make.task(organization, title="Ask the quince grower"),
            "knowledge_item": make.knowledge_item(organization, question="Do you repair quince presses?"),
            "phone_number": make.phone_number(organization, display_name="Quince line"),
        }
        titled = {kind for kind, one in registry_of(app).resources.items() if one.title and one.is_audited}
        assert titled - rows.keys() == FOUND_BY_THE_NAME_OF_THEN
        made = {make.entry(organization, resource_type=kind, resource_id=row.id).id: kind for kind, row in rows.items()}

        page = client.sign_in(reader).get("/audit?period=custom&from=2026-03-01&to=2026-03-31&q=quince")

        assert {made[entry_id] for entry_id in entries_on(page)} == rows.keys()

    def test_another_organizations_names_find_nothing(self, client: Client, reader: User, make: Factories) -> None:
        other = make.organization()
        make.entry(other, resource_type="contact_card", resource_id=make.contact(other, first_name="Zelda").id)

        assert found(client.sign_in(reader), "zelda") == []


def test_names_that_the_reader_may_not_know_are_neither_shown_nor_found(
    client: Client, make: Factories, organization: Organization, story: Story
) -> None:
    csr = make.user(organization)
    make.grant(csr, Permission.AUDIT_READ)
    hidden = make.contact(organization, first_name="Hidden")
    call = make.call(organization, contact_card_id=hidden.id)
    entry_id = story.change(call, outcome="resolved")
    client.sign_in(csr)

    page = client.get("/audit?field=outcome&action=call.updated")

    assert entry_id in entries_on(page)
    assert "Hidden" not in page.text
    assert entry_id not in found(client, "hidden", field="outcome")


@pytest.mark.parametrize("role", [role for role in Role if Permission.AUDIT_READ in permissions_of(role)])
def test_no_role_has_kinds_excluded_one_by_one(
    app: Flask, story: Story, make: Factories, admin_engine: Engine, role: Role
) -> None:
    with app.app_context(), admin_engine.connect() as connection:
        hidden = list(kinds_unnamed(story.actor(make.user(story.organization, role=role))))
        words = func.audit_search_words("furnace", "", "", "", literal(hidden, ARRAY(Text())))
        connection.execute(select(func.set_config("app.organization_id", str(story.organization.id), False)))
        [found] = connection.execute(select(words)).scalar_one()

    assert "'l:furnace'" in found
    assert "!" not in found


def test_a_single_permission_finds_the_names_of_its_kind_and_no_others(
    client: Client, make: Factories, organization: Organization, story: Story
) -> None:
    support = make.user(organization, role=Role.SUPPORT)
    make.grant(support, Permission.TASKS_READ)
    task, event = (
        make.task(organization, title="Ring Xanthippe"),
        make.event(organization, support, title="See Xanthippe"),
    )
    entries = {kind: story.change(row, description="x") for kind, row in (("task", task), ("event", event))}
    for row in (task, event):
        story.change(row, title="Done")

    assert found(client.sign_in(support), "xanthippe", field="description") == [entries["task"]]


def test_the_name_that_is_kept_is_the_title_that_the_resource_declares(
    app: Flask, make: Factories, organization: Organization, admin_engine: Engine
) -> None:
    make_company(make)
    kept, wrong = set(), []
    with app.app_context(), Session(admin_engine) as session:
        for kind, resource in registry_of(app).resources.items():
            if resource.title is None or not resource.is_audited:
                continue
            title: Any = func.left(cast(resource.title(), Text), 80)
            newest = (
                select(AuditLog.resource_label)
                .where(AuditLog.resource_type == kind, AuditLog.resource_id == resource.model.id)
                .order_by(AuditLog.created_at.desc())
                .limit(1)
                .scalar_subquery()
            )
            for called, label in session.execute(select(title, newest)):
                if label is not None:
                    kept.add(kind)
                    wrong += [(kind, called, label)] if called != label else []

    assert wrong == []
    assert kept >= {
        "call",
        "contact_card",
        "lead",
        "appointment",
        "task",
        "event",
        "user",
        "knowledge_item",
        "call_note",
    }


@pytest.mark.usefixtures("call")
def test_an_entry_is_named_in_one_transaction_and_the_next_is_not_called_like_it(
    make: Factories, organization: Organization, call: Call, story: Story
) -> None:
    entry_id = story.change(call, outcome="resolved")

    assert story.last_entry(call).id == entry_id
    assert story.last_entry(call).resource_label == call.caller_number


@pytest.mark.parametrize("is_there", [True, False])
def test_a_lead_of_nobodys_card_is_called_by_its_number(
    client: Client, make: Factories, organization: Organization, reader: User, story: Story, is_there: bool
) -> None:
    lead = make.lead(organization, contact_card_id=None, external_source="old", external_id="7")
    make.call(organization, lead_id=lead.id, caller_number="+13125550142")
    story.change(lead, stage="qualified")
    if not is_there:
        story.as_owner(
            f"UPDATE calls SET lead_id = NULL WHERE lead_id = '{lead.id}'", f"DELETE FROM leads WHERE id = '{lead.id}'"
        )

    page = client.sign_in(reader).get(f"/audit?resource_id={lead.id}&action=lead.updated")

    assert "+13125550142" in page.text or "(312) 555-0142" in page.text
