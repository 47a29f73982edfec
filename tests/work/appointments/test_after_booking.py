"""Next steps after a booking: undoing it, a reminder, the next caller, and tasks about the appointment."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from flask import Flask
from sqlalchemy import Engine, func, update

from app.db.ids import uuid7
from app.models import (
    Appointment,
    BusyTime,
    Call,
    ContactCard,
    EntryStatus,
    Lead,
    MissedCallEntry,
    Notification,
    Organization,
    Task,
    User,
)
from app.work.appointments import booking_service
from app.work.appointments.booking_service import Wanted
from app.work.appointments.context_queries import About
from app.work.appointments.rules import reminder_due
from app.work.appointments.undo_service import undo_booking
from tests.support.client import Client
from tests.support.direct_access import Behind
from tests.support.factories import Factories
from tests.support.pages import Page, text_of
from tests.support.work import at_work, both_at_once
from tests.work.appointments.conftest import Book
from tests.work.conftest import ActorOf

#: Concurrent attempts of each race.
ROUNDS = 3


def action_of(page: Page, ending: str) -> tuple[str, dict[str, str]]:
    """Return the action of the first form that goes to an address with this ending, and its fields."""
    form = next(one for one in page.all(".//form") if str(one.get("action")).endswith(ending))
    return str(form.get("action")), page.fields_of(form)


@pytest.fixture
def entry(make: Factories, organization: Organization, csr: User, contact: ContactCard) -> MissedCallEntry:
    """A missed caller whom the CSR has claimed."""
    now = datetime.now(UTC)
    missed = make.call(organization, status="missed", started_at=now, contact_card_id=contact.id)
    return make.missed_entry(
        organization, call=missed, claimed_by=csr.id, claim_expires_at=now + timedelta(minutes=9), status="claimed"
    )


@pytest.fixture
def at(book: Book, csr: User, rep: User, entry: MissedCallEntry) -> str:
    """Address of an appointment that the CSR just booked for the missed caller."""
    return f"/appointments/{book(csr, about=About(entry_id=entry.id))}"


class TestUndo:
    def test_the_time_the_lead_and_the_caller_are_as_before(
        self, client: Client, csr: User, entry: MissedCallEntry, at: str, behind: Behind, organization: Organization
    ) -> None:
        assert behind.one(MissedCallEntry, id=entry.id).status == EntryStatus.RESCUED
        page = client.sign_in(csr).get(at)

        after = client.follow(
            client.post(action_of(page, "/undo-booking")[0], {}, headers={"Referer": f"http://localhost{at}"})
        )

        assert "Booking undone." in after.text
        now = behind.one(MissedCallEntry, id=entry.id)
        for name in ("status", "claimed_by", "rescued_by", "resolved_at", "evidence"):
            assert getattr(now, name) == getattr(entry, name), name
        assert [one.deleted_at is not None for one in behind.rows(Appointment, organization_id=organization.id)] == [
            True
        ]
        assert [one.deleted_at is not None for one in behind.rows(Lead, organization_id=organization.id)] == [True]
        assert behind.rows(BusyTime, organization_id=organization.id) == []
        assert all(one.count == 0 or one.read_at for one in behind.rows(Notification, organization_id=organization.id))
        client.get(at, status=404)

    def test_a_lead_and_a_call_that_were_there_get_their_values_back(
        self, client: Client, make: Factories, organization: Organization, csr: User, rep: User, call: Call, book: Book,
        contact: ContactCard, behind: Behind,
    ) -> None:  # fmt: skip
        lead = make.lead(organization, contact_card_id=contact.id, csr_id=csr.id, stage="qualified")
        at = f"/appointments/{book(csr, about=About(call_id=call.id))}"
        assert (behind.one(Lead, id=lead.id).stage, behind.one(Call, id=call.id).booking_status) == ("booked", "booked")

        client.sign_in(csr).post(f"{at}/undo-booking", {})

        now = behind.one(Lead, id=lead.id)
        assert (now.stage, now.assigned_rep_id, now.deleted_at) == ("qualified", None, None)
        back = behind.one(Call, id=call.id)
        assert (back.booking_status, back.booking_status_source, back.lead_id) == (None, None, call.lead_id)

    @pytest.mark.parametrize(
        ("act", "status"), [("undo-booking", ("not_booked", "analysis")), ("cancel", ("booked", "user"))]
    )
    def test_the_call_is_again_as_its_analysis_set_it_but_not_after_a_cancellation(
        self, client: Client, make: Factories, organization: Organization, csr: User, contact: ContactCard, book: Book,
        behind: Behind, act: str, status: tuple[str, str],
    ) -> None:  # fmt: skip
        call = make.call(
            organization,
            csr=csr,
            contact_card_id=contact.id,
            booking_status="not_booked",
            booking_status_source="analysis",
        )
        at = f"/appointments/{book(csr, about=About(call_id=call.id))}"

        page = client.sign_in(csr).get(at)
        client.post(f"{at}/{act}", {**page.fields(f"{at}/{act}"), "reason": "Moved away"})

        now = behind.one(Call, id=call.id)
        assert (now.booking_status, now.booking_status_source) == status
        assert now.lead_id == (None if act == "undo-booking" else behind.one(Lead, contact_card_id=contact.id).id)

    def test_the_call_stays_booked_until_its_last_appointment_is_undone(
        self, client: Client, csr: User, call: Call, book: Book, tomorrow: datetime, behind: Behind
    ) -> None:
        first = book(csr, about=About(call_id=call.id))
        second = book(csr, about=About(call_id=call.id), start=tomorrow + timedelta(days=1))

        client.sign_in(csr).post(f"/appointments/{first}/undo-booking", {})

        assert behind.one(Appointment, id=first).deleted_at is not None
        assert behind.one(Call, id=call.id).booking_status == "booked"

        client.post(f"/appointments/{second}/undo-booking", {})

        back = behind.one(Call, id=call.id)
        assert (back.booking_status, back.booking_status_source) == (None, None)

    def test_a_later_activity_of_the_lead_stays_and_the_rest_goes_back(
        self,
        client: Client,
        make: Factories,
        organization: Organization,
        behind: Behind,
        book: Book,
        csr: User,
        contact: ContactCard,
        admin_engine: Engine,
    ) -> None:
        lead = make.lead(organization, contact=contact)
        booked = book(csr, about=About(contact_id=contact.id))
        with admin_engine.begin() as connection:
            connection.execute(update(Lead).where(Lead.id == lead.id).values(last_activity_at=func.now()))
        later = behind.one(Lead, id=lead.id).last_activity_at

        client.sign_in(csr).post(f"/appointments/{booked}/undo-booking", {})

        row = behind.one(Lead, id=lead.id)
        assert (row.stage, row.assigned_rep_id, row.last_activity_at) == ("new", None, later)

    def test_two_undone_at_once_put_the_call_back(
        self, app: Flask, organization: Organization, csr: User, call: Call, book: Book, tomorrow: datetime,
        actor_of: ActorOf, behind: Behind,
    ) -> None:  # fmt: skip
        for day in range(ROUNDS):
            about, start = About(call_id=call.id), tomorrow + timedelta(days=2 * day)
            booked = [book(csr, about=about, start=start + timedelta(days=after)) for after in (0, 1)]

            refused = both_at_once(app, organization.id, *(partial(undo_booking, actor_of(csr), id_) for id_ in booked))

            assert refused == []
            assert all(behind.one(Appointment, id=id_).deleted_at is not None for id_ in booked)
            assert behind.one(Call, id=call.id).booking_status is None

    def test_the_call_stays_booked_if_another_is_booked_meanwhile(
        self, app: Flask, organization: Organization, csr: User, call: Call, book: Book, tomorrow: datetime,
        actor_of: ActorOf, behind: Behind, rep: User,
    ) -> None:  # fmt: skip
        for day in range(ROUNDS):
            about, start = About(call_id=call.id), tomorrow + timedelta(days=2 * day)
            first, second = book(csr, about=about, start=start), uuid7()
            again = Wanted(service_type="Duct cleaning", rep_id=rep.id, start=start + timedelta(days=1))

            refused = both_at_once(
                app,
                organization.id,
                partial(undo_booking, actor_of(csr), first),
                partial(booking_service.book, actor_of(csr), second, about, again),
            )

            assert refused == []
            assert behind.one(Appointment, id=first).deleted_at is not None
            assert behind.one(Call, id=call.id).booking_status == "booked"
            with at_work(app, organization.id):
                undo_booking(actor_of(csr), second)

    def test_what_changed_since_stays(
        self, client: Client, make: Factories, organization: Organization, csr: User, manager: User, rep: User,
        contact: ContactCard, book: Book, behind: Behind, new_client: Callable[[], Client],
    ) -> None:  # fmt: skip
        lead = make.lead(organization, contact_card_id=contact.id, csr_id=csr.id, stage="qualified")
        at = f"/appointments/{book(csr, about=About(contact_id=contact.id))}"
        edit, theirs = f"/leads/{lead.id}/edit", new_client().sign_in(manager)
        theirs.post(edit, {**theirs.get(edit).fields(edit), "qualification": "hot"})

        client.sign_in(csr).post(f"{at}/undo-booking", {})

        assert behind.one(Lead, id=lead.id).stage == "booked"
        assert behind.one(Appointment, organization_id=organization.id).deleted_at is not None

    def test_it_ends_after_ten_minutes(
        self, client: Client, csr: User, at: str, behind: Behind, organization: Organization
    ) -> None:
        booked = behind.one(Appointment, organization_id=organization.id)
        behind.change(booked, booked_at=datetime.now(UTC) - timedelta(minutes=11))
        page = client.sign_in(csr).get(at)
        assert not [one for one in page.all(".//form") if str(one.get("action")).endswith("/undo-booking")]

        after = client.follow(client.post(f"{at}/undo-booking", {}))

        assert "can no longer be undone" in after.text
        assert behind.one(Appointment, organization_id=organization.id).deleted_at is None

    def test_nobody_else_undoes_it(
        self, client: Client, manager: User, at: str, behind: Behind, organization: Organization
    ) -> None:
        client.sign_in(manager).post(f"{at}/undo-booking", {})

        assert behind.one(Appointment, organization_id=organization.id).deleted_at is None


class TestReminder:
    def test_one_press_adds_a_task_about_the_appointment(
        self, client: Client, csr: User, at: str, behind: Behind, organization: Organization, contact: ContactCard
    ) -> None:
        action, fields = action_of(client.sign_in(csr).get(at), "/reminder")

        page = client.follow(client.post(action, fields, headers={"Referer": f"http://localhost{at}"}))
        client.post(action, {"row_id": "01a21b61-ac16-796d-95b2-ac7086340a34"})

        task = behind.one(Task, organization_id=organization.id)
        assert "Reminder added to your tasks." in page.text
        assert task.title == "Remind Ruth Delgado of the appointment"
        assert (str(task.appointment_id), task.contact_card_id) == (at.rpartition("/")[2], contact.id)
        assert task.assigned_to_user_id == csr.id
        assert f"/tasks/{task.id}" in page.links.values()
        client.post(f"{at}/undo-booking", {})
        assert behind.one(Task, organization_id=organization.id).status == "cancelled"

    @pytest.mark.parametrize(("ahead", "before"), [(49, 24), (24, 1), (2, 1)])
    def test_it_is_due_a_day_or_an_hour_before(self, ahead: int, before: int) -> None:
        now = datetime.now(UTC)
        start = now + timedelta(hours=ahead)

        assert reminder_due(start, now) == start - timedelta(hours=before)
        assert reminder_due(now + timedelta(minutes=30), now) == now


def test_the_panel_and_the_page_offer_the_next_caller(
    client: Client, csr: User, at: str, entry: MissedCallEntry, make: Factories, organization: Organization
) -> None:
    missed = make.call(organization, status="missed", started_at=datetime.now(UTC))
    waiting = make.missed_entry(organization, call=missed)
    page = client.sign_in(csr).get(at)

    taken = client.post(action_of(page, "/missed-calls/claim-next")[0], {})

    assert str(waiting.id) in taken.headers["Location"]
    panel = client.get(f"/missed-calls/{entry.id}?panel=book&done={at.rpartition('/')[2]}")
    assert action_of(panel, "/reminder")[0] == f"{at}/reminder"


def test_a_task_is_added_beside_an_appointment(
    client: Client, csr: User, at: str, behind: Behind, organization: Organization
) -> None:
    page = client.sign_in(csr).get(f"{at}?panel=task")
    form = page.one(".//form[@id='task-form']")

    client.post(str(form.get("action")), {**page.fields_of(form), "title": "Order the part"})

    task = behind.one(Task, organization_id=organization.id)
    assert str(task.appointment_id) == at.rpartition("/")[2]
    assert "Order the part" in text_of(client.get(at).one(".//*[@id='appointment-parts']"))
