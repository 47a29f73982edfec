"""Booking status of a call: a CSR sets it once, and a manager can change it with a reason."""

from collections.abc import Callable
from typing import Any

import pytest

from app.models import Call, Organization, Role, User
from tests.support.client import HTMX, Client
from tests.support.factories import Factories
from tests.support.pages import Page, text_of
from tests.work.calls.conftest import Trail

Stored = Callable[[Any], Any]


def address(call: Call) -> str:
    return f"/calls/{call.id}/booking-status"


def save(
    client: Client, call: Call, value: str, reason: str = "", *, status: int = 303, version: int = 1, **options: Any
) -> Page:
    data = {"booking_status": value, "reason": reason, "version": str(version)}
    return client.post(address(call), data, status=status, **options)


@pytest.fixture
def set_call(make: Factories, organization: Organization, csr: User) -> Call:
    """A call of the CSR that the analysis has classified."""
    return make.call(organization, csr=csr, booking_status="not_booked", booking_status_source="analysis")


def test_a_csr_sets_it_while_it_is_not_set(client: Client, csr: User, call: Call, stored: Stored, trail: Trail) -> None:
    form = client.sign_in(csr).get(f"/calls/{call.id}").fields(address(call))

    page = client.follow(client.post(address(call), {**form, "booking_status": "booked"}))

    assert "Booking status saved." in page.text
    row = stored(call)
    assert (row.booking_status, row.booking_status_reason, row.booking_status_source) == ("booked", None, "user")
    assert row.version == 2
    (change,) = trail("call.reclassified")
    assert (change.resource_id, change.user_id, change.actor_role) == (call.id, csr.id, "csr")
    assert (change.after or {})["booking_status"] == "booked"
    assert (str(change.ip_address), bool(change.request_id)) == ("127.0.0.1", True)
    assert trail("call.updated") == []


def test_once_it_is_set_a_csr_can_only_dispute_it(
    client: Client, csr: User, set_call: Call, stored: Stored, trail: Trail
) -> None:
    page = client.sign_in(csr).get(f"/calls/{set_call.id}")
    assert "Already set. If it’s wrong, dispute it." in page.text
    assert "Save booking status" not in page.text

    page = save(client, set_call, "booked", "I booked it", status=409)

    assert "Dispute it if it’s wrong." in page.text
    assert stored(set_call).booking_status == "not_booked"
    assert trail("call.reclassified") == []


@pytest.mark.parametrize("role", [Role.MANAGER, Role.ADMIN, Role.OWNER])
def test_a_manager_changes_it_with_a_reason(
    client: Client, make: Factories, organization: Organization, set_call: Call, role: Role, stored: Stored
) -> None:
    save(client.sign_in(make.user(organization, role)), set_call, "booked", "The caller booked online.")

    row = stored(set_call)
    assert (row.booking_status, row.booking_status_reason, row.booking_status_source, row.version) == (
        "booked",
        "The caller booked online.",
        "user",
        2,
    )


def test_without_a_reason_a_manager_overrules_nobody(
    client: Client, manager: User, set_call: Call, stored: Stored
) -> None:
    page = save(client.sign_in(manager), set_call, "booked", status=400)

    assert "Briefly explain why" in text_of(page.one(".//*[@id='booking-status-reason-error']"))
    assert page.fields(address(set_call))["booking_status"] == "booked", "what was chosen stays"
    assert stored(set_call).booking_status == "not_booked"


@pytest.mark.parametrize("reason", ["no", "x" * 501])
def test_a_reason_is_neither_too_short_nor_too_long(client: Client, manager: User, set_call: Call, reason: str) -> None:
    page = save(client.sign_in(manager), set_call, "booked", reason, status=400)

    assert "Use 3 to 500 characters." in text_of(page.one(".//*[@id='booking-status-reason-error']"))
    assert page.fields(address(set_call))["reason"] == reason


def test_sent_twice_it_is_saved_once(client: Client, csr: User, call: Call, stored: Stored, trail: Trail) -> None:
    client.sign_in(csr)
    for _ in range(2):
        save(client, call, "booked", "Monday at ten")

    assert stored(call).version == 2
    assert len(trail("call.reclassified")) == 1


def test_htmx_gets_the_panel_and_everything_that_shows_the_same(client: Client, csr: User, call: Call) -> None:
    client.sign_in(csr).get(f"/calls/{call.id}")
    page = save(client, call, "booked", status=200, headers=HTMX)

    assert not page.is_whole
    assert text_of(page.one(".//*[@id='call-badges']")) == "Booked"
    assert "Booking status set by Maya Torres" in text_of(page.one(".//*[@id='call-timeline']"))
    assert "Booking status saved." in page.text


def test_htmx_gets_errors_in_the_panel(client: Client, manager: User, set_call: Call) -> None:
    client.sign_in(manager)
    page = save(client, set_call, "", status=400, headers=HTMX)

    assert not page.is_whole
    assert "Choose a booking status." in text_of(page.one(".//*[@data-error-summary]"))


class TestOthers:
    @pytest.mark.parametrize("role", [Role.SALES_REP, Role.SUPPORT, Role.EXEC])
    def test_who_may_not_classify_is_refused(
        self, client: Client, make: Factories, organization: Organization, role: Role, stored: Stored
    ) -> None:
        person = make.user(organization, role)
        call = make.call(organization, assigned_rep_id=person.id)
        client.sign_in(person)

        assert "Save booking status" not in client.get(f"/calls/{call.id}").text
        save(client, call, "booked", status=403)
        assert stored(call).booking_status is None

    def test_a_colleagues_call_is_not_there(
        self, client: Client, make: Factories, organization: Organization, csr: User, colleague: User, stored: Stored
    ) -> None:
        call = make.call(organization, csr=colleague)
        save(client.sign_in(csr), call, "booked", status=404)

        assert stored(call).booking_status is None

    def test_a_strangers_call_is_not_there_for_an_owner(
        self, client: Client, make: Factories, organization: Organization, strangers_call: Call, stored: Stored
    ) -> None:
        save(client.sign_in(make.user(organization, Role.OWNER)), strangers_call, "booked", status=404)

        assert stored(strangers_call).booking_status is None
