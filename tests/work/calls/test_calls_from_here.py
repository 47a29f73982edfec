"""Outbound calls from the app: one tap records a call, and a bar asks for the result on every page."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from app.models import Call, ContactCard, ContactPhone, MissedCallAttempt, MissedCallEntry, Organization, Role, User
from tests.support.client import Client
from tests.support.factories import Factories
from tests.support.pages import Page
from tests.work.missed_calls.conftest import Now

NewClient = Callable[[], Client]
Queries = Callable[[], AbstractContextManager[list[str]]]
Made = Callable[[], list[Call]]

HOW = "how did it go?"


@pytest.fixture
def contact(make: Factories, organization: Organization, csr: User) -> ContactCard:
    """A contact whom the CSR has talked with."""
    contact = make.contact(organization, first_name="Ruth", last_name="Delgado")
    make.call(organization, csr=csr, contact_card_id=contact.id)
    return contact


@pytest.fixture
def made(admin_engine: Engine) -> Made:
    """Function that returns the calls made from the app, oldest first."""

    def read() -> list[Call]:
        with Session(admin_engine, expire_on_commit=False) as session:
            return list(session.scalars(select(Call).where(Call.source == "user").order_by(Call.started_at)))

    return read


@pytest.fixture
def now(admin_engine: Engine) -> Now:
    """Function that returns a row as it is stored now."""

    def read(row: Call | MissedCallEntry) -> object:
        with Session(admin_engine, expire_on_commit=False) as session:
            return session.scalars(select(type(row)).where(type(row).id == row.id)).one()

    return read


def waiting(make: Factories, organization: Organization, contact: ContactCard, **values: object) -> MissedCallEntry:
    missed = datetime.now(UTC) - timedelta(minutes=5)
    number = contact.primary_phone
    call = make.call(organization, status="missed", started_at=missed, caller_number=number, contact_card_id=contact.id)
    return make.missed_entry(organization, call=call, contact_card_id=contact.id, **values)


def call(client: Client, contact: ContactCard, **fields: str) -> None:
    client.post(f"/calls/to/{contact.id}", fields, status=303)


def say(client: Client, call: Call, result: str) -> None:
    client.post(f"/calls/{call.id}/result", {"result": result}, status=303)


class TestTheTap:
    def test_it_is_recorded_and_dialled_once(self, client: Client, csr: User, contact: ContactCard, made: Made) -> None:
        call(client.sign_in(csr), contact)

        [begun] = made()
        assert (begun.status, begun.called_number) == ("active", contact.primary_phone)
        assert (begun.contact_card_id, begun.csr_id, begun.missed_entry_id) == (contact.id, csr.id, None)
        assert client.get("/tasks").one(".//a[@data-dial]").get("href") == f"tel:{contact.primary_phone}"
        assert client.get("/tasks").all(".//a[@data-dial]") == []

    @pytest.mark.parametrize("page", ["contacts", "leads", "appointments", "calls"])
    def test_every_page_of_a_person_has_it(
        self, client: Client, make: Factories, organization: Organization, csr: User, page: str, made: Made
    ) -> None:
        contact = make.contact(organization)
        make.call(organization, csr=csr, contact_card_id=contact.id)
        rows: dict[str, Any] = {
            "contacts": lambda: contact,
            "leads": lambda: make.lead(organization, contact=contact, csr_id=csr.id),
            "appointments": lambda: make.appointment(organization, contact=contact, csr_id=csr.id),
            "calls": lambda: make.call(
                organization, csr=csr, contact_card_id=contact.id, caller_number=contact.primary_phone
            ),
        }
        at = f"/{page}/{rows[page]().id}"
        shown = client.sign_in(csr).get(at)
        [action] = {
            form.get("action")
            for form in shown.all(".//main//form")
            if "/calls/to/" in (form.get("action") or "") or "/call-back" in (form.get("action") or "")
        }

        assert client.post(action or "", status=303, headers={"Referer": at}).headers["Location"] == at
        assert [one.called_number for one in made()] == [contact.primary_phone]

    def test_another_of_their_numbers_is_called_and_no_strangers_one(
        self, client: Client, make: Factories, csr: User, contact: ContactCard, made: Made
    ) -> None:
        second = make.phone()
        make.add(ContactPhone(organization_id=contact.organization_id, contact_card_id=contact.id, phone=second))
        client.sign_in(csr).post(f"/calls/to/{contact.id}", {"number": "+12125550999"}, status=404)
        assert made() == []

        call(client, contact, number=second)
        assert [one.called_number for one in made()] == [second]

    def test_a_second_tap_is_the_same_call_and_another_person_waits(
        self, client: Client, make: Factories, organization: Organization, csr: User, contact: ContactCard, made: Made
    ) -> None:
        other = make.contact(organization)
        make.call(organization, csr=csr, contact_card_id=other.id)
        client.sign_in(csr)
        for _ in range(2):
            call(client, contact)
        call(client, other)

        assert len(made()) == 1
        assert "You’re on another call." in client.get("/tasks").text

    def test_four_taps_at_once_are_one_call(
        self, app: Flask, make: Factories, organization: Organization, csr: User, contact: ContactCard, made: Made
    ) -> None:
        entry = waiting(make, organization, contact)
        clients = [Client(app).sign_in(csr) for _ in range(4)]
        places = [f"/calls/to/{contact.id}", f"/missed-calls/{entry.id}/call"] * 2

        with ThreadPoolExecutor(4) as pool:
            list(pool.map(lambda one, at: one.post(at, status=303), clients, places))

        assert [one.missed_entry_id for one in made()] == [entry.id]

    def test_others_find_nobody_to_call(
        self, client: Client, make: Factories, organization: Organization, contact: ContactCard, made: Made
    ) -> None:
        theirs = make.user(make.organization(), Role.MANAGER)
        client.sign_in(theirs).post(f"/calls/to/{contact.id}", status=404)
        client.post(f"/calls/{make.call(organization).id}/call-back", status=404)

        rep = make.user(organization, Role.SALES_REP)
        client.sign_in_by_form(rep)
        client.post(f"/calls/to/{contact.id}", status=404)
        assert made() == []


class TestTheBar:
    def test_it_stands_on_every_page_of_the_caller_alone_until_a_result(
        self, client: Client, new_client: NewClient, csr: User, manager: User, contact: ContactCard, made: Made
    ) -> None:
        call(client.sign_in(csr), contact)
        other = new_client().sign_in(manager)
        pages = {"/calls": 200, "/csr": 200, f"/contacts/{contact.id}": 200, "/account": 200, "/nowhere": 404}

        for page, status in pages.items():
            assert f"Ruth Delgado: {HOW}" in client.get(page, status=status).text, page
            assert HOW not in other.get(page, status=status).text, page
        say(client, made()[0], "reached")
        for page, status in pages.items():
            assert HOW not in client.get(page, status=status).text, page

    def test_a_swap_leaves_it_alone(self, client: Client, csr: User, contact: ContactCard) -> None:
        call(client.sign_in(csr), contact)

        assert HOW not in client.swap("/calls?q=Ruth").text

    def test_it_costs_no_question_more(self, client: Client, csr: User, contact: ContactCard, queries: Queries) -> None:
        def asked(page: str) -> int:
            client.get(page)
            with queries() as sent:
                client.get(page)
            return len(sent)

        client.sign_in(csr)
        pages = ("/tasks", "/missed-calls", f"/contacts/{contact.id}")
        before = [asked(page) for page in pages]
        call(client, contact)

        assert [asked(page) for page in pages] == before


class TestTheResult:
    @pytest.mark.parametrize(
        ("result", "status", "outcome"),
        [
            ("reached", "completed", None),
            ("no_answer", "failed", "no_answer"),
            ("voicemail", "failed", "voicemail"),
            ("wrong_number", "failed", "wrong_number"),
        ],
    )
    def test_it_ends_the_call_once(
        self,
        client: Client,
        csr: User,
        contact: ContactCard,
        made: Made,
        result: str,
        status: str,
        outcome: str | None,
    ) -> None:
        call(client.sign_in(csr), contact)
        for _ in range(2):
            say(client, made()[0], result)

        [ended] = made()
        assert (ended.status, ended.outcome, ended.duration_seconds) == (status, outcome, None)
        say(client, ended, "reached" if status == "failed" else "voicemail")
        assert "This call has already ended." in client.get("/tasks").text
        assert made()[0].status == status

    def test_it_is_taken_back_for_ten_minutes(
        self, client: Client, csr: User, contact: ContactCard, made: Made, admin_engine: Engine
    ) -> None:
        call(client.sign_in(csr), contact)
        [begun] = made()
        say(client, begun, "no_answer")
        client.post(f"/calls/{begun.id}/take-back", status=303)
        assert made()[0].status == "active"

        say(client, begun, "no_answer")
        with Session(admin_engine) as session, session.begin():
            stored = session.get_one(Call, (begun.organization_id, begun.id))
            stored.started_at -= timedelta(minutes=20)
            stored.ended_at = datetime.now(UTC) - timedelta(minutes=11)
        client.post(f"/calls/{begun.id}/take-back", status=303)
        assert "too late to undo this" in client.get("/tasks").text
        assert made()[0].status == "failed"

    def test_it_is_the_callers_own_and_an_imported_call_has_none(
        self,
        client: Client,
        new_client: NewClient,
        make: Factories,
        organization: Organization,
        csr: User,
        manager: User,
        contact: ContactCard,
        made: Made,
        now: Now,
    ) -> None:
        call(client.sign_in(csr), contact)
        [begun] = made()
        new_client().sign_in(manager).post(f"/calls/{begun.id}/result", {"result": "reached"}, status=404)
        imported = make.call(organization, csr=csr, handled_by_user_id=csr.id, status="completed")
        for action in ("result", "take-back"):
            client.post(f"/calls/{imported.id}/{action}", {"result": "reached"}, status=404)

        assert made()[0].status == "active"
        assert now(imported).version == imported.version


class TestTheResultInPlace:
    """Results set with JavaScript, which remove the bar without leaving the page.

    If a missed caller was reached, a page that isn't about the call, the contact or the missed call entry leads to the
    entry.
    """

    def result(self, client: Client, call: Call, result: str, at: str) -> Page:
        headers = {"HX-Request": "true", "HX-Current-URL": f"http://localhost{at}"}
        return client.post(f"/calls/{call.id}/result", {"result": result}, status=200, headers=headers)

    def test_the_page_stays_and_the_result_is_said(
        self, client: Client, csr: User, contact: ContactCard, made: Made
    ) -> None:
        call(client.sign_in(csr), contact)
        [begun] = made()
        [form] = [
            one for one in client.get("/tasks").all(".//form") if one.get("action") == f"/calls/{begun.id}/result"
        ]
        said = self.result(client, begun, "no_answer", f"/calls/{begun.id}")

        assert form.get("hx-post") == form.get("action")
        assert made()[0].status == "failed"
        assert not said.is_whole
        assert "HX-Redirect" not in said.headers
        assert "Call result saved." in said.text
        assert HOW not in said.text
        assert [one.get("action") for one in said.all(".//form")] == [f"/calls/{begun.id}/take-back"]

    def test_who_is_reached_is_booked_where_that_is_not_at_hand_yet(
        self, client: Client, make: Factories, organization: Organization, csr: User, contact: ContactCard, made: Made
    ) -> None:
        entry = waiting(make, organization, contact)
        call(client.sign_in(csr), contact)
        here = [f"/missed-calls?open={entry.id}", f"/contacts/{contact.id}", f"/calls/{made()[0].id}"]
        for page in here:
            assert "HX-Redirect" not in self.result(client, made()[0], "reached", page).headers, page

        led = self.result(client, made()[0], "reached", "/tasks")
        assert led.headers["HX-Redirect"] == f"/missed-calls?tab=mine&open={entry.id}"

    def test_what_is_refused_shows_how_things_are(
        self, client: Client, csr: User, contact: ContactCard, made: Made
    ) -> None:
        call(client.sign_in(csr), contact)
        say(client, made()[0], "voicemail")
        headers = {"HX-Request": "true", "HX-Current-URL": "http://localhost/tasks"}
        refused = client.post(f"/calls/{made()[0].id}/result", {"result": "reached"}, status=200, headers=headers)

        assert refused.headers["HX-Redirect"]
        assert "This call has already ended." in client.get("/tasks").text


class TestWhoWaitsInTheQueue:
    def test_a_call_from_their_card_claims_them_and_counts_as_a_try(
        self, client: Client, make: Factories, organization: Organization, csr: User, contact: ContactCard, made: Made,
        now: Now,
    ) -> None:  # fmt: skip
        entry = waiting(make, organization, contact)
        other = waiting(make, organization, make.contact(organization))
        call(client.sign_in(csr), contact)

        assert now(entry).claimed_by == csr.id
        assert made()[0].missed_entry_id == entry.id
        say(client, made()[0], "no_answer")
        assert (now(entry).attempts, now(entry).status) == (1, "open")
        client.post(f"/calls/{made()[0].id}/take-back", status=303)
        assert (now(entry).attempts, now(entry).claimed_by) == (0, csr.id)
        assert (now(other).attempts, now(other).claimed_by) == (0, None)

    def test_an_unknown_caller_is_found_by_the_number(
        self, client: Client, make: Factories, organization: Organization, csr: User, made: Made, now: Now
    ) -> None:
        number = make.phone()
        missed = make.call(organization, csr=csr, status="missed", caller_number=number)
        entry = make.missed_entry(organization, call=missed)
        client.sign_in(csr).post(f"/calls/{missed.id}/call-back", status=303)

        assert now(entry).claimed_by == csr.id
        assert (made()[0].missed_entry_id, made()[0].called_number) == (entry.id, number)

    def test_a_colleague_at_work_on_them_is_named_and_nobody_calls_twice(
        self, client: Client, make: Factories, organization: Organization, csr: User, colleague: User,
        contact: ContactCard, made: Made,
    ) -> None:  # fmt: skip
        until = datetime.now(UTC) + timedelta(minutes=5)
        waiting(make, organization, contact, status="claimed", claimed_by=colleague.id, claim_expires_at=until)
        call(client.sign_in(csr), contact)

        assert "Tom Okafor has already claimed this caller." in client.get("/tasks").text
        assert made() == []

    def test_results_that_come_at_once_are_one_try(
        self, app: Flask, make: Factories, organization: Organization, csr: User, contact: ContactCard, made: Made,
        now: Now, admin_engine: Engine,
    ) -> None:  # fmt: skip
        entry = waiting(make, organization, contact)
        clients = [Client(app).sign_in(csr) for _ in range(4)]
        call(clients[0], contact)
        [begun] = made()
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(lambda one: say(one, begun, "voicemail"), clients))

        assert now(entry).attempts == 1
        with Session(admin_engine) as session:
            assert session.scalars(select(MissedCallAttempt.result)).all() == ["voicemail"]
