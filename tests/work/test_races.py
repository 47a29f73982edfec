"""Concurrent requests on separate connections: one succeeds, and the other gets an explanation."""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier
from typing import Any

import pytest
from flask import Flask

from app.db.ids import uuid7
from app.models import (
    Appointment,
    BlockedNumber,
    BusyTime,
    CallNote,
    ContactCard,
    Lead,
    Message,
    Organization,
    Task,
    User,
)
from tests.support.client import Client
from tests.support.direct_access import Behind
from tests.support.factories import Factories
from tests.support.pages import Page, text_of

#: Address and fields of a form.
Sent = tuple[str, Mapping[str, Any]]
AtOnce = Callable[..., list[Page]]

TWICE = 3


@pytest.fixture
def organization(make: Factories) -> Organization:
    """An organization that is always open."""
    days = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
    return make.organization(name="Blue Ridge Air", business_hours={day: [["00:00", "24:00"]] for day in days})


@pytest.fixture
def contact(make: Factories, organization: Organization, csr: User) -> ContactCard:
    """A contact created by the CSR."""
    return make.contact(organization, first_name="Ruth", last_name="Delgado", created_by=csr.id)


@pytest.fixture
def at_once(app: Flask) -> AtOnce:
    """Function that submits forms at the same time: `at_once((who, (where, what)), …)`.

    It returns the responses.
    """

    def send(*all_sent: tuple[User, Sent]) -> list[Page]:
        together = Barrier(len(all_sent), timeout=20)
        browsers = [Client(app).sign_in(who) for who, _sent in all_sent]

        def one(number: int) -> Page:
            where, what = all_sent[number][1]
            together.wait()
            return browsers[number].answer_of(where, what)

        with ThreadPoolExecutor(len(all_sent)) as pool:
            pages = list(pool.map(one, range(len(all_sent))))
        assert all(page.status < 500 for page in pages), [page.status for page in pages]
        return pages

    return send


def statuses(pages: Sequence[Page]) -> list[int]:
    return sorted(page.status for page in pages)


def slot(rep: User) -> str:
    start = (datetime.now(UTC) + timedelta(days=2)).replace(hour=15, minute=0)
    return f"{rep.id}/{start:%Y-%m-%dT%H:%MZ}"


def booking(contact: ContactCard, rep: User, row_id: str | None = None) -> Sent:
    what = {"row_id": row_id or str(uuid7()), "service": "Furnace repair", "slot": slot(rep), "place": ""}
    return f"/appointments/new?contact={contact.id}", what


def test_of_two_who_book_one_rep_at_once_one_is_told_who_was_quicker(
    make: Factories,
    organization: Organization,
    csr: User,
    manager: User,
    rep: User,
    contact: ContactCard,
    at_once: AtOnce,
    behind: Behind,
) -> None:
    other = make.contact(organization, created_by=manager.id)

    answers = at_once((csr, booking(contact, rep)), (manager, booking(other, rep)))

    assert statuses(answers) == [303, 409]
    told = max(answers, key=lambda page: page.status)
    assert "is busy at" in text_of(told.one(".//*[@id='clash']"))
    assert len(behind.rows(Appointment, organization_id=organization.id)) == 1
    assert len(behind.rows(BusyTime, organization_id=organization.id)) == 1


@pytest.mark.parametrize("kind", ["appointment", "task", "line", "lead", "contact", "note", "text", "block"])
def test_a_form_that_is_sent_three_times_at_once_makes_one_row(
    make: Factories,
    organization: Organization,
    manager: User,
    rep: User,
    contact: ContactCard,
    at_once: AtOnce,
    behind: Behind,
    kind: str,
) -> None:
    row_id, call = str(uuid7()), make.call(organization, csr=manager, caller_number=make.phone())
    missed = make.call(organization, status="missed", started_at=datetime.now(UTC), caller_number=make.phone())
    at = f"/missed-calls/{make.missed_entry(organization, call=missed).id}"
    forms: dict[str, tuple[type[Any], Sent]] = {
        "appointment": (Appointment, booking(contact, rep, row_id)),
        "task": (Task, ("/tasks/new", {"title": "Call back", "priority": "high", "assignee": "none"})),
        "line": (Task, ("/tasks/line", {"line": "Call Ruth tomorrow"})),
        "lead": (Lead, ("/leads/new", {"contact": str(contact.id), "source": "manual", "qualification": ""})),
        "contact": (ContactCard, ("/contacts", {"first_name": "Dana", "phone": "212-555-0188", "country": "US"})),
        "note": (CallNote, (f"/calls/{call.id}/notes", {"note_id": row_id, "body": "She is in after four"})),
        "text": (Message, (f"{at}/text", {"body": "We missed your call"})),
        "block": (BlockedNumber, (f"{at}/block", {"reason": "It is a fax"})),
    }
    model, (where, what) = forms[kind]
    before = len(behind.rows(model, organization_id=organization.id))

    answers = at_once(*[(manager, (where, {"row_id": row_id, **what}))] * TWICE)

    assert statuses(answers) == [303] * TWICE, [page.text[-600:] for page in answers if page.status != 303]
    assert len(behind.rows(model, organization_id=organization.id)) == before + 1


def test_of_two_who_complete_a_task_one_is_told_that_it_is_done(
    make: Factories, organization: Organization, csr: User, manager: User, at_once: AtOnce, behind: Behind
) -> None:
    task = make.task(organization, assignee=csr)
    where = f"/tasks/{task.id}/complete"

    assert statuses(at_once((csr, (where, {})), (manager, (where, {})))) == [303, 303]
    assert behind.one(Task, id=task.id).version == task.version + 1, "it is completed once"


@pytest.mark.parametrize("kind", ["tasks", "leads", "appointments", "contacts"])
def test_of_two_who_delete_a_row_one_is_told_that_it_is_gone(
    make: Factories, organization: Organization, manager: User, at_once: AtOnce, behind: Behind, kind: str
) -> None:
    rows: dict[str, Callable[[], Any]] = {
        "tasks": lambda: make.task(organization),
        "leads": lambda: make.lead(organization),
        "appointments": lambda: make.appointment(organization),
        "contacts": lambda: make.contact(organization),
    }
    row = rows[kind]()
    sent = (f"/{kind}/{row.id}/delete", {"version": str(row.version)})

    answers = at_once((manager, sent), (manager, sent))

    assert statuses(answers) in ([303, 303], [303, 404])
    assert behind.one(type(row), id=row.id).deleted_at is not None


def test_a_task_that_is_edited_while_it_is_deleted_ends_in_one_of_both_ways(
    make: Factories, organization: Organization, csr: User, manager: User, at_once: AtOnce, behind: Behind
) -> None:
    task = make.task(organization, assignee=csr, title="Call back")
    edit = {"title": "Call back soon", "priority": "high", "assignee": str(csr.id), "version": str(task.version)}

    edited, deleted = at_once(
        (csr, (f"/tasks/{task.id}/edit", edit)),
        (manager, (f"/tasks/{task.id}/remove", {"version": str(task.version)})),
    )

    stored = behind.one(Task, id=task.id)
    assert (edited.status, deleted.status) in {(303, 303), (404, 303), (303, 409)}
    assert (stored.deleted_at is not None) == (deleted.status == 303)
    assert (stored.title == "Call back soon") == (edited.status == 303)


def test_a_lead_that_is_closed_while_it_is_booked_is_never_both(
    make: Factories,
    organization: Organization,
    csr: User,
    manager: User,
    rep: User,
    contact: ContactCard,
    at_once: AtOnce,
    behind: Behind,
) -> None:
    lead = make.lead(organization, contact=contact, csr_id=csr.id, source="manual")
    where, what = booking(contact, rep)
    dead = {"stage": "dead", "reason": "Moved away", "version": str(lead.version)}

    booked, closed = at_once((csr, (f"{where}&lead={lead.id}", what)), (manager, (f"/leads/{lead.id}/stage", dead)))

    stored = behind.one(Lead, id=lead.id)
    made = behind.rows(Appointment, organization_id=organization.id)
    assert 303 in (booked.status, closed.status)
    assert len(made) == (booked.status == 303)
    if stored.stage == "dead":
        assert [one.lead_id for one in made if one.lead_id == lead.id] == []
    else:
        assert (stored.stage, closed.status) == ("booked", 409)
