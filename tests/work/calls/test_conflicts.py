"""Concurrent changes to a call: none is overwritten unseen, and nothing is done twice."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask

from app.errors import Conflict, VersionConflict
from app.models import BookingStatus, Call, CallOutcome, Organization, User
from app.work.calls import service
from tests.support.client import HTMX, Client
from tests.support.pages import Page, text_of
from tests.support.work import both_at_once
from tests.work.calls.conftest import Trail
from tests.work.conftest import ActorOf

Stored = Callable[[Any], Any]


@pytest.fixture
def opened(client: Client, new_client: Callable[[], Client], csr: User, manager: User, call: Call) -> dict[str, str]:
    """The outcome form that the CSR opened before a manager saved another outcome."""
    form = client.sign_in(csr).get(f"/calls/{call.id}").fields(f"/calls/{call.id}/outcome")
    theirs = new_client().sign_in(manager)
    theirs.get(f"/calls/{call.id}")
    theirs.post(f"/calls/{call.id}/outcome", {"outcome": "transferred", "version": "1"})
    return form


def differences(page: Page) -> list[str]:
    """Return the field, current value and submitted value of each conflict."""
    return [text_of(row) for row in page.all(".//*[@class='conflict']//tbody/tr")]


class TestStaleForm:
    @pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "swap"])
    def test_it_shows_both_values_and_saves_nothing(
        self, client: Client, call: Call, opened: dict[str, str], stored: Stored, headers: dict[str, str]
    ) -> None:
        page = self._save(client, call, opened, headers)

        assert page.is_whole is (not headers)
        assert "changed after you opened it" in text_of(page.one(".//*[@data-error-summary]"))
        assert differences(page) == ["Outcome Transferred Resolved"]
        assert stored(call).outcome == "transferred"

    def test_the_way_out_keeps_what_is_there(
        self, client: Client, call: Call, opened: dict[str, str], stored: Stored
    ) -> None:
        page = self._save(client, call, opened)

        there = client.get(page.links["Keep current values"]).fields(f"/calls/{call.id}/outcome")

        assert there["outcome"] == "transferred"
        assert stored(call).version == 2

    def test_saving_it_again_means_it(self, client: Client, call: Call, opened: dict[str, str], stored: Stored) -> None:
        again = self._save(client, call, opened).fields(f"/calls/{call.id}/outcome")
        assert again["outcome"] == "resolved", "what was chosen stays"

        client.post(f"/calls/{call.id}/outcome", again)

        assert (stored(call).outcome, stored(call).version) == ("resolved", 3)

    def test_wanting_the_same_as_the_other_is_no_conflict(
        self, client: Client, call: Call, opened: dict[str, str], stored: Stored
    ) -> None:
        client.post(f"/calls/{call.id}/outcome", {**opened, "outcome": "transferred"})

        assert stored(call).version == 2

    def test_a_csr_whose_manager_was_quicker_sees_what_is_set_now(
        self, client: Client, new_client: Callable[[], Client], csr: User, manager: User, call: Call, stored: Stored
    ) -> None:
        address = f"/calls/{call.id}/booking-status"
        form = client.sign_in(csr).get(f"/calls/{call.id}").fields(address)
        theirs = new_client().sign_in(manager)
        theirs.get(f"/calls/{call.id}")
        theirs.post(address, {"booking_status": "service_not_offered", "version": "1"})

        mine = {**form, "booking_status": "booked", "reason": "Monday at nine"}
        page = client.post(address, mine, status=409)

        assert differences(page) == ["Booking status Service not offered Booked", "Reason – Monday at nine"]
        assert "Dispute it if it’s wrong." in page.text
        assert "save again" not in page.text
        assert "Save mine instead" not in page.text
        assert "Save booking status" not in page.text
        assert stored(call).booking_status == "service_not_offered"

    def test_a_program_gets_the_conflict_in_json(self, client: Client, call: Call, opened: dict[str, str]) -> None:
        error = self._save(client, call, opened, {"Accept": "application/json"}).json["error"]

        assert (error["code"], error["currentVersion"]) == ("VERSION_CONFLICT", 2)
        assert error["current"]["outcome"] == "transferred"

    @staticmethod
    def _save(client: Client, call: Call, form: dict[str, str], headers: dict[str, str] | None = None) -> Page:
        data = {**form, "outcome": "resolved"}
        return client.post(f"/calls/{call.id}/outcome", data, status=409, headers=headers)


class TestTwoAtOnce:
    """Two concurrent changes on separate connections."""

    def test_one_of_two_outcomes_wins_and_the_other_is_told(
        self,
        app: Flask,
        organization: Organization,
        csr: User,
        manager: User,
        call: Call,
        actor_of: ActorOf,
        stored: Stored,
    ) -> None:
        refused = both_at_once(
            app,
            organization.id,
            lambda: service.set_outcome(actor_of(csr), call.id, CallOutcome.RESOLVED, version=1),
            lambda: service.set_outcome(actor_of(manager), call.id, CallOutcome.SPAM, version=1),
        )

        (conflict,) = refused
        assert isinstance(conflict, VersionConflict)
        assert conflict.extra["current_version"] == 2
        assert conflict.extra["current"]["outcome"] == stored(call).outcome
        assert stored(call).version == 2

    def test_one_of_two_booking_statuses_wins(
        self, app: Flask, organization: Organization, csr: User, call: Call, actor_of: ActorOf, trail: Trail
    ) -> None:
        def classify(status: BookingStatus) -> Callable[[], object]:
            return lambda: service.set_booking_status(actor_of(csr), call.id, status, reason=None, version=1)

        refused = both_at_once(app, organization.id, classify(BookingStatus.BOOKED), classify(BookingStatus.NOT_BOOKED))

        assert [type(error) for error in refused] == [VersionConflict]
        assert len(trail("call.reclassified")) == 1

    def test_the_same_twice_at_once_is_done_once(
        self, app: Flask, organization: Organization, csr: User, call: Call, actor_of: ActorOf, trail: Trail
    ) -> None:
        def save() -> object:
            return service.set_booking_status(
                actor_of(csr), call.id, BookingStatus.BOOKED, reason="Monday at ten", version=1
            )

        assert both_at_once(app, organization.id, save, save) == []
        assert len(trail("call.reclassified")) == 1

    def test_one_note_sent_twice_at_once_is_written_once(
        self, app: Flask, organization: Organization, csr: User, call: Call, actor_of: ActorOf, trail: Trail
    ) -> None:
        note_id = uuid4()

        def write() -> object:
            return service.add_note(actor_of(csr), call.id, note_id, "Has a gas line.")

        assert both_at_once(app, organization.id, write, write) == []
        assert len(trail("call_note.created")) == 1

    def test_an_outcome_and_a_note_do_not_stand_in_each_others_way(
        self, app: Flask, organization: Organization, csr: User, call: Call, actor_of: ActorOf, stored: Stored
    ) -> None:
        refused = both_at_once(
            app,
            organization.id,
            lambda: service.set_outcome(actor_of(csr), call.id, CallOutcome.RESOLVED, version=1),
            lambda: service.add_note(actor_of(csr), call.id, uuid4(), "Has a gas line."),
        )

        assert refused == []
        assert stored(call).outcome == "resolved"

    def test_an_id_that_another_call_has_taken_is_a_conflict(
        self, app: Flask, organization: Organization, csr: User, manager: User, actor_of: ActorOf, make: Any
    ) -> None:
        note_id, first, second = uuid4(), make.call(organization, csr=csr), make.call(organization, csr=csr)

        both_at_once(app, organization.id, lambda: service.add_note(actor_of(csr), first.id, note_id, "One."))
        refused = both_at_once(
            app, organization.id, lambda: service.add_note(actor_of(manager), second.id, note_id, "Two.")
        )

        assert [type(error) for error in refused] == [Conflict]
