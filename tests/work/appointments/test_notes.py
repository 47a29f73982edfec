"""Notes about an appointment: on its page, on the rep's card, in its history and on the contact's timeline."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import Engine, delete

from app.models import Appointment, ContactCard, ContactNote, Organization, Role, User
from app.ops.jobs.worker import run_worker
from tests.support.client import Client
from tests.support.direct_access import Behind
from tests.support.factories import Factories
from tests.support.pages import Page, text_of
from tests.work.merging.test_merge import address

CODE = "Gate code 4471"
DAY = datetime(2026, 3, 18, 14, tzinfo=UTC)

AddVisit = Callable[..., Appointment]


@pytest.fixture
def add_visit(make: Factories, organization: Organization, csr: User, rep: User, contact: ContactCard) -> AddVisit:
    """Function that creates an appointment of the contact, which the CSR booked for the rep."""

    def add(start: datetime = DAY, **values: Any) -> Appointment:
        times = {"scheduled_start_at": start, "scheduled_end_at": start + timedelta(hours=1)}
        people = {"contact": contact, "csr_id": csr.id, "sales_rep_id": rep.id}
        return make.appointment(organization, **{**people, **times, **values})

    return add


@pytest.fixture
def visit(add_visit: AddVisit) -> Appointment:
    return add_visit()


def page_of(visit: Appointment) -> str:
    return f"/appointments/{visit.id}"


def write(client: Client, visit: Appointment, body: str, status: int = 303, **fields: str) -> Page:
    """Write a note in the panel of the appointment's page."""
    page = client.get(f"{page_of(visit)}?panel=contact_note")
    action = page.one(".//form[@id='panel-note']").get("action") or ""
    return client.post(action, {**page.fields(action), "body": body, **fields}, status=status)


def card_of(client: Client, visit: Appointment) -> str:
    """Return the text of the rep's card of the day on which the appointment is."""
    return text_of(client.get(f"/rep?day={visit.scheduled_start_at.date()}").one(".//section[@aria-labelledby='next']"))


def test_a_note_is_on_the_appointment_the_reps_card_and_the_timeline_and_in_the_history(
    app: Flask, client: Client, add_visit: AddVisit, make: Factories, csr: User, rep: User, contact: ContactCard
) -> None:
    visit, other = add_visit(), add_visit(DAY + timedelta(days=1))
    make.contact_note(contact, csr, body="Has a dog")
    as_rep = Client(app).sign_in(rep)

    write(client.sign_in(csr), visit, CODE)

    for reader in (client, as_rep):
        page = reader.get(page_of(visit))
        assert CODE in text_of(page.one(".//section[@aria-labelledby='details']"))
        assert f"Note added · {csr.name}" in text_of(page.one(".//ol[@class='timeline']"))
        assert "Has a dog" not in page.text
        assert CODE not in reader.get(page_of(other)).text
    assert CODE in card_of(as_rep, visit)
    assert CODE not in card_of(as_rep, other)
    assert CODE in client.get(f"/contacts/{contact.id}?story=notes").text


def test_the_cards_of_later_visits_have_it_too_for_a_day_without_a_connection(
    client: Client, behind: Behind, make: Factories, organization: Organization, add_visit: AddVisit, csr: User,
    rep: User, contact: ContactCard,
) -> None:  # fmt: skip
    now = datetime.now(UTC)
    behind.change(organization, timezone=f"Etc/GMT{now.hour - 12:+d}")  # where it is noon
    add_visit(now + timedelta(minutes=15))
    later = add_visit(now + timedelta(minutes=90))
    make.contact_note(contact, csr, appointment_id=later.id, body=CODE)

    page = client.sign_in(rep).get("/rep")

    assert CODE in text_of(page.one(f".//template[@data-later='{page_of(later)}']"))
    assert CODE not in text_of(page.one(".//section[@aria-labelledby='next']"))


def test_what_a_rep_notes_on_the_card_is_on_the_appointment(client: Client, rep: User, visit: Appointment) -> None:
    page = client.sign_in(rep).get(f"/rep?day={visit.scheduled_start_at.date()}")
    action = f"/contacts/{visit.contact_card_id}/notes"

    client.post(action, {**page.fields(action), "body": CODE})

    assert CODE in client.get(page_of(visit)).text


def test_a_note_about_an_appointment_of_somebody_else_is_refused(
    client: Client, add_visit: AddVisit, make: Factories, organization: Organization, csr: User, behind: Behind
) -> None:
    visit = add_visit()
    elsewhere = make.appointment(make.organization())
    of_another_contact = add_visit(DAY + timedelta(days=1), contact=make.contact(organization, created_by=csr.id))
    client.sign_in(csr)

    for wrong in (elsewhere.id, of_another_contact.id, uuid4()):
        write(client, visit, CODE, status=404, appointment_id=str(wrong))
    write(client, visit, CODE, status=400, appointment_id="x")

    assert behind.rows(ContactNote) == []


@pytest.mark.parametrize("change", ["undone", "reassigned"])
def test_a_note_written_before_the_appointment_was_taken_away_is_kept_on_the_contact(
    client: Client, add_visit: AddVisit, make: Factories, behind: Behind, rep: User, other_rep: User,
    visit: Appointment, change: str,
) -> None:  # fmt: skip
    add_visit(DAY + timedelta(days=1))  # the rep still sees the contact
    page = client.sign_in(rep).get(f"/rep?day={visit.scheduled_start_at.date()}")
    action = f"/contacts/{visit.contact_card_id}/notes"
    form = {**page.fields(action), "body": CODE}
    if change == "undone":
        make.deletion(visit)
    else:
        behind.change(visit, sales_rep_id=other_rep.id)

    for _ in range(2):
        client.post(action, form)

    note = behind.one(ContactNote)
    assert (note.body, note.contact_card_id, note.appointment_id) == (CODE, visit.contact_card_id, None)


def test_a_note_that_is_sent_again_after_its_appointment_was_deleted_is_the_same(
    client: Client, add_visit: AddVisit, make: Factories, behind: Behind, rep: User, visit: Appointment
) -> None:
    add_visit(DAY + timedelta(days=1))
    page = client.sign_in(rep).get(f"/rep?day={visit.scheduled_start_at.date()}")
    action = f"/contacts/{visit.contact_card_id}/notes"
    form = {**page.fields(action), "body": CODE}
    client.post(action, form)
    make.deletion(visit)

    client.post(action, form)

    assert behind.one(ContactNote).appointment_id == visit.id
    client.post(action, {**form, "body": "Another"}, status=409)


def test_it_is_not_on_an_appointment_of_another_contact(
    client: Client, make: Factories, organization: Organization, visit: Appointment, csr: User
) -> None:
    make.contact_note(make.contact(organization, created_by=csr.id), csr, appointment_id=visit.id, body=CODE)

    assert CODE not in client.sign_in(csr).get(page_of(visit)).text


def test_it_follows_the_contact_into_a_merge_the_trash_and_back_and_an_erasure(
    app: Flask, client: Client, make: Factories, behind: Behind, organization: Organization, visit: Appointment,
    contact: ContactCard, csr: User,
) -> None:  # fmt: skip
    note = make.contact_note(contact, csr, appointment_id=visit.id, body=CODE)
    client.sign_in(make.user(organization, Role.ADMIN))
    kept, here = make.contact(organization), page_of(visit)
    merge = address(kept, contact)
    client.post(merge, client.get(merge).fields(merge))
    assert CODE in client.get(here).text

    delete = f"/contacts/notes/{note.id}/delete"
    client.post(delete, client.get(f"/contacts/notes/{note.id}").fields(delete))
    assert CODE not in client.get(here).text
    client.post(f"/trash/{behind.one(ContactNote).deletion_batch_id}/undo")
    assert CODE in client.get(here).text

    erase = f"/privacy/{kept.id}/erase"
    form = client.get(f"/privacy/{kept.id}").fields(erase)
    client.post(erase, {**form, "reason": "Asked for by letter", "confirmation": "erase"})
    run_worker(app, schedule=(), until_idle=True)
    assert CODE not in client.get(here).text


def test_it_outlives_its_appointment_on_the_contact(
    client: Client, admin_engine: Engine, make: Factories, behind: Behind, visit: Appointment, contact: ContactCard,
    csr: User,
) -> None:  # fmt: skip
    make.contact_note(contact, csr, appointment_id=visit.id, body=CODE)

    with admin_engine.begin() as connection:
        connection.execute(delete(Appointment).where(Appointment.id == visit.id))

    assert behind.one(ContactNote).appointment_id is None
    assert CODE in client.sign_in(csr).get(f"/contacts/{contact.id}?story=notes").text
