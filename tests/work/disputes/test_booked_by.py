"""Disputes about who booked an appointment: raised beside it or beside its call, decided like any other."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask

from app.errors import Conflict
from app.models import Appointment, BookingDispute, Call, Organization, Role, User
from app.work.disputes import service
from tests.support.client import HTMX, Client
from tests.support.direct_access import Behind
from tests.support.factories import Factories
from tests.support.pages import Page, text_of
from tests.support.work import both_at_once
from tests.work.conftest import ActorOf
from tests.work.disputes.conftest import Stored, Told, Trail

REASON = "I agreed the time with the caller."


@pytest.fixture
def call(make: Factories, organization: Organization, csr: User) -> Call:
    """A call of the CSR from which the manager booked."""
    return make.call(organization, csr=csr, booking_status="booked", booking_status_source="user")


@pytest.fixture
def visit(make: Factories, organization: Organization, manager: User, call: Call) -> Appointment:
    """The appointment that the manager booked from the CSR's call."""
    return make.appointment(organization, csr_id=manager.id, source_call_id=call.id)


@pytest.fixture
def dispute(make: Factories, csr: User, visit: Appointment) -> BookingDispute:
    """A dispute in which the CSR claims to have booked the appointment."""
    return make.booker_dispute(visit, csr)


def form_of(page: Page, form_id: str) -> tuple[str, dict[str, Any]]:
    """Return the action and the fields of a panel's form."""
    form = page.one(f".//*[@id='{form_id}']")
    if form.tag != "form":
        form = page.one(f".//*[@id='{form_id}']//form")
    return str(form.get("action")), page.fields_of(form)


def links_of(page: Page) -> list[str]:
    """Return the addresses of the records in the list."""
    return [str(link.get("href")) for link in page.all(".//tbody/tr/th//a")]


class TestRaising:
    def test_the_csr_of_the_call_asks_for_the_credit_and_managers_are_notified(
        self, client: Client, csr: User, colleague: User, manager: User, call: Call, visit: Appointment,
        behind: Behind, stored: Stored, trail: Trail, told: Told,
    ) -> None:  # fmt: skip
        page = client.sign_in(csr).get(f"/calls/{call.id}")
        assert page.links["Dispute who booked"] == f"/calls/{call.id}?panel=booked-by"
        panel = client.get(f"/calls/{call.id}?panel=booked-by")
        assert text_of(panel.one(".//label[@for='booked-by-csr']")) == "Actually booked by"
        action, form = form_of(panel, "booked-by-form")
        assert form["to_csr"] == str(csr.id)

        for _ in range(2):
            page = client.follow(client.post(action, {**form, "reason": REASON}))

        [dispute] = behind.rows(BookingDispute, appointment_id=visit.id)
        assert (dispute.kind, dispute.call_id, dispute.status) == ("booked_by", None, "open")
        assert (dispute.from_csr_id, dispute.to_csr_id, dispute.raised_by) == (manager.id, csr.id, csr.id)
        assert "Marcus Bell → Maya Torres" in page.text
        assert stored(visit).csr_id == manager.id, "nothing has changed yet"
        assert [entry.user_id for entry in trail("booking_dispute.raised")] == [csr.id]
        assert told(manager) == [f"dispute_raised /appointments/{visit.id}?panel=booked-by"]
        assert (told(csr), told(colleague)) == ([], [])

    def test_a_csr_says_that_someone_else_or_no_one_booked_theirs(
        self, client: Client, make: Factories, organization: Organization, csr: User, behind: Behind
    ) -> None:
        own = make.appointment(organization, csr_id=csr.id)
        at = f"/appointments/{own.id}"
        assert "Dispute who booked" in client.sign_in(csr).get(at).links
        action, form = form_of(client.get(f"{at}?panel=booked-by"), "booked-by-form")

        assert not client.post(
            action, {**form, "to_csr": "none", "reason": "A test"}, status=200, headers=HTMX
        ).is_whole

        [dispute] = behind.rows(BookingDispute, appointment_id=own.id)
        assert (dispute.from_csr_id, dispute.to_csr_id) == (csr.id, None)
        page = client.get(at)
        assert "“Booked by” disputed by Maya Torres." in page.text
        assert "Dispute who booked" not in page.links

    @pytest.mark.parametrize(
        ("wrong", "says"),
        [
            ({"to_csr": ""}, "Choose an active person who books appointments"),
            ({"to_csr": "manager"}, "This is already who booked it."),
            ({"to_csr": "left"}, "Choose an active person who books appointments"),
            ({"reason": ""}, "Briefly explain why."),
        ],
        ids=lambda value: "-".join(value) if isinstance(value, dict) else "",
    )
    def test_a_wrong_field_is_named_and_keeps_the_rest(
        self, client: Client, make: Factories, organization: Organization, csr: User, manager: User, call: Call,
        visit: Appointment, behind: Behind, wrong: dict[str, str], says: str,
    ) -> None:  # fmt: skip
        people = {"manager": manager, "left": make.user(organization, status="inactive")}
        action, form = form_of(client.sign_in(csr).get(f"/calls/{call.id}?panel=booked-by"), "booked-by-form")
        sent = {**form, "reason": REASON, **wrong}
        if wrong.get("to_csr") in people:
            sent["to_csr"] = str(people[wrong["to_csr"]].id)

        for headers in ({}, HTMX):
            page = client.post(action, sent, status=400, headers=headers)
            assert says in page.text
            assert form_of(page, "booked-by-form")[0] == action
        assert behind.rows(BookingDispute, appointment_id=visit.id) == []

    def test_one_is_open_at_a_time(
        self, client: Client, csr: User, call: Call, visit: Appointment, make: Factories, behind: Behind
    ) -> None:
        action, form = form_of(client.sign_in(csr).get(f"/calls/{call.id}?panel=booked-by"), "booked-by-form")
        make.booker_dispute(visit, csr)

        page = client.post(action, {**form, "reason": REASON}, status=409)

        assert "This appointment already has an open dispute." in page.text
        assert len(behind.rows(BookingDispute, appointment_id=visit.id)) == 1

    @pytest.mark.parametrize(
        ("role", "status"),
        [(Role.CSR, 404), (Role.SALES_REP, 404), (Role.SUPPORT, 403), (Role.EXEC, 403), (Role.MANAGER, 409)],
    )
    def test_others_raise_none(
        self, client: Client, make: Factories, organization: Organization, csr: User, call: Call,
        visit: Appointment, behind: Behind, new_client: Callable[[], Client], role: Role, status: int,
    ) -> None:  # fmt: skip
        _, form = form_of(client.sign_in(csr).get(f"/calls/{call.id}?panel=booked-by"), "booked-by-form")
        del form["csrf_token"]

        new_client().sign_in(make.user(organization, role)).post("/disputes", {**form, "reason": REASON}, status=status)
        assert behind.rows(BookingDispute, appointment_id=visit.id) == []

    def test_of_several_appointments_of_a_call_one_is_chosen(
        self, client: Client, make: Factories, organization: Organization, csr: User, manager: User, call: Call,
        visit: Appointment, behind: Behind,
    ) -> None:  # fmt: skip
        make.appointment(organization, csr_id=manager.id, source_call_id=call.id, service_type="Duct cleaning")
        make.deletion(make.appointment(organization, source_call_id=call.id, service_type="Chimney sweep"))
        page = client.sign_in(csr).get(f"/calls/{call.id}?panel=booked-by")
        offered = [text_of(option) for option in page.all(".//select[@name='appointment_id']/option")]
        assert sorted(option.partition(" · ")[0] for option in offered) == ["Duct cleaning", "Furnace repair"]
        action, form = form_of(page, "booked-by-form")

        client.post(action, {**form, "appointment_id": str(visit.id), "reason": REASON})

        assert len(behind.rows(BookingDispute, appointment_id=visit.id)) == 1

    def test_the_other_appointments_of_the_call_can_be_disputed_below_the_open_dispute(
        self, client: Client, make: Factories, organization: Organization, csr: User, manager: User, call: Call,
        dispute: BookingDispute, behind: Behind,
    ) -> None:  # fmt: skip
        other = make.appointment(organization, csr_id=manager.id, source_call_id=call.id, service_type="Duct cleaning")
        page = client.sign_in(csr).get(f"/calls/{call.id}?panel=booked-by")
        assert dispute.reason in page.text
        action, form = form_of(page, "booked-by-form")
        assert form["appointment_id"] == str(other.id)

        client.post(action, {**form, "reason": REASON})

        assert len(behind.rows(BookingDispute, appointment_id=other.id)) == 1
        page = client.get(f"/calls/{call.id}?panel=booked-by")
        assert all(text in page.text for text in (dispute.reason, REASON, "Duct cleaning", "Furnace repair"))
        assert page.all(".//*[@id='booked-by-form']") == []


class TestDeciding:
    @pytest.mark.parametrize("page", ["/disputes", "/appointments/{}?panel=booked-by"])
    def test_accepting_credits_the_csr_who_then_sees_it(
        self, client: Client, new_client: Callable[[], Client], csr: User, manager: User, visit: Appointment,
        dispute: BookingDispute, stored: Stored, trail: Trail, told: Told, page: str,
    ) -> None:  # fmt: skip
        action = f"/disputes/{dispute.id}/decision"
        opened = client.sign_in(manager).get(page.format(visit.id))
        form = next(form for form in opened.all(".//form") if action in str(form.get("action")))
        theirs = new_client().sign_in(csr)
        theirs.get(f"/appointments/{visit.id}", status=404)

        for _ in range(2):
            client.post(str(form.get("action")), {**opened.fields_of(form), "decision": "accept", "note": "Right."})

        assert (stored(dispute).status, stored(dispute).decision_note) == ("accepted", "Right.")
        assert stored(visit).csr_id == csr.id
        theirs.get(f"/appointments/{visit.id}")
        assert "Right." in theirs.get("/disputes?status=accepted").text
        assert [entry.user_id for entry in trail("booking_dispute.accepted")] == [manager.id]
        [entry] = trail("appointment.credited")
        assert (entry.resource_id, entry.details["reason"]) == (visit.id, dispute.reason)
        assert [notice.partition(" ")[0] for notice in told(csr)] == ["dispute_decided"]

    def test_accepting_what_was_corrected_before_says_who_booked(
        self, client: Client, csr: User, manager: User, visit: Appointment, dispute: BookingDispute, behind: Behind,
        stored: Stored, trail: Trail,
    ) -> None:  # fmt: skip
        behind.change(visit, csr_id=csr.id, version=2)
        action = f"/disputes/{dispute.id}/decision"
        form = client.sign_in(manager).get("/disputes").fields(action)

        page = client.follow(client.post(action, {**form, "decision": "accept"}))

        assert "Dispute accepted. “Booked by” is now Maya Torres." in page.text
        assert (stored(dispute).status, trail("appointment.credited")) == ("accepted", [])

    def test_rejecting_leaves_it(
        self, client: Client, csr: User, manager: User, visit: Appointment, dispute: BookingDispute, stored: Stored,
        told: Told,
    ) -> None:  # fmt: skip
        client.sign_in(manager)
        client.post(f"/disputes/{dispute.id}/decision", {"decision": "reject", "version": "1"})

        assert (stored(dispute).status, stored(visit).csr_id) == ("rejected", manager.id)
        assert len(told(csr)) == 1

    @pytest.mark.parametrize(
        ("change", "says"),
        [
            ("corrected", "someone changed who booked the appointment"),
            ("left", "This person can no longer be credited"),
            ("deleted", "This appointment is in the trash."),
        ],
    )
    def test_it_is_not_accepted_after_a_change_that_no_one_saw(
        self, client: Client, make: Factories, csr: User, colleague: User, manager: User, visit: Appointment,
        dispute: BookingDispute, behind: Behind, stored: Stored, change: str, says: str,
    ) -> None:  # fmt: skip
        action = f"/disputes/{dispute.id}/decision"
        form = client.sign_in(manager).get("/disputes").fields(action)
        if change == "corrected":
            behind.change(visit, csr_id=colleague.id, version=2)
        elif change == "left":
            behind.change(csr, status="inactive", deactivated_at=visit.booked_at)
        else:
            make.deletion(visit)

        page = client.post(action, {**form, "decision": "accept"}, status=409)

        assert says in page.text
        assert stored(dispute).status == "open"
        if change == "corrected":
            assert "“Booked by” is now Tom Okafor." in page.text
        client.post(action, {**form, "decision": "reject"}, status=303)
        assert stored(dispute).status == "rejected"

    def test_of_two_who_decide_at_once_one_does(
        self, app: Flask, make: Factories, organization: Organization, manager: User, visit: Appointment,
        dispute: BookingDispute, actor_of: ActorOf, stored: Stored,
    ) -> None:  # fmt: skip
        deciders = ((manager, True), (make.user(organization, Role.ADMIN), False))
        works = [
            lambda who=who, is_accepted=is_accepted: service.decide(
                actor_of(who), dispute.id, is_accepted=is_accepted, note=None, version=1, seen=str(manager.id)
            )
            for who, is_accepted in deciders
        ]

        [refusal] = both_at_once(app, organization.id, *works)

        assert isinstance(refusal, Conflict)
        accepted = stored(dispute).status == "accepted"
        assert stored(visit).csr_id == (dispute.to_csr_id if accepted else manager.id)


class TestList:
    def test_both_kinds_are_one_list_with_a_filter(
        self, client: Client, make: Factories, organization: Organization, csr: User, manager: User,
        dispute: BookingDispute,
    ) -> None:  # fmt: skip
        make.dispute(make.call(organization, csr=csr, booking_status="not_booked"), csr)
        client.sign_in(manager)

        assert len(client.get("/disputes").all(".//tbody/tr")) == 2
        [row] = client.get("/disputes?kind=booked_by").all(".//tbody/tr")
        assert "Booked by: Marcus Bell → Maya Torres" in text_of(row)
        file = client.get("/disputes.csv?kind=booked_by").response.get_data(as_text=True)
        assert "Marcus Bell,Maya Torres" in file

    def test_a_person_who_is_only_named_sees_it_once_it_is_accepted(
        self, client: Client, new_client: Callable[[], Client], make: Factories, csr: User, colleague: User,
        manager: User, visit: Appointment, told: Told,
    ) -> None:  # fmt: skip
        client.sign_in(manager)
        theirs = new_client().sign_in(colleague)
        for decision, ended, is_seen in (("reject", "rejected", False), ("accept", "accepted", True)):
            dispute = make.booker_dispute(visit, csr, to_csr_id=colleague.id, reason=f"For Ann Lee: {decision}")
            assert dispute.reason not in theirs.get("/disputes").text
            form = client.get("/disputes").fields(f"/disputes/{dispute.id}/decision")

            client.post(f"/disputes/{dispute.id}/decision", {**form, "decision": decision}, status=303)

            assert (dispute.reason in theirs.get(f"/disputes?status={ended}").text) is is_seen
            assert len(told(colleague)) == is_seen

    def test_only_records_that_the_reader_sees_are_linked(
        self, client: Client, new_client: Callable[[], Client], make: Factories, organization: Organization,
        csr: User, colleague: User, manager: User,
    ) -> None:  # fmt: skip
        ended = {"status": "accepted", "decided_at": datetime.now(UTC)}
        visit = make.appointment(
            organization, csr_id=colleague.id, source_call_id=make.call(organization, csr=colleague).id
        )
        make.booker_dispute(visit, colleague, from_csr_id=csr.id, **ended)
        credited_since = make.call(organization, csr=colleague, booking_status="booked")
        make.dispute(credited_since, csr, **ended)

        assert links_of(client.sign_in(csr).get("/disputes?status=accepted")) == []
        assert sorted(links_of(new_client().sign_in(manager).get("/disputes?status=accepted"))) == sorted(
            [f"/appointments/{visit.id}?panel=booked-by", f"/calls/{credited_since.id}?panel=dispute"]
        )

    def test_a_csr_sees_those_that_concern_them(
        self, client: Client, make: Factories, organization: Organization, csr: User, colleague: User, call: Call,
        dispute: BookingDispute,
    ) -> None:  # fmt: skip
        make.booker_dispute(make.appointment(organization), colleague, reason="A colleague says so")

        page = client.sign_in(csr).get("/disputes")

        assert dispute.reason in page.text
        assert "A colleague says so" not in page.text
        assert f"/calls/{call.id}?panel=booked-by" in page.links.values()
