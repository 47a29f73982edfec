"""Disputes in which a CSR challenges the booking status of their own call."""

from typing import Any

import pytest

from app.models import BookingDispute, Call, Organization, Role, User
from tests.support.client import HTMX, Client
from tests.support.direct_access import Behind
from tests.support.factories import Factories
from tests.support.pages import Page, text_of
from tests.work.disputes.conftest import Stored, Told, Trail


def form_of(page: Page) -> tuple[str, dict[str, Any]]:
    """Return the action and fields of the panel's form, filled in."""
    action = page.one(".//form[@id='dispute-form']").get("action") or ""
    return action, {**page.fields(action), "to_status": "booked", "reason": "They booked on the website."}


def opened(client: Client, call: Call) -> tuple[str, dict[str, Any]]:
    return form_of(client.get(f"/calls/{call.id}?panel=dispute"))


def test_it_waits_for_a_manager_who_is_told(
    client: Client,
    make: Factories,
    organization: Organization,
    csr: User,
    colleague: User,
    manager: User,
    call: Call,
    behind: Behind,
    stored: Stored,
    trail: Trail,
    told: Told,
) -> None:
    elsewhere = make.user(make.organization(), Role.MANAGER)
    page = client.sign_in(csr).get(f"/calls/{call.id}")
    assert page.links["Dispute"] == f"/calls/{call.id}?panel=dispute"
    action, form = opened(client, call)

    page = client.follow(client.post(action, form))

    dispute = behind.one(BookingDispute, call_id=call.id)
    assert (dispute.from_status, dispute.to_status, dispute.status) == ("not_booked", "booked", "open")
    assert (dispute.raised_by, dispute.reason) == (csr.id, "They booked on the website.")
    assert stored(call).booking_status == "not_booked", "nothing has changed yet"
    assert "Disputed by Maya Torres." in page.text
    timeline = text_of(page.one(".//*[@id='call-timeline']"))
    assert "Booking status disputed by Maya Torres" in timeline
    assert "They booked on the website." in timeline
    assert [one.user_id for one in trail("booking_dispute.raised")] == [csr.id]
    assert told(manager) == [f"dispute_raised /calls/{call.id}?panel=dispute"]
    assert (told(csr), told(colleague), told(elsewhere)) == ([], [], [])


@pytest.mark.parametrize(
    ("roles", "expected"),
    [
        ({Role.MANAGER, Role.ADMIN, Role.OWNER}, {Role.MANAGER}),
        ({Role.ADMIN, Role.OWNER, Role.EXEC}, {Role.ADMIN, Role.OWNER}),
    ],
)
def test_where_nobody_manages_whoever_administers_is_told(
    client: Client,
    make: Factories,
    organization: Organization,
    csr: User,
    call: Call,
    told: Told,
    roles: set[Role],
    expected: set[Role],
) -> None:
    people = {role: make.user(organization, role) for role in roles}
    client.post(*opened(client.sign_in(csr), call))

    assert {role for role, user in people.items() if told(user)} == expected


def test_sent_twice_it_is_one(client: Client, csr: User, manager: User, call: Call, behind: Behind, told: Told) -> None:
    action, form = opened(client.sign_in(csr), call)
    client.post(action, form)
    client.post(action, form)

    assert len(behind.rows(BookingDispute, call_id=call.id)) == 1
    assert len(told(manager)) == 1


def test_one_is_open_at_a_time(client: Client, make: Factories, csr: User, call: Call, behind: Behind) -> None:
    action, form = opened(client.sign_in(csr), call)
    make.dispute(call, csr)

    page = client.post(action, form, status=409)

    assert "This call already has an open dispute." in page.text
    assert len(behind.rows(BookingDispute, call_id=call.id)) == 1


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"to_status": ""}, "Choose the correct status."),
        ({"to_status": "perhaps"}, "Choose one of the options."),
        ({"to_status": "not_booked"}, "This is already the booking status. Choose a different one."),
        ({"reason": ""}, "Briefly explain why."),
        ({"reason": "no"}, "Use 3 to 500 characters."),
    ],
)
def test_what_is_wrong_comes_back_with_what_was_typed(
    client: Client, csr: User, call: Call, behind: Behind, wrong: dict[str, str], says: str
) -> None:
    action, form = opened(client.sign_in(csr), call)

    for headers in ({}, HTMX):
        page = client.post(action, {**form, **wrong}, status=400, headers=headers)
        assert says in page.text
        assert form_of(page)[0] == action
    assert behind.rows(BookingDispute, call_id=call.id) == []


def test_a_status_that_has_changed_meanwhile_is_shown_first(
    client: Client, csr: User, manager: User, call: Call, behind: Behind, new_client: Any
) -> None:
    action, form = opened(client.sign_in(csr), call)
    sent = {"booking_status": "service_not_offered", "reason": "Out of area", "version": "1"}
    new_client().sign_in(manager).post(f"/calls/{call.id}/booking-status", sent)

    page = client.post(action, form, status=409)

    assert "Service not offered" in page.text
    assert behind.rows(BookingDispute, call_id=call.id) == []


class TestOthers:
    def test_a_status_that_is_not_set_is_set_and_not_disputed(
        self, client: Client, make: Factories, organization: Organization, csr: User, behind: Behind
    ) -> None:
        call = make.call(organization, csr=csr)
        page = client.sign_in(csr).get(f"/calls/{call.id}?panel=dispute")
        assert "Dispute" not in page.links
        assert page.all(".//form[@id='dispute-form']") == []

        sent = {"row_id": str(call.id), "to_status": "booked", "reason": "It was", "version": "1"}
        assert "Set one instead." in client.post(f"/calls/{call.id}/disputes", sent, status=409).text
        assert behind.rows(BookingDispute) == []

    def test_a_manager_changes_it_and_disputes_nothing(self, client: Client, manager: User, call: Call) -> None:
        page = client.sign_in(manager).get(f"/calls/{call.id}?panel=dispute")
        assert "Dispute" not in page.links

        sent = {"row_id": str(call.id), "to_status": "booked", "reason": "It was", "version": "1"}
        client.post(f"/calls/{call.id}/disputes", sent, status=409)

    @pytest.mark.parametrize("role", [Role.SALES_REP, Role.SUPPORT, Role.EXEC])
    def test_who_may_not_classify_is_refused(
        self, client: Client, make: Factories, organization: Organization, role: Role, behind: Behind
    ) -> None:
        person = make.user(organization, role)
        call = make.call(organization, assigned_rep_id=person.id, booking_status="booked")
        sent = {"row_id": str(call.id), "to_status": "not_booked", "reason": "It was", "version": "1"}
        client.sign_in(person).post(f"/calls/{call.id}/disputes", sent, status=403)

        assert behind.rows(BookingDispute) == []

    def test_calls_of_others_are_not_there(
        self, client: Client, make: Factories, organization: Organization, csr: User, colleague: User, behind: Behind
    ) -> None:
        client.sign_in(csr)
        elsewhere = make.organization()
        for call in (
            make.call(organization, csr=colleague, booking_status="booked"),
            make.call(elsewhere, csr=make.user(elsewhere), booking_status="booked"),
        ):
            sent = {"row_id": str(call.id), "to_status": "not_booked", "reason": "It was", "version": "1"}
            client.post(f"/calls/{call.id}/disputes", sent, status=404)
        assert behind.rows(BookingDispute) == []
